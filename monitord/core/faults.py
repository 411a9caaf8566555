"""What the ledger and the last answers show of a fault at a moment. Owns these findings.

``fault_plans.py`` has the faults; ``outages.py`` follows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from monitord.core.calendar import ExpectedAt, expected_span
from monitord.core.chain import is_shared
from monitord.core.columns import Quality, is_bad, is_clear, quality_of, reason_of
from monitord.core.durable import ProgrammeNow
from monitord.core.expression import Kind, kind_of, names
from monitord.core.fault_plans import IN_HOURS, RECORD_SOUND_AFTER, Fault, Sort
from monitord.core.incident_state import Outage, fault_id
from monitord.core.look import present_kinds
from monitord.core.member_kinds import member_kind
from monitord.core.model import Expected
from monitord.core.places import members_on
from monitord.core.plan import MemberPlan, ProgrammePlan, StagePlan
from monitord.core.present import blind_since, is_off_since_closed, is_presumed, outage
from monitord.core.programme import present_verdict
from monitord.core.silent_devices import silence_bound
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.suspicions import hinted_at, power_lost
from monitord.core.unsettled_events import SuspicionSort
from monitord.core.verdict import DISPUTED, NOT_WATCHED, WITNESS

ASSIGNMENT: Final = "assignment"
"""The reason of a contradiction where a shared reserve is proven to carry two programmes."""
_BY_WITNESS: Final = (WITNESS, DISPUTED)
"""Causes of blindness that are a fault of their own."""
_OF_RESERVE: Final = (Sort.RESERVE_LOST, Sort.RESERVE_UNKNOWN, Sort.RESERVE_USED)
_UNTIL_SEEN: Final = (
    SuspicionSort.POWER,
    SuspicionSort.DOUBTED,
    SuspicionSort.WITNESS,
    SuspicionSort.PRESUMED,
)
"""Suspicions that last until the programme is seen again: what is not seen either ends none."""


class Seen(StrEnum):
    """What is seen of a fault. ``OUT_OF_HOURS``: the programme is not scheduled.

    ``BETWEEN``: neither proven nor refuted. ``BLIND``: it cannot be seen, and stays as it was.
    """

    BAD = "bad"
    GOOD = "good"
    BLIND = "blind"
    BETWEEN = "between"
    OUT_OF_HOURS = "out_of_hours"


class Finding(NamedTuple):
    """What is seen of one fault. ``since``: from when, ``not_before``: at the earliest.

    A tuple: each answer that a programme waits for makes one a fault.
    """

    seen: Seen
    since: int
    reason: str = ""
    not_before: int | None = None


def find(
    situation: Situation, plan: ProgrammePlan, fault: Fault, expected_at: ExpectedAt
) -> Finding:
    """Return what is seen of a programme's fault at the moment of ``expected_at``."""
    moment = expected_at.moment
    now = situation.durable.programmes[plan.id]
    match fault.sort:
        case Sort.OFF_AIR:
            finding = _find_off_air(situation, fault, now, moment)
        case Sort.BLIND:
            finding = _find_blind(now)
        case Sort.SUSPECTED:
            finding = _find_suspected(situation, plan, fault, now, moment)
        case Sort.DISPUTED:
            finding = _find_disputed(situation, plan, fault, now)
            if _any_assigned_twice(situation, plan):
                finding = finding._replace(reason=ASSIGNMENT)
        case Sort.DEGRADED:
            finding = _find_degraded(now)
        case Sort.RESERVE_LOST | Sort.RESERVE_UNKNOWN | Sort.RESERVE_USED:
            finding = _find_reserve(situation, plan, fault, moment)
        case _:
            finding = _find_manual(situation, stage_of(plan, fault), moment)
    if fault.sort not in IN_HOURS or finding.seen is Seen.GOOD:
        return finding
    start, _, expected = expected_at.span()
    if expected is not Expected.ON:
        return Finding(Seen.OUT_OF_HOURS, start, finding.reason)
    if start > finding.since and _is_back_before(situation, fault, start, moment):
        return Finding(Seen.BETWEEN, start, finding.reason)
    return finding if start <= finding.since else finding._replace(since=start)


def _is_back_before(situation: Situation, fault: Fault, start: int, moment: int) -> bool:
    """Return whether what is known now may all have been over when the hours began.

    It is on the air by the last answers, and the ledger is not settled up to the hours yet.
    """
    if fault.sort not in (Sort.OFF_AIR, Sort.SUSPECTED) or moment < situation.clock:
        return False
    memory = situation.programmes[fault.programme]
    if memory.settled_to > start or fault.id in situation.durable.outages:
        return False
    return is_clear(present_verdict(situation, memory.plan).possible)


def find_alarm(situation: Situation, fault: Fault, moment: int) -> Finding:
    """Return what is seen of an alarm of a device or of the site."""
    if fault.sort is Sort.SITE_SILENT:
        return Finding(_see_silence(situation), moment, "timeout")
    if fault.sort is Sort.CLOCK_UNTRUSTED:
        clock = situation.durable.clock
        seen = Seen.BAD if clock.alarm else Seen.GOOD
        return Finding(seen, max(clock.alarm_since, situation.started), clock.alarm)
    if fault.sort is Sort.CONFIG_REFUSED:
        seen = Seen.BAD if situation.config_refused else Seen.GOOD
        return Finding(seen, moment, str(fault.sort))
    if fault.sort is Sort.RECORD_REPLACED:
        return _find_harm(situation, fault, moment)
    if fault.sort is Sort.INCONSISTENT:
        is_doubted = situation.devices[fault.subject].inconsistent_until is not None
        return Finding(Seen.BAD if is_doubted else Seen.GOOD, moment, fault.sort)
    if fault.sort is Sort.SILENT:
        return _find_silent(situation.devices[fault.subject], moment)
    condition = situation.conditions[fault.subject]
    timeline = situation.timelines[fault.subject]
    if timeline.kind is Kind.BLIND or condition.alarm is None:
        return Finding(Seen.BLIND, moment)
    active = (timeline.kind is Kind.TRUE) is condition.alarm.when
    return Finding(Seen.BAD if active else Seen.GOOD, timeline.start, condition.reason)


def _see_silence(situation: Situation) -> Seen:
    """What nobody has asked yet, at a start or by a reload, does not end the silence of a site."""
    if situation.is_silent:
        # Where no request even leaves it is our own side: the programmes are blind.
        return Seen.GOOD if situation.silent_for("unreachable") else Seen.BAD
    asked = (m for m in situation.devices.values() if m.silent is None)
    return Seen.GOOD if any(m.answered_at is not None for m in asked) else Seen.BLIND


def _find_harm(situation: Situation, fault: Fault, moment: int) -> Finding:
    sound_at = record_sound_at(situation, fault)
    if sound_at is None or sound_at <= moment:
        return Finding(Seen.GOOD, moment if sound_at is None else sound_at)
    return Finding(Seen.BAD, sound_at - RECORD_SOUND_AFTER, f"record_{fault.subject}")


def record_sound_at(situation: Situation, fault: Fault) -> int | None:
    """Return when the file of the record is sound again; None where this never happened to it."""
    harmed_at = situation.durable.record_harmed.get(fault.subject)
    return None if harmed_at is None else harmed_at + RECORD_SOUND_AFTER


def _find_silent(memory: DeviceMemory, moment: int) -> Finding:
    """While the whole site is silent the silence of a device begins at its last failed read."""
    if memory.silent is None:
        seen = Seen.BLIND if memory.answered_at is None else Seen.GOOD
        return Finding(seen, moment if memory.answered_at is None else memory.answered_at)
    since = moment if memory.silent_at is None else memory.silent_at
    if moment - since < silence_bound(memory.plan):
        return Finding(Seen.BETWEEN, since)
    return Finding(Seen.BAD, since, memory.silent, memory.answered_at)


def is_over_by(situation: Situation, fault: Fault, due: int) -> bool:
    """Return whether the fault is over before ``due``, though the ledger has not settled it yet.

    Its hours end by then, also where nothing was seen since. After blindness everything is seen
    again. A reserve is no matter while its programme is off.
    """
    if _closes_by(situation, fault, due) or _is_of_an_outage(situation, fault):
        return True
    if fault.sort not in (Sort.OFF_AIR, Sort.BLIND):
        return False
    now = situation.durable.programmes[fault.programme]
    proven = outage(now)
    memory = situation.programmes.get(fault.programme)
    if memory is None:
        return False  # a record that is only read: nothing is seen now
    if due <= max(memory.settled_to, proven.not_after if proven is not None else 0):
        return False
    present = present_verdict(situation, memory.plan)
    return is_clear(present.possible) if fault.sort is Sort.OFF_AIR else present.blind is None


def _is_of_an_outage(situation: Situation, fault: Fault) -> bool:
    """Return whether a fault is of the reserve of a stage that is proven bad as a whole.

    Behind a start the outage that is on record says so until the stage is seen again.
    """
    memory = situation.programmes.get(fault.programme)
    if memory is None or fault.sort not in _OF_RESERVE:
        return False
    kind = situation.kept(fault.programme).stage(stage_of(memory.plan, fault))
    held = situation.durable.outages.get(fault_id(fault.programme, Sort.OFF_AIR))
    is_known = held is not None and held.stage == fault.subject
    return kind is Kind.FALSE or (kind is Kind.BLIND and is_known)


def is_within_an_outage(situation: Situation, fault: Fault, since: int) -> bool:
    """Return whether a fault of a reserve was no matter: its stage was bad from ``since`` on.

    A reserve is seen ready no later than its stage is settled to be good again.
    """
    held = situation.durable.outages.get(fault_id(fault.programme, Sort.OFF_AIR))
    if fault.sort not in _OF_RESERVE or held is None:
        return False
    return held.stage == fault.subject and held.began[0] <= since


def _closes_by(situation: Situation, fault: Fault, due: int) -> bool:
    """Return whether the hours in which an outage began end by ``due``: it is cut there."""
    held = situation.durable.outages.get(fault.id)
    if held is None or fault.sort not in IN_HOURS:
        return False
    _, close, expected = expected_span(situation.durable, fault.programme, held.began[1])
    return expected is not Expected.ON or (close is not None and close <= due)


def _find_off_air(situation: Situation, fault: Fault, now: ProgrammeNow, moment: int) -> Finding:
    proven, piece = outage(now), now.piece
    if proven is not None and is_off_since_closed(situation.durable, fault.programme, moment):
        return Finding(Seen.BLIND if is_presumed(now) else Seen.BETWEEN, proven.not_after)
    if proven is not None:
        seen = Seen.BLIND if is_presumed(now) else Seen.BAD
        since = proven.not_after
        if fault.id not in situation.durable.outages and is_bad(piece.possible):
            since = max(since, piece.start)  # it may have been good, unseen, before its hours
        return Finding(seen, since, proven.reason)
    if piece.blind is not None:
        return Finding(Seen.BLIND, piece.start)
    return Finding(Seen.GOOD if is_clear(piece.possible) else Seen.BETWEEN, piece.start)


def _find_blind(now: ProgrammeNow) -> Finding:
    proven, piece = outage(now), now.piece
    if piece.blind is None or piece.blind in _BY_WITNESS:
        return Finding(Seen.GOOD, piece.start)
    if proven is None:
        return Finding(Seen.BAD, blind_since(now), piece.blind)
    if not piece.presumed and not is_presumed(now):
        # Proven ahead of the ledger, which does not show yet when the blindness ended.
        return Finding(Seen.BETWEEN, piece.start)
    # Presumed time belongs to the outage before it.
    return Finding(Seen.GOOD, max(piece.start, proven.not_after))


def _find_suspected(
    situation: Situation, plan: ProgrammePlan, fault: Fault, now: ProgrammeNow, moment: int
) -> Finding:
    """A healthy witness receives nothing, or there was a sign before the chain fell silent.

    The sign is a last bad reading that nothing confirmed, or a supply that failed. Each of them
    lasts until the programme is seen again.
    """
    piece = now.piece
    held = situation.durable.outages.get(fault.id)
    if is_off_since_closed(situation.durable, plan.id, moment):
        # What monitord itself did not ask yet begins no suspicion, and ends none.
        is_asked = piece.blind is not None and piece.blind not in NOT_WATCHED
        seen = Seen.BAD if is_asked else Seen.BLIND
        return Finding(seen, blind_since(now), str(SuspicionSort.PRESUMED))
    lasts = held is not None and held.reason in _UNTIL_SEEN
    if piece.blind in (None, *_BY_WITNESS):
        return _find_doubted(now, WITNESS)
    if outage(now) is not None:
        # Proven to be off, but its piece has not begun: the blind span still goes on.
        return Finding(Seen.BLIND, piece.start) if lasts else _find_doubted(now, WITNESS)
    since = blind_since(now)
    if hinted_at(situation, plan, since, situation.clock):
        return Finding(Seen.BAD, since, str(SuspicionSort.DOUBTED))
    # A supply that failed says nothing of a device that monitord itself did not ask.
    is_asked = piece.blind not in NOT_WATCHED
    if is_asked and power_lost(situation, plan, since, until=situation.clock) is not None:
        return Finding(Seen.BAD, since, str(SuspicionSort.POWER))
    return Finding(Seen.BLIND if lasts else Seen.GOOD, piece.start)


def _find_doubted(now: ProgrammeNow, cause: str) -> Finding:
    """A party that falls silent ends the contradiction; the span before it stays unsettled."""
    seen = Seen.BAD if now.piece.blind == cause else Seen.GOOD
    return Finding(seen, now.piece.start, cause)


def _find_disputed(
    situation: Situation, plan: ProgrammePlan, fault: Fault, now: ProgrammeNow
) -> Finding:
    """What monitord itself has not asked yet, or does not show yet, ends no contradiction."""
    finding = _find_doubted(now, DISPUTED)
    if finding.seen is Seen.BAD or fault.id not in situation.durable.outages:
        return finding
    if now.piece.blind in NOT_WATCHED or may_be_disputed(situation, plan):
        return Finding(Seen.BLIND, now.piece.start, DISPUTED)
    return finding


def may_be_disputed(situation: Situation, plan: ProgrammePlan) -> bool:
    """Return whether the last answers show a contradiction, or a party was not asked yet."""
    is_shown = present_verdict(situation, plan).blind == DISPUTED
    return is_shown or is_unasked(situation, situation.programmes[plan.id].uses)


def is_unasked(situation: Situation, conditions: Iterable[str]) -> bool:
    """Return whether monitord itself has not asked yet about one of the conditions."""
    timelines = (situation.timelines[name] for name in conditions)
    return any(one.kind is Kind.BLIND and one.cause in NOT_WATCHED for one in timelines)


def _find_degraded(now: ProgrammeNow) -> Finding:
    """An outage neither proves nor ends that the signal before it was degraded."""
    piece = now.piece
    qualities = {quality_of(observed) for observed in piece.possible}
    if qualities == {Quality.DEGRADED}:
        return Finding(Seen.BAD, piece.start, reason_of(piece.possible[0]))
    return Finding(Seen.GOOD if qualities == {Quality.GOOD} else Seen.BLIND, piece.start)


def _find_manual(situation: Situation, stage: StagePlan, moment: int) -> Finding:
    assert stage.manual is not None, "only a stage with manual has this fault"
    kind = kind_of(stage.manual, present_kinds(situation))
    seen = {Kind.TRUE: Seen.BAD, Kind.FALSE: Seen.GOOD}.get(kind, Seen.BLIND)
    return Finding(seen, moment, Sort.MANUAL)


def stage_of(plan: ProgrammePlan, fault: Fault) -> StagePlan:
    """Return the stage that the fault is about."""
    return next(stage for stage in plan.chain if stage.id == fault.subject)


def _any_assigned_twice(situation: Situation, plan: ProgrammePlan) -> bool:
    shared = (stage for stage in plan.chain if is_shared(stage))
    return any(situation.members(plan.id, stage).counts["twice"] for stage in shared)


def spare_members(situation: Situation, stage: StagePlan) -> list[MemberPlan]:
    """Return the members that do not carry the programme now."""
    kinds = present_kinds(situation)
    return [m for m in stage.members if member_kind(m, kinds) is not Kind.TRUE]


def _readiness(situation: Situation, stage: StagePlan) -> Iterator[str]:
    """Yield the conditions of the readiness of the members that do not carry."""
    for member in spare_members(situation, stage):
        yield from () if member.ready is None else names(member.ready)


def assigned_twice(situation: Situation, plan: ProgrammePlan) -> list[MemberPlan]:
    """Return the members that carry this programme and another, by the last answers."""
    kinds = present_kinds(situation)
    return [
        member
        for stage in plan.chain
        for member in stage.members
        if member_kind(member, kinds) is not kind_of(member.carries, kinds)
    ]


def _is_reserve_ready(
    situation: Situation, plan: ProgrammePlan, stage: StagePlan, fault: Fault
) -> bool:
    """Return whether a reserve is ready while no member is proven to carry.

    In an outage the member that fell and waits is none: what was lost has to be ready again.
    """
    if situation.kept(plan.id).stage(stage) is not Kind.FALSE:
        return bool(situation.members(plan.id, stage).counts["ready"])
    held = situation.durable.outages.get(fault.id)
    if held is None:
        return False
    kinds = present_kinds(situation)
    return any(
        member.ready is not None and kind_of(member.ready, kinds) is Kind.TRUE
        for member in lost_members(situation, stage, fault, held)
    )


def lost_members(
    situation: Situation, stage: StagePlan, fault: Fault, held: Outage
) -> list[MemberPlan]:
    """Return the members that a lost reserve is of: a claim has a condition of that member alone.

    A switch may be a part of each.
    """
    claimed = (name for claim in held.claims.values() for name in claim.place.conditions)
    resting = (members_on(situation, fault.programme, stage, name) for name in claimed)
    return [members[0] for members in resting if len(members) == 1]


def _find_reserve(situation: Situation, plan: ProgrammePlan, fault: Fault, moment: int) -> Finding:
    """Lost: every reserve is known not to be ready. Unknown: none is ready, and one is not seen.

    Used: it would be ready, or not, but it carries another programme; it covers no second one.
    """
    sort, stage = fault.sort, stage_of(plan, fault)
    counts = situation.members(plan.id, stage).counts
    if not counts["carries"] and not _is_reserve_ready(situation, plan, stage, fault):
        # With no member carrying it is an outage, and no matter of the reserve.
        return Finding(Seen.BETWEEN, moment)
    if counts["carries"] > 1 or counts["ready"]:
        return Finding(Seen.GOOD, moment)
    if sort is Sort.RESERVE_USED and not counts["used"]:
        return Finding(Seen.BLIND if counts["maybe"] else Seen.GOOD, moment)
    if counts["unseen"]:
        # A reserve whose readiness nobody monitors is no news, nor one that nobody has asked yet.
        is_news = counts["monitored"] and sort is Sort.RESERVE_UNKNOWN
        is_news = is_news and not is_unasked(situation, _readiness(situation, stage))
        return Finding(Seen.BAD if is_news else Seen.BLIND, moment, sort)
    is_this = sort is (Sort.RESERVE_USED if counts["used"] else Sort.RESERVE_LOST)
    return Finding(Seen.BAD if is_this else Seen.GOOD, moment, sort)
