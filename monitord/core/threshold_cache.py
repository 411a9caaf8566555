"""Which conditions an answer may have changed. A cache: without it every decision is the same.

A condition is evaluated again only when one of its points changed. Where every condition of a point
is one threshold on that point alone, a number that stays between the same two thresholds changes
none of them: that open interval is the point's range.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import inf

from monitord.core.expression import Compare, Expression, Name, Number, names
from monitord.core.model import Value
from monitord.core.plan import DevicePlan, PointPlan

Range = tuple[float, float]
NO_RANGE: Range = (inf, -inf)
_Parts = tuple[tuple[PointPlan, ...], tuple[Expression, ...]]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Per point of a device, in order: the conditions that use it, and its thresholds or None.

    ``used``: the places of the points that any condition uses.
    """

    conditions: tuple[tuple[int, ...], ...]
    thresholds: tuple[tuple[float, ...] | None, ...]
    used: tuple[int, ...]

    def update_ranges(
        self, ranges: list[Range], old: tuple[Value, ...], new: tuple[Value, ...]
    ) -> set[int]:
        """Move the ranges of the changed points; return the conditions to evaluate again."""
        found: set[int] = set()
        for index in self.used:
            value = new[index]
            if value is old[index]:
                continue
            low, high = ranges[index]
            if isinstance(value, int | float) and low < value < high:
                continue
            ranges[index] = self._range(index, value)
            found.update(self.conditions[index])
        return found

    def _range(self, index: int, value: Value) -> Range:
        thresholds = self.thresholds[index]
        if thresholds is None or isinstance(value, bool) or not isinstance(value, int | float):
            return NO_RANGE
        place = bisect_left(thresholds, value)
        low = thresholds[place - 1] if place else -inf
        high = thresholds[place] if place < len(thresholds) else inf
        return (low, high) if low < value < high else NO_RANGE


class SharedThresholds:
    """The thresholds of devices: those of one profile have equal ones, and share them.

    Nearly always the parts of their plans are the same objects too. So the newest plan with the
    same points is compared first: to hash all parts takes longer than the rest of a device's start.
    """

    def __init__(self) -> None:
        self._newest: dict[tuple[str, ...], tuple[_Parts, Thresholds]] = {}
        self._all: dict[_Parts, Thresholds] = {}

    def of(self, plan: DevicePlan) -> Thresholds:
        """Return the thresholds of a device's points."""
        ids = tuple([point.id for point in plan.points])
        parts = plan.points, tuple([condition.true_when for condition in plan.conditions])
        newest = self._newest.get(ids)
        if newest is not None and newest[0] == parts:
            return newest[1]
        if parts not in self._all:
            self._all[parts] = thresholds_of(plan)
        self._newest[ids] = parts, self._all[parts]
        return self._all[parts]


def thresholds_of(plan: DevicePlan) -> Thresholds:
    """Return the thresholds of a device's points."""
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
