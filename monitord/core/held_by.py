"""By what the cause of an incident holds one of its faults: a reason, a stage, conditions.

An outage may have several causes, and an incident several faults: each has its own. Decides
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from monitord.core.chain import degraded_names, stage_names
from monitord.core.durable import incident_named
from monitord.core.fault_plans import Sort
from monitord.core.incident_state import WRONG, Incident, Member, Place
from monitord.core.plan import ProgrammePlan, StagePlan
from monitord.core.situation import Situation

_OF_STAGES = (Sort.OFF_AIR, Sort.DEGRADED)
"""Faults that a bad stage explains; others are about what their own reason says."""


class HeldBy(NamedTuple):
    """``conditions``: those of the cause that make this fault; none where they make another one."""

    reason: str
    stage: str
    conditions: tuple[str, ...]


def held_by(situation: Situation, incident: Incident, member: Member) -> HeldBy:
    """Return by what the cause of an incident holds a fault, or held it until it was over."""
    fall, place, wrong = member.falls[-1], incident.place, member.wrong
    if wrong is not None:
        # Where it broke is another question than what is on air.
        outside = () if place.stage else place.conditions
        return HeldBy(WRONG, wrong.stage, tuple(dict.fromkeys((*wrong.conditions, *outside))))
    memory = situation.programmes.get(member.programme)
    is_outside = memory is None or place.kind != "stage" or _is_of_others(memory.plan, place)
    if member.fault not in _OF_STAGES or memory is None or is_outside:
        # Of what is not configured any more there is nothing to compare the conditions with.
        return HeldBy(fall.reason, fall.stage, place.conditions)
    for each in _places(situation, incident, member):
        if _is_about(memory.plan, member, each):
            return HeldBy(each.reason or fall.reason, each.stage or fall.stage, each.conditions)
    return HeldBy(fall.reason, fall.stage, ())


def _is_of_others(plan: ProgrammePlan, place: Place) -> bool:
    """Return whether a place is a stage that a programme has not: there it is a supply or link."""
    return bool(place.stage) and all(stage.id != place.stage for stage in plan.chain)


def _places(situation: Situation, incident: Incident, member: Member) -> Iterator[Place]:
    """Yield the cause as this fault has it, then as the first fault of the incident has it."""
    outage = situation.durable.outages.get(member.id)
    claim = None if outage is None else outage.claims.get(incident.place.id)
    if claim is not None:
        yield claim.place
    yield incident.place


def _is_about(plan: ProgrammePlan, member: Member, place: Place) -> bool:
    """Return whether conditions of a place make a fault of this sort: low power is no outage."""
    mine = [stage for stage in plan.chain if stage.id == (place.stage or member.falls[-1].stage)]
    if not mine or not place.conditions:
        return True
    return any(name in place.conditions for stage in mine for name in _makes(member, stage))


def _makes(member: Member, stage: StagePlan) -> tuple[str, ...]:
    return stage_names(stage) if member.fault == Sort.OFF_AIR else tuple(degraded_names(stage))


def goes_on_under(situation: Situation, incident: Incident) -> Incident:
    """Return the incident that goes on with the outage of one that closed as continued."""
    into = incident.into
    if incident.how != "continued" or into is None:
        return incident
    durable = situation.durable
    return incident_named(durable, into) or durable.closed_incidents.get(into, incident)
