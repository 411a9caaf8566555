"""What is expected of a programme at a moment of site time. Owns look-ups in the calendar."""

from __future__ import annotations

from bisect import bisect_right

from monitord.core.durable import Durable
from monitord.core.model import Expected


def expected_at(durable: Durable, programme: str, at: int) -> Expected:
    """Return what the calendar expects of the programme just after ``at``."""
    return expected_span(durable, programme, at)[2]


def expected_span(durable: Durable, programme: str, at: int) -> tuple[int, int | None, Expected]:
    """Return (from, to, expected) around ``at`` in site time; ``to`` None where nothing follows.

    A programme without intervals has no calendar yet: it is always closed.
    """
    intervals = durable.calendar.get(programme, [])
    wall = at + durable.clock_offset
    index = bisect_right(intervals, wall, key=lambda interval: interval[0]) - 1
    offset = durable.clock_offset
    if index >= 0 and wall < intervals[index][1]:
        start, finish, expected = intervals[index]
        return start - offset, finish - offset, Expected(expected)
    before = intervals[index][1] - offset if index >= 0 else 0
    after = intervals[index + 1][0] - offset if index + 1 < len(intervals) else None
    return before, after, Expected.CLOSED


def spans(
    durable: Durable, programme: str, begin: int, end: int
) -> list[tuple[int, int, Expected]]:
    """Return [begin, end) cut at the calendar's boundaries; the parts tile it exactly."""
    parts: list[tuple[int, int, Expected]] = []
    at = begin
    while at < end:
        _, finish, expected = expected_span(durable, programme, at)
        to = end if finish is None else min(end, finish)
        parts.append((at, to, expected))
        at = to
    return parts
