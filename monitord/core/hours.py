"""Evaluates the hours of a programme at a wall time, without any time zone library.

A local time that comes twice begins with the first and ends with the second; one that the clock
jumps over is the moment of the jump.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
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
    """The same, with the run found last: nearly always it is asked for again."""

    __slots__ = ("_found", "_is_constant")

    def __init__(self, since: int, hours: Hours, offsets: tuple[Offset, ...]) -> None:
        super().__init__(since, hours, offsets)
        self._is_constant = _is_whole_week(hours.slots) or not hours.slots
        self._found: tuple[int, int, Run] | None = None

    def run_at(self, wall: int, low: int, high: int) -> Run:
        """Return the run around a wall time in [low, high), cut to these."""
        found = self._found
        if found is not None and found[:2] == (low, high) and found[2][0] <= wall < found[2][1]:
            return found[2]
        expected = self._expected(wall)
        run = self._begin(wall, low, expected), self._end(wall, high, expected), expected
        self._found = low, high, run
        return run

    def offset_at(self, wall: int) -> int:
        """Return by how much local time is ahead of UTC."""
        return self.offsets[max(0, bisect_right(self.offsets, wall, key=_since) - 1)][1]

    def _begin(self, wall: int, low: int, expected: Expected) -> int:
        while (edge := self._edge_before(wall, low)) > low:
            if self._expected(edge - 1) is not expected:
                return edge
            wall = edge - 1
        return low

    def _end(self, wall: int, high: int, expected: Expected) -> int:
        while (edge := self._edge_after(wall, high)) < high:
            if self._expected(edge) is not expected:
                return edge
            wall = edge
        return high

    def _expected(self, wall: int) -> Expected:
        dated = self.hours.dated
        for place in range(self._dated_up_to(wall), self._dated_from(wall) - 1, -1):
            begin, end = self._instants(dated[place])
            if begin <= wall < end:
                return Expected(dated[place][2])
        if self._is_constant:
            return Expected.ON if self.hours.slots else Expected.CLOSED
        today = (wall + self.offset_at(wall)) // DAY
        for day in range(today - _SLOT_DAYS, today + 2):
            if any(begin <= wall < end for begin, end in self._slots(day)):
                return Expected.ON
        return Expected.CLOSED

    def _edge_before(self, wall: int, low: int) -> int:
        """Return the last begin or end of a slot or exception in (low, wall], or ``low``."""
        edge = low
        dated = self.hours.dated
        for place in range(self._dated_up_to(wall), -1, -1):
            if dated[place][1] + _REACH <= edge:
                break
            edge = max([edge, *(at for at in self._instants(dated[place]) if at <= wall)])
        day = (wall + _REACH) // DAY
        while not self._is_constant and (day + _SLOT_DAYS) * DAY + _REACH > edge:
            edge = max([edge, *(at for slot in self._slots(day) for at in slot if at <= wall)])
            day -= 1
        return edge

    def _edge_after(self, wall: int, high: int) -> int:
        """Return the next begin or end of a slot or exception in (wall, high), or ``high``."""
        edge = high
        dated = self.hours.dated
        for place in range(self._dated_from(wall), len(dated)):
            if dated[place][0] - _REACH >= edge:
                break
            edge = min([edge, *(at for at in self._instants(dated[place]) if at > wall)])
        day = (wall - _REACH) // DAY - _SLOT_DAYS
        while not self._is_constant and day * DAY - _REACH < edge:
            edge = min([edge, *(at for slot in self._slots(day) for at in slot if at > wall)])
            day += 1
        return edge

    def _dated_up_to(self, wall: int) -> int:
        """Return the place of the last exception that may have begun at a wall time."""
        return bisect_right(self.hours.dated, wall + _REACH, key=_since) - 1

    def _dated_from(self, wall: int) -> int:
        """Return the place of the first exception that may not be over at a wall time."""
        return bisect_right(self.hours.dated, wall - _REACH, key=_until)

    def _instants(self, dated: Dated) -> tuple[int, int]:
        return wall_of(self.offsets, dated[0]), wall_of(self.offsets, dated[1], last=True)

    def _slots(self, day: int) -> Iterator[tuple[int, int]]:
        """Yield wall begin and end of the slots of a day, counted in days since 1970."""
        weekday, midnight = (day + _FIRST_DAY) % WEEK_DAYS, day * DAY
        for days, begin, end in self.hours.slots:
            if days >> weekday & 1:
                yield (
                    wall_of(self.offsets, midnight + begin),
                    wall_of(self.offsets, midnight + end, last=True),
                )


def _since(part: Sequence[Any]) -> int:
    found: int = part[0]
    return found


def _until(part: Sequence[Any]) -> int:
    found: int = part[1]
    return found


def wall_of(offsets: Sequence[Offset], local: int, *, last: bool = False) -> int:
    """Return the first or the last wall time of a local time, or that of the jump over it."""
    place = max(0, bisect_right(offsets, local - _REACH, key=_since) - 1)
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


def _is_whole_week(slots: Sequence[Slot]) -> bool:
    """Return whether slots cover every local time of the week."""
    week = WEEK_DAYS * DAY
    parts = sorted(
        (day * DAY + begin + turn, day * DAY + end + turn)
        for days, begin, end in slots
        for day in range(WEEK_DAYS)
        if days >> day & 1
        for turn in (-week, 0)
    )
    covered = 0
    for begin, end in parts:
        if begin <= covered:
            covered = max(covered, end)
    return covered >= week
