"""The figures of a programme in a period of wall time, from its pieces. Owns these sums.

Wall time is tiled: what no piece has is blind, *absent*; of what the clock showed twice the first
counts, and the surplus only as possibly off air. Time of a boot whose clock was not trusted has no
place in it. A part of a period has the same figures by itself as within the whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from monitord.core.calendar import eras_of, wall_spans
from monitord.core.clock_state import Era, Trust, era_parts
from monitord.core.columns import column_of, is_clear, reason_of
from monitord.core.durable import Durable
from monitord.core.figures import Figures
from monitord.core.ledger import OWN_REASONS, SLEW_MAX, add_time, stretch_sort
from monitord.core.model import HOUR, Column, Expected

ABSENT: Final = "absent"
SEVERAL: Final = "several"
"""The reason of time that was off air for one of several reasons."""
_OUTSIDE: Final = (Column.CLOSED, Column.PLANNED_OFF)


MARGIN: Final = 2 * SLEW_MAX
"""So much beside a period is looked at: a short gap at its edge is the same as within."""
_EXACT: Final = Era(0, 0)
"""Wall time that no clock of the record showed is that of the calendar, without a bound."""


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


Placed: TypeAlias = tuple[int, int, Known, Era]
"""Wall begin and end of what is known, and the era that places it."""


@dataclass(slots=True)
class PeriodFigures:
    """Microseconds of wall time.

    ``reasons``: proven off air, by reason. ``blind_longest``: the longest blind span in hours.
    ``twice``: wall time that came a second time, in the figures as possibly off air only.
    ``unsure``: scheduled time of which it is not known that the programme was expected on air.
    """

    columns: dict[Column, int] = field(default_factory=lambda: dict.fromkeys(Column, 0))
    figures: Figures = field(default_factory=Figures)
    own: dict[str, Figures] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    blind_longest: int = 0
    unsure: int = 0
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

    @property
    def eras(self) -> list[Era]:
        """The eras of site time, in order."""
        return eras_of(self.durable)


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
    """Yield tiles of the whole period in order; add what comes twice to ``found``."""
    placed = list(_placed(timeline.eras, known, begin - MARGIN, end + MARGIN))
    at = begin - MARGIN
    for low, high, one, era in sorted(_once(timeline, placed, (begin, end), found), key=_low):
        if at < low <= at + SLEW_MAX:
            yield from _of_wall(timeline, era, (max(at, begin), min(low, end)), one)
        elif at < low:
            yield from _of_wall(timeline, _EXACT, (max(at, begin), min(low, end)), None)
        yield from _of_wall(timeline, era, (max(low, begin), min(high, end)), one)
        at = high
    yield from _of_wall(timeline, _EXACT, (max(at, begin), end), None)


def _placed(eras: list[Era], known: Iterable[Known], begin: int, end: int) -> Iterator[Placed]:
    """Yield what is known with its wall time, cut to a span of it, in the order of the record."""
    for one in known:
        for era, start, finish in era_parts(eras, one.start, one.finish):
            low, high = max(start + era.offset, begin), min(finish + era.offset, end)
            if era.trust is not Trust.UNTRUSTED and low < high:
                yield low, high, one, era


def _once(
    timeline: Timeline, placed: Iterable[Placed], wall: tuple[int, int], found: PeriodFigures
) -> Iterator[Placed]:
    """Yield each part of wall time as it was covered first; add later ones to ``found``."""
    covered: list[tuple[int, int]] = []
    for low, high, one, era in placed:
        for begin, end, is_new in _split(covered, low, high):
            if is_new:
                yield begin, end, one, era
            else:
                cut = max(begin, wall[0]), min(end, wall[1])
                _add_twice(_of_wall(timeline, era, cut, one), found)
        _cover(covered, low, high)


def _split(
    covered: Sequence[tuple[int, int]], low: int, high: int
) -> Iterator[tuple[int, int, bool]]:
    """Yield the parts of [low, high) in order, and whether each is not covered yet."""
    for begin, end in covered[max(0, bisect_right(covered, low, key=_low) - 1) :]:
        if end <= low:
            continue
        if begin >= high:
            break
        if low < begin:
            yield low, begin, True
        yield max(low, begin), min(end, high), False
        low = min(end, high)
    if low < high:
        yield low, high, True


def _cover(covered: list[tuple[int, int]], low: int, high: int) -> None:
    """Add [low, high) to ordered disjoint spans."""
    first = bisect_right(covered, low, key=_low)
    if first and covered[first - 1][1] >= low:
        first -= 1
        low = covered[first][0]
    last = first
    while last < len(covered) and covered[last][0] <= high:
        high = max(high, covered[last][1])
        last += 1
    covered[first:last] = [(low, high)]


def _low(part: Sequence[Any]) -> int:
    found: int = part[0]
    return found


def _of_wall(
    timeline: Timeline, era: Era, wall: tuple[int, int], one: Known | None
) -> Iterator[Tile]:
    possible, blind = ((f"unknown:{ABSENT}",), ABSENT) if one is None else one[2:]
    for begin, end in _cells(era, *wall):
        for a, b, expected in wall_spans(timeline.durable, timeline.programme, era, begin, end):
            low, high = max(a, wall[0]), min(b, wall[1])
            if low < high:
                yield Tile(low, high, possible, blind, expected)


def _cells(era: Era, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield whole hours around wall time where its bound grows: it is then the same for any cut."""
    if begin >= end:
        return
    if era.trust is Trust.TRUSTED:
        yield begin, end
        return
    for at in range(begin // HOUR * HOUR, end, HOUR):
        yield at, at + HOUR


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
    if tile.expected is Expected.UNSURE:
        found.unsure += tile.end - tile.begin
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
