"""The layers of a chain and the conditions it uses, by stage and programme. Owns look-ups only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from monitord.core.expression import (
    All,
    AnyOf,
    AtLeast,
    Compare,
    Expression,
    Name,
    Not,
    names,
)
from monitord.core.plan import DevicePlan, Plan, ProgrammePlan, StagePlan, WitnessPlan
from monitord.core.values import Layer


def carrying(stage: StagePlan) -> Expression:
    """Return what must be true for the stage to pass the programme on: a member that carries."""
    if stage.needs is not None:
        return stage.needs
    return AnyOf(tuple(member.carries for member in stage.members))


def stage_names(stage: StagePlan) -> tuple[str, ...]:
    """Return the conditions that decide the stage, in the order they are written."""
    return names(carrying(stage))


def degraded_names(stage: StagePlan) -> tuple[str, ...]:
    """Return the conditions that make the stage degraded, in the order they are written."""
    return tuple(name for degraded in stage.degraded for name in names(degraded.when))


def is_shared(stage: StagePlan) -> bool:
    """Return whether another programme may use one of the stage's members."""
    return any(member.elsewhere for member in stage.members)


def assignments(stage: StagePlan) -> Iterator[str]:
    """Yield the conditions that say whom else the stage's members carry."""
    for member in stage.members:
        for other in member.elsewhere:
            yield from names(other.carries)


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """One monitored layer of a programme; ``stages`` begin at the antenna."""

    layer: Layer
    stages: tuple[StagePlan, ...]
    witnesses: tuple[WitnessPlan, ...] = ()


def layers_of(plan: ProgrammePlan) -> tuple[LayerPlan, ...]:
    """Return the monitored layers of a programme, in the order of ``Layer``."""
    stages = {layer: tuple(s for s in reversed(plan.chain) if s.layer is layer) for layer in Layer}
    return tuple(
        LayerPlan(layer, found, tuple(w for w in plan.witnesses if w.layer is layer))
        for layer, found in stages.items()
        if found
    )


def unmonitored_layers(plan: ProgrammePlan) -> tuple[Layer, ...]:
    """Return the layers of a programme that no stage proves: nobody looks at them."""
    proved = {stage.layer for stage in plan.chain}
    return tuple(layer for layer in Layer if layer not in {*proved, Layer.EQUIPMENT})


def witness_names(plan: ProgrammePlan) -> tuple[str, ...]:
    """Return the conditions of the witnesses, their health included."""
    found: dict[str, None] = {}
    for witness in plan.witnesses:
        found.update(dict.fromkeys(names(witness.needs)))
        if witness.healthy is not None:
            found.update(dict.fromkeys(names(witness.healthy)))
    return tuple(found)


def carried_by(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return, by device, the programmes that have a stage which it may carry."""
    found: dict[str, dict[str, None]] = {}
    for programme in plan.programmes:
        for stage in programme.chain:
            for name in stage_names(stage):
                found.setdefault(name.partition(".")[0], {})[programme.id] = None
    return {device: tuple(programmes) for device, programmes in found.items()}


def programme_names(plan: ProgrammePlan) -> tuple[str, ...]:
    """Return every condition that the verdict uses."""
    found: dict[str, None] = {}
    for stage in plan.chain:
        found.update(dict.fromkeys(stage_names(stage)))
        found.update(dict.fromkeys(assignments(stage)))
        found.update(dict.fromkeys(degraded_names(stage)))
    found.update(dict.fromkeys(witness_names(plan)))
    return tuple(found)


def watched_names(plan: ProgrammePlan) -> tuple[str, ...]:
    """Return every condition the programme uses, the readiness of reserves included."""
    found = dict.fromkeys(programme_names(plan))
    for stage in plan.chain:
        if stage.manual is not None:
            found.update(dict.fromkeys(names(stage.manual)))
        for member in stage.members:
            if member.ready is not None:
                found.update(dict.fromkeys(names(member.ready)))
    return tuple(found)


def bad_sides(plan: Plan) -> Mapping[str, frozenset[bool]]:
    """Return, by condition, the values that make a programme worse.

    False where a chain needs the condition, true where it negates it or means degraded. A condition
    that no chain uses is absent.
    """
    found: dict[str, set[bool]] = {}
    for programme in plan.programmes:
        for stage in programme.chain:
            for expression, good in _expressions(stage):
                for name, wanted in signs(expression, good):
                    found.setdefault(name, set()).add(not wanted)
    return {name: frozenset(sides) for name, sides in found.items()}


def faulty_sides(plan: Plan) -> Mapping[str, frozenset[bool]]:
    """Return ``bad_sides``, and the values at which a condition's own alarm is active."""
    found = dict(bad_sides(plan))
    for device in plan.devices:
        for condition in device.conditions:
            if condition.alarm is not None:
                sides = found.get(condition.id, frozenset())
                found[condition.id] = sides | {condition.alarm.when}
    return found


def needed_by(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return, by a condition, the ids of the stages that are worse where it is not so, in order."""
    found: dict[str, dict[str, None]] = {}
    for programme in plan.programmes:
        for stage in programme.chain:
            for name, wanted in signs(carrying(stage)):
                if wanted:
                    found.setdefault(name, {})[stage.id] = None
    return {name: tuple(stages) for name, stages in found.items()}


def proving_turns(plan: ProgrammePlan) -> frozenset[tuple[str, bool]]:
    """Return the turns that may prove the programme bad: of a condition to a value."""
    stages = (signs(carrying(stage), True) for stage in plan.chain)
    return frozenset((name, not wanted) for signs in stages for name, wanted in signs)


def _expressions(stage: StagePlan) -> Iterator[tuple[Expression, bool]]:
    """Yield the stage's expressions, each with its good value."""
    if stage.needs is not None:
        yield stage.needs, True
    for member in stage.members:
        yield member.carries, True
        if member.ready is not None:
            yield member.ready, True
    for degraded in stage.degraded:
        yield degraded.when, False


def signs(expression: Expression, wanted: bool = True) -> Iterator[tuple[str, bool]]:
    """Yield each condition with the value that helps the expression become ``wanted``."""
    match expression:
        case Name(id=name):
            yield name, wanted
        case Not(of=inner):
            yield from signs(inner, not wanted)
        case All(of=parts) | AnyOf(of=parts) | AtLeast(of=parts):
            for part in parts:
                yield from signs(part, wanted)
        case Compare():
            raise AssertionError("comparisons belong in conditions, not in a chain")
        case _:
            assert_never(expression)


def parents_of(device: DevicePlan) -> tuple[str, ...]:
    """Return the conditions whose failure explains the device's."""
    return (*silencers_of(device), *device.mutes_on_input)


def silencers_of(device: DevicePlan) -> tuple[str, ...]:
    """Return the conditions whose failure explains that a device does not answer."""
    return (*device.powered_by, *device.behind)
