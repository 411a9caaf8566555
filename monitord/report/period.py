"""The figures of a programme in a period of wall time, from its pieces. Owns these sums.

Wall time is tiled: what no piece has is blind, *absent*; what the clock showed twice counts once,
and the surplus of it only as possibly off air. Time of a boot whose clock was not trusted has no
place in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from monitord.core.calendar import wall_spans
from monitord.core.clock_state import Era, Trust, era_parts
from monitord.core.columns import column_of, is_clear, reason_of
from monitord.core.durable import Durable
from monitord.core.figures import Figures
from monitord.core.ledger import OWN_REASONS, SLEW_MAX, add_time, stretch_sort
from monitord.core.model import Column, Expected

ABSENT: Final = "absent"
SEVERAL: Final = "several"
"""The reason of time that was off air for one of several reasons."""
_OUTSIDE: Final = (Column.CLOSED, Column.PLANNED_OFF)


class Known(NamedTuple):
    """What was possible in a span of site time; ``blind``: why nobody saw it, or None."""

    start: int
    finish: int
    possible: tuple[str, ...]
    blind: str | None


class Tile(NamedTuple):
    """A span of wall time with what was possible and what was expected in it."""

    begin: int
    end: int
    possible: tuple[str, ...]
    blind: str | None
    expected: Expected


@dataclass(slots=True)
class PeriodFigures:
    """Microseconds of wall time, but ``unplaced``: site time.

    ``reasons``: proven off air, by reason. ``blind_longest``: the longest blind span in hours.
    ``twice``: wall time that came a second time, in the figures as possibly off air only.
    """

    columns: dict[Column, int] = field(default_factory=lambda: dict.fromkeys(Column, 0))
    figures: Figures = field(default_factory=Figures)
    own: dict[str, Figures] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    blind_longest: int = 0
    unplaced: int = 0
    twice: int = 0

    @property
    def scheduled(self) -> int:
        """Time in which the programme was expected on the air, without what was planned off."""
        return sum(time for column, time in self.columns.items() if column not in _OUTSIDE)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the record has of one programme's time: its calendar and the eras of the clock."""

    programme: str
    durable: Durable
    eras: Sequence[Era]


def period_figures(
    timeline: Timeline, known: Iterable[Known], begin: int, end: int
) -> PeriodFigures:
    """Return the figures of the wall time [begin, end). ``known``: in the order of the record."""
    found = PeriodFigures()
    blind_from = blind_to = begin
    for tile in _tiles(timeline, known, begin, end, found):
        if _count(tile, found) is Column.BLIND:
            blind_from = blind_from if blind_to == tile.begin else tile.begin
            blind_to = tile.end
            found.blind_longest = max(found.blind_longest, blind_to - blind_from)
    unseen = found.figures.most - found.figures.most_seen
    for reason in OWN_REASONS:
        # What nobody saw may have been an outage of any reason.
        found.own.setdefault(reason, Figures()).most += unseen
    return found


def _tiles(
    timeline: Timeline, known: Iterable[Known], begin: int, end: int, found: PeriodFigures
) -> Iterator[Tile]:
    """Yield tiles of the whole period in order; add what has no place to ``found``."""
    booked, era = begin, timeline.eras[-1]
    for one, era, low, high in _placed(timeline.eras, known, begin, end, found):
        start = low
        if booked < low <= booked + SLEW_MAX or (one.blind is not None and booked < low):
            start = booked
        elif booked < low:
            yield from _of_wall(timeline, era, (booked, low), None)
        elif low < booked:
            start = min(booked, high)
            _add_twice(_of_wall(timeline, era, (low, start), one), found)
        if start < high:
            yield from _of_wall(timeline, era, (start, high), one)
        booked = max(booked, high)
    if booked < end:
        yield from _of_wall(timeline, era, (booked, end), None)


def _placed(
    eras: Sequence[Era], known: Iterable[Known], begin: int, end: int, found: PeriodFigures
) -> Iterator[tuple[Known, Era, int, int]]:
    """Yield what is known with its era and its wall time, cut to the period."""
    for one in known:
        for era, start, finish in era_parts(list(eras), one.start, one.finish):
            if era.trust is Trust.UNTRUSTED:
                found.unplaced += finish - start
                continue
            low, high = max(start + era.offset, begin), min(finish + era.offset, end)
            if low < high:
                yield one, era, low, high


def _of_wall(
    timeline: Timeline, era: Era, wall: tuple[int, int], one: Known | None
) -> Iterator[Tile]:
    possible, blind = ((f"unknown:{ABSENT}",), ABSENT) if one is None else one[2:]
    for a, b, expected in wall_spans(timeline.durable, timeline.programme, era, *wall):
        yield Tile(a, b, possible, blind, expected)


def _add_twice(tiles: Iterable[Tile], found: PeriodFigures) -> None:
    """Count wall time that comes a second time: it may have been off the air then."""
    for tile in tiles:
        time = tile.end - tile.begin
        found.twice += time
        if not is_clear(tile.possible) and tile.expected in (Expected.ON, Expected.UNSURE):
            found.figures.most += time


def _count(tile: Tile, found: PeriodFigures) -> Column:
    """Add a tile to columns and figures; return its column."""
    column = column_of(tile.possible, tile.expected)
    found.columns[column] += tile.end - tile.begin
    _add_figures(tile, found)
    return column


def _add_figures(tile: Tile, found: PeriodFigures) -> None:
    time, expected = tile.end - tile.begin, tile.expected
    if is_clear(tile.possible) or expected not in (Expected.ON, Expected.UNSURE):
        return
    sort = stretch_sort(tile.possible, tile.blind)
    sort = "between" if sort == "bad" and expected is Expected.UNSURE else sort
    add_time(found.figures, sort, time)
    if tile.blind is not None:
        return
    reasons = {reason_of(one) for one in tile.possible}
    for reason in OWN_REASONS:
        if reason in reasons:
            own = "bad" if reasons == {reason} and sort == "bad" else "between"
            add_time(found.own.setdefault(reason, Figures()), own, time)
    if sort == "bad":
        reason = reasons.pop() if len(reasons) == 1 else SEVERAL
        found.reasons[reason] = found.reasons.get(reason, 0) + time
