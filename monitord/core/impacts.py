"""What an open incident does to one programme, from when to when. Owns begin and end of impacts."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.core.calendar import expected_span
from monitord.core.durable import Impact, Incident
from monitord.core.events import Draft, ImpactBegan, ImpactEnded
from monitord.core.fault_states import FaultState, Seen
from monitord.core.faults import (
    BLIND,
    OFF_AIR,
    RESERVE_LOST,
    Finding,
    fault_of,
    find,
    sort_of_fault,
)
from monitord.core.ledger import figures_of
from monitord.core.model import Column, Expected
from monitord.core.plan import ProgrammePlan
from monitord.core.present import outage
from monitord.core.situation import Situation


def move_impact(
    situation: Situation, plan: ProgrammePlan, fault: str, moment: int
) -> Iterator[Draft]:
    """Begin or end the impact of a fault's open incident on this programme."""
    held = fault_of(situation, plan.id, fault)
    incident = situation.durable.incidents.get(held.incident or "")
    if incident is None or sort_of_fault(fault) == RESERVE_LOST:
        return
    running = next((i for i in incident.impacts if i.programme == plan.id and not i.ended), None)
    finding = find(situation, plan, fault, moment)
    bad = finding.seen is Seen.BAD or (
        finding.seen is Seen.BLIND and outage(situation.durable.programmes[plan.id]) is not None
    )
    end = None if running is None else _end_of(situation, plan, running, finding)
    if running is not None and end is not None:
        last_bad = _last_bad(situation, plan, running, fault, end)
        yield _impact_ended(situation, incident, running, not_before=last_bad, end=end)
    if (running is None or end is not None) and bad and held.state is FaultState.OPEN:
        yield impact_began(situation, plan, incident, finding)


def impact_began(
    situation: Situation, plan: ProgrammePlan, incident: Incident, finding: Finding
) -> Draft:
    """Return the beginning of an impact, not before the hours in which it was found."""
    proven = situation.durable.programmes[plan.id].proven
    earlier = [impact for impact in incident.impacts if impact.programme == plan.id]
    start = expected_span(situation.durable, plan.id, finding.since)[0]
    # A clock set back opens the same hours twice; no second counts twice.
    start = max([start, *(impact.ended[1] for impact in earlier if impact.ended)])
    not_after = max(finding.since, start)
    blind = incident.fault == BLIND
    not_before = finding.since if blind or proven is None else proven.not_before
    began = ImpactBegan(
        programme=plan.id,
        number=1 + len(earlier),
        reason=finding.reason,
        column=Column.BLIND if blind else Column.OFF_AIR,
        not_before=min(max(not_before, start), not_after),
        not_after=not_after,
    )
    return Draft(incident.id, began)


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


def _last_bad(
    situation: Situation, plan: ProgrammePlan, impact: Impact, fault: str, end: int
) -> int:
    now = situation.durable.programmes[plan.id]
    ended_by_piece = now.piece.start == end
    if not ended_by_piece or fault != OFF_AIR or now.proven is None:
        return end
    return min(max(now.proven.bad_at, impact.not_before), end)


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
