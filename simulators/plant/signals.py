"""Piecewise-constant functions of time, and the outputs of detectors and caches on them.

Owns the arithmetic of change; must not know what a signal means. Times are int microseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Signal(Generic[T]):
    """``values[0]`` until ``times[0]``, then ``values[k + 1]`` from ``times[k]`` on.

    ``times`` strictly increase and neighbouring values differ, so that every time is a change.
    Build one with ``signal``, ``constant`` or ``pulses``.
    """

    times: tuple[int, ...]
    values: tuple[T, ...]

    def __post_init__(self) -> None:
        """Check the shape: a signal with wrong changes would prove anything."""
        assert len(self.values) == len(self.times) + 1, "one value more than changes"
        assert all(a < b for a, b in pairwise(self.times)), "times must increase"
        assert all(a != b for a, b in pairwise(self.values)), "a change must change the value"

    def at(self, t: int) -> T:
        """Return the value at ``t``; at the moment of a change, the new one."""
        return self.values[bisect_right(self.times, t)]

    def next_change(self, t: int) -> int | None:
        """Return the first change after ``t``, None when there is none."""
        after = bisect_right(self.times, t)
        return self.times[after] if after < len(self.times) else None

    def changes(self, since: int, until: int) -> tuple[tuple[int, T], ...]:
        """Return (at, new value) of every change with ``since <= at < until``, in order."""
        first, end = bisect_left(self.times, since), bisect_left(self.times, until)
        return tuple(zip(self.times[first:end], self.values[first + 1 : end + 1], strict=True))

    def map(self, function: Callable[[T], U]) -> Signal[U]:
        """Return the signal of ``function`` of the value."""
        first, *rest = (function(value) for value in self.values)
        return signal(first, zip(self.times, rest, strict=True))

    def combine(self, other: Signal[U], function: Callable[[T, U], V]) -> Signal[V]:
        """Return the signal of ``function`` of both values."""
        times = sorted({*self.times, *other.times})
        initial = function(self.values[0], other.values[0])
        return signal(initial, ((t, function(self.at(t), other.at(t))) for t in times))


def signal(initial: T, changes: Iterable[tuple[int, T]]) -> Signal[T]:
    """Return a signal from (at, value) in order of time.

    Of several values at one moment the last counts; a value that changes nothing is left out.
    Raises ValueError when times go back.
    """
    times: list[int] = []
    values = [initial]
    last: int | None = None
    for at, value in changes:
        if last is not None and at < last:
            raise ValueError(f"change at {at} is after one at {last}")
        last = at
        if times and times[-1] == at:
            times.pop()
            values.pop()
        if value != values[-1]:
            times.append(at)
            values.append(value)
    return Signal(tuple(times), tuple(values))


def constant(value: T) -> Signal[T]:
    """Return a signal that never changes."""
    return Signal((), (value,))


def pulses(intervals: Iterable[tuple[int, int]]) -> Signal[bool]:
    """Return a signal that is true inside any ``[from, to)``; they may overlap, in any order."""
    changes: list[tuple[int, bool]] = []
    end: int | None = None
    for since, until in sorted(intervals):
        if until <= since or (end is not None and until <= end):
            continue
        if end is None or since > end:
            if end is not None:
                changes.append((end, False))
            changes.append((since, True))
        end = until
    if end is not None:
        changes.append((end, False))
    return signal(initial=False, changes=changes)


def lowest(intervals: Iterable[tuple[int, int, int]], ceiling: int) -> Signal[int]:
    """Return the least of ``ceiling`` and the levels of all (from, to, level) that hold."""
    spans = sorted(intervals)
    changes: list[tuple[int, int]] = []
    holding: list[tuple[int, int]] = []  # (level, to), a heap; those that ended leave at the top
    number = 0
    for at in sorted({edge for since, until, _ in spans for edge in (since, until)}):
        while number < len(spans) and spans[number][0] <= at:
            heappush(holding, (spans[number][2], spans[number][1]))
            number += 1
        while holding and holding[0][1] <= at:
            heappop(holding)
        changes.append((at, min(holding[0][0], ceiling) if holding else ceiling))
    return signal(ceiling, changes)


def both(one: Signal[bool], other: Signal[bool]) -> Signal[bool]:
    """Return where both are true."""
    return one.combine(other, lambda a, b: a and b)


def either(one: Signal[bool], other: Signal[bool]) -> Signal[bool]:
    """Return where at least one is true."""
    return one.combine(other, lambda a, b: a or b)


def inverted(of: Signal[bool]) -> Signal[bool]:
    """Return where the signal is false."""
    return of.map(lambda value: not value)


def held(of: Signal[bool], true_delay: int, false_delay: int) -> Signal[bool]:
    """Return the output of a detector with a hold on its input.

    It turns true at the first ``t`` where the input was true throughout ``[t - true_delay, t]``,
    and false in the same way; in between it keeps its value.
    """
    changes: list[tuple[int, bool]] = []
    for number, (since, value) in enumerate(zip(of.times, of.values[1:], strict=True), start=1):
        turns = since + (true_delay if value else false_delay)
        if number == len(of.times) or turns < of.times[number]:
            changes.append((turns, value))
    return signal(of.values[0], changes)


def cached(of: Signal[T], refresh: int, phase: int) -> Signal[T]:
    """Return the cache of an agent that reads only at ``phase + k * refresh``, for any whole k.

    Costs one step a change of the source, not one a refresh.
    """
    if refresh <= 0:
        raise ValueError(f"refresh is {refresh}, must be above 0")
    # A change shows at the first reading at or after it; of several, the last one.
    looks = (phase - (phase - at) // refresh * refresh for at in of.times)
    return signal(of.values[0], zip(looks, of.values[1:], strict=True))


def intervals_where(
    of: Signal[T], predicate: Callable[[T], bool], since: int, until: int
) -> list[tuple[int, int]]:
    """Return the ``[from, to)`` within ``[since, until)`` where the predicate holds, unbroken."""
    if until <= since:
        return []
    inside = of.map(predicate)
    edges: Sequence[int] = (since, *(at for at, _ in inside.changes(since + 1, until)), until)
    return [(a, b) for a, b in pairwise(edges) if inside.at(a)]
