"""Faults into incidents: opened, joined, revised, closed. Owns that step.

``faults.py`` finds what the ledger shows, ``impacts.py`` dates what an incident does to a
programme, ``deliveries.py`` chooses who gets a message.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.durable import Fault, Incident
from monitord.core.events import (
    Draft,
    FaultTurned,
    IncidentClosed,
    IncidentJoined,
    IncidentOpened,
    IncidentRevised,
    ProgrammeWithdrawn,
)
from monitord.core.expression import names
from monitord.core.fault_states import ON_DELAY, ON_SEEN, FaultState, Seen
from monitord.core.faults import (
    BLIND,
    OFF_AIR,
    RESERVE_LOST,
    Finding,
    due_of,
    fault_names,
    fault_of,
    fault_plan,
    find,
    redundant_stage,
    sort_of_fault,
    spare_members,
)
from monitord.core.impacts import impact_began, move_impact
from monitord.core.plan import ProgrammePlan, StagePlan
from monitord.core.programme import cause_of
from monitord.core.situation import Situation


def step(situation: Situation, plan: ProgrammePlan, moment: int) -> Iterator[Draft]:
    """Move every fault of a programme to ``moment``: delays first, then what the ledger shows."""
    for fault in fault_names(plan):
        yield from _end_delay(situation, plan, fault, moment)
        yield from _apply_finding(situation, plan, fault, moment)
        yield from _end_delay(situation, plan, fault, moment)
        yield from move_impact(situation, plan, fault, moment)
    yield from _revise_cause(situation, plan)


def _end_delay(
    situation: Situation, plan: ProgrammePlan, fault: str, moment: int
) -> Iterator[Draft]:
    held = fault_of(situation, plan.id, fault)
    due = due_of(situation, plan, fault)
    if due is None or due > moment:
        return
    # What fell due while monitord did not run is dated at the start.
    due = max(due, situation.started or due)
    after = ON_DELAY[held.state][1]
    if after is FaultState.OPEN:
        yield from _open(situation, plan, fault, due)
    else:
        incident = held.incident
        yield _turned(plan, fault, held, state=after, since=due)
        yield from _close(situation, incident, "cleared")


def _apply_finding(
    situation: Situation, plan: ProgrammePlan, fault: str, moment: int
) -> Iterator[Draft]:
    held = fault_of(situation, plan.id, fault)
    finding = find(situation, plan, fault, moment)
    after = ON_SEEN[held.state][finding.seen]
    if after is not held.state:
        starts_delay = after in (FaultState.QUALIFYING, FaultState.CLEARING)
        since = max(finding.since, held.since) if starts_delay else held.since
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
        incident = same.id
        yield Draft(incident, IncidentJoined(plan.id, fault))
    else:
        incident = f"{situation.durable.epoch}-{situation.durable.number + 1}"
        opened = IncidentOpened(
            programme=plan.id,
            fault=fault,
            severity=fault_plan(plan, fault).severity,
            reason=reason,
            stage=stage,
            conditions=conditions,
            opened_at=due,
            since=held.since,
        )
        yield Draft(incident, opened)
    with_incident = Fault(held.state, held.since, incident)
    yield _turned(plan, fault, with_incident, state=FaultState.OPEN, since=held.since)
    if sort_of_fault(fault) != RESERVE_LOST:
        # At once: when the ledger has settled the opening, everything may be good again.
        finding = Finding(Seen.BAD, held.since, reason)
        yield impact_began(situation, plan, situation.durable.incidents[incident], finding)


def _cause(
    situation: Situation, plan: ProgrammePlan, fault: str
) -> tuple[str, str, tuple[str, ...]]:
    """Return reason, stage and conditions of a fault that opens."""
    now = situation.durable.programmes[plan.id]
    if fault == OFF_AIR and now.proven is not None:
        return now.proven.reason, now.proven.stage, tuple(now.proven.conditions)
    if fault == BLIND:
        return now.piece.blind or "", "", ()
    stage = redundant_stage(plan, fault)
    return RESERVE_LOST, stage.id, _readiness_names(situation, stage)


def _readiness_names(situation: Situation, stage: StagePlan) -> tuple[str, ...]:
    ready = [m.ready for m in spare_members(situation, stage) if m.ready is not None]
    return tuple(dict.fromkeys(name for expression in ready for name in names(expression)))


def _incident_with_cause(
    situation: Situation, fault: str, conditions: tuple[str, ...]
) -> Incident | None:
    sort = sort_of_fault(fault)
    if sort == BLIND or not conditions:
        return None
    for incident in situation.durable.incidents.values():
        if sort == sort_of_fault(incident.fault) and list(conditions) == incident.conditions:
            return incident
    return None


def _close(situation: Situation, incident: str | None, cause: str) -> Iterator[Draft]:
    """Close an incident that no fault belongs to any more."""
    if incident is None or incident not in situation.durable.incidents:
        return
    programmes = situation.durable.programmes.values()
    if not any(f.incident == incident for p in programmes for f in p.faults.values()):
        yield Draft(incident, IncidentClosed(cause))


def _revise_cause(situation: Situation, plan: ProgrammePlan) -> Iterator[Draft]:
    """Revise the cause when a slower stage nearer the source turns out to be bad."""
    held = fault_of(situation, plan.id, OFF_AIR)
    incident = situation.durable.incidents.get(held.incident or "")
    if incident is None or held.state is not FaultState.OPEN or incident.programme != plan.id:
        return
    stage, conditions = cause_of(situation, plan)
    order = [s.id for s in plan.chain]
    if stage and (incident.stage not in order or order.index(stage) < order.index(incident.stage)):
        reason = situation.conditions[conditions[0]].reason
        yield Draft(incident.id, IncidentRevised(reason, stage, conditions))


def withdraw_gone(situation: Situation) -> Iterator[Draft]:
    """Withdraw the programmes and stages that are no longer configured; close their incidents."""
    durable = situation.durable
    for programme in [name for name in durable.programmes if name not in situation.programmes]:
        faults = durable.programmes[programme].faults.values()
        open_ones = [fault.incident for fault in faults if fault.incident]
        yield Draft(programme, ProgrammeWithdrawn())
        for incident in open_ones:
            yield from _close(situation, incident, "withdrawn")
    for memory in situation.programmes.values():
        yield from _withdraw_faults(situation, memory.plan)


def _withdraw_faults(situation: Situation, plan: ProgrammePlan) -> Iterator[Draft]:
    """Withdraw the faults of stages that the programme no longer has."""
    now = situation.durable.programmes.get(plan.id)
    known = fault_names(plan)
    for fault in [] if now is None else [name for name in now.faults if name not in known]:
        held = fault_of(situation, plan.id, fault)
        if held.state is not FaultState.CLEAR:
            incident = held.incident
            yield _turned(plan, fault, held, state=FaultState.CLEAR, since=held.since)
            yield from _close(situation, incident, "withdrawn")
