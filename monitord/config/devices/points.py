"""From a point's keys to what readers and the core need of it. Owns defaults and cross-checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitord.config.devices.rows import Rows
from monitord.config.expressions.text import duration_text
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.schemas import SLOW, AnyPointShape, PointShape
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


def make_point(shape: PointShape, refresh_us: int, source: SourcePoint) -> Point:
    """Return the point for its two readers."""
    own = shape.agent_refresh_max
    plan = PointPlan(
        id=source.id,
        agent_refresh_max=refresh_us if own is None else own,
        true_delay_max=shape.true_delay_max,
        false_delay_max=shape.false_delay_max,
    )
    return Point(plan, source, shape.continuity_bound, shape.pace == SLOW)


def read_decoding(shape: PointShape, default: str, scope: Scope) -> Decoding | None:
    """Return how raw values are decoded, or None with the mistakes noted. ``default``: its kind."""
    kind = shape.kind or _kind(shape, default)
    if not _fits(shape, kind, scope):
        return None
    return Decoding(
        kind=kind,
        unit=shape.unit or "",
        scale=shape.scale,
        offset=shape.offset,
        labels=shape.labels,
        truth=(1,) if shape.truth is None else shape.truth,
        absent=tuple(first for first, last in shape.absent if first == last),
        absent_ranges=tuple((first, last) for first, last in shape.absent if first < last),
        times_ten_to=shape.times_ten_to,
        times=shape.times,
        divided_by=shape.divided_by,
        only_if=shape.only_if,
        only_above=shape.only_above,
        charset=shape.charset or "",
        decimal_comma=shape.decimal_comma,
        counter=_counter(shape),
        wraps=shape.wraps or 0,
        minimum=shape.minimum,
        maximum=shape.maximum,
        change_max=shape.change_max,
        frozen_after=shape.frozen_after or 0,
    )


def _counter(shape: PointShape) -> CounterRule | None:
    if shape.counter is None:
        return None
    return CounterRule(
        width=shape.counter,
        counts=shape.counts or "rate",
        over=shape.rate_over or 0,
        since=shape.since or "",
        rate_max=shape.rate_max,
    )


def _kind(shape: PointShape, default: str) -> str:
    if shape.labels:
        return "enum"
    return "boolean" if shape.truth is not None else default


def _fits(shape: PointShape, kind: str, scope: Scope) -> bool:
    """Return whether the keys that are there belong to this kind and to each other."""
    before = len(scope.errors)
    if kind != "number":
        for key in OF_NUMBERS:
            if key in shape.model_fields_set:
                scope.at(key).note(phrase("point.number_only", kind=kind), hint=LEAVE_OUT)
    elif shape.unit is None:
        scope.at("unit").wrong(None, phrase("point.unit"), phrase("point.ratio"))
    if kind == "enum" and not shape.labels:
        scope.at("labels").wrong(None, phrase("type.labels"))
    if kind != "enum" and shape.labels:
        scope.at("labels").note(phrase("point.enum_only", kind=kind), hint=LEAVE_OUT)
    if kind != "boolean" and shape.truth is not None:
        scope.at("truth").note(phrase("point.boolean_only", kind=kind), hint=LEAVE_OUT)
    if shape.scale == 0:
        scope.at("scale").wrong(0, phrase("type.not_0"))
    if kind not in ("number", "text") and shape.charset is not None:
        scope.at("charset").note(phrase("point.text_only", kind=kind), hint=LEAVE_OUT)
    check_limits(shape, scope)
    _check_counter(shape, scope)
    _check_running_time(shape, scope)
    return len(scope.errors) == before


def check_limits(shape: AnyPointShape, scope: Scope) -> None:
    """Note a minimum that is not below the maximum."""
    if None not in (shape.minimum, shape.maximum) and shape.minimum >= shape.maximum:  # type: ignore[operator]
        scope.at("minimum").wrong(
            shape.minimum, phrase("point.below_maximum", maximum=str(shape.maximum))
        )


def _check_counter(shape: PointShape, scope: Scope) -> None:
    given = shape.model_fields_set
    if shape.counter is None:
        for key in OF_COUNTERS:
            if key in given:
                scope.at(key).note(phrase("counter.only"), hint=phrase("counter.width"))
        return
    for key in NOT_OF_COUNTERS:
        if key in given:
            scope.at(key).note(phrase("counter.none"), hint=LEAVE_OUT)
    if shape.counts == "increase" and shape.rate_over is None:
        scope.at("rate_over").wrong(None, phrase("counter.over"))
    if shape.rate_over is not None and not OVER_MIN <= shape.rate_over <= OVER_MAX:
        scope.at("rate_over").note(
            quoted(duration_text(shape.rate_over)), phrase("range", low="1s", high="24h")
        )


def _check_running_time(shape: PointShape, scope: Scope) -> None:
    if shape.wraps is None:
        return
    if shape.unit is not None and not is_time(shape.unit):
        scope.at("wraps").note(phrase("wraps.time", unit=shape.unit))
    for key in NOT_OF_RUNNING_TIMES:
        if key in shape.model_fields_set:
            scope.at(key).note(phrase("wraps.none"), hint=LEAVE_OUT)
