"""From a point's keys to what readers and the core need of it. Owns defaults and cross-checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitord.config.devices.rows import Rows
from monitord.config.expressions.text import duration_text
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.schemas import SLOW, AnyPointSchema, PointSchema
from monitord.core.plan import PointPlan
from monitord.decoding.counters import is_time
from monitord.decoding.model import CounterRule, Decoding, SourcePoint

OF_NUMBERS = (
    *("unit", "scale", "offset", "times_ten_to", "times", "divided_by", "decimal_comma"),
    *("minimum", "maximum", "change_max", "frozen_after", "counter", "wraps"),
)
OF_COUNTERS = ("counts", "rate_over", "since", "rate_max")
NOT_OF_RUNNING_TIMES = (
    *("times_ten_to", "times", "divided_by", "only_if", "only_above", "frozen_after"),
)
NOT_OF_COUNTERS = ("offset", "wraps", *NOT_OF_RUNNING_TIMES)
LEAVE_OUT = phrase("leave_out")
OVER_MIN, OVER_MAX = 1_000_000, 86_400_000_000


@dataclass(frozen=True, slots=True)
class Around:
    """What all points of a device share. ``refresh_us``: the longest age of its agent's cache.

    ``brought``: what its protocol takes from its profile for all points.
    """

    refresh_us: int
    rows: Rows
    brought: Any = None


@dataclass(frozen=True, slots=True)
class Point:
    """One point for its two readers; ``bound``: its own continuity bound in microseconds.

    ``is_slow``: it is polled at the device's slower rate.
    """

    plan: PointPlan
    source: SourcePoint
    bound: int | None
    is_slow: bool = False


def make_point(schema: PointSchema, refresh_us: int, source: SourcePoint) -> Point:
    """Return the point for its two readers."""
    own = schema.agent_refresh_max
    plan = PointPlan(
        id=source.id,
        agent_refresh_max=refresh_us if own is None else own,
        true_delay_max=schema.true_delay_max,
        false_delay_max=schema.false_delay_max,
        uptime_of=schema.uptime_of or "",
    )
    return Point(plan, source, schema.continuity_bound, schema.pace == SLOW)


def read_decoding(schema: PointSchema, default: str, scope: Scope) -> Decoding | None:
    """Return how raw values are decoded, or None with the mistakes noted. ``default``: its kind."""
    kind = schema.kind or _kind(schema, default)
    if not _fits(schema, kind, scope):
        return None
    return Decoding(
        kind=kind,
        unit=schema.unit or "",
        scale=schema.scale,
        offset=schema.offset,
        labels=schema.labels,
        truth=(1,) if schema.truth is None else schema.truth,
        absent=tuple(first for first, last in schema.absent if first == last),
        absent_ranges=tuple((first, last) for first, last in schema.absent if first < last),
        times_ten_to=schema.times_ten_to,
        times=schema.times,
        divided_by=schema.divided_by,
        only_if=schema.only_if,
        only_above=schema.only_above,
        charset=schema.charset or "",
        decimal_comma=schema.decimal_comma,
        counter=_counter(schema),
        wraps=schema.wraps or 0,
        minimum=schema.minimum,
        maximum=schema.maximum,
        change_max=schema.change_max,
        frozen_after=schema.frozen_after or 0,
    )


def _counter(schema: PointSchema) -> CounterRule | None:
    if schema.counter is None:
        return None
    return CounterRule(
        width=schema.counter,
        counts=schema.counts or "rate",
        over=schema.rate_over or 0,
        since=schema.since or "",
        rate_max=schema.rate_max,
    )


def _kind(schema: PointSchema, default: str) -> str:
    if schema.labels:
        return "enum"
    return "boolean" if schema.truth is not None else default


def _fits(schema: PointSchema, kind: str, scope: Scope) -> bool:
    """Return whether the keys that are there belong to this kind and to each other."""
    before = len(scope.errors)
    if kind != "number":
        for key in OF_NUMBERS:
            if key in schema.model_fields_set:
                scope.at(key).note(phrase("point.number_only", kind=kind), hint=LEAVE_OUT)
    elif schema.unit is None:
        scope.at("unit").wrong(None, phrase("point.unit"), phrase("point.ratio"))
    if kind == "enum" and not schema.labels:
        scope.at("labels").wrong(None, phrase("type.labels"))
    if kind != "enum" and schema.labels:
        scope.at("labels").note(phrase("point.enum_only", kind=kind), hint=LEAVE_OUT)
    if kind != "boolean" and schema.truth is not None:
        scope.at("truth").note(phrase("point.boolean_only", kind=kind), hint=LEAVE_OUT)
    if schema.scale == 0:
        scope.at("scale").wrong(0, phrase("type.not_0"))
    if kind not in ("number", "text") and schema.charset is not None:
        scope.at("charset").note(phrase("point.text_only", kind=kind), hint=LEAVE_OUT)
    check_limits(schema, scope)
    _check_counter(schema, scope)
    _check_running_time(schema, scope)
    return len(scope.errors) == before


def check_limits(schema: AnyPointSchema, scope: Scope) -> None:
    """Note a minimum that is not below the maximum."""
    if None not in (schema.minimum, schema.maximum) and schema.minimum >= schema.maximum:  # type: ignore[operator]
        scope.at("minimum").wrong(
            schema.minimum, phrase("point.below_maximum", maximum=str(schema.maximum))
        )


def _check_counter(schema: PointSchema, scope: Scope) -> None:
    given = schema.model_fields_set
    if schema.counter is None:
        for key in OF_COUNTERS:
            if key in given:
                scope.at(key).note(phrase("counter.only"), hint=phrase("counter.width"))
        return
    for key in NOT_OF_COUNTERS:
        if key in given:
            scope.at(key).note(phrase("counter.none"), hint=LEAVE_OUT)
    if schema.counts == "increase" and schema.rate_over is None:
        scope.at("rate_over").wrong(None, phrase("counter.over"))
    if schema.rate_over is not None and not OVER_MIN <= schema.rate_over <= OVER_MAX:
        scope.at("rate_over").note(
            quoted(duration_text(schema.rate_over)), phrase("range", low="1s", high="24h")
        )


def _check_running_time(schema: PointSchema, scope: Scope) -> None:
    if schema.wraps is None:
        return
    if schema.unit is not None and not is_time(schema.unit):
        scope.at("wraps").note(phrase("wraps.time", unit=schema.unit))
    for key in NOT_OF_RUNNING_TIMES:
        if key in schema.model_fields_set:
            scope.at(key).note(phrase("wraps.none"), hint=LEAVE_OUT)
