"""Faults, incidents and impacts: what the ledger's pieces mean for people. Owns that step.

The tables are in ``fault_states.py``; telling is decided in ``deliveries.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitord.core.calendar import expected_at, expected_span
from monitord.core.columns import is_clear
from monitord.core.durable import Fault, Impact, Incident, ProgrammeNow, outage
from monitord.core.events import (
    Draft,
    FaultTurned,
    ImpactBegan,
    ImpactEnded,
    IncidentClosed,
    IncidentJoined,
    IncidentOpened,
    IncidentRevised,
    ProgrammeWithdrawn,
)
from monitord.core.expression import Kind, kind_of, names
from monitord.core.fault_states import ON_DELAY, ON_SEEN, FaultState, Seen
from monitord.core.ledger import figures_of
from monitord.core.model import Column, Expected
from monitord.core.plan import FaultPlan, ProgrammePlan, StagePlan
from monitord.core.programme import cause_of, judge, present_kinds
from monitord.core.situation import Situation

OFF_AIR, BLIND, RESERVE_LOST = "off_air", "blind", "reserve_lost"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is seen of one fault: since when it is bad, and since when it is good again."""

    seen: Seen
    since: int
    reason: str


def fault_names(plan: ProgrammePlan) -> tuple[str, ...]:
    """Return the faults a programme can have; each redundant stage has its own reserve."""
    stages = (f"{RESERVE_LOST}/{s.id}" for s in plan.chain if _has_reserve(s))
    return (OFF_AIR, BLIND, *stages)


def _has_reserve(stage: StagePlan) -> bool:
    return len(stage.members) > 1


def fault_plan(plan: ProgrammePlan, fault: str) -> FaultPlan:
    """Return the delays and severity of a fault."""
    kinds = {OFF_AIR: plan.off_air, BLIND: plan.blind, RESERVE_LOST: plan.reserve_lost}
    return kinds[fault.partition("/")[0]]


def fault_of(situation: Situation, programme: str, fault: str) -> Fault:
    """Return where a fault stands; one never seen is clear."""
    state = situation.durable.programmes.get(programme)
    return state.faults.get(fault, Fault()) if state is not None else Fault()


def due_of(situation: Situation, plan: ProgrammePlan, fault: str) -> int | None:
    """Return when waiting alone moves the fault on."""
    held = fault_of(situation, plan.id, fault)
    if held.state not in ON_DELAY:
        return None
    delay: int = getattr(fault_plan(plan, fault), ON_DELAY[held.state][0])
    due = held.since + delay
    qualifying = held.state is FaultState.QUALIFYING and fault in (OFF_AIR, BLIND)
    return None if qualifying and _seems_over(situation, plan, fault, due) else due


def _seems_over(situation: Situation, plan: ProgrammePlan, fault: str, due: int) -> bool:
    """Return whether all is well again before ``due``, though the ledger has not settled it yet.

    Well is, after blindness, whatever can be seen.
    """
    proven = outage(situation.durable.programmes[plan.id])
    known_to = situation.programmes[plan.id].settled_to
    if due <= max(known_to, proven.not_after if proven is not None else 0):
        return False
    timelines = situation.timelines
    present = judge(situation, plan, lambda name: (timelines[name].kind, timelines[name].cause))
    return is_clear(present.possible) if fault == OFF_AIR else present.blind is None


def look(situation: Situation, plan: ProgrammePlan, fault: str, moment: int) -> Finding:
    """Return what the ledger says of a fault at ``moment``."""
    now = situation.durable.programmes[plan.id]
    if fault == OFF_AIR:
        return _in_hours(situation, plan, moment, _look_off_air(now))
    if fault == BLIND:
        return _in_hours(situation, plan, moment, _look_blind(now))
    stage = next(s for s in plan.chain if fault == f"{RESERVE_LOST}/{s.id}")
    return _look_reserve(situation, stage, moment)


def _look_off_air(now: ProgrammeNow) -> Finding:
    proven, piece = outage(now), now.piece
    if proven is None:
        seen = Seen.GOOD if is_clear(piece.possible) else Seen.BETWEEN
        return Finding(Seen.BLIND if piece.blind else seen, piece.start, "")
    presumed = piece.blind is not None and piece.start >= proven.not_after
    return Finding(Seen.BLIND if presumed else Seen.BAD, proven.not_after, proven.reason)


def _look_blind(now: ProgrammeNow) -> Finding:
    proven, piece = outage(now), now.piece
    if piece.blind is None:
        return Finding(Seen.GOOD, piece.start, "")
    if proven is None:
        return Finding(Seen.BAD, blind_since(now), piece.blind)
    if not piece.presumed and piece.start < proven.not_after:
        # Proven ahead of the ledger, which has yet to say when the blindness ended.
        return Finding(Seen.BETWEEN, piece.start, "")
    # Presumed time belongs to the outage that stood before it.
    return Finding(Seen.GOOD, max(piece.start, proven.not_after), "")


def blind_since(now: ProgrammeNow) -> int:
    """Return since when a blind programme has been blind, whatever the causes in turn."""
    if now.stretch and now.stretch[-1][1:] == (now.piece.start, "blind"):
        return now.stretch[-1][0]
    return now.piece.start


def _in_hours(situation: Situation, plan: ProgrammePlan, moment: int, finding: Finding) -> Finding:
    start, _, expected = expected_span(situation.durable, plan.id, moment)
    if finding.seen is Seen.GOOD:
        return finding
    if expected is not Expected.ON:
        return Finding(Seen.OUT_OF_HOURS, start, finding.reason)
    return Finding(finding.seen, max(finding.since, start), finding.reason)


def _look_reserve(situation: Situation, stage: StagePlan, moment: int) -> Finding:
    kinds = present_kinds(situation)
    spare = [m for m in stage.members if kind_of(m.carries, kinds) is not Kind.TRUE]
    ready = [Kind.BLIND if m.ready is None else kind_of(m.ready, kinds) for m in spare]
    if len(stage.members) - len(spare) > 1:
        return Finding(Seen.GOOD, moment, "")
    if Kind.TRUE in ready or len(spare) == len(stage.members):
        # With nobody carrying, that is an outage and not a matter of the reserve.
        return Finding(Seen.GOOD if Kind.TRUE in ready else Seen.BETWEEN, moment, "")
    if Kind.BLIND in ready:
        return Finding(Seen.BLIND, moment, "")
    return Finding(Seen.BAD, moment, RESERVE_LOST)


def step(situation: Situation, plan: ProgrammePlan, moment: int) -> Iterator[Draft]:
    """Move every fault of a programme to ``moment``: delays first, then what is seen."""
    for fault in fault_names(plan):
        yield from _expire(situation, plan, fault, moment)
        yield from _see(situation, plan, fault, moment)
        yield from _expire(situation, plan, fault, moment)
        yield from _keep_impact(situation, plan, fault, moment)
    yield from _revise_cause(situation, plan)


def _expire(situation: Situation, plan: ProgrammePlan, fault: str, moment: int) -> Iterator[Draft]:
    held = fault_of(situation, plan.id, fault)
    due = due_of(situation, plan, fault)
    if due is None or due > moment:
        return
    # What fell due in our absence is dated at the start.
    due = max(due, situation.started or due)
    after = ON_DELAY[held.state][1]
    if after is FaultState.OPEN:
        yield from _open(situation, plan, fault, due)
    else:
        incident = held.incident
        yield _turned(plan, fault, held, state=after, since=due)
        yield from _close(situation, incident, "cleared")


def _see(situation: Situation, plan: ProgrammePlan, fault: str, moment: int) -> Iterator[Draft]:
    held = fault_of(situation, plan.id, fault)
    finding = look(situation, plan, fault, moment)
    after = ON_SEEN[held.state][finding.seen]
    if after is not held.state:
        starts = after in (FaultState.QUALIFYING, FaultState.CLEARING)
        since = max(finding.since, held.since) if starts else held.since
        yield _turned(plan, fault, held, state=after, since=since)


def _turned(
    plan: ProgrammePlan, fault: str, held: Fault, *, state: FaultState, since: int
) -> Draft:
    turned = FaultTurned(
        programme=plan.id,
        fault=fault,
        was=held.state,
        state=state,
        since=since,
        incident=None if state is FaultState.CLEAR else held.incident,
    )
    return Draft(f"{plan.id}/{fault}", turned)


def _open(situation: Situation, plan: ProgrammePlan, fault: str, due: int) -> Iterator[Draft]:
    held = fault_of(situation, plan.id, fault)
    reason, stage, conditions = _cause(situation, plan, fault)
    same = _incident_with_cause(situation, fault, conditions)
    if same is not None:
        yield Draft(same.id, IncidentJoined(plan.id, fault))
        incident = same.id
    else:
        incident = f"{situation.durable.epoch}-{situation.durable.number + 1}"
        opening = IncidentOpened(
            programme=plan.id,
            fault=fault,
            severity=fault_plan(plan, fault).severity,
            reason=reason,
            stage=stage,
            conditions=conditions,
            opened_at=due,
            since=held.since,
        )
        yield Draft(incident, opening)
    opened = Fault(held.state, held.since, incident)
    yield _turned(plan, fault, opened, state=FaultState.OPEN, since=held.since)
    if not fault.startswith(RESERVE_LOST):
        # At once: by the time the ledger has settled the opening, all may be good again.
        finding = Finding(Seen.BAD, held.since, reason)
        yield _impact_began(situation, plan, situation.durable.incidents[incident], finding)


def _cause(
    situation: Situation, plan: ProgrammePlan, fault: str
) -> tuple[str, str, tuple[str, ...]]:
    now = situation.durable.programmes[plan.id]
    if fault == OFF_AIR and now.proven is not None:
        return now.proven.reason, now.proven.stage, tuple(now.proven.conditions)
    if fault == BLIND:
        return now.piece.blind or "", "", ()
    stage = next(s for s in plan.chain if fault == f"{RESERVE_LOST}/{s.id}")
    return RESERVE_LOST, stage.id, _not_ready(situation, stage)


def _not_ready(situation: Situation, stage: StagePlan) -> tuple[str, ...]:
    kinds = present_kinds(situation)
    spare = [m for m in stage.members if kind_of(m.carries, kinds) is not Kind.TRUE]
    return tuple(dict.fromkeys(n for m in spare if m.ready is not None for n in names(m.ready)))


def _incident_with_cause(
    situation: Situation, fault: str, conditions: tuple[str, ...]
) -> Incident | None:
    sort = fault.partition("/")[0]
    for incident in situation.durable.incidents.values():
        alike = sort == incident.fault.partition("/")[0] != BLIND
        if alike and conditions and list(conditions) == incident.conditions:
            return incident
    return None


def _close(situation: Situation, incident: str | None, cause: str) -> Iterator[Draft]:
    if incident is None or incident not in situation.durable.incidents:
        return
    programmes = situation.durable.programmes.values()
    if not any(f.incident == incident for p in programmes for f in p.faults.values()):
        yield Draft(incident, IncidentClosed(cause))


def _keep_impact(
    situation: Situation, plan: ProgrammePlan, fault: str, moment: int
) -> Iterator[Draft]:
    """Begin and end the impacts of an open incident on this programme."""
    held = fault_of(situation, plan.id, fault)
    incident = situation.durable.incidents.get(held.incident or "")
    if incident is None or fault.startswith(RESERVE_LOST):
        return
    running = next((i for i in incident.impacts if i.programme == plan.id and not i.ended), None)
    finding = look(situation, plan, fault, moment)
    bad = finding.seen is Seen.BAD or (
        finding.seen is Seen.BLIND and outage(situation.durable.programmes[plan.id]) is not None
    )
    end = None if running is None else _end_of(situation, plan, running, finding)
    if running is not None and end is not None:
        last_bad = _last_bad(situation, plan, running, fault, end)
        yield _impact_ended(situation, incident, running, not_before=last_bad, end=end)
    if (running is None or end is not None) and bad and held.state is FaultState.OPEN:
        yield _impact_began(situation, plan, incident, finding)


def _end_of(
    situation: Situation, plan: ProgrammePlan, impact: Impact, finding: Finding
) -> int | None:
    """Return when an impact ended: good again, or its hours are over and settled to their end."""
    _, close, expected = expected_span(situation.durable, plan.id, impact.not_after)
    if expected is not Expected.ON:
        close = impact.not_after
    if finding.seen is Seen.GOOD:
        end = max(finding.since, impact.not_before)
        return end if close is None else min(end, close)
    settled_to = situation.programmes[plan.id].settled_to
    return close if close is not None and close <= settled_to else None


def _impact_began(
    situation: Situation, plan: ProgrammePlan, incident: Incident, finding: Finding
) -> Draft:
    now = situation.durable.programmes[plan.id]
    proven = now.proven
    mine = [i for i in incident.impacts if i.programme == plan.id]
    start = expected_span(situation.durable, plan.id, finding.since)[0]
    # A clock set back opens the same hours twice; no second counts twice.
    start = max([start, *(i.ended[1] for i in mine if i.ended)])
    not_after = max(finding.since, start)
    not_before = finding.since if incident.fault == BLIND or proven is None else proven.not_before
    began = ImpactBegan(
        programme=plan.id,
        number=1 + len(mine),
        reason=finding.reason,
        column=Column.BLIND if incident.fault == BLIND else Column.OFF_AIR,
        not_before=min(max(not_before, start), not_after),
        not_after=not_after,
    )
    return Draft(incident.id, began)


def _last_bad(
    situation: Situation, plan: ProgrammePlan, impact: Impact, fault: str, end: int
) -> int:
    proven = situation.durable.programmes[plan.id].proven
    good = situation.durable.programmes[plan.id].piece.start == end
    if not good or fault != OFF_AIR or proven is None:
        return end
    return min(max(proven.bad_at, impact.not_before), end)


def _impact_ended(
    situation: Situation, incident: Incident, impact: Impact, *, not_before: int, end: int
) -> Draft:
    figures = figures_of(
        situation.durable, impact.programme, begin=impact.not_before, end=end, settled_to=end
    )
    ended = ImpactEnded(
        programme=impact.programme,
        number=impact.number,
        began_not_before=impact.not_before,
        began_not_after=impact.not_after,
        not_before=not_before,
        not_after=end,
        least=figures.least,
        most_seen=figures.most_seen,
        most=figures.most,
    )
    return Draft(incident.id, ended)


def _revise_cause(situation: Situation, plan: ProgrammePlan) -> Iterator[Draft]:
    """Name the cause anew when a slower stage nearer the source turns out to be bad."""
    held = fault_of(situation, plan.id, OFF_AIR)
    incident = situation.durable.incidents.get(held.incident or "")
    if incident is None or held.state is not FaultState.OPEN or incident.programme != plan.id:
        return
    stage, conditions = cause_of(situation, plan)
    order = [s.id for s in plan.chain]
    if stage and (incident.stage not in order or order.index(stage) < order.index(incident.stage)):
        reason = situation.conditions[conditions[0]].reason
        yield Draft(incident.id, IncidentRevised(reason, stage, conditions))


def withdraw(situation: Situation, programme: str) -> Iterator[Draft]:
    """Let go of a programme that is no longer configured, and close what it had open."""
    held = situation.durable.programmes[programme]
    incidents = [fault.incident for fault in held.faults.values() if fault.incident]
    yield Draft(programme, ProgrammeWithdrawn())
    for incident in incidents:
        yield from _close(situation, incident, "withdrawn")


def off_air_now(situation: Situation, programme: str, at: int) -> bool:
    """Return whether the programme is proven or presumed off air in scheduled time."""
    now = situation.durable.programmes.get(programme)
    expected = expected_at(situation.durable, programme, at)
    return now is not None and expected is Expected.ON and outage(now) is not None
