"""A row of a profile as it was typed. Owns the shape alone, so that arguments are parsed fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowGiven:
    """Its index, or the key of the cell that says ``text``."""

    name: str
    index: tuple[int, ...] = ()
    key: str = ""
    text: str = ""
