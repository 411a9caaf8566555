"""Each fault from its first proof to its end: what began, its causes, what ended. Rules 5.1, 5.2.

An outage begins when its verdict turns, and keeps a cause while that is held bad and for
``clear_after`` once it is good again. ``incidents.py`` opens, moves and closes what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

from monitord.core import incidents
from monitord.core.calendar import ExpectedAt, expected_span
from monitord.core.causes import Cause, causes_of
from monitord.core.claims import claim_fresh, fresh_causes, in_order, place_before_hours
from monitord.core.durable import incident_named
from monitord.core.events import Draft
from monitord.core.expression import Kind
from monitord.core.fault_causes import doubted_hours, fault_cause
from monitord.core.fault_plans import COUNTED, DOUBTED, IN_HOURS, Fault, Sort
from monitord.core.faults import (
    Finding,
    Seen,
    find,
    find_alarm,
    is_over_by,
    is_within_an_outage,
    lost_members,
    record_sound_at,
    stage_of,
)
from monitord.core.figures import Figures
from monitord.core.healing import good_since, kind_there, leaves
from monitord.core.incident_events import (
    CauseHealed,
    CauseLeft,
    MemberOver,
    OutageBegan,
    OutageEnded,
)
from monitord.core.incident_state import Claim, Outage, Place, fault_id, owner_of, standing
from monitord.core.ledger import figures_of, own_figures_of
from monitord.core.look import present_kinds
from monitord.core.member_kinds import member_kind
from monitord.core.members import (
    FLAPS,
    doubted_figures,
    prior,
    running_figures,
    span_figures,
)
from monitord.core.model import Expected
from monitord.core.places import devices_of, proven_place
from monitord.core.plan import ProgrammePlan
from monitord.core.situation import Situation
from monitord.core.stage_kinds import Span
from monitord.core.wrong_programmes import note_wrong


def step(situation: Situation, plan: ProgrammePlan, moment: int) -> Iterator[Draft]:
    """Move every fault of a programme to ``moment``, as the ledger shows it then."""
    expected = ExpectedAt(situation.durable, plan.id, moment)
    for fault in situation.faults_of[plan.id]:
        yield from _move(situation, fault, find(situation, plan, fault, expected))


def step_alarm(situation: Situation, fault: Fault, moment: int) -> Iterator[Draft]:
    """Move an alarm of a device or of the site."""
    yield from _move(situation, fault, find_alarm(situation, fault, moment))


def _move(situation: Situation, fault: Fault, finding: Finding) -> Iterator[Draft]:
    outages = situation.durable.outages
    if fault.id in outages:
        yield from _end_if_over(situation, fault, outages[fault.id], finding)
    if finding.seen is Seen.BAD and fault.id not in outages:
        yield from _began(situation, fault, finding)
    held = outages.get(fault.id)
    if held is None:
        return
    if not held.claims or (finding.seen is Seen.BAD and _may_move(situation, fault, held)):
        yield from _follow_causes(situation, fault, held)
    elif finding.seen is Seen.BLIND and fault.sort is Sort.OFF_AIR:
        # A cause heals though the programme is not seen; nothing moves before that is seen again.
        yield from _note_healing(situation, fault, held, {})
    yield from open_due(situation, fault, held)


def _may_move(situation: Situation, fault: Fault, held: Outage) -> bool:
    """Return whether the causes are looked at again: what is no outage keeps a cause of its own.

    A programme of 5,000 devices that are not seen yet must not ask all of them at each answer.
    """
    if fault.sort is Sort.RESERVE_LOST and _has_taken_over(situation, fault, held):
        return True
    return fault.sort is Sort.OFF_AIR or any(
        claim.open_at <= situation.clock
        if claim.incident is None
        else incidents.is_explained(fault, claim.place)
        for claim in held.claims.values()
    )


def _has_taken_over(situation: Situation, fault: Fault, held: Outage) -> bool:
    """Return whether what was lost carries the programme, or did: then another one may be lost."""
    if any(claim.healed is not None for claim in held.claims.values()):
        return True
    stage = stage_of(situation.programmes[fault.programme].plan, fault)
    kinds = present_kinds(situation)
    lost = lost_members(situation, stage, fault, held)
    return any(member_kind(member, kinds) is Kind.TRUE for member in lost)


def _began(situation: Situation, fault: Fault, finding: Finding) -> Iterator[Draft]:
    """Begin an outage: not before its hours, and not before the last one ended."""
    durable = situation.durable
    now = durable.programmes.get(fault.programme)
    proven = None if now is None or fault.sort is not Sort.OFF_AIR else now.proven
    start = 0
    if fault.sort in IN_HOURS:
        start = expected_span(durable, fault.programme, finding.since)[0]
    earlier = durable.recent.get(fault.id, [])
    # A clock set back opens the same hours twice; no second counts twice.
    start = max([start, *(fall.ended[1] for fall in earlier[-1:] if fall.ended)])
    not_after = max(finding.since, start)
    not_before = finding.since if finding.not_before is None else finding.not_before
    not_before = not_before if proven is None else proven.not_before
    began = min(max(not_before, start), not_after), not_after
    if fault.sort in IN_HOURS:
        expected = expected_span(durable, fault.programme, not_after)[2]
        if expected is not Expected.ON:
            return  # what is left of it lies behind the hours
    body = OutageBegan(
        id=f"{durable.epoch}-{durable.number + 1}",
        programme=fault.programme,
        fault=fault.name,
        began=began,
        proof=situation.clock,
        reason=finding.reason,
        stage=proven.stage if proven is not None else fault.subject,
        layer=_layer(situation, fault, proven.stage if proven is not None else ""),
        conditions=tuple(proven.conditions) if proven is not None else (),
    )
    yield Draft(fault.id, body)


def _layer(situation: Situation, fault: Fault, stage: str) -> str:
    memory = situation.programmes.get(fault.programme)
    stages = memory.plan.chain if memory is not None else ()
    return next((str(each.layer) for each in stages if each.id == stage), "")


def due_of(situation: Situation, name: str) -> int | None:
    """Return when a fault moves on by time alone: ``open_after`` ends, or a cause healed for long.

    A cause that healed while nothing else is bad waits for the next answer.
    """
    fault = situation.faults.get(name)
    held = situation.durable.outages.get(name)
    if fault is None or held is None:
        return None
    times = []
    sound_at = record_sound_at(situation, fault)
    if fault.sort is Sort.RECORD_REPLACED and sound_at is not None:
        times.append(max(sound_at, situation.started))
    for claim in held.claims.values():
        if claim.incident is None and not is_over_by(situation, fault, claim.open_at):
            times.append(max(claim.open_at, situation.started))
        if claim.healed is not None and claim.healed + fault.clear_after > situation.clock:
            times.append(claim.healed + fault.clear_after)
    return min(times, default=None)


# -- causes -------------------------------------------------------------------------------------


def causes_now(situation: Situation, fault: Fault, held: Outage) -> dict[str, Cause]:
    """Return the causes that the last answers prove; empty where they prove none."""
    if fault.sort is Sort.OFF_AIR:
        doubt = doubted_hours(situation, fault, held)
        if doubt is not None:
            return {doubt.place.id: doubt}
        plan = situation.programmes[fault.programme].plan
        return causes_of(situation, plan, held.claims)
    cause = fault_cause(situation, fault, held)
    return {} if cause is None else {cause.place.id: cause}


def _follow_causes(situation: Situation, fault: Fault, held: Outage) -> Iterator[Draft]:
    """Note which causes healed, hand over those healed for long enough, claim new ones."""
    causes = causes_now(situation, fault, held)
    if not causes and not held.claims:
        causes = first_cause(situation, fault, held)
    if not causes:
        return
    yield from _note_healing(situation, fault, held, causes)
    for claim in in_order(situation, fault, held):
        if leaves(situation, fault, claim, causes):
            yield from _hand_over(situation, fault, claim)
    held = situation.durable.outages[fault.id]
    fresh = fresh_causes(situation, fault, held, causes)
    yield from claim_fresh(situation, fault, held, fresh, None)
    yield from note_wrong(situation, fault, situation.durable.outages[fault.id], causes)


def first_cause(situation: Situation, fault: Fault, held: Outage) -> dict[str, Cause]:
    """Return the cause as it was proven, where the last answers show it no more."""
    if fault.sort is not Sort.OFF_AIR:
        # What took the programme out of sight, while that is not over.
        blind = situation.durable.outages.get(fault_id(fault.programme, Sort.BLIND))
        if blind is not None and blind.claims:
            place = blind.claims[min(blind.claims)].place
            return {place.id: Cause(place, held.began)}
        place = Place(f"site/{fault.programme}.{fault.sort}", "site", held.reason)
        return {place.id: Cause(place, held.began)}
    before = place_before_hours(situation, fault)
    if before is not None:
        return {before.id: Cause(before, held.began)}
    place = proven_place(situation, fault, held)
    return {place.id: Cause(place, held.began)}


def _note_healing(
    situation: Situation, fault: Fault, held: Outage, causes: Mapping[str, Cause]
) -> Iterator[Draft]:
    for claim in in_order(situation, fault, held):
        name = claim.place.id
        if name in causes:
            if claim.healed is not None:
                yield Draft(fault.id, CauseHealed(name, None, causes[name].began))
        elif fault.sort is not Sort.OFF_AIR and claim.incident is None:
            # No message was sent: what is known better now takes its place.
            yield Draft(fault.id, CauseLeft(name))
        elif claim.healed is None and kind_there(situation, fault, claim.place) is Kind.TRUE:
            yield Draft(fault.id, CauseHealed(name, good_since(situation, fault, claim)))


def open_due(situation: Situation, fault: Fault, held: Outage) -> Iterator[Draft]:
    """Open the claims of a fault whose ``open_after`` has ended."""
    # Two that open together open in the order in which they were proven.
    for claim in sorted(in_order(situation, fault, held), key=lambda claim: claim.proof):
        due = claim.incident is None and claim.open_at <= situation.clock
        if due and not is_over_by(situation, fault, claim.open_at):
            yield from incidents.open_member(situation, fault, claim)


def _hand_over(situation: Situation, fault: Fault, claim: Claim) -> Iterator[Draft]:
    """A healed cause ends; its outages go on under others. All that ended at once go together."""
    group = [fault]
    incident = incident_named(situation.durable, claim.incident)
    if incident is not None:
        members = standing(incident)
        group = [situation.faults[m.id] for m in members if m.id in situation.faults]
    found = []
    for each in group:
        held = situation.durable.outages.get(each.id)
        mine = None if held is None else held.claims.get(claim.place.id)
        causes = {} if held is None else causes_now(situation, each, held)
        if held is None or not causes:
            continue  # nothing moves before it is seen again
        # It is judged later in this turn, and goes with the others.
        yield from _note_healing(situation, each, held, causes)
        if mine is None or not leaves(situation, each, mine, causes):
            continue
        healed = situation.clock if mine.healed is None else mine.healed
        fresh = fresh_causes(situation, each, held, causes)
        others = [c for c in held.claims.values() if c.place.id != claim.place.id]
        explained = mine.healed is None and _is_explained(situation, each, mine.place, causes)
        found.append(incidents.Leaving(each, healed, fresh, bool(others), explained))
    yield from incidents.hand_over(situation, claim.place.id, incident, found)


def _is_explained(
    situation: Situation, fault: Fault, place: Place, causes: Mapping[str, Cause]
) -> bool:
    """Return whether a cause nearer the source of its layer, or outside the chain, explains it."""
    chain = situation.programmes[fault.programme].plan.chain
    layer = next((stage.layer for stage in chain if stage.id == place.stage), None)
    before = list(takewhile(lambda stage: stage.id != place.stage, chain))
    nearer = {stage.id for stage in before if stage.layer is layer}
    return any(not c.place.stage or c.place.stage in nearer for c in causes.values())


# -- the end ------------------------------------------------------------------------------------


def _end_if_over(
    situation: Situation, fault: Fault, held: Outage, finding: Finding
) -> Iterator[Draft]:
    end = _end_of(situation, fault, held, finding)
    if end is None:
        return
    how, ended = end
    for claim in in_order(situation, fault, held):
        # What lasted long enough is an incident, though that is known only now.
        lasted = claim.incident is None and claim.open_at < ended[1]
        if lasted and not is_within_an_outage(situation, fault, claim.open_at):
            yield from incidents.open_member(situation, fault, claim)
    yield from end_outage(situation, fault, situation.durable.outages[fault.id], ended, how)


def _end_of(
    situation: Situation, fault: Fault, held: Outage, finding: Finding
) -> tuple[str, Span] | None:
    """Return how and when an outage ended: good again, or its hours are over and settled.

    Withdrawn where the clock has given its begin a place out of hours: it was none.
    """
    close, over = None, "hours"
    if fault.sort in IN_HOURS:
        _, close, expected = expected_span(situation.durable, fault.programme, held.began[1])
        if expected is not Expected.ON:
            close = held.began[1]
            over = "withdrawn" if _is_placed_again(situation, held) else "hours"
    if finding.seen is Seen.GOOD:
        end = max(finding.since, held.began[1])
        if close is None or end < close:
            how = "reconfigured" if fault.programme in situation.reconfigured else "good"
            return how, (_last_bad(situation, fault, held, end), end)
        return over, (close, close)
    settled = situation.programmes[fault.programme].settled_to if fault.programme else 0
    if close is not None and close <= settled:
        return over, (close, close)
    return None


def _is_placed_again(situation: Situation, held: Outage) -> bool:
    """Return whether the begin of an outage has another place in the calendar than when it began.

    What is known of its hours is another thing then; a new calendar only changes what comes.
    """
    clock = situation.durable.clock
    return held.proof < clock.placed_at and clock.placed_from <= held.began[1]


def _last_bad(situation: Situation, fault: Fault, held: Outage, end: int) -> int:
    now = situation.durable.programmes.get(fault.programme)
    ended_by_piece = now is not None and now.piece.start == end
    if not ended_by_piece or now is None or fault.sort is not Sort.OFF_AIR or now.proven is None:
        return end
    return min(max(now.proven.bad_at, held.began[0]), end)


def end_outage(
    situation: Situation, fault: Fault, held: Outage, ended: Span, how: str
) -> Iterator[Draft]:
    """End an outage, and each member that it is in an incident."""
    if how == "reconfigured":
        figures = running_figures(situation, fault, held, ended[1])
    else:
        figures = _final_figures(situation, fault, held, ended)
    own = {
        reason: each.within(figures)
        for reason, each in _own_figures(situation, fault, held, ended[1]).items()
    }
    flaps = 1 + prior(situation.durable, fault.id, ended[1], 0)[1] >= FLAPS
    listed = [name for name in held.incidents if _is_kept(situation, name)]
    for name in listed:
        yield _member_over(situation, name, fault, held, _End(ended, how, figures, flaps, own))
    owners = _owners(held, ended[1])
    place, owner = owners[-1][2:] if owners else owner_of(held)
    body = OutageEnded(
        programme=fault.programme,
        fault=fault.name,
        reason=held.reason,
        layer=held.layer,
        stage=held.stage,
        devices=tuple(devices_of(Place(place, "")) if place else ()),
        owner=owner,
        began=held.began,
        ended=ended,
        figures=figures,
        how=how,
        owners=owners,
        incident=situation.durable.places.get(place),
        suspected=fault.sort is Sort.SUSPECTED,
    )
    yield Draft(held.id, body)


def _is_kept(situation: Situation, incident: str) -> bool:
    return incident in situation.durable.incidents or incident in situation.durable.closed_incidents


def _final_figures(situation: Situation, fault: Fault, held: Outage, ended: Span) -> Figures:
    if fault.sort in DOUBTED:
        return doubted_figures(situation.durable, fault.programme, held.began[0], ended[1])
    if fault.sort not in COUNTED:
        return span_figures(held, ended)
    return figures_of(
        situation.durable, fault.programme, begin=held.began[0], end=ended[1], settled_to=ended[1]
    )


def _own_figures(situation: Situation, fault: Fault, held: Outage, end: int) -> dict[str, Figures]:
    if fault.sort is not Sort.OFF_AIR:
        return {}
    # Without a programme nothing is settled: a start has it no more.
    memory = situation.programmes.get(fault.programme)
    settled_to = 0 if memory is None else memory.settled_to
    return own_figures_of(
        situation.durable, fault.programme, begin=held.began[0], end=end, settled_to=settled_to
    )


def _owners(held: Outage, end: int) -> tuple[tuple[int, int, str, str], ...]:
    """Return each owner's span; together they are the outage.

    Hours that end it as of an earlier moment leave nothing to who had it after that.
    """
    owners = [*held.owners[:1], *(one for one in held.owners[1:] if one[0] < end)]
    ends = [*(since for since, _, _ in owners[1:]), end]
    return tuple(
        (since, max(since, to), place, owner)
        for (since, place, owner), to in zip(owners, ends, strict=False)
    )


class _End(NamedTuple):
    """How an outage ended: when, why, with which figures; ``flaps``: three falls in ten minutes.

    ``own``: the figures of each reason that has totals of its own.
    """

    ended: Span
    how: str
    figures: Figures
    flaps: bool
    own: dict[str, Figures]


def _member_over(
    situation: Situation, incident: str, fault: Fault, held: Outage, end: _End
) -> Draft:
    durable = situation.durable
    found = durable.incidents.get(incident) or durable.closed_incidents[incident]
    claim = held.claims.get(found.place.id)
    over = end.ended[1] if claim is None or claim.healed is None else claim.healed
    over = min(over, end.ended[1])
    if fault.sort is Sort.SUSPECTED:
        # What is found when it has ended already is news from then on.
        over = max(over, held.proof)
    body = MemberOver(
        programme=fault.programme,
        fault=fault.name,
        over=over,
        how=end.how,
        number=found.members[fault.id].count,
        began_not_before=held.began[0],
        began_not_after=held.began[1],
        not_before=end.ended[0],
        not_after=end.ended[1],
        least=end.figures.least,
        most_seen=end.figures.most_seen,
        most=end.figures.most,
        flaps=end.flaps,
        own={reason: (own.least, own.most_seen, own.most) for reason, own in end.own.items()},
    )
    return Draft(incident, body)
