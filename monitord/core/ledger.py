"""Pieces into seconds per column and the three figures. Owns these sums; opens no incident."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitord.core.calendar import spans
from monitord.core.columns import column_of, is_bad, is_clear
from monitord.core.durable import Durable, Piece, ProgrammeNow
from monitord.core.figures import Figures
from monitord.core.model import Column, Expected

STRETCH_MAX = 256
"""Pieces of one stretch kept apart; beyond that the two oldest become one."""


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
        _add_scheduled(
            figures, durable, programme, sort, begin=max(start, begin), end=min(finish, end)
        )
    return figures


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
    # What is proven, and not settled yet: bad from the proof to the last evidence.
    bad_from = max(settled, proven.not_after) if proven is not None else settled
    bad_to = min(end, max(bad_from, bad_until or 0, proven.bad_at if proven is not None else 0))
    if proven is not None and bad_to > bad_from:
        yield settled, bad_from, "between"
        yield bad_from, bad_to, "bad"
        yield bad_to, end, "between"
    else:
        yield settled, end, "between"


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


def totals(durable: Durable, programme: str, settled_to: int) -> tuple[dict[Column, int], Figures]:
    """Return columns and figures of all closed pieces and of the open one up to ``settled_to``."""
    now = durable.programmes[programme]
    finish = max(settled_to, now.piece.start)
    columns = columns_of_piece(
        durable, programme, now.piece.possible, start=now.piece.start, finish=finish
    )
    for column in Column:
        columns[column] = columns.get(column, 0) + now.seconds.get(column.value, 0)
    figures = Figures(now.figures.least, now.figures.most_seen, now.figures.most)
    _add_piece(figures, durable, programme, now.piece, finish)
    return columns, figures


def _add_piece(
    figures: Figures, durable: Durable, programme: str, piece: Piece, finish: int
) -> None:
    if not is_clear(piece.possible):
        sort = stretch_sort(piece.possible, piece.blind)
        _add_scheduled(figures, durable, programme, sort, begin=piece.start, end=finish)
