"""Points that depend on other points of the same answer. Owns which ones they may depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitord.config.devices.points import Point
from monitord.config.fields.point_types import NOMINAL
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import nearest, phrase, shown
from monitord.decoding.charsets import exact
from monitord.decoding.counters import is_time
from monitord.decoding.formulas import FUNCTIONS
from monitord.decoding.model import Decoding, DerivedPoint, Floor, SourcePoint

Points = dict[str, Point | None]


def check_dependencies(points: Mapping[str, Point | None], places: Mapping[str, Scope]) -> None:
    """Note points that depend on an unknown point, on another kind, or on a dependent one.

    ``points``: None for a point with mistakes of its own, which are noted already. A derived point
    may depend on every point that is read; a point that is read only on independent ones.
    """
    check = _Check({id_: p.source.decoding for id_, p in points.items() if p is not None}, points)
    for id_, decoding in check.decodings.items():
        place = places[id_]
        for _, name in decoding.times_ten_to:
            check.number(name, decoding, place.at("times_ten_to"))
        for key in ("times", "divided_by"):
            for name in getattr(decoding, key):
                check.number(name, decoding, place.at(key))
        for name, label in decoding.only_if:
            check.label(name, label, place.at("only_if", name))
        for floor in decoding.only_above:
            check.number(floor.point, decoding, place.at("only_above", floor.point))
            if floor.of and floor.of != NOMINAL:
                check.number(floor.of, decoding, place.at("only_above", floor.point))
        if decoding.derived is not None:
            for name in decoding.derived.points:
                check.number(name, decoding, place.at("derived"))
        if decoding.counter is not None and decoding.counter.since:
            check.time(decoding.counter.since, place.at("since"))


class _Check:
    """The device's points; ``noted``: their ids, and those of points with mistakes."""

    def __init__(self, decodings: Mapping[str, Decoding], noted: Mapping[str, object]) -> None:
        self.decodings = decodings
        self._noted = noted

    def number(self, name: str, of: Decoding, scope: Scope) -> None:
        """Note a point that is no number to calculate with."""
        found = self._find(name, scope)
        if found is None:
            return
        if of.derived is not None:
            if found.kind != "number" or found.derived is not None:
                scope.note(phrase("depends.read_number", name=name))
        elif found.kind != "number" or found.depends_on:
            scope.note(phrase("depends.number", name=name))

    def label(self, name: str, label: str, scope: Scope) -> None:
        """Note a point that is no enum, or has no such label."""
        found = self._find(name, scope)
        if found is None:
            return
        labels = [known for _, known in found.labels]
        if found.kind != "enum" or found.depends_on:
            scope.note(phrase("depends.enum", name=name))
        elif label not in labels:
            wrong = phrase("unknown.label", name=name, label=shown(label))
            scope.note(wrong, hint=nearest(label, labels, "labels"))

    def time(self, name: str, scope: Scope) -> None:
        """Note a point that is not the running time of its device."""
        found = self._find(name, scope)
        if found is not None and (
            found.kind != "number" or found.depends_on or found.counter or not is_time(found.unit)
        ):
            scope.note(phrase("depends.time", name=name), hint=phrase("depends.uptime"))

    def _find(self, name: str, scope: Scope) -> Decoding | None:
        found = self.decodings.get(name)
        if found is None and name not in self._noted:
            scope.unknown("point", name, self.decodings)
        return found


def settle_nominal(
    points: Points, nominal: Mapping[str, int | float], nominal_scope: Scope
) -> None:
    """Put the device's figures into the points that need them; missing ones are noted."""
    for id_, point in points.items():
        if point is not None:
            wanted = [name for name in _wanted(point.source.decoding) if _is_read(points, name)]
            missing = [name for name in wanted if not nominal.get(name, 0) > 0]
            for name in missing:
                hint = phrase("needed.point", id=shown(id_))
                nominal_scope.at(name).wrong(nominal.get(name), phrase("type.positive"), hint)
            if missing:
                points[id_] = None
            elif wanted:
                settled = _settled(point.source.decoding, nominal)
                points[id_] = replace(point, source=with_decoding(point.source, settled))


def _wanted(decoding: Decoding) -> list[str]:
    """Return the figures that a point needs, each once."""
    wanted = [floor.point for floor in decoding.only_above if floor.of == NOMINAL]
    formula = decoding.derived
    if formula is not None and formula.function in FUNCTIONS:
        wanted += formula.points[:1] if FUNCTIONS[formula.function].needs_nominal else ()
    return list(dict.fromkeys(wanted))


def _is_read(points: Points, name: str) -> bool:
    """Return whether a point exists and is read; other mistakes are noted already."""
    point = points.get(name)
    return point is not None and point.source.decoding.derived is None


def _settled(decoding: Decoding, nominal: Mapping[str, int | float]) -> Decoding:
    floors = tuple(_in_figures(floor, nominal) for floor in decoding.only_above)
    formula = decoding.derived
    if formula is not None and FUNCTIONS[formula.function].needs_nominal:
        formula = replace(formula, nominal=nominal.get(formula.points[0]))
    return replace(decoding, only_above=floors, derived=formula)


def _in_figures(floor: Floor, nominal: Mapping[str, int | float]) -> Floor:
    if floor.of != NOMINAL:
        return floor
    return Floor(floor.point, float(exact(floor.least) * exact(nominal[floor.point])))


def with_charset(points: Points, charset: str | None) -> None:
    """Give points without a charset of their own the device's."""
    for id_, point in points.items():
        if charset and point is not None and not point.source.decoding.charset:
            decoding = point.source.decoding
            if decoding.kind in ("text", "number") and decoding.derived is None:
                source = with_decoding(point.source, replace(decoding, charset=charset))
                points[id_] = replace(point, source=source)


def date_counters(points: Points, between_us: int, between_slow_us: int) -> None:
    """Add a counter's period to its delays: the count may have changed anywhere in it.

    ``between_us``: the longest time between two compared answers;
    ``between_slow_us``: between two reads of slow points.
    """
    for id_, point in points.items():
        if point is not None:
            names = (id_, *point.source.decoding.depends_on)
            between = between_slow_us if point.is_slow else between_us
            over = max((_over(points.get(name), between) for name in names), default=0)
            plan = point.plan
            plan = replace(
                plan,
                true_delay_max=plan.true_delay_max + over,
                false_delay_max=plan.false_delay_max + over,
            )
            points[id_] = replace(point, plan=plan)


def _over(point: Point | None, between_us: int) -> int:
    rule = None if point is None else point.source.decoding.counter
    return 0 if rule is None else rule.over + between_us


def with_decoding(source: SourcePoint, decoding: Decoding) -> SourcePoint:
    """Return the point with another decoding, whatever its protocol: all are dataclasses."""
    return replace(source, decoding=decoding)  # type: ignore[type-var]


def is_derived(found: object) -> bool:
    """Return whether a point, as written, is calculated from others."""
    return isinstance(found, dict) and "derived" in found


def derived_last(points: Mapping[str, Point]) -> tuple[list[Point], list[DerivedPoint]]:
    """Return all points in the plan's order, and those of them that are derived."""
    ordered = sorted(points.values(), key=lambda point: isinstance(point.source, DerivedPoint))
    return ordered, [p.source for p in ordered if isinstance(p.source, DerivedPoint)]
