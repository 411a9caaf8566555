"""From a point's keys to what readers and the core need of it. Owns defaults and cross-checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitord.config.errors import Scope
from monitord.config.rows import Rows
from monitord.config.shapes import PointShape
from monitord.core.plan import PointPlan
from monitord.devices.model import Decoding, SourcePoint

OF_NUMBERS = ("unit", "scale", "offset", "times_ten_to", "minimum", "maximum")


@dataclass(frozen=True, slots=True)
class Around:
    """What the device gives every point of it. ``refresh_us``: the age of its agent's cache.

    ``brought``: what its protocol takes from its profile for all points.
    """

    refresh_us: int
    rows: Rows
    brought: Any = None


@dataclass(frozen=True, slots=True)
class Point:
    """One point for its two readers; ``bound``: its own continuity bound in microseconds."""

    plan: PointPlan
    source: SourcePoint
    bound: int | None


def make_point(shape: PointShape, refresh_us: int, source: SourcePoint) -> Point:
    """Return the point for its two readers."""
    own = shape.agent_refresh_max
    plan = PointPlan(
        id=source.id,
        agent_refresh_max=refresh_us if own is None else own,
        true_delay_max=shape.true_delay_max,
        false_delay_max=shape.false_delay_max,
    )
    return Point(plan, source, shape.continuity_bound)


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
        times_ten_to=shape.times_ten_to,
        only_if=shape.only_if,
        absent_ranges=tuple((first, last) for first, last in shape.absent if first < last),
        minimum=shape.minimum,
        maximum=shape.maximum,
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
                scope.at(key).note(f"only a number has {key}; this point is of kind {kind}")
    elif shape.unit is None:
        scope.at("unit").wrong(None, "the number's unit, such as W", "a ratio has unit: ratio")
    if kind == "enum" and not shape.labels:
        scope.at("labels").wrong(None, "labels such as {0: off, 1: on}")
    if kind != "enum" and shape.labels:
        scope.at("labels").note(f"only an enum has labels; this point is of kind {kind}")
    if kind != "boolean" and shape.truth is not None:
        scope.at("truth").note(f"only a boolean has truth; this point is of kind {kind}")
    if shape.scale == 0:
        scope.at("scale").wrong(0, "another number than 0")
    if None not in (shape.minimum, shape.maximum) and shape.minimum >= shape.maximum:  # type: ignore[operator]
        scope.at("minimum").wrong(shape.minimum, f"less than maximum, {shape.maximum}")
    return len(scope.errors) == before
