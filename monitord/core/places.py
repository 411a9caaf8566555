"""Which devices of a bad stage broke: the place of an outage. Owns that question (rule 5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Final

from monitord.core.chain import carrying, signs
from monitord.core.expression import Kind, names
from monitord.core.fault_plans import Fault
from monitord.core.incident_state import Claim, Outage, Place
from monitord.core.look import hindering, present_kinds
from monitord.core.member_kinds import Kinds, serves
from monitord.core.moments import span_of
from monitord.core.plan import MemberPlan, StagePlan
from monitord.core.situation import Situation
from monitord.core.stage_kinds import Span

DEVICES_NAMED: Final = 8
"""Devices of one place at the most; the others of a mass fall are of the same place."""
SILENT: Final = "silent"
UNSEEN: Final = {"no_value": "no_value", "inconsistent": "inconsistent"}
"""What a device that is not seen does, by the cause of its blindness; else it is silent."""
NO_STAGE: Final = frozenset({SILENT, *UNSEEN.values(), "suspected", "disputed"})
"""What a place may say that is no outage; a stage of such an id gives it to its own place alone."""


def place_of(
    situation: Situation, programme: str, stage: StagePlan, held: list[Claim], began: Span
) -> Place:
    """Return the place of a bad stage: the devices that fell with it, and the stage.

    Its conditions are those by which they fell, and then those of what did not help.
    A claim of the same stage whose devices still fail keeps its place, though others fail now too.
    """
    kept = situation.kept(programme)
    found: Place | None = None
    for claim in held:
        within = found is None or set(devices_of(claim.place)) <= set(devices_of(found))
        if within and still_fails(situation, programme, stage, claim.place):
            found = claim.place
    if found is not None:
        return found
    if began[0] == situation.started and stage.members:
        # This run found it so; what was bad before it is on record.
        began = span_of(situation, carrying(stage), value=False)
    failed = of_few_devices(kept.all_failing(stage))
    fell = of_few_devices(_fallen(situation, stage, kept.all_failing(stage), began)) or failed
    devices = sorted({device_of(name) for name in fell})
    reason = situation.conditions[fell[0]].reason if fell else ""
    others = (name for name in failed if device_of(name) not in devices)
    names = tuple(dict.fromkeys((*fell, *others)))
    return Place(f"{'+'.join(devices)}/{stage.id}", "stage", reason, stage.id, stage.owner, names)


def _fallen(
    situation: Situation, stage: StagePlan, failed: Iterable[str], began: Span
) -> Iterator[str]:
    """Yield those of the conditions that failed which fell with the stage, when it ``began``.

    Of members, those of the ones that lack least. Where nobody saw what was bad before, at a start
    or behind a silence, the one that carried lacks its signal alone: a reserve that waits lacks its
    switch too. One that serves another programme is no way.
    """
    if not stage.members:
        yield from (name for name in failed if _may_begin_in(situation, name, began))
        return
    failed, kinds = tuple(failed), present_kinds(situation)
    fell = tuple(name for name in failed if _may_begin_in(situation, name, began))
    free = [member for member in stage.members if not serves(member, kinds)]
    ways = [
        _lacks(member, kinds).union(set(failed).intersection(names(member.carries)))
        for member in free or stage.members
    ]
    yield from _nearest(ways, fell)


def _may_begin_in(situation: Situation, condition: str, span: Span) -> bool:
    """Return whether a condition may have taken its value within a span."""
    turned = situation.durable.conditions.get(condition)
    return turned is None or (turned.since >= span[0] and turned.not_before <= span[1])


def _nearest(ways: list[set[str]], fell: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``fell`` in the ways that lack the fewest devices, of those that fell."""
    ways = [way for way in ways if way.intersection(fell)]
    lacks = [len(set(map(device_of, way))) for way in ways]
    fewest = min(lacks, default=0)
    found = (way for way, count in zip(ways, lacks, strict=True) if count == fewest)
    nearest = {name for way in found for name in way}
    return tuple(name for name in fell if name in nearest)


def proven_place(situation: Situation, fault: Fault, held: Outage) -> Place:
    """Return the place of an outage as it was proven, where the last answers show it no more."""
    stage, failed = held.stage or fault.programme, tuple(held.conditions)
    plans = situation.programmes[fault.programme].plan.chain
    plan = next((one for one in plans if one.id == stage), None)
    fell = () if plan is None else tuple(_fallen(situation, plan, failed, held.began))
    devices = sorted({device_of(name) for name in fell or failed}) or ["site"]
    owner = "" if plan is None else plan.owner
    known = tuple(dict.fromkeys((*fell, *failed)))
    return Place(f"{'+'.join(devices)}/{stage}", "stage", held.reason, held.stage, owner, known)


def place_outside(
    situation: Situation, condition: str, kind: str, held: Mapping[str, Claim] | None = None
) -> Place:
    """Return the place of a condition that is not so, of a supply or a link.

    The same device in the same stage is the same cause, whatever condition says so: where a stage
    of any chain needs it, the place has the id of that stage. A place that is ``held`` by it goes
    on, whatever stages there are now; of several ids that of an open incident does, else it is the
    first one of the plan.
    """
    device, _, name = condition.partition(".")
    stages = situation.needed_by.get(condition, ())
    ids = [f"{device}/{stage}" for stage in stages if stage not in NO_STAGE]
    ids.append(f"{device}/{name}")
    known = [
        claim.place.id
        for _, claim in sorted((held or {}).items())
        if condition in claim.place.conditions and devices_of(claim.place) == [device]
    ]
    known += [one for one in ids if one in situation.durable.places]
    reason = situation.conditions[condition].reason
    return Place(next(iter(known), ids[0]), kind, reason, conditions=(condition,))


def _lacks(member: MemberPlan, kinds: Kinds) -> set[str]:
    """Return what is not proven to be as a member needs it to carry."""
    return {
        name
        for name, wanted in signs(member.carries)
        if kinds(name) is not (Kind.TRUE if wanted else Kind.FALSE)
    }


def lacking(member: MemberPlan, kinds: Kinds) -> set[str]:
    """Return the devices by which a member does not carry, and those of it that are not seen."""
    unseen = (name for name in names(member.carries) if kinds(name) not in (Kind.TRUE, Kind.FALSE))
    return {device_of(name) for name in (*hindering(member.carries, kinds), *unseen)}


def members_on(
    situation: Situation, programme: str, stage: StagePlan, condition: str
) -> list[MemberPlan]:
    """Return the members of a stage of which anything rests on a condition."""
    resting = situation.programmes[programme].settling.members.resting.get(condition, ())
    return [stage.members[place] for name, place in resting if name == stage.id]


def still_fails(situation: Situation, programme: str, stage: StagePlan, place: Place) -> bool:
    """Return whether the devices of a place fail: all, or one where more fail than it may name.

    One that is a part of several ways, as a switch is, fails where it did.
    """
    devices, kinds = devices_of(place), present_kinds(situation)
    ways = [
        member
        for name in place.conditions
        if device_of(name) in devices
        for member in members_on(situation, programme, stage, name)
        if name in names(member.carries)
    ]
    if ways:
        lacks = set[str]().union(*(lacking(member, kinds) for member in ways))
        fail = [device in lacks for device in devices]
    else:
        kept = situation.kept(programme)
        plans = (situation.devices[name].plan for name in devices if name in situation.devices)
        fail = [any(kept.fails(stage, c.id) for c in plan.conditions) for plan in plans]
    return any(fail) if len(devices) >= DEVICES_NAMED else sum(fail) == len(devices)


def of_few_devices(names: Iterable[str]) -> tuple[str, ...]:
    """Return the conditions of the first devices, each once; no more devices than a place names."""
    devices: set[str] = set()

    def is_named(name: str) -> bool:
        devices.add(device_of(name))
        return len(devices) <= DEVICES_NAMED

    return tuple(dict.fromkeys(takewhile(is_named, names)))


def device_of(condition: str) -> str:
    """Return the device of a condition id."""
    return condition.partition(".")[0]


def devices_of(place: Place) -> list[str]:
    """Return the devices of a place."""
    return place.id.partition("/")[0].split("+")
