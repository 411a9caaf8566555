"""From a condition's keys to the core's plan of it. Owns lags, bounds and default reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from monitord.config.devices.points import Point
from monitord.config.expressions.grammar import ExpressionError, names_in, parse
from monitord.config.expressions.name_resolution import NOMINAL, read_true_when
from monitord.config.fields.field_types import NUMBER_ALLOWED
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, shown
from monitord.config.schemas import ConditionAlarmSchema, ConditionSchema
from monitord.core.expression import All, AnyOf, AtLeast, Compare, Expression, Name, Not, names
from monitord.core.model import Layer
from monitord.core.plan import AlarmPlan, ConditionPlan, PointPlan

# No verdict is about equipment, so its conditions have no reason.
REASON_BY_LAYER = {
    Layer.EQUIPMENT: "",
    Layer.EMISSION: "no_carrier",
    Layer.SERVICE: "no_service",
    Layer.CONTENT: "empty_carrier",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition for the core; its response card and its words by language, where it has any."""

    plan: ConditionPlan
    card: Mapping[str, str]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition may refer to on its device.

    ``points``: the good ones; ``broken``: ids of points whose own mistakes are noted already;
    ``left_out``: those that are not read here, in rows that the device has not chosen;
    ``nominal_scope``: where a figure that a profile needs would be given; ``bound``: the device's.
    """

    device: str
    points: Mapping[str, Point]
    broken: frozenset[str]
    left_out: frozenset[str]
    nominal: Mapping[str, int | float]
    nominal_scope: Scope
    bound: int

    def leaves_out(self, found: Any) -> bool:
        """Return whether a condition, as written, uses a point that is left out."""
        text = found.get("true_when") if isinstance(found, dict) else None
        try:
            return isinstance(text, str) and bool(names_in(parse(text)) & self.left_out)
        except ExpressionError:
            return False


def read_condition(id_: str, found: Any, around: Surroundings, scope: Scope) -> Condition | None:
    """Return one condition, or None with its mistakes noted."""
    schema = read_schema(ConditionSchema, found, scope, {"layer": "emission"})
    if schema is None:
        return None
    place = scope.at("true_when")
    if not _can_be_read(id_, schema.true_when, around, place):
        return None
    decodings = {name: point.source.decoding for name, point in around.points.items()}
    expression = read_true_when(schema.true_when, decodings, around.nominal, place)
    if expression is None:
        return None
    layer = Layer(schema.layer)
    if layer is Layer.EQUIPMENT and schema.reason is not None:
        scope.at("reason").note(phrase("condition.equipment"), hint=phrase("leave_out"))
    alarm = read_alarm(schema.alarm, scope.at("alarm"))
    used = [around.points[name] for name in names(expression)]
    true_lag, false_lag = lags(expression, {point.plan.id: point.plan for point in used})
    plan = ConditionPlan(
        id=f"{around.device}.{id_}",
        device=around.device,
        layer=layer,
        reason=schema.reason or REASON_BY_LAYER[layer],
        true_when=expression,
        true_lag=true_lag,
        false_lag=false_lag,
        bound=_bound(used, around.bound),
        alarm=alarm,
    )
    return Condition(plan, schema.card or {}, schema.words or {})


def read_alarm(found: Any, scope: Scope) -> AlarmPlan | None:
    """Return a condition's own alarm; None where it has none, or where mistakes are noted."""
    if found is None or found is False:
        return None
    schema = read_schema(ConditionAlarmSchema, found, scope)
    return None if schema is None else AlarmPlan(**schema.model_dump())


def _bound(used: list[Point], device_bound: int) -> int:
    own = [point.bound for point in used if point.bound is not None]
    return min(own, default=device_bound)


def _can_be_read(id_: str, text: str, around: Surroundings, scope: Scope) -> bool:
    """Return False where the mistake is a broken point's, or a missing nominal figure."""
    try:
        named = names_in(parse(text))
    except ExpressionError:
        return True  # noted with its place when it is read
    if named & around.broken:
        return False
    if scope.file == around.nominal_scope.file:
        return True
    keys = sorted(name.removeprefix(NOMINAL) for name in named if name.startswith(NOMINAL))
    missing = [key for key in keys if key not in around.nominal]
    for key in missing:
        around.nominal_scope.at(key).wrong(
            None, NUMBER_ALLOWED, phrase("needed.condition", id=shown(id_))
        )
    return not missing


def lags(expression: Expression, points: Mapping[str, PointPlan]) -> tuple[int, int]:
    """Return (true_lag, false_lag): how old each outcome may be when an answer shows it.

    A condition read as true may have become false one cache and one delay of *false* ago, and the
    reverse. A condition on several points is as late as the latest of them.
    """
    match expression:
        case Name(id=name):
            point = points[name]
            refresh = point.agent_refresh_max
            return refresh + point.false_delay_max, refresh + point.true_delay_max
        case Not(of=inner):
            true_lag, false_lag = lags(inner, points)
            return false_lag, true_lag
        case All(of=parts) | AnyOf(of=parts) | AtLeast(of=parts):
            each = [lags(part, points) for part in parts]
            return max(lag for lag, _ in each), max(lag for _, lag in each)
        case Compare():
            widest = max(_widest(points[name]) for name in names(expression))
            return widest, widest
        case _:
            assert_never(expression)


def _widest(point: PointPlan) -> int:
    return point.agent_refresh_max + max(point.true_delay_max, point.false_delay_max)
