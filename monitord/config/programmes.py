"""From a programme's keys to its chain, delays and schedule. Owns cross-checks of stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitord.config.devices.templates import Device, plans_by_id
from monitord.config.expressions.name_resolution import read_chain_expression
from monitord.config.fields.entries import listed
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.config.receivers import Receivers
from monitord.config.schemas import (
    DegradedSchema,
    FaultSchema,
    MemberSchema,
    ProgrammeSchema,
    ScheduleSchema,
    StageSchema,
    WitnessSchema,
)
from monitord.config.settings import SchedulePlan
from monitord.core.expression import Expression, names
from monitord.core.model import MINUTE, SECOND, Layer
from monitord.core.plan import (
    DEGRADED_FAULT,
    MANUAL_FAULT,
    RESERVE_UNKNOWN_FAULT,
    RESERVE_USED_FAULT,
    DegradedPlan,
    FaultPlan,
    MemberPlan,
    ProgrammePlan,
    StagePlan,
    WitnessPlan,
)

FAULT_DEFAULTS = {
    "off_air": FaultPlan(0, 30 * SECOND, "critical"),
    "blind": FaultPlan(MINUTE, 30 * SECOND, "major"),
    "reserve_lost": FaultPlan(10 * SECOND, 30 * SECOND, "minor"),
    "degraded": DEGRADED_FAULT,
    "reserve_unknown": RESERVE_UNKNOWN_FAULT,
    "reserve_used": RESERVE_USED_FAULT,
    "manual": MANUAL_FAULT,
}


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme for the core; ``stage_names``: labels by stage id, where given;
    ``short_name``: or empty.

    ``serve_all``: places (stage, member) of members that carry several programmes at once.
    """

    name: str
    plan: ProgrammePlan
    schedule: SchedulePlan | None
    stage_names: dict[str, str]
    short_name: str
    serve_all: frozenset[tuple[int, int]] = frozenset()


class Conditions:
    """The conditions that chains may name. ``devices``: None where the section is missing."""

    def __init__(self, devices: Mapping[str, Device] | None, *, is_checked: bool = True) -> None:
        self._known = (
            None if devices is None else {id_: device.conditions for id_, device in devices.items()}
        )
        self._plans = plans_by_id(devices or {})
        receivers = {id_: one for id_, one in (devices or {}).items() if one.is_witness}
        self.receivers = Receivers(frozenset(plans_by_id(receivers)), is_checked)
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

    def prove_stage(self, text: str, scope: Scope) -> Expression | None:
        """Return an expression that decides a stage: no receiver off air is in it."""
        expression = self.prove(text, scope)
        if expression is not None:
            self.receivers.check(expression, scope)
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
    schema = read_schema(ProgrammeSchema, found, scope, {"name": "-"})
    if schema is None:
        return None
    before = len(scope.errors)
    chain, labels = _chain(schema.chain, conditions, scope.at("chain"))
    witnesses = _witnesses(schema.witnesses, chain, conditions, scope.at("witnesses"))
    if not conditions.receivers.is_checked:
        chain, witnesses = conditions.receivers.moved(chain, witnesses)
    faults = {
        key: _fault(getattr(schema, key), default, scope.at(key))
        for key, default in FAULT_DEFAULTS.items()
    }
    schedule = _schedule(id_, schema.schedule, scope.at("schedule"))
    if len(scope.errors) > before:
        return None
    plan = ProgrammePlan(id_, chain, **faults, rank=schema.rank, witnesses=witnesses)
    serve_all = frozenset(_serve_all(schema.chain))
    return Programme(schema.name, plan, schedule, labels, schema.short_name or "", serve_all)


def _serve_all(chain: list[Any]) -> Iterator[tuple[int, int]]:
    """Yield the places of the members, in a chain without mistakes, that serve all at once."""
    for place, stage in enumerate(chain):
        for n, member in enumerate(stage.get("members") or ()):
            if member.get("serves") == "all":
                yield place, n


def _fault(found: dict[Any, Any], default: FaultPlan, scope: Scope) -> FaultPlan:
    schema = read_schema(FaultSchema, found, scope) or FaultSchema()
    return FaultPlan(
        open_after=default.open_after if schema.open_after is None else schema.open_after,
        clear_after=default.clear_after if schema.clear_after is None else schema.clear_after,
        severity=schema.severity or default.severity,
    )


def _schedule(id_: str, found: dict[Any, Any] | None, scope: Scope) -> SchedulePlan | None:
    if found is None:
        return None
    schema = read_schema(ScheduleSchema, found, scope)
    if schema is None:
        return None
    plan = SchedulePlan(programme=id_, **schema.model_dump())
    if not any(plan.tables()):
        scope.at("daily").note(phrase("schedule.never"))
    return plan


def _chain(
    items: list[Any], conditions: Conditions, scope: Scope
) -> tuple[tuple[StagePlan, ...], dict[str, str]]:
    if not items:
        scope.note(phrase("empty", what=phrase("what.stage")))
    stages = []
    labels = {}
    for schema, place in listed(StageSchema, items, scope, key="stage"):
        stages.append(_stage(schema, conditions, place))
        if schema.name:
            labels[schema.stage] = schema.name
    return tuple(stage for stage in stages if stage is not None), labels


def _stage(schema: StageSchema, conditions: Conditions, scope: Scope) -> StagePlan | None:
    before = len(scope.errors)
    if (schema.needs is None) == (schema.members is None):
        scope.one_of_keys(("needs", "members"), are_there=schema.needs is not None)
        return None
    needs = schema.needs and conditions.prove_stage(schema.needs, scope.at("needs"))
    members = _members(schema, conditions, scope.at("members"))
    degraded = _degraded(schema, conditions, scope.at("degraded"))
    manual = schema.manual and conditions.read(schema.manual, scope.at("manual"))
    needs = needs or None
    proofs = [needs] if needs else [member.carries for member in members]
    if len(scope.errors) > before or not proofs:
        return None
    layer = _layer(schema, conditions.layers(proofs), scope)
    if layer is None:
        return None
    return StagePlan(schema.stage, schema.owner, layer, needs, members, degraded, manual or None)


def _layer(schema: StageSchema, proved: list[Layer] | None, scope: Scope) -> Layer | None:
    if schema.layer is not None:
        return Layer(schema.layer)
    if proved is None:
        return None
    if len(proved) > 1:
        layers = tuple(str(layer) for layer in proved)
        scope.at("layer").wrong(None, phrase("chain.layer", layers=layers))
    return proved[0]


def _members(schema: StageSchema, conditions: Conditions, scope: Scope) -> tuple[MemberPlan, ...]:
    if schema.members == []:
        scope.note(phrase("empty", what=phrase("what.member")))
    plans = []
    for member, place in listed(MemberSchema, schema.members or [], scope, key="id"):
        carries = conditions.prove_stage(member.carries, place.at("carries"))
        ready = member.ready and conditions.read(member.ready, place.at("ready"))
        if carries is not None:
            plans.append(MemberPlan(member.id, carries, ready or None))
    return tuple(plans)


def _witnesses(
    items: list[Any], chain: tuple[StagePlan, ...], conditions: Conditions, scope: Scope
) -> tuple[WitnessPlan, ...]:
    plans = []
    known = tuple(dict.fromkeys(str(stage.layer) for stage in chain))
    for schema, place in listed(WitnessSchema, items, scope, key="id"):
        needs = conditions.prove(schema.needs, place.at("needs"))
        healthy = schema.healthy and conditions.read(schema.healthy, place.at("healthy"))
        proved = None if needs is None else conditions.layers([needs])
        if needs is None or not proved:
            continue
        if known and (len(proved) > 1 or proved[0] not in known):
            place.at("needs").wrong(schema.needs, phrase("witness.layer", layers=known))
        plans.append(WitnessPlan(schema.id, proved[0], needs, healthy or None))
    return tuple(plans)


def _degraded(
    schema: StageSchema, conditions: Conditions, scope: Scope
) -> tuple[DegradedPlan, ...]:
    plans = []
    for degraded, place in listed(DegradedSchema, schema.degraded, scope):
        when = conditions.prove_stage(degraded.when, place.at("when"))
        if when is not None:
            plans.append(DegradedPlan(when, degraded.reason))
    return tuple(plans)
