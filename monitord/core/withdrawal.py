"""What a configuration takes away ends at once, and is reported (rule 5.7). Owns that step.

A programme that is still bad keeps its outage, and the cause moves; any other outage ends as
reconfigured: its seconds stay, and it is never a recovery.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from monitord.core import incidents
from monitord.core.causes import Cause, explains_one_of, is_silence
from monitord.core.chain import assignments, degraded_names, is_shared, stage_names
from monitord.core.claims import fresh_causes
from monitord.core.columns import is_bad
from monitord.core.durable import incident_named
from monitord.core.events import Draft, ProgrammeWithdrawn
from monitord.core.expression import names
from monitord.core.fault_plans import Fault, Sort, faults_in
from monitord.core.faults import is_unasked, may_be_disputed, stage_of
from monitord.core.incident_state import Claim, Outage, Place
from monitord.core.outages import causes_now, end_outage, first_cause, open_due
from monitord.core.places import device_of, devices_of
from monitord.core.plan import Plan, ProgrammePlan, StagePlan
from monitord.core.programme import present_verdict
from monitord.core.situation import Situation
from monitord.core.verdict import DISPUTED, NOT_WATCHED, WITNESS


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
    changed, situation.reconfigured = situation.reconfigured, {}
    leaving: dict[str, list[incidents.Leaving]] = {}
    for name, held in sorted(situation.durable.outages.items()):
        fault = situation.faults[name]
        lost = [c for c in held.claims.values() if not _is_there(situation, fault, c.place)]
        if not lost and fault.programme not in changed:
            continue
        found = list(_moves(situation, fault, held, lost))
        is_anew = bool(lost) or changed[fault.programme]
        if not _is_so(situation, fault, is_anew=is_anew) or (lost and not found):
            yield from _end(situation, fault, held)
        else:
            for place, each in found:
                leaving.setdefault(place, []).append(each)
    for place, group in sorted(leaving.items()):
        incident = incident_named(situation.durable, situation.durable.places.get(place))
        yield from incidents.hand_over(situation, place, incident, group)
        for each in group:
            yield from open_due(situation, each.fault, situation.durable.outages[each.fault.id])
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
    causes = causes_now(situation, fault, held) or _as_proven(situation, fault, held)
    stays = any(name not in gone for name in held.claims)
    fresh = fresh_causes(situation, fault, held, causes)
    for place in sorted(gone) if fresh or stays else ():
        healed = held.claims[place].healed
        left = situation.clock if healed is None else healed
        yield place, incidents.Leaving(fault, left, fresh, stays)


def _as_proven(situation: Situation, fault: Fault, held: Outage) -> dict[str, Cause]:
    """Return where an outage was proven, if that is still there: a start shows nothing."""
    found = first_cause(situation, fault, held) if fault.sort is Sort.OFF_AIR else {}
    return {name: c for name, c in found.items() if _is_there(situation, fault, c.place)}


def _is_so(situation: Situation, fault: Fault, *, is_anew: bool) -> bool:
    """Return whether the last answers show the fault, before the ledger settles it.

    ``is_anew``: by another chain, or without a cause that it had: what is not seen then is not so.
    What nobody has asked yet by the new configuration is left to the answers.
    """
    if not fault.programme:
        return True
    plan = situation.programmes[fault.programme].plan
    verdict = present_verdict(situation, plan)
    match fault.sort:
        case Sort.OFF_AIR:
            unseen = verdict.blind is not None and (not is_anew or verdict.blind in NOT_WATCHED)
            return is_bad(verdict.possible) or unseen
        case Sort.BLIND:
            return verdict.blind not in (None, WITNESS, DISPUTED)
        case Sort.SUSPECTED:
            return verdict.blind is not None and verdict.blind != DISPUTED
        case Sort.DISPUTED:
            return may_be_disputed(situation, plan)
        case Sort.RESERVE_LOST | Sort.RESERVE_UNKNOWN | Sort.RESERVE_USED:
            return _is_monitored(situation, plan, stage_of(plan, fault))
        case _:
            return True


def _is_monitored(situation: Situation, plan: ProgrammePlan, stage: StagePlan) -> bool:
    """Return whether something says if a reserve is ready, or may: it was not asked yet."""
    counts = situation.members(plan.id, stage).counts
    is_seen = counts["monitored"] > 0 or not counts["unseen"]
    return is_seen or is_unasked(situation, situation.programmes[plan.id].uses)


def _is_there(situation: Situation, fault: Fault, place: Place) -> bool:
    """Return whether the place is still configured, and has to do with the fault."""
    devices = devices_of(place)
    if devices == ["site"]:
        return True
    if any(name not in situation.devices for name in devices):
        return False
    is_gone = not any(name in situation.conditions for name in place.conditions)
    if place.conditions and is_gone and not is_silence(place):
        return False
    if not fault.programme:
        return _has_alarm(situation, fault, place)
    plan = situation.programmes[fault.programme].plan
    if place.stage and place.stage not in [stage.id for stage in plan.chain]:
        return False
    if place.id.endswith((f"/{Sort.SUSPECTED}", f"/{Sort.DISPUTED}")):
        return set(place.conditions) <= _witnesses_of(plan)
    return all(_is_watched(situation, fault.programme, place, device) for device in devices)


def _is_watched(situation: Situation, programme: str, place: Place, device: str) -> bool:
    """Return whether a programme rests on a device of a place, or on what it supplies or links."""
    mine = [name for name in place.conditions if device_of(name) == device]
    if is_silence(place):
        mine = [condition.id for condition in situation.devices[device].plan.conditions]
    return any(programme in situation.watchers.get(name, ()) for name in mine)


def _has_alarm(situation: Situation, fault: Fault, place: Place) -> bool:
    """Return whether a supply or link is still one of the device that an alarm is about."""
    if place.kind not in ("feed", "network"):
        return True
    device = device_of(fault.subject)
    return device in devices_of(place) or explains_one_of(situation, [device], place)


def _witnesses_of(plan: ProgrammePlan) -> set[str]:
    """Return what may contradict the chain: what witnesses need, and members that are shared."""
    found = {name for witness in plan.witnesses for name in names(witness.needs)}
    for stage in filter(is_shared, plan.chain):
        found.update(stage_names(stage), assignments(stage))
    return found
