"""Points calculated from other points. Owns their own keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from monitord.config.devices.points import Point, check_limits
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.config.schemas import DerivedSchema
from monitord.core.plan import PointPlan
from monitord.decoding.formulas import FUNCTIONS
from monitord.decoding.model import Decoding, DerivedPoint

LATENESS = ("agent_refresh_max", "true_delay_max", "false_delay_max")


def read_derived_point(
    id_: str, found: Any, points: Mapping[str, Point | None], scope: Scope
) -> Point | None:
    """Return a derived point, or None with its mistakes noted. ``points``: those that are read."""
    schema = read_schema(DerivedSchema, found, scope)
    if schema is None or not _fits(schema, scope):
        return None
    formula = schema.derived
    source = DerivedPoint(
        id_,
        Decoding(
            kind="number",
            unit=FUNCTIONS[formula.function].unit,
            only_if=schema.only_if,
            only_above=schema.only_above,
            minimum=schema.minimum,
            maximum=schema.maximum,
            change_max=schema.change_max,
            derived=formula,
        ),
    )
    if any(name in points and points[name] is None for name in source.decoding.depends_on):
        return None  # a point it depends on has mistakes, which are noted already
    used = [points[name] for name in source.decoding.depends_on if name in points]
    return _as_late_as([point for point in used if point is not None], source, schema)


def _as_late_as(used: list[Point], source: DerivedPoint, schema: DerivedSchema) -> Point:
    """Return the point, as late as the latest of those it is calculated from."""
    plans = [point.plan for point in used]
    plan = PointPlan(
        id=source.id,
        agent_refresh_max=_latest(plans, "agent_refresh_max"),
        true_delay_max=_latest(plans, "true_delay_max") + schema.true_delay_max,
        false_delay_max=_latest(plans, "false_delay_max") + schema.false_delay_max,
    )
    bounds = [point.bound for point in used if point.bound is not None]
    bound = schema.continuity_bound
    return Point(plan, source, min(bounds, default=None) if bound is None else bound)


def delay_derived(points: dict[str, Point | None], before: Mapping[str, PointPlan]) -> None:
    """Change derived points' delays by as much as the delays of their points changed.

    ``before``: the plans until then. A delay set at the derived point itself stays.
    """
    for id_, point in points.items():
        if point is None or not isinstance(point.source, DerivedPoint):
            continue
        used = [on.plan for name in point.source.decoding.depends_on if (on := points.get(name))]
        were = [before[plan.id] for plan in used]
        moved = {
            key: getattr(point.plan, key) + _latest(used, key) - _latest(were, key)
            for key in LATENESS
            if getattr(point.plan, key) == getattr(before[id_], key)
        }
        points[id_] = replace(point, plan=replace(point.plan, **moved))


def _latest(plans: list[PointPlan], key: str) -> int:
    return max((getattr(plan, key) for plan in plans), default=0)


def _fits(schema: DerivedSchema, scope: Scope) -> bool:
    before = len(scope.errors)
    formula, place = schema.derived, scope.at("derived")
    function = FUNCTIONS.get(formula.function)
    if function is None:
        place.unknown("function", formula.function, FUNCTIONS)
        return False
    if len(formula.points) != function.points:
        counts = {"count": function.points, "found": len(formula.points)}
        place.note(phrase("derived.points", function=formula.function, **counts))
    if schema.unit is not None and schema.unit != function.unit:
        scope.at("unit").wrong(
            schema.unit,
            phrase("derived.unit", unit=function.unit, function=formula.function),
        )
    if function.needs_floor and not schema.only_above:
        scope.at("only_above").wrong(
            None,
            phrase("derived.floor"),
            phrase("derived.below", function=formula.function),
        )
    check_limits(schema, scope)
    return len(scope.errors) == before
