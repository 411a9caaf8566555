"""Evaluates the hours of a programme at a wall time, without any time zone library.

A local time that comes twice begins with the first and ends with the second; one that the clock
jumps over is the moment of the jump.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from monitord.core.calendar_values import Dated, Hours, Offset, Slot
from monitord.core.model import HOUR, Expected

DAY: Final = 24 * HOUR
WEEK_DAYS: Final = 7
_FIRST_DAY: Final = 3
"""1970-01-01 was a Thursday; Monday is 0."""
_REACH: Final = DAY
"""Local time is less than this away from UTC."""
_WINDOW: Final = 16 * DAY
"""Runs are found for so much wall time at once."""
_WINDOWS_KEPT: Final = 2
_SLOT_DAYS: Final = 2
"""A slot ends at most so many days after its own day began."""

Run: TypeAlias = tuple[int, int, Expected]
"""Wall begin and end of time throughout which the same is expected."""


@dataclass(slots=True)
class StoredHours:
    """Hours that count from ``since`` (wall time) on. ``offsets``: ordered; the first one also
    covers what was before it.
    """

    since: int
    hours: Hours
    offsets: tuple[Offset, ...]


class HoursSince(StoredHours):
    """The same, with what was found last: nearly always it is asked for again."""

    __slots__ = ("_constant", "_found", "_windows")

    def __init__(self, since: int, hours: Hours, offsets: tuple[Offset, ...]) -> None:
        super().__init__(since, hours, offsets)
        self._constant = _constant(hours.slots)
        self._found: tuple[int, int, Run] | None = None
        self._windows: dict[int, list[Run]] = {}

    def run_at(self, wall: int, low: int, high: int) -> Run:
        """Return the run around a wall time in [low, high), cut to these."""
        found = self._found
        if found is not None and found[:2] == (low, high) and found[2][0] <= wall < found[2][1]:
            return found[2]
        run = self._run(wall, low, high)
        self._found = low, high, run
        return run

    def offset_at(self, wall: int) -> int:
        """Return by how much local time is ahead of UTC."""
        return self.offsets[max(0, bisect_right(self.offsets, wall, key=_since) - 1)][1]

    def _run(self, wall: int, low: int, high: int) -> Run:
        if self._constant is not None and not self.hours.dated:
            return low, high, self._constant
        begin, end, expected = self._in_window(wall)
        while begin > low and begin % _WINDOW == 0:
            before, _, other = self._in_window(begin - 1)
            if other is not expected:
                break
            begin = self._same_since(before, low)
        while end < high and end % _WINDOW == 0:
            _, after, other = self._in_window(end)
            if other is not expected:
                break
            end = self._same_until(after, high)
        return max(begin, low), min(end, high), expected

    def _same_since(self, wall: int, low: int) -> int:
        """Return the begin of the windows before a wall time in which nothing changes."""
        if self._constant is None or wall % _WINDOW:
            return wall
        dated = self.hours.dated
        place = bisect_right(dated, wall + _REACH, key=_since) - 1
        if place < 0:
            return min(wall, low)
        begin, end, _ = dated[place]
        edge = begin if end - _REACH >= wall else end
        return min(wall, -(-(edge + _REACH) // _WINDOW) * _WINDOW)

    def _same_until(self, wall: int, high: int) -> int:
        """Return the end of the windows behind a wall time in which nothing changes."""
        if self._constant is None or wall % _WINDOW:
            return wall
        dated = self.hours.dated
        place = bisect_right(dated, wall - _REACH, key=_until)
        if place == len(dated):
            return max(wall, high)
        begin, end, _ = dated[place]
        edge = end if begin + _REACH <= wall else begin
        return max(wall, (edge - _REACH) // _WINDOW * _WINDOW)

    def _in_window(self, wall: int) -> Run:
        """Return the run around a wall time, cut to its window."""
        number = wall // _WINDOW
        runs = self._windows.get(number)
        if runs is None:
            if len(self._windows) == _WINDOWS_KEPT:
                del self._windows[next(iter(self._windows))]
            runs = self._windows[number] = list(self._runs(number * _WINDOW))
        return runs[bisect_right(runs, wall, key=_since) - 1]

    def _runs(self, begin: int) -> Iterator[Run]:
        """Yield the runs of the window that begins at a wall time; they tile it."""
        end = begin + _WINDOW
        slots, dated = _union(self._slots(begin, end)), list(self._dated(begin, end))
        spans = [*slots, *((since, until) for since, until, _ in dated)]
        moments = [moment for span in spans for moment in span]
        edges = sorted({at for at in moments if begin < at < end})
        begun: tuple[int, Expected] | None = None
        for edge in (begin, *edges):
            expected = self._expected(edge, slots, dated)
            if begun is None or begun[1] is not expected:
                if begun is not None:
                    yield begun[0], edge, begun[1]
                begun = edge, expected
        assert begun is not None, "a window has a begin"
        yield begun[0], end, begun[1]

    def _expected(
        self, wall: int, slots: Sequence[tuple[int, int]], dated: Sequence[Dated]
    ) -> Expected:
        for begin, end, expected in reversed(dated):
            if begin <= wall < end:
                return Expected(expected)
        if self._constant is not None:
            return self._constant
        place = bisect_right(slots, wall, key=_since) - 1
        return Expected.ON if place >= 0 and wall < slots[place][1] else Expected.CLOSED

    def _dated(self, begin: int, end: int) -> Iterator[Dated]:
        """Yield the exceptions, in wall time, that may lie in a span of it."""
        dated = self.hours.dated
        for place in range(bisect_right(dated, begin - _REACH, key=_until), len(dated)):
            since, until, expected = dated[place]
            if since - _REACH >= end:
                return
            # Slots begin with the first of a time that comes twice and end with its last; so closed
            # time between them does the contrary.
            is_closed = expected == Expected.CLOSED
            begins = wall_of(self.offsets, since, last=is_closed)
            yield begins, wall_of(self.offsets, until, last=not is_closed), expected

    def _slots(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield wall begin and end of the slots that may lie in a span of wall time."""
        if self._constant is not None:
            return
        for day in range((begin - _REACH) // DAY - _SLOT_DAYS, (end + _REACH) // DAY + 1):
            weekday, midnight = (day + _FIRST_DAY) % WEEK_DAYS, day * DAY
            for days, since, until in self.hours.slots:
                if days >> weekday & 1:
                    yield (
                        wall_of(self.offsets, midnight + since),
                        wall_of(self.offsets, midnight + until, last=True),
                    )


def _union(parts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same time as ordered disjoint parts; an empty part has none."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(parts):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        elif begin < end:
            joined.append((begin, end))
    return joined


def _since(part: Sequence[Any]) -> int:
    found: int = part[0]
    return found


def _until(part: Sequence[Any]) -> int:
    found: int = part[1]
    return found


def wall_of(offsets: Sequence[Offset], local: int, *, last: bool = False) -> int:
    """Return the first or the last wall time of a local time, or that of the jump over it."""
    place = max(0, bisect_right(offsets, local - _REACH, key=_since) - 1)
    if place + 1 == len(offsets) or offsets[place + 1][0] > local + _REACH:
        return local - offsets[place][1]
    found: int | None = None
    while True:
        since, offset, until = _stretch(offsets, place)
        place += 1
        at = local - offset
        if since is not None and at < since:
            # The clock jumps over it, unless it was there before.
            at = since if found is None else found
        elif until is not None and at >= until:
            continue
        found = at
        if not last or until is None or until > local + _REACH:
            # The last stretch has no end.
            return found


def _stretch(offsets: Sequence[Offset], place: int) -> tuple[int | None, int, int | None]:
    """Return (from, offset, to) of a place in wall time; None where there is no bound."""
    since = offsets[place][0] if place else None
    until = offsets[place + 1][0] if place + 1 < len(offsets) else None
    return since, offsets[place][1], until


def _constant(slots: Sequence[Slot]) -> Expected | None:
    """Return what slots always expect: on by those of a whole week, closed by none; else None."""
    if not slots:
        return Expected.CLOSED
    week = WEEK_DAYS * DAY
    parts = _union(
        (day * DAY + begin + turn, day * DAY + end + turn)
        for days, begin, end in slots
        for day in range(WEEK_DAYS)
        if days >> day & 1
        for turn in (-week, 0)
    )
    return Expected.ON if any(begin <= 0 and end >= week for begin, end in parts) else None
