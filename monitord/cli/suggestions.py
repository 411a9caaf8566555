"""Hints for a name that does not exist: the near matches, else the names that do exist."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from monitord.cli.words import Words

NAMES_MAX: Final = 12
LENGTH_MAX: Final = 60
"""Longest part of a typed text that an error repeats."""
_SIMILARITY_MIN: Final = 0.75
"""Of difflib's ratio: one wrong letter of four, two of eight. Less is another name."""


def near_match(typed: str, known: Sequence[str]) -> str | None:
    """Return the known name that was probably meant, None if none is near."""
    found = get_close_matches(typed[:LENGTH_MAX], known, n=1, cutoff=_SIMILARITY_MIN)
    return found[0] if found else None


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
