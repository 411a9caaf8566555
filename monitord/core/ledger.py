"""Pieces into figures: least, most seen, most. Owns the sums; opens nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitord.core.calendar import spans
from monitord.core.columns import column_of, is_bad, is_clear
from monitord.core.durable import Durable, Figures, Piece, ProgrammeNow
from monitord.core.model import Column, Expected

STRETCH_MAX = 256
"""Pieces of one stretch kept apart; the oldest beyond are folded."""


def stretch_sort(possible: Sequence[str], blind: str | None) -> str:
    """Return how a piece that is not clear counts: bad, between or blind."""
    if blind is not None:
        return "blind"
    return "bad" if is_bad(possible) else "between"


def add_piece(figures: Figures, sort: str, duration: int) -> None:
    """Count one piece in the three figures."""
    figures.most += duration
    if sort != "blind":
        figures.most_seen += duration
    if sort == "bad":
        figures.least += duration


def figures_of(
    durable: Durable, programme: str, *, begin: int, end: int, settled_to: int
) -> Figures:
    """Return the figures of the present stretch between two moments, in scheduled time only.

    Time that is not settled yet (after ``settled_to``) counts as between: it may be bad.
    """
    now = durable.programmes[programme]
    figures = Figures()
    for start, finish, sort in _pieces(now, end, settled_to):
        for part_from, part_to, expected in spans(
            durable, programme, max(start, begin), min(finish, end)
        ):
            if expected is Expected.ON:
                add_piece(figures, sort, part_to - part_from)
    return figures


def _pieces(now: ProgrammeNow, end: int, settled_to: int) -> Iterable[tuple[int, int, str]]:
    yield from now.stretch
    piece = now.piece
    if is_clear(piece.possible):
        return
    settled = max(piece.start, min(settled_to, end))
    yield piece.start, settled, stretch_sort(piece.possible, piece.blind)
    yield settled, end, "blind" if piece.blind else "between"


def columns_of_piece(
    durable: Durable, programme: str, possible: Sequence[str], *, start: int, finish: int
) -> dict[Column, int]:
    """Return microseconds per column of one piece; they sum to its length exactly."""
    found: dict[Column, int] = {}
    for part_from, part_to, expected in spans(durable, programme, start, finish):
        column = column_of(possible, expected)
        found[column] = found.get(column, 0) + part_to - part_from
    return found


def book(durable: Durable, programme: str, piece: Piece, finish: int) -> None:
    """Add a closed piece to the programme's totals, by the calendar as it stands."""
    now = durable.programmes[programme]
    columns = columns_of_piece(durable, programme, piece.possible, start=piece.start, finish=finish)
    for column, duration in columns.items():
        now.seconds[column.value] = now.seconds.get(column.value, 0) + duration
    if not is_clear(piece.possible):
        sort = stretch_sort(piece.possible, piece.blind)
        for part_from, part_to, expected in spans(durable, programme, piece.start, finish):
            if expected is Expected.ON:
                add_piece(now.figures, sort, part_to - part_from)


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
    if not is_clear(now.piece.possible):
        sort = stretch_sort(now.piece.possible, now.piece.blind)
        for part_from, part_to, expected in spans(durable, programme, now.piece.start, finish):
            if expected is Expected.ON:
                add_piece(figures, sort, part_to - part_from)
    return columns, figures
