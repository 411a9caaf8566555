"""Signals: every transform agrees with its definition, moment by moment."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.plant.signals import (
    Signal,
    both,
    cached,
    constant,
    either,
    held,
    intervals_where,
    inverted,
    lowest,
    pulses,
    signal,
)

UNHURRIED = settings(deadline=None)  # a busy machine is no failure
SPAN = 60
MOMENTS = range(-5, SPAN + 40)

spans = st.tuples(st.integers(0, SPAN), st.integers(0, SPAN))
delays = st.integers(0, 12)


@st.composite
def signals(draw: st.DrawFn) -> Signal[int]:
    """Draw a signal over 0 .. SPAN with few values, so that repeats are common."""
    value = st.integers(0, 3)
    times = sorted(draw(st.sets(st.integers(0, SPAN), max_size=15)))
    return signal(draw(value), [(t, draw(value)) for t in times])


def booleans() -> st.SearchStrategy[Signal[bool]]:
    return signals().map(lambda s: s.map(lambda value: value >= 2))


def test_a_value_that_changes_nothing_is_no_change() -> None:
    """Every time of a signal is a real change, so that no timer is set in vain."""
    assert signal(1, [(5, 1), (6, 2), (7, 2)]).times == (6,)


def test_the_last_of_several_values_at_one_moment_counts() -> None:
    """Two causes at one moment have one effect, or none."""
    assert signal(1, [(5, 2), (5, 3)]).changes(0, 10) == ((5, 3),)
    assert signal(1, [(5, 2), (5, 1)]) == constant(1)


def test_times_that_go_back_are_refused() -> None:
    """Changes out of order are a mistake of the caller."""
    with pytest.raises(ValueError, match="change at 4 is after one at 5"):
        signal(0, [(5, 1), (4, 2)])


@UNHURRIED
@given(signals())
def test_the_next_change_is_the_first_moment_with_another_value(shown: Signal[int]) -> None:
    """next_change is exact: nothing changes before it, and something does at it."""
    for t in MOMENTS:
        later = [u for u in range(t + 1, SPAN + 2) if shown.at(u) != shown.at(u - 1)]
        assert shown.next_change(t) == (later[0] if later else None)


@UNHURRIED
@given(signals(), st.integers(-5, SPAN), st.integers(0, SPAN), st.integers(0, SPAN))
def test_changes_of_neighbouring_spans_tile(
    shown: Signal[int], since: int, first: int, second: int
) -> None:
    """A change at the border is in exactly one of two spans."""
    middle, until = since + first, since + first + second
    parts = shown.changes(since, middle) + shown.changes(middle, until)
    assert parts == shown.changes(since, until)


@UNHURRIED
@given(booleans(), booleans())
def test_both_either_and_inverted_are_pointwise(one: Signal[bool], other: Signal[bool]) -> None:
    """The logic of signals is the logic of their moments."""
    for t in MOMENTS:
        a, b = one.at(t), other.at(t)
        assert both(one, other).at(t) == (a and b)
        assert either(one, other).at(t) == (a or b)
        assert inverted(one).at(t) == (not a)


@UNHURRIED
@given(st.lists(spans, max_size=8))
def test_signals_are_true_inside_any_interval(intervals: list[tuple[int, int]]) -> None:
    """Overlaps, repeats, empty intervals and any order make no difference."""
    shown = pulses(intervals)
    for t in MOMENTS:
        assert shown.at(t) == any(a <= t < b for a, b in intervals)


@UNHURRIED
@given(st.lists(st.tuples(st.integers(0, SPAN), st.integers(1, SPAN), st.integers(0, 9))))
def test_lowest_is_the_least_level_that_holds(spans_: list[tuple[int, int, int]]) -> None:
    """Of several limits at once the lowest counts."""
    intervals = [(at, at + length, level) for at, length, level in spans_]
    shown = lowest(intervals, 7)
    for t in MOMENTS:
        assert shown.at(t) == min([7, *(level for a, b, level in intervals if a <= t < b)])


def detector(of: Signal[bool], true_delay: int, false_delay: int) -> Callable[[int], bool]:
    """Return the definition of a hold, read off moment by moment."""
    output, history = of.values[0], {}
    for t in MOMENTS:
        value = of.at(t)
        delay = true_delay if value else false_delay
        if all(of.at(s) == value for s in range(t - delay, t + 1)):
            output = value
        history[t] = output
    return lambda t: history[t]


@UNHURRIED
@given(booleans(), delays, delays)
def test_held_agrees_with_a_detector_that_counts(
    of: Signal[bool], true_delay: int, false_delay: int
) -> None:
    """Its output changes once the input was constant for the whole delay, and not before."""
    expected = detector(of, true_delay, false_delay)
    shown = held(of, true_delay, false_delay)
    assert [shown.at(t) for t in MOMENTS] == [expected(t) for t in MOMENTS]


@UNHURRIED
@given(signals(), st.integers(1, 15), st.integers(-40, 40))
def test_cached_is_the_value_at_the_last_reading(of: Signal[int], refresh: int, phase: int) -> None:
    """Between two readings an agent shows the value of the first of them."""
    shown = cached(of, refresh, phase)
    for t in MOMENTS:
        assert shown.at(t) == of.at(t - (t - phase) % refresh)


def test_a_cache_that_never_reads_is_refused() -> None:
    """A refresh of nothing has no meaning."""
    with pytest.raises(ValueError, match="refresh is 0, must be above 0"):
        cached(constant(1), 0, 0)


@UNHURRIED
@given(signals(), st.integers(-5, SPAN), st.integers(0, SPAN))
def test_intervals_are_the_moments_where_it_holds(of: Signal[int], since: int, length: int) -> None:
    """The intervals cover those moments and no others, and no two of them touch."""
    until = since + length
    found = intervals_where(of, lambda value: value >= 2, since, until)
    for t in MOMENTS:
        holds = since <= t < until and of.at(t) >= 2
        assert any(a <= t < b for a, b in found) == holds
    assert all(a < b for a, b in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
