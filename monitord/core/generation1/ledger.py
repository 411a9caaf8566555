"""Seconds of generation 1: hours, columns, sums of pieces. Owns these look-ups and sums."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from monitord.core.generation1.durable import Durable, Figures, Piece, ProgrammeNow, Proven
from monitord.core.generation1.states import Column, Expected

STRETCH_MAX = 256
"""Pieces of one stretch kept apart; beyond that the two oldest become one."""


class Quality(StrEnum):
    """The first word of an observed value: good, degraded:reason, bad:reason, unknown:cause."""

    GOOD = "good"
    DEGRADED = "degraded"
    BAD = "bad"
    UNKNOWN = "unknown"


_E, _C = Expected, Column

COLUMNS: Final[dict[Quality, dict[Expected, Column]]] = {
    Quality.GOOD: {_E.ON: _C.ON_AIR, _E.WINDOW: _C.ON_AIR, _E.CLOSED: _C.CLOSED},
    Quality.DEGRADED: {_E.ON: _C.DEGRADED, _E.WINDOW: _C.DEGRADED, _E.CLOSED: _C.CLOSED},
    Quality.BAD: {_E.ON: _C.OFF_AIR, _E.WINDOW: _C.PLANNED_OFF, _E.CLOSED: _C.CLOSED},
    Quality.UNKNOWN: {_E.ON: _C.BLIND, _E.WINDOW: _C.PLANNED_OFF, _E.CLOSED: _C.CLOSED},
}


def quality_of(observed: str) -> Quality:
    """Return the quality of one observed value."""
    return Quality(observed.partition(":")[0])


def column_of(possible: Sequence[str], expected: Expected) -> Column:
    """Return the one column of all possibilities, or BETWEEN where they differ."""
    found = {COLUMNS[quality_of(observed)][expected] for observed in possible}
    return found.pop() if len(found) == 1 else Column.BETWEEN


def is_bad(possible: Sequence[str]) -> bool:
    """Return whether every possibility is bad."""
    return all(quality_of(observed) is Quality.BAD for observed in possible)


def is_clear(possible: Sequence[str]) -> bool:
    """Return whether bad is impossible."""
    return not any(quality_of(observed) in (Quality.BAD, Quality.UNKNOWN) for observed in possible)


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


def stretch_sort(possible: Sequence[str], blind: str | None) -> str:
    """Return how a piece that is not clear counts: bad, between or blind."""
    if blind is not None:
        return "blind"
    return "bad" if is_bad(possible) else "between"


def add_time(figures: Figures, sort: str, duration: int) -> None:
    """Add microseconds of one sort (bad, between, blind) to the three figures."""
    figures.most += duration
    if sort != "blind":
        figures.most_seen += duration
    if sort == "bad":
        figures.least += duration


def _add_scheduled(
    figures: Figures, durable: Durable, programme: str, sort: str, *, begin: int, end: int
) -> None:
    """Add what is scheduled of [begin, end) to the figures."""
    for start, finish, expected in spans(durable, programme, begin, end):
        if expected is Expected.ON:
            add_time(figures, sort, finish - start)


def columns_of_piece(
    durable: Durable, programme: str, possible: Sequence[str], *, start: int, finish: int
) -> dict[Column, int]:
    """Return microseconds per column of one piece; their sum is exactly its length."""
    found: dict[Column, int] = {}
    for part_from, part_to, expected in spans(durable, programme, start, finish):
        column = column_of(possible, expected)
        found[column] = found.get(column, 0) + part_to - part_from
    return found


def book(durable: Durable, programme: str, piece: Piece, finish: int) -> None:
    """Add a closed piece to the programme's totals, by the present calendar."""
    now = durable.programmes[programme]
    columns = columns_of_piece(durable, programme, piece.possible, start=piece.start, finish=finish)
    for column, duration in columns.items():
        now.seconds[column.value] = now.seconds.get(column.value, 0) + duration
    _add_piece(now.figures, durable, programme, piece, finish)


def _add_piece(
    figures: Figures, durable: Durable, programme: str, piece: Piece, finish: int
) -> None:
    if not is_clear(piece.possible):
        sort = stretch_sort(piece.possible, piece.blind)
        _add_scheduled(figures, durable, programme, sort, begin=piece.start, end=finish)


def outage(now: ProgrammeNow) -> Proven | None:
    """Return the proven outage that no clear piece has ended yet."""
    proven, piece = now.proven, now.piece
    if proven is None or (is_clear(piece.possible) and piece.start >= proven.not_after):
        return None
    return proven
