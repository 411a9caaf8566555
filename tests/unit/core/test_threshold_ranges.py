"""Which conditions a further answer can have changed, over every pair of answers."""

from __future__ import annotations

from itertools import product

import pytest

from monitord.core.expression import All, Compare, Expression, Name, Not, Number, truth
from monitord.core.model import Layer
from monitord.core.threshold_cache import NO_RANGE, Range, Thresholds, thresholds_of
from monitord.core.values import Value
from tests.support.seam import condition, device

LOW, HIGH = Compare("<", Name("power"), Number(1)), Compare(">", Number(3), Name("power"))
WARM = Compare(">=", Name("heat"), Number(1.0))
RULES: tuple[Expression, ...] = (
    LOW,
    HIGH,
    WARM,
    Not(Name("fault")),
    All((Name("fault"), Name("fault"))),
)
PLAN = device(
    "tx",
    ("power", "spare", "heat", "fault"),
    *(condition(f"tx.c{n}", Layer.EMISSION, "x", rule) for n, rule in enumerate(RULES)),
)
POWERS: tuple[Value, ...] = (0, 1, 2.5, 2.6, 3, 4, None)
HEATS: tuple[Value, ...] = (0.5, 1.0, 1.5, None)
ANSWERS = [(power, 9, heat, fault) for power in POWERS for heat in HEATS for fault in (True, False)]


def truths(values: tuple[Value, ...]) -> list[bool | None]:
    """Return the truth of each condition in an answer."""
    named = dict(zip(("power", "spare", "heat", "fault"), values, strict=True))
    return [truth(rule, named) for rule in RULES]


def ranges_around(thresholds: Thresholds, values: tuple[Value, ...]) -> list[Range]:
    """Return the ranges after an answer of which every value is another than before."""
    ranges = [NO_RANGE] * len(values)
    thresholds.update_ranges(ranges, ("before",) * len(values), values)
    return ranges


@pytest.mark.parametrize("heat", HEATS)
def test_no_condition_changes_that_is_not_evaluated_again(heat: Value) -> None:
    """And the ranges that were moved find the next change just as well."""
    thresholds = thresholds_of(PLAN)
    for old, new in product([one for one in ANSWERS if one[2] == heat], ANSWERS):
        ranges = ranges_around(thresholds, old)
        stale = thresholds.update_ranges(ranges, old, new)
        changed = {
            n for n, (a, b) in enumerate(zip(truths(old), truths(new), strict=True)) if a is not b
        }
        assert changed <= stale
        again = thresholds.update_ranges(ranges, new, old)
        assert changed <= again


@pytest.mark.parametrize(
    ("new", "stale"),
    [
        ((2.5, 9, 1.5, True), set()),
        ((2.5, 7, 1.5, True), set()),
        ((2.6, 9, 1.5, True), set()),
        ((2.6, 9, 0.5, True), {2}),
        ((2.6, 9, 1.6, False), {3, 4}),
        ((3, 9, 1.5, True), {0, 1}),
        ((None, 9, 1.5, True), {0, 1}),
    ],
)
def test_only_what_uses_a_point_that_left_its_range_is_evaluated(
    new: tuple[Value, ...], stale: set[int]
) -> None:
    """A number that moved between two thresholds, or that no condition uses, changes nothing."""
    thresholds = thresholds_of(PLAN)
    old: tuple[Value, ...] = (2.5, 9, 1.5, True)
    assert thresholds.used == (0, 2, 3)
    assert thresholds.update_ranges(ranges_around(thresholds, old), old, new) == stale
