"""What a configuration takes away ends at once, and is reported (rule 5.7). Owns that step.

A programme that is still bad keeps its outage, and the cause moves; any other outage ends as
reconfigured: its seconds stay, and it is never a recovery.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from monitord.core import incidents
from monitord.core.causes import device_of, devices_of
from monitord.core.chain import degraded_names, stage_names
from monitord.core.claims import fresh_causes
from monitord.core.columns import is_bad
from monitord.core.durable import incident_named
from monitord.core.events import Draft, ProgrammeWithdrawn
from monitord.core.fault_plans import Fault, Sort, faults_in
from monitord.core.incident_state import Claim, Outage, Place
from monitord.core.outages import causes_now, end_outage
from monitord.core.plan import Plan
from monitord.core.programme import present_verdict
from monitord.core.situation import Situation


def end_removed(situation: Situation, plan: Plan) -> Iterator[Draft]:
    """End every outage and alarm that ``plan`` does not have; withdraw its programmes."""
    known = {fault.id for fault in faults_in(plan)}
    for name, held in sorted(situation.durable.outages.items()):
        if name not in known:
            fault = situation.faults.get(name) or _unknown(name)
            yield from _end(situation, fault, held)
    kept = {programme.id for programme in plan.programmes}
    for programme in sorted(set(situation.durable.programmes) - kept):
        yield Draft(programme, ProgrammeWithdrawn())


def _unknown(name: str) -> Fault:
    """Return a fault of an earlier configuration: nothing of it is known but its id."""
    programme, _, fault = name.partition("/")
    sort, _, subject = fault.partition("/")
    return Fault(name, programme, fault, Sort(sort), subject, "warning", 0, 0, 0)


def _end(situation: Situation, fault: Fault, held: Outage) -> Iterator[Draft]:
    at = max(situation.clock, held.began[1])
    yield from end_outage(situation, fault, held, (at, at), "reconfigured")


def end_what_is_gone(situation: Situation) -> Iterator[Draft]:
    """Move the outages whose cause is gone to what is bad now; end those of which nothing is.

    Called once the programmes are judged by the new configuration.
    """
    changed, situation.reconfigured = situation.reconfigured, frozenset()
    leaving: dict[str, list[incidents.Leaving]] = {}
    for name, held in sorted(situation.durable.outages.items()):
        fault = situation.faults[name]
        lost = [c for c in held.claims.values() if not _is_there(situation, fault, c.place)]
        if not lost and fault.programme not in changed:
            continue
        found = list(_moves(situation, fault, held, lost))
        if not _is_bad(situation, fault) or (lost and not found):
            yield from _end(situation, fault, held)
        else:
            for place, each in found:
                leaving.setdefault(place, []).append(each)
    for place, group in sorted(leaving.items()):
        incident = incident_named(situation.durable, situation.durable.places.get(place))
        yield from incidents.hand_over(situation, place, incident, group)
    yield from _close_what_is_nowhere(situation)


def _close_what_is_nowhere(situation: Situation) -> Iterator[Draft]:
    """Close the incidents of stages that no programme has any more, without a clearing time."""
    watched = {
        (stage.id, device_of(name))
        for memory in situation.programmes.values()
        for stage in memory.plan.chain
        for name in (*stage_names(stage), *degraded_names(stage))
    }
    for name, incident in sorted(situation.durable.incidents.items()):
        place = incident.place
        devices = devices_of(place)
        is_there = devices == ["site"] or all((place.stage, one) in watched for one in devices)
        is_over = all(member.over is not None for member in incident.members.values())
        if place.stage and is_over and not is_there:
            yield from incidents.close_at_once(situation, name)


def _moves(
    situation: Situation, fault: Fault, held: Outage, lost: Collection[Claim]
) -> Iterator[tuple[str, incidents.Leaving]]:
    gone = {claim.place.id for claim in lost}
    causes = causes_now(situation, fault, held)
    stays = any(name not in gone for name in held.claims)
    fresh = fresh_causes(situation, fault, held, causes)
    for place in sorted(gone) if fresh or stays else ():
        healed = held.claims[place].healed
        left = situation.clock if healed is None else healed
        yield place, incidents.Leaving(fault, left, fresh, stays)


def _is_bad(situation: Situation, fault: Fault) -> bool:
    """Return whether the last answers show the fault, before the ledger settles it."""
    if fault.sort is not Sort.OFF_AIR:
        return True
    plan = situation.programmes[fault.programme].plan
    return is_bad(present_verdict(situation, plan).possible)


def _is_there(situation: Situation, fault: Fault, place: Place) -> bool:
    """Return whether the place is still configured."""
    devices = devices_of(place)
    if devices == ["site"]:
        return True
    if any(name not in situation.devices for name in devices):
        return False
    if not all(name in situation.conditions for name in place.conditions):
        return False
    memory = situation.programmes.get(fault.programme)
    stages = {stage.id for stage in memory.plan.chain} if memory is not None else set()
    return not place.stage or place.stage in stages
