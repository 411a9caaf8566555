"""Hints for a name that does not exist: the near matches, else the names that do exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from monitord.cli.words import Words
from monitord.similar import similar

NAMES_MAX: Final = 12
LENGTH_MAX: Final = 60
"""Longest part of a typed text that an error repeats."""
_BEGINNING_MIN: Final = 3
"""A name may be cut short, but not to fewer letters."""


def near_match(typed: str, known: Sequence[str]) -> str | None:
    """Return the known name that was probably meant, None if none is near.

    fm12 is not a slip for fm13: a number names another thing.
    """
    begun = [name for name in known if len(typed) >= _BEGINNING_MIN and name.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    return similar(typed, [name for name in known if _digits(name) == _digits(typed)])


def _digits(name: str) -> list[str]:
    return [letter for letter in name if letter.isdigit()]


def suggestion(typed: str, known: Sequence[str], words: Words) -> str:
    """Return a hint to append to an error: the near match, else the first known names."""
    near = near_match(typed, known)
    if near is not None:
        return words("hint.near", name=quoted(near))
    if not known:
        return words("hint.none")
    listed = words.listed(known[:NAMES_MAX])
    return words("hint.more" if len(known) > NAMES_MAX else "hint.known", known=listed)


def quoted(text: str) -> str:
    """Return a typed text in quotes, bounded and printable."""
    shown = repr(text[:LENGTH_MAX])
    return shown if len(text) <= LENGTH_MAX else f"{shown}…"
