"""The points and conditions of a device and of its profile, as written. Owns how they join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitord.config.devices.conditions import (
    Condition,
    Surroundings,
    read_alarm,
    read_condition,
)
from monitord.config.devices.dependencies import check_dependencies, is_derived
from monitord.config.devices.derived import read_derived_point
from monitord.config.devices.points import Around, Point
from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.fields.entries import entries
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.config.schemas import OwnAlarmSchema


@dataclass(frozen=True, slots=True)
class Part:
    """The points or conditions of a device or of its profile, as written, and their place."""

    found: dict[Any, Any]
    scope: Scope


def read_points(
    protocol: str, given: Around, parts: list[Part], scope: Scope
) -> tuple[dict[str, Point | None], frozenset[str]]:
    """Return the points, and the ids of those left out with their row."""
    points: dict[str, Point | None] = {}
    places: dict[str, Scope] = {}
    left_out: set[str] = set()
    derived: dict[str, Any] = {}
    for part in parts:
        if part.found:
            for name, found, place in entries(part.found, part.scope, "point"):
                if given.rows.leaves_out(found):
                    left_out.add(name)
                    continue
                places[name] = place
                if is_derived(found):
                    derived[name] = found
                else:
                    points[name] = PROTOCOLS[protocol].read_point(name, found, given, place)
    _derive(derived, points, places, left_out)
    if not points and not any(part.found for part in parts):
        if len(parts) == 1:
            scope.note(phrase("empty", what=phrase("what.point")), hint=phrase("or_profile"))
    elif not points:
        scope.note(phrase("rows.none"), hint=phrase("rows.choose"))
    check_dependencies(points, places)
    return points, frozenset(left_out)


def _derive(
    derived: dict[str, Any],
    points: dict[str, Point | None],
    places: dict[str, Scope],
    left_out: set[str],
) -> None:
    """Add the derived points; one that depends on a point left out is left out too."""
    read = dict(points)
    for name, found in derived.items():
        point = read_derived_point(name, found, read, places[name])
        if point is not None and left_out.intersection(point.source.decoding.depends_on):
            left_out.add(name)
        else:
            points[name] = point


def read_conditions(parts: list[Part], around: Surroundings) -> dict[str, Condition | None]:
    read: dict[str, Condition | None] = {}
    for part in parts:
        if part.found:
            for name, found, place in entries(part.found, part.scope, "condition"):
                if around.leaves_out(found) and part.scope.file != around.nominal_scope.file:
                    continue
                read[name] = read_condition(name, found, around, place)
    return read


def split_alarms(
    own: dict[Any, Any], profile: Mapping[Any, Any]
) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Return a device's own conditions, and what it adds to conditions of its profile.

    A section with ``alarm`` alone adds an alarm, or takes it away.
    """
    added = {
        name: found
        for name, found in own.items()
        if name in profile and isinstance(found, dict) and list(found) == ["alarm"]
    }
    return {name: found for name, found in own.items() if name not in added}, added


def give_alarms(
    conditions: dict[str, Condition | None], added: Mapping[Any, Any], scope: Scope
) -> None:
    """Give conditions of a profile the alarms that are set at the device."""
    for name, found in added.items():
        place = scope.at(name)
        schema = read_schema(OwnAlarmSchema, found, place)
        if schema is None:
            continue
        alarm = read_alarm(schema.alarm, place.at("alarm"))
        if name not in conditions:  # left out with its row
            scope.unknown("condition", name, conditions)
        condition = conditions.get(name)
        if condition is not None:
            conditions[name] = replace(condition, plan=replace(condition.plan, alarm=alarm))
