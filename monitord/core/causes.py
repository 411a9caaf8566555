"""Where a fault comes from: the causes of a programme's bad verdict. Owns that question (rule 5.2).

A stage that fell behind an earlier one of its layer is a consequence, and so is a place that falls
with what it is powered by, is behind of, or mutes on. Anything else that is bad is a cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from monitord.core.chain import carrying, parents_of, stage_names
from monitord.core.expression import Kind, names
from monitord.core.incident_state import WRONG, Claim, Place
from monitord.core.look import present_kinds
from monitord.core.moments import decisive, proven_until
from monitord.core.places import (
    SILENT,
    UNSEEN,
    device_of,
    devices_of,
    lacking,
    place_of,
    place_outside,
)
from monitord.core.plan import DevicePlan, MemberPlan, ProgrammePlan, StagePlan
from monitord.core.running import reach
from monitord.core.situation import Situation
from monitord.core.stage_kinds import Span
from monitord.core.values import Layer


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
    claims = with_bounced(situation, claims, plan.off_air.clear_after)
    for layer in Layer:
        stages = [(n, s) for n, s in enumerate(plan.chain) if s.layer is layer]
        found += _causes_in_layer(situation, plan, stages, claims)
    roots: dict[str, tuple[int, Cause]] = {}
    for position, cause in found:
        held = roots.get(cause.place.id, (position, cause))
        nearest = min(held, (position, cause), key=lambda root: root[0])
        wrong = held[1].wrong or cause.wrong
        roots[cause.place.id] = nearest[0], nearest[1]._replace(wrong=wrong)
    for place in [place for place, (_, cause) in roots.items() if not cause.place.stage]:
        _merge_with_its_stage(roots, place)
    in_order = sorted(roots.items(), key=lambda root: (root[1][0], root[0]))
    return {place: cause for place, (_, cause) in in_order}


def _merge_with_its_stage(roots: dict[str, tuple[int, Cause]], outside: str) -> None:
    """Let a cause that is a stage of the chain, and explains another one, be one cause."""
    position, cause = roots[outside]
    conditions = set(cause.place.conditions)
    for name, (first, own) in roots.items():
        same = own.place.stage and devices_of(own.place) == devices_of(cause.place)
        if same and conditions and conditions <= set(own.place.conditions):
            roots[name] = min(first, position), own._replace(wrong=own.wrong or cause.wrong)
            del roots[outside]
            return


def with_bounced(
    situation: Situation, claims: Mapping[str, Claim], clear_after: int
) -> dict[str, Claim]:
    """Return the claims; a supply or link that is bad again within ``clear_after`` never healed.

    Nor one that is bad all the time: what is on it was good for a moment.
    """

    def has_bounced(claim: Claim) -> bool:
        names, healed = claim.place.conditions, claim.healed
        if healed is None or claim.place.stage or not _are_bad(situation, names):
            return False
        failed = max(situation.durable.conditions[name].since for name in names)
        return failed < healed + clear_after

    return {
        place: replace(claim, healed=None) if has_bounced(claim) else claim
        for place, claim in claims.items()
    }


def _lasts(situation: Situation, claim: Claim | None) -> bool:
    """Return whether what was claimed on a supply or link was not seen good since."""
    if claim is None or claim.healed is not None or not claim.place.conditions:
        return False
    known = situation.durable.conditions
    names = claim.place.conditions
    return all(n in known and _present(situation, n) is not Kind.TRUE for n in names)


def _are_bad(situation: Situation, conditions: Iterable[str]) -> bool:
    """Return whether there are conditions and all of them are bad now."""
    kinds = [_present(situation, name) for name in conditions]
    return bool(kinds) and all(kind is Kind.FALSE for kind in kinds)


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
    """Return the supply or link that a bad stage was claimed on, until that is good.

    What falls behind it, such as the switch that is moved to the reserve, is no other cause, but
    where it keeps off what is there again without that supply. A stage without members has no other
    way that could fall: it is followed as it is.
    """
    if not stage.members:
        return None
    for _, claim in sorted(claims.items()):
        place = claim.place
        if place.stage or not _lasts(situation, claim):
            continue
        is_earlier = claim.began[0] <= began[1]
        if (
            is_earlier
            and is_explained_by(situation, stage, place)
            and not _is_there_without(situation, stage, place)
        ):
            return Cause(place, claim.began)
    return None


def _is_there_without(situation: Situation, stage: StagePlan, place: Place) -> bool:
    """Return whether a member lacks nothing that a supply explains, though it is on that supply."""
    kinds = present_kinds(situation)
    for member in stage.members:
        lacks = lacking(member, kinds)
        there = set(map(device_of, names(member.carries))) - lacks
        is_on_it = explains_one_of(situation, there, place)
        if is_on_it and not explains_one_of(situation, lacks, place):
            return True
    return False


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
        return decisive(situation, member.carries, lambda n: timelines[n].start, value=False)

    def proven_to(member: MemberPlan) -> int:
        return proven_until(situation, member.carries)

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
        place = place_of(situation, plan.id, stage, held, began)
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
            parent = place_outside(situation, condition, kind, claims)
            claim = _claim_on(claims, parent)
            lasts = _lasts(situation, claim)
            if _present(situation, condition) is not Kind.FALSE and not lasts:
                continue
            turned = situation.durable.conditions[condition]
            span = turned.not_before, turned.since
            parent_began = _before_start(situation, span, (condition,))
            if claim is not None and lasts:
                parent_began = min(parent_began, claim.began)
            if parent.id == place.id:
                continue
            root = climb(situation, parent, parent_began, claims, depth + 1)
            # What bounced with a supply that holds the outage fell later than what is on it.
            held = _claim_on(claims, root.place)
            holds = _lasts(situation, held) and held is not None and held.began[0] <= began[1]
            if parent_began[0] <= began[1] or holds:
                return root
    return Cause(place, began)


def _claim_on(claims: Mapping[str, Claim], place: Place) -> Claim | None:
    """Return the claim on a place by its conditions; a stage may be claimed by others."""
    claim = claims.get(place.id)
    is_same = claim is not None and set(place.conditions) <= set(claim.place.conditions)
    return claim if is_same else None


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
    """Return whether a place is that of devices that are not seen, and no stage of such an id."""
    is_stage = place.kind == "stage"
    return not is_stage and place.id.rpartition("/")[2] in (SILENT, *UNSEEN.values())


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
            ends.append(proven_until(situation, carrying(known[-1][0])))
    return max(ends, default=None)
