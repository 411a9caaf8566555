"""Which conditions an answer may have changed: a cache, and off it changes nothing. Owns no truth.

A condition is asked again only when one of its points changed. Where every condition of a point is
one threshold on that point alone, a number that stays between the same two thresholds changes none
of them: that open interval is the point's band.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf

from monitord.core.expression import Compare, Expression, Name, Number, names
from monitord.core.model import Value
from monitord.core.plan import DevicePlan

Band = tuple[float, float]
NO_BAND: Band = (inf, -inf)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Per point of a device, in order: the conditions it is in, and its thresholds or None.

    ``used``: the places of points that are in any condition; the others can change none.
    """

    conditions: tuple[tuple[int, ...], ...]
    thresholds: tuple[tuple[float, ...] | None, ...]
    used: tuple[int, ...]

    def stale(self, bands: list[Band], old: tuple[Value, ...], new: tuple[Value, ...]) -> set[int]:
        """Return which conditions must be asked again, and move the bands of changed points."""
        found: set[int] = set()
        for index in self.used:
            value = new[index]
            if value is old[index]:
                continue
            low, high = bands[index]
            if isinstance(value, int | float) and low < value < high:
                continue
            bands[index] = self._band(index, value)
            found.update(self.conditions[index])
        return found

    def bands(self, values: tuple[Value, ...]) -> list[Band]:
        """Return every point's band around the values of an answer."""
        return [self._band(index, value) for index, value in enumerate(values)]

    def _band(self, index: int, value: Value) -> Band:
        thresholds = self.thresholds[index]
        if thresholds is None or isinstance(value, bool) or not isinstance(value, int | float):
            return NO_BAND
        for low, high in pairwise((-inf, *thresholds, inf)):
            if low < value < high:
                return low, high
        return NO_BAND


def thresholds_of(plan: DevicePlan) -> Thresholds:
    """Return what changes of a device's points mean for its conditions."""
    uses = [names(condition.true_when) for condition in plan.conditions]
    conditions = tuple(
        tuple(number for number, used in enumerate(uses) if point.id in used)
        for point in plan.points
    )
    thresholds = tuple(
        _thresholds([plan.conditions[number].true_when for number in numbers])
        for numbers in conditions
    )
    return Thresholds(
        conditions, thresholds, tuple(n for n, found in enumerate(conditions) if found)
    )


def _thresholds(expressions: list[Expression]) -> tuple[float, ...] | None:
    found: set[float] = set()
    for expression in expressions:
        match expression:
            case (
                Compare(left=Name(), right=Number(value=threshold))
                | Compare(left=Number(value=threshold), right=Name())
            ):
                found.add(threshold)
            case _:
                return None
    return tuple(sorted(found))
