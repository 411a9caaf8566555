"""Pieces into seconds per column and the three figures. Owns these sums; opens no incident.

Columns are summed over wall time: they tile it from the first piece on. What the clock leaves out
between two boots is blind; what it shows twice counts once, and the surplus may be off air.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from monitord.core.calendar import eras_of, spans, wall_spans
from monitord.core.clock_state import Era, Trust, era_parts
from monitord.core.columns import column_of, is_bad, is_clear, reason_of
from monitord.core.durable import Durable, Piece, ProgrammeNow
from monitord.core.figures import Figures
from monitord.core.model import SECOND, Column, Expected

STRETCH_MAX = 256
"""Pieces of one stretch kept apart; beyond that the two oldest become one."""
HELD_MAX = 256
"""Pieces that wait for the clock to be trusted."""
SLEW_MAX = 2 * SECOND
"""By so much a clock may be corrected inside a piece; a longer gap is another boot's."""
_PLACELESS = (Trust.UNTRUSTED, Trust.DISPUTED)
_ABSENT = ("unknown:absent",)
OWN_REASONS: Final = ("filler", "wrong_programme")
"""Outages of these reasons have totals of their own, beside those of all reasons."""


def stretch_sort(possible: Sequence[str], blind: str | None) -> str:
    """Return how a piece that is not clear counts: bad, between or blind."""
    if blind is not None:
        return "blind"
    return "bad" if is_bad(possible) else "between"


def own_sorts(possible: Sequence[str], blind: str | None) -> Iterator[tuple[str, str]]:
    """Yield (reason, sort) of a piece: bad where it is of this reason, between where it may be."""
    for reason in OWN_REASONS if blind is None else ():
        found = [reason_of(observed) == reason for observed in possible]
        if any(found):
            yield reason, "bad" if all(found) else "between"


def add_time(figures: Figures, sort: str, duration: int) -> None:
    """Add microseconds of one sort (bad, between, blind) to the three figures."""
    figures.most += duration
    if sort != "blind":
        figures.most_seen += duration
    if sort == "bad":
        figures.least += duration


def _add_expected(figures: Figures, sort: str, expected: Expected, duration: int) -> None:
    """Add time to the figures where it is scheduled; where that is not sure it is not proven."""
    if expected is Expected.ON:
        add_time(figures, sort, duration)
    elif expected is Expected.UNSURE:
        add_time(figures, "between" if sort == "bad" else sort, duration)


def figures_of(
    durable: Durable,
    programme: str,
    *,
    begin: int,
    end: int,
    settled_to: int,
    bad_until: int | None = None,
) -> Figures:
    """Return the figures of the present stretch between two moments, in scheduled time only.

    Time after ``settled_to`` counts as between: it may be bad. ``bad_until``: up to when the last
    answers prove it bad, before the ledger settles it.
    """
    figures = Figures()
    for start, finish, sort in _pieces(durable.programmes[programme], end, settled_to, bad_until):
        for a, b, expected in spans(durable, programme, max(start, begin), min(finish, end)):
            _add_expected(figures, sort, expected, b - a)
    return figures


def own_figures_of(
    durable: Durable, programme: str, *, begin: int, end: int, settled_to: int
) -> dict[str, Figures]:
    """Return the figures of each reason with totals of its own that was on air in the stretch.

    What nobody saw, and what is not settled, may be of any reason.
    """
    found: dict[str, Figures] = {}
    now = durable.programmes[programme]
    for reason in OWN_REASONS:
        figures = Figures()
        for start, finish, sort in _own_pieces(now, reason, end, settled_to):
            parts = spans(durable, programme, max(start, begin), min(finish, end))
            for a, b, expected in parts:
                _add_expected(figures, sort, expected, b - a)
        if _is_seen(now, reason):
            found[reason] = figures
    return found


def _is_seen(now: ProgrammeNow, reason: str) -> bool:
    return reason in now.own_stretch or bool(_own_sort(now, reason))


def _own_sort(now: ProgrammeNow, reason: str) -> str:
    """Return how the open piece, if it is bad, counts for a reason; "" where it does not."""
    possible, blind = now.piece.possible, now.piece.blind
    return dict(own_sorts(possible, blind)).get(reason, "") if is_bad(possible) else ""


def _own_pieces(
    now: ProgrammeNow, reason: str, end: int, settled_to: int
) -> Iterator[tuple[int, int, str]]:
    settled = max(now.piece.start, min(settled_to, end))
    yield from now.own_stretch.get(reason, ())
    if sort := _own_sort(now, reason):
        yield now.piece.start, settled, sort
    for start, finish, sort in _pieces(now, end, settled_to, None):
        if sort != "bad":
            yield start, finish, sort  # what may be good may be of any reason
        elif start >= settled:
            yield start, finish, "between"


def _pieces(
    now: ProgrammeNow, end: int, settled_to: int, bad_until: int | None
) -> Iterable[tuple[int, int, str]]:
    piece, proven = now.piece, now.proven
    ahead = proven is not None and proven.not_after > piece.start
    yield from now.stretch
    if is_clear(piece.possible):
        settled = piece.start
        if not ahead:
            return
    else:
        settled = max(piece.start, min(settled_to, end))
        yield piece.start, settled, stretch_sort(piece.possible, piece.blind)
    if piece.blind is not None and not ahead:
        yield settled, end, "blind"
        return
    if proven is None:
        yield settled, end, "between"
        return
    # What is proven, and not settled yet: bad from the proof to the last evidence.
    bad_from = min(end, max(settled, proven.not_after))
    bad_to = min(end, max(bad_from, bad_until or 0, proven.bad_at))
    yield settled, bad_from, "between"
    yield bad_from, bad_to, "bad"
    yield bad_to, end, "between"


@dataclass(slots=True)
class Sums:
    """Columns and figures in microseconds; wall time up to ``booked_to`` is in them."""

    durable: Durable
    programme: str
    booked_to: int | None
    columns: dict[Column, int] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    own: dict[str, Figures] = field(default_factory=dict)

    def add(self, piece: Piece, finish: int) -> None:
        """Add the site time of a piece from its start to ``finish``."""
        for era, begin, end in era_parts(eras_of(self.durable), piece.start, finish):
            if era.trust is not Trust.UNTRUSTED:
                self._add_placed(piece, era, begin + era.offset, end + era.offset)
            elif self.booked_to is None and not is_clear(piece.possible):
                # No later gap of the calendar will cover it.
                self._count(piece.possible, piece.blind, Expected.UNSURE, end - begin)

    def _add_placed(self, piece: Piece, era: Era, begin: int, end: int) -> None:
        booked_to = begin if self.booked_to is None else self.booked_to
        if begin > booked_to:
            if begin - booked_to > SLEW_MAX and piece.blind is None:
                self._add_wall(_ABSENT, "absent", era, booked_to, begin)
            else:
                begin = booked_to
        elif begin < booked_to:
            twice = min(booked_to, end)
            self._add_surplus(piece, era, begin, twice)
            begin = twice
        self._add_wall(piece.possible, piece.blind, era, begin, end)
        self.booked_to = max(booked_to, end)

    def _add_wall(
        self, possible: Sequence[str], blind: str | None, era: Era, begin: int, end: int
    ) -> None:
        clear = is_clear(possible)
        for a, b, expected in wall_spans(self.durable, self.programme, era, begin, end):
            column = column_of(possible, expected)
            self.columns[column] = self.columns.get(column, 0) + b - a
            if not clear:
                self._count(possible, blind, expected, b - a)

    def _count(
        self, possible: Sequence[str], blind: str | None, expected: Expected, duration: int
    ) -> None:
        _add_expected(self.figures, stretch_sort(possible, blind), expected, duration)
        for reason, sort in own_sorts(possible, blind):
            _add_expected(self.own.setdefault(reason, Figures()), sort, expected, duration)

    def _add_surplus(self, piece: Piece, era: Era, begin: int, end: int) -> None:
        if is_clear(piece.possible):
            return
        for a, b, expected in wall_spans(self.durable, self.programme, era, begin, end):
            _add_expected(self.figures, "blind", expected, b - a)


def book(durable: Durable, programme: str, piece: Piece, finish: int) -> None:
    """Add a closed piece to the programme's totals; hold it back while the clock is not trusted."""
    now = durable.programmes[programme]
    if durable.clock.is_settled and not now.held:
        _book(durable, programme, ((piece, finish),))
        return
    if finish <= piece.start:
        return
    now.held.append(piece)
    if len(now.held) > HELD_MAX:
        _shorten_held(durable, programme)


def _book(durable: Durable, programme: str, pieces: Iterable[tuple[Piece, int]]) -> None:
    now = durable.programmes[programme]
    sums = Sums(durable, programme, now.booked_to)
    for piece, finish in pieces:
        sums.add(piece, finish)
    for column, duration in sums.columns.items():
        now.seconds[column.value] = now.seconds.get(column.value, 0) + duration
    now.figures.add(sums.figures)
    for reason, figures in sums.own.items():
        now.own.setdefault(reason, Figures()).add(figures)
    now.booked_to = sums.booked_to


def held_pieces(now: ProgrammeNow) -> list[tuple[Piece, int]]:
    """Return the pieces held back, each with its end: they tile time up to the open piece."""
    following = [*now.held[1:], now.piece]
    return [(piece, after.start) for piece, after in zip(now.held, following, strict=False)]


def _shorten_held(durable: Durable, programme: str) -> None:
    now = durable.programmes[programme]
    first, second = now.held[0], now.held[1]
    if durable.clock.trust is not Trust.UNTRUSTED:
        now.held = now.held[1:]
        _book(durable, programme, ((first, second.start),))
        return
    possible = list(dict.fromkeys([*first.possible, *second.possible]))
    both = Piece(first.start, possible, first.blind or second.blind, presumed=False)
    now.held = [both, *now.held[2:]]


def book_held(durable: Durable) -> None:
    """Book what was held back: the clock is trusted again."""
    for programme, now in durable.programmes.items():
        if now.held:
            held, now.held = held_pieces(now), []
            _book(durable, programme, held)


class Totals(NamedTuple):
    """Microseconds per column, the three figures, and those of each reason with its own totals."""

    columns: Mapping[Column, int]
    figures: Figures
    own: Mapping[str, Figures]


def totals(durable: Durable, programme: str, settled_to: int) -> Totals:
    """Return the totals of all closed pieces and of the open one up to ``settled_to``.

    Time of a boot whose clock is not trusted is in no column. What was not monitored may have been
    an outage of any reason: it is in the ``most`` of each.
    """
    return _added(durable, programme, settled_to, None)


def final_totals(durable: Durable, programme: str, settled_to: int) -> Totals:
    """Return the totals without the time that has no certain place since the clock lost its own.

    It may be placed in other hours yet. A battery clock's place counts while nobody corrects it.
    """
    placed_to = None
    for era in reversed(eras_of(durable)):
        if era.trust not in _PLACELESS:
            break
        placed_to = era.since
    return _added(durable, programme, settled_to, placed_to)


def _added(durable: Durable, programme: str, settled_to: int, placed_to: int | None) -> Totals:
    """Add what is not booked yet: closed pieces, the open one up to ``settled_to``, and of neither
    what is later than ``placed_to``.
    """
    now = durable.programmes[programme]
    sums = Sums(durable, programme, now.booked_to)
    open_piece = now.piece, max(settled_to, now.piece.start)
    for piece, finish in [*held_pieces(now), open_piece] if now.held else [open_piece]:
        sums.add(piece, finish if placed_to is None else min(finish, placed_to))
    columns = {
        column: sums.columns.get(column, 0) + now.seconds.get(column.value, 0) for column in Column
    }
    sums.figures.add(now.figures)
    unseen = sums.figures.most - sums.figures.most_seen
    own = {reason: sums.own.get(reason, Figures()) for reason in OWN_REASONS}
    for reason, figures in own.items():
        figures.add(now.own.get(reason, Figures()))
        figures.most += unseen
    return Totals(columns, sums.figures, own)
