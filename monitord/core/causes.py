"""Where a fault comes from: the causes of a programme's bad verdict. Owns that question (rule 5.2).

A stage that fell behind an earlier one of its layer is a consequence, and so is a place that falls
with what it is powered by, is behind of, or mutes on. Anything else that is bad is a cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Final, NamedTuple

from monitord.core.chain import carrying, parents_of, signs, stage_names
from monitord.core.expression import (
    Expression,
    Kind,
    Name,
    Not,
    kind_of,
    names,
    needed_of,
)
from monitord.core.fault_plans import Fault
from monitord.core.incident_state import WRONG, Claim, Outage, Place
from monitord.core.look import present_kinds
from monitord.core.member_kinds import Kinds, serves
from monitord.core.plan import DevicePlan, MemberPlan, ProgrammePlan, StagePlan
from monitord.core.running import reach
from monitord.core.situation import Situation
from monitord.core.stage_kinds import KeptKinds, Span
from monitord.core.values import Layer

__all__ = ["Span"]

DEVICES_NAMED: Final = 8
"""Devices of one place at the most; the others of a mass fall are of the same place."""
SILENT: Final = "silent"
UNSEEN: Final = {"no_value": "no_value", "inconsistent": "inconsistent"}
"""What a device that is not seen does, by the cause of its blindness; else it is silent."""


class Cause(NamedTuple):
    """A cause and when it began. ``fell``: when the stage did that it explains, if it is one.

    ``wrong``: a stage that it explains and the conditions there that show a wrong programme.
    """

    place: Place
    began: Span
    fell: Span | None = None
    wrong: tuple[str, tuple[str, ...]] | None = None


class _Bad(NamedTuple):
    position: int
    stage: StagePlan
    began: Span
    place: Place


def causes_of(
    situation: Situation, plan: ProgrammePlan, claims: Mapping[str, Claim]
) -> dict[str, Cause]:
    """Return the causes of a bad verdict by place, from the source on; empty where none is bad.

    ``claims``: of the outage so far. A stage that cannot be seen keeps the claim it has.
    """
    found: list[tuple[int, Cause]] = []
    for layer in Layer:
        stages = [(n, s) for n, s in enumerate(plan.chain) if s.layer is layer]
        found += _causes_in_layer(situation, plan, stages, claims)
    roots: dict[str, tuple[int, Cause]] = {}
    for position, cause in found:
        held = roots.get(cause.place.id, (position, cause))
        nearest = min(held, (position, cause), key=lambda root: root[0])
        wrong = held[1].wrong or cause.wrong
        roots[cause.place.id] = nearest[0], nearest[1]._replace(wrong=wrong)
    in_order = sorted(roots.items(), key=lambda root: (root[1][0], root[0]))
    return {place: cause for place, (_, cause) in in_order}


def _causes_in_layer(
    situation: Situation,
    plan: ProgrammePlan,
    stages: list[tuple[int, StagePlan]],
    claims: Mapping[str, Claim],
) -> list[tuple[int, Cause]]:
    known = [(n, held_kind(situation, plan, stage)) for n, stage in stages]
    decided = [(n, kind) for n, kind in known if kind in (Kind.TRUE, Kind.FALSE)]
    roots: list[tuple[int, Cause]] = []
    if not decided or decided[-1][1] is not Kind.FALSE:
        return roots
    last_good = max((n for n, kind in decided if kind is Kind.TRUE), default=-1)
    earliest: Span | None = None
    for position, stage in stages:
        if position <= last_good:
            continue
        bad = _bad_stage(situation, plan, position, stage, claims)
        if bad is None:
            continue
        wrong = _wrong_in(situation, plan, stage)
        # Certainly begun before every earlier bad stage: no consequence of them.
        if earliest is None or bad.began[1] < earliest[0]:
            root = _held_supply(situation, stage, bad.began, claims)
            root = root or climb(situation, bad.place, bad.began, claims)
            roots.append((position, root._replace(fell=bad.began, wrong=wrong)))
            earliest = bad.began
        elif wrong is not None and roots[-1][1].wrong is None:
            # A consequence, which may be another programme all the same.
            roots[-1] = roots[-1][0], roots[-1][1]._replace(wrong=wrong)
    return roots


def _held_supply(
    situation: Situation, stage: StagePlan, began: Span, claims: Mapping[str, Claim]
) -> Cause | None:
    """Return the supply or link that a bad stage was claimed on, while that is bad and explains it.

    What falls behind it, such as the switch that is moved to the reserve, is no other cause. A
    stage without members has no other way that could fall: it is followed as it is.
    """
    if not stage.members:
        return None
    for _, claim in sorted(claims.items()):
        place = claim.place
        if place.stage or claim.healed is not None or not place.conditions:
            continue
        is_earlier = claim.began[0] <= began[1]
        is_bad = all(_present(situation, name) is Kind.FALSE for name in place.conditions)
        if is_earlier and is_bad and is_explained_by(situation, stage, place):
            return Cause(place, claim.began)
    return None


def _wrong_in(
    situation: Situation, plan: ProgrammePlan, stage: StagePlan
) -> tuple[str, tuple[str, ...]] | None:
    """Return a stage with its conditions that show a wrong programme now; None without one."""
    if WRONG not in situation.reasons[plan.id]:
        return None
    kept = situation.kept(plan.id)
    shown = (name for name in stage_names(stage) if situation.conditions[name].reason == WRONG)
    found = tuple(name for name in dict.fromkeys(shown) if kept.fails(stage, name))
    return (stage.id, found) if found else None


def held_kind(situation: Situation, plan: ProgrammePlan, stage: StagePlan) -> Kind:
    """Return what the last answers prove of a stage at one moment.

    Members that were bad one after the other are a clean changeover, and not a bad stage.
    """
    kind = situation.kept(plan.id).stage(stage)
    if kind is not Kind.FALSE or not stage.members:
        return kind
    timelines = situation.timelines

    def begun_at(member: MemberPlan) -> int:
        return _decisive(situation, member.carries, lambda n: timelines[n].start, value=False)

    def proven_to(member: MemberPlan) -> int:
        return _proven_until(situation, member.carries)

    is_bad = situation.members(plan.id, stage).is_held_bad(begun_at, proven_to)
    return Kind.FALSE if is_bad else Kind.BETWEEN


def _bad_stage(
    situation: Situation,
    plan: ProgrammePlan,
    position: int,
    stage: StagePlan,
    claims: Mapping[str, Claim],
) -> _Bad | None:
    kind = held_kind(situation, plan, stage)
    held = sorted(
        (claim for claim in claims.values() if claim.place.stage == stage.id),
        key=lambda claim: (claim.proof, claim.place.id),
    )
    if kind is Kind.FALSE:
        kept = situation.kept(plan.id)
        began = kept.began(stage)
        assert began is not None, "the conditions that make a stage bad say since when"
        place = _place_of(situation, kept, stage, held, began)
        began = _before_start(situation, began, place.conditions)
        # Nobody has seen it good since it was claimed: it was blind, and did not begin again.
        since = (c.began for c in held if c.place.id == place.id and c.healed is None)
        return _Bad(position, stage, min((began, *since)), place)
    # What was good since it was claimed has healed; that it is not seen now is no second fall.
    lasting = [claim for claim in held if claim.healed is None]
    if kind is not Kind.TRUE and lasting:
        return _Bad(position, stage, lasting[0].began, lasting[0].place)
    return None


def _before_start(situation: Situation, began: Span, conditions: Iterable[str]) -> Span:
    """Return a begin that is found first by this run: it may lie in the absence before it.

    Then it is no later than what another device showed just before the stop.
    """
    if began[0] != situation.started:
        return began
    known = [name for name in conditions if name in situation.conditions]
    unproven = max((reach(situation, name) for name in known), default=0)
    return min(began[0], situation.absent_from - unproven), began[1]


def _place_of(
    situation: Situation, kept: KeptKinds, stage: StagePlan, held: list[Claim], began: Span
) -> Place:
    """Return the place of a bad stage: the devices that fell with it, and the stage.

    Its conditions are theirs, and then those of what did not help.
    A claim of the same stage whose devices still fail keeps its place, though others fail now too.
    """
    found: Place | None = None
    for claim in held:
        within = found is None or set(devices_of(claim.place)) <= set(devices_of(found))
        if within and _still_fails(situation, kept, stage, devices_of(claim.place)):
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
    names = tuple(dict.fromkeys((*fell, *failed)))
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


def _lacks(member: MemberPlan, kinds: Kinds) -> set[str]:
    """Return what is not proven to be as a member needs it to carry."""
    return {
        name
        for name, wanted in signs(member.carries)
        if kinds(name) is not (Kind.TRUE if wanted else Kind.FALSE)
    }


def _still_fails(
    situation: Situation, kept: KeptKinds, stage: StagePlan, devices: list[str]
) -> bool:
    """Return whether the devices of a place fail: all, or one where more fail than it may name."""
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


def climb(
    situation: Situation,
    place: Place,
    began: Span,
    claims: Mapping[str, Claim],
    depth: int = 0,
) -> Cause:
    """Follow what a place is powered by, is behind of, or mutes on, to what broke first.

    A parent explains a place if it is bad and did not certainly begin after it, and if it is a
    parent of each device of the place. One that is claimed already and that nobody has seen good
    since did not begin again behind our own stop.
    """
    if depth < len(situation.devices):
        for condition, kind in _parents(situation, place):
            if _present(situation, condition) is not Kind.FALSE:
                continue
            device, _, name = condition.partition(".")
            claim = claims.get(f"{device}/{name}")
            turned = situation.durable.conditions[condition]
            span = turned.not_before, turned.since
            parent_began = _before_start(situation, span, (condition,))
            if claim is not None and claim.healed is None:
                parent_began = min(parent_began, claim.began)
            if parent_began[0] <= began[1]:
                reason = situation.conditions[condition].reason
                parent = Place(f"{device}/{name}", kind, reason, conditions=(condition,))
                if parent.id != place.id:
                    return climb(situation, parent, parent_began, claims, depth + 1)
    return Cause(place, began)


def _parents(situation: Situation, place: Place) -> Iterator[tuple[str, str]]:
    plans = [
        situation.devices[name].plan for name in devices_of(place) if name in situation.devices
    ]
    kinds = [("feed", "powered_by"), ("network", "behind")]
    if not is_silence(place):  # a device that mutes its output still answers
        kinds.append(("device", "mutes_on_input"))
    for kind, field in kinds:
        for condition in getattr(plans[0], field) if plans else ():
            if all(condition in getattr(plan, field) for plan in plans):
                yield condition, kind


def is_silence(place: Place) -> bool:
    """Return whether a place is that of devices that are not seen."""
    return place.id.rpartition("/")[2] in (SILENT, *UNSEEN.values())


def is_explained_by(
    situation: Situation,
    stage: StagePlan,
    place: Place,
    above: Callable[[DevicePlan], tuple[str, ...]] = parents_of,
) -> bool:
    """Return whether a device of a stage is supplied by, behind of or mutes on a place.

    ``above``: the conditions that explain a device; ``silencers_of`` where it is not seen.
    """
    devices = list(dict.fromkeys(map(device_of, names(carrying(stage)))))
    return explains_one_of(situation, devices, place, above)


def explains_one_of(
    situation: Situation,
    devices: Iterable[str],
    place: Place,
    above: Callable[[DevicePlan], tuple[str, ...]] = parents_of,
) -> bool:
    """Return whether one of the devices is supplied by, behind of or mutes on a place."""
    devices = list(devices)
    for device in devices:  # it grows by what is above each
        parents = above(situation.devices[device].plan)
        if any(name in place.conditions for name in parents):
            return True
        devices += [name for name in map(device_of, parents) if name not in devices]
    return False


def _present(situation: Situation, condition: str) -> Kind:
    timeline = situation.timelines.get(condition)
    return Kind.BLIND if timeline is None else timeline.kind


def span_of(situation: Situation, expression: Expression, *, value: bool) -> Span:
    """Return when an expression that has this value now took it, from its conditions' begins."""
    conditions = situation.durable.conditions
    return (
        _decisive(situation, expression, lambda name: conditions[name].not_before, value=value),
        _decisive(situation, expression, lambda name: conditions[name].since, value=value),
    )


def _proven_until(situation: Situation, expression: Expression) -> int:
    """Return up to when the last answers prove an expression false: the latest that suffices."""
    timelines = situation.timelines
    # Turned round, the latest proof is the earliest number.
    return -_decisive(situation, expression, lambda name: -timelines[name].last_before, value=False)


def _decisive(
    situation: Situation, expression: Expression, moment: Callable[[str], int], *, value: bool
) -> int:
    """Return the moment of the condition that decides: the last one needed for this value.

    ``moment``: of a condition; the smallest ones are needed.
    """
    match expression:
        case Name(id=name):
            return moment(name)
        case Not(of=inner):
            return _decisive(situation, inner, moment, value=not value)
        case _:
            parts, needed = needed_of(expression, value=value)
    wanted = Kind.TRUE if value else Kind.FALSE
    kinds = present_kinds(situation)
    moments = [
        _decisive(situation, part, moment, value=value)
        for part in parts
        if kind_of(part, kinds) is wanted
    ]
    return sorted(moments)[needed - 1]


def bad_until(situation: Situation, plan: ProgrammePlan) -> int | None:
    """Return up to when the last answers prove the programme bad; None where they do not.

    The known stage nearest the antenna of a layer decides.
    """
    ends = []
    for layer in Layer:
        stages = [s for s in plan.chain if s.layer is layer]
        decided = [(s, held_kind(situation, plan, s)) for s in stages]
        known = [pair for pair in decided if pair[1] in (Kind.TRUE, Kind.FALSE)]
        if known and known[-1][1] is Kind.FALSE:
            ends.append(_proven_until(situation, carrying(known[-1][0])))
    return max(ends, default=None)
