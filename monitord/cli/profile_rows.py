"""A row of a profile as it was typed. Imports nothing, so that arguments are parsed fast."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowGiven:
    """Its index, or the key column and the text of its cell there."""

    name: str
    index: tuple[int, ...] = ()
    key: str = ""
    text: str = ""
