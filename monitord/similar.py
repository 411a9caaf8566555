"""Finds the name that somebody probably meant. Owns how many slips of the finger are one name."""

from __future__ import annotations

from collections.abc import Iterable

COMPARED_MAX = 64
"""Longer names are not compared: nobody types them by hand."""


def similar(found: str, names: Iterable[str]) -> str | None:
    """Return the name that differs from ``found`` by the fewest typing errors, None if by many.

    A name that ``found`` begins, up to an underscore, was cut short.
    """
    best: tuple[int, str] | None = None
    for name in names:
        most = _errors_max(found)
        distance = 1 if name.startswith(f"{found}_") else edit_distance(found, name, most)
        if distance <= most and (best is None or distance < best[0]):
            best = distance, name
    return None if best is None else best[1]


def _errors_max(found: str) -> int:
    """Return how many errors leave a name recognisable: one in three or four letters."""
    if len(found) > COMPARED_MAX:
        return 0
    return min(3, (len(found) + 1) // 3)


def edit_distance(one: str, other: str, most: int) -> int:
    """Return the letters to add, leave out, change or swap with a neighbour; ``most`` + 1 if more.

    The optimal string alignment distance, row by row. The time is bounded by the shorter text.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, against in enumerate(other, 1):
            cost = min(
                above[column] + 1,
                current[column - 1] + 1,
                above[column - 1] + (letter != against),
            )
            if row > 1 < column and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, above = above, current
    return min(above[-1], most + 1)
