"""From a programme's keys to its chain, delays and schedule. Owns cross-checks of stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitord.config.devices.build import plans_by_id
from monitord.config.devices.templates import Device
from monitord.config.expressions.name_resolution import read_chain_expression
from monitord.config.loader.entries import listed
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.config.loader.validation import read_shape
from monitord.config.schemas import (
    DegradedShape,
    FaultShape,
    MemberShape,
    ProgrammeShape,
    ScheduleShape,
    StageShape,
)
from monitord.config.settings import SchedulePlan
from monitord.core.expression import Expression, names
from monitord.core.model import MINUTE, SECOND, Layer
from monitord.core.plan import DegradedPlan, FaultPlan, MemberPlan, ProgrammePlan, StagePlan

FAULT_DEFAULTS = {
    "off_air": FaultPlan(0, 30 * SECOND, "critical"),
    "blind": FaultPlan(MINUTE, 30 * SECOND, "major"),
    "reserve_lost": FaultPlan(10 * SECOND, 30 * SECOND, "minor"),
}


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme for the core; ``stage_names``: labels by stage id."""

    name: str
    plan: ProgrammePlan
    schedule: SchedulePlan | None
    stage_names: dict[str, str]


class Conditions:
    """The conditions that chains may name. ``devices``: None where the section is missing."""

    def __init__(self, devices: Mapping[str, Device] | None) -> None:
        self._known = (
            None if devices is None else {id_: device.conditions for id_, device in devices.items()}
        )
        self._plans = plans_by_id(devices or {})
        self._slow = {
            id_: point for one in (devices or {}).values() for id_, point in one.slow.items()
        }

    def read(self, text: str, scope: Scope) -> Expression | None:
        """Return an expression over any conditions of the devices."""
        return None if self._known is None else read_chain_expression(text, self._known, scope)

    def prove(self, text: str, scope: Scope) -> Expression | None:
        """Return an expression that may decide a verdict: no condition in it is about equipment."""
        expression = self.read(text, scope)
        for name in () if expression is None else names(expression):
            plan = self._plans.get(name)
            if plan is not None and plan.layer is Layer.EQUIPMENT:
                scope.note(phrase("chain.equipment", name=name), hint=phrase("chain.ready"))
            if name in self._slow:
                slow = phrase("chain.slow", name=name, point=self._slow[name])
                scope.note(slow, hint=phrase("chain.fast"))
        return expression

    def layers(self, expressions: list[Expression]) -> list[Layer] | None:
        """Return the layers that conditions prove, in order; None while some have mistakes."""
        used = [name for expression in expressions for name in names(expression)]
        if any(name not in self._plans for name in used):
            return None
        return [layer for layer in Layer if any(self._plans[name].layer is layer for name in used)]


def read_programme(id_: str, found: Any, conditions: Conditions, scope: Scope) -> Programme | None:
    """Return one programme, or None with every mistake noted.

    A missing section of devices is one error, and not one for each reference to a device.
    """
    shape = read_shape(ProgrammeShape, found, scope, {"name": "-"})
    if shape is None:
        return None
    before = len(scope.errors)
    chain, labels = _chain(shape.chain, conditions, scope.at("chain"))
    faults = {
        key: _fault(getattr(shape, key), default, scope.at(key))
        for key, default in FAULT_DEFAULTS.items()
    }
    schedule = _schedule(id_, shape.schedule, scope.at("schedule"))
    if len(scope.errors) > before:
        return None
    return Programme(shape.name, ProgrammePlan(id_, chain, **faults), schedule, labels)


def _fault(found: dict[Any, Any], default: FaultPlan, scope: Scope) -> FaultPlan:
    shape = read_shape(FaultShape, found, scope) or FaultShape()
    return FaultPlan(
        open_after=default.open_after if shape.open_after is None else shape.open_after,
        clear_after=default.clear_after if shape.clear_after is None else shape.clear_after,
        severity=shape.severity or default.severity,
    )


def _schedule(id_: str, found: dict[Any, Any] | None, scope: Scope) -> SchedulePlan | None:
    if found is None:
        return None
    shape = read_shape(ScheduleShape, found, scope)
    return None if shape is None else SchedulePlan(id_, shape.daily)


def _chain(
    items: list[Any], conditions: Conditions, scope: Scope
) -> tuple[tuple[StagePlan, ...], dict[str, str]]:
    if not items:
        scope.note(phrase("empty", what=phrase("what.stage")))
    stages = []
    labels = {}
    for shape, place in listed(StageShape, items, scope, key="stage"):
        stages.append(_stage(shape, conditions, place))
        labels[shape.stage] = shape.name or shape.stage
    return tuple(stage for stage in stages if stage is not None), labels


def _stage(shape: StageShape, conditions: Conditions, scope: Scope) -> StagePlan | None:
    before = len(scope.errors)
    if (shape.needs is None) == (shape.members is None):
        scope.one_of_keys(("needs", "members"), are_there=shape.needs is not None)
        return None
    needs = None if shape.needs is None else conditions.prove(shape.needs, scope.at("needs"))
    members = _members(shape, conditions, scope.at("members"))
    degraded = _degraded(shape, conditions, scope.at("degraded"))
    proofs = [needs] if needs else [member.carries for member in members]
    if len(scope.errors) > before or not proofs:
        return None
    layer = _layer(shape, conditions.layers(proofs), scope)
    if layer is None:
        return None
    return StagePlan(shape.stage, shape.owner, layer, needs, members, degraded)


def _layer(shape: StageShape, proved: list[Layer] | None, scope: Scope) -> Layer | None:
    if shape.layer is not None:
        return Layer(shape.layer)
    if proved is None:
        return None
    if len(proved) > 1:
        layers = tuple(str(layer) for layer in proved)
        scope.at("layer").wrong(None, phrase("chain.layer", layers=layers))
    return proved[0]


def _members(shape: StageShape, conditions: Conditions, scope: Scope) -> tuple[MemberPlan, ...]:
    if shape.members == []:
        scope.note(phrase("empty", what=phrase("what.member")))
    plans = []
    for member, place in listed(MemberShape, shape.members or [], scope, key="id"):
        carries = conditions.prove(member.carries, place.at("carries"))
        ready = member.ready and conditions.read(member.ready, place.at("ready"))
        if carries is not None:
            plans.append(MemberPlan(member.id, carries, ready or None))
    return tuple(plans)


def _degraded(shape: StageShape, conditions: Conditions, scope: Scope) -> tuple[DegradedPlan, ...]:
    plans = []
    for degraded, place in listed(DegradedShape, shape.degraded, scope):
        when = conditions.prove(degraded.when, place.at("when"))
        if when is not None:
            plans.append(DegradedPlan(when, degraded.reason))
    return tuple(plans)
