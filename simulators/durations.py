"""Durations as they are written in site and story files: 500ms, 30s, 5m, 2h. Owns that spelling."""

from __future__ import annotations

import re

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_UNITS_US = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}


def read_duration(text: object) -> int:
    """Return microseconds. Raises ValueError with what was found and what is allowed."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"got {text!r}, must be a duration such as 30s or 500ms")
    return round(float(match[1]) * _UNITS_US[match[2]])


def duration_text(microseconds: int) -> str:
    """Return a duration for people: seconds, or minutes and seconds."""
    seconds = round(microseconds / 1_000_000, 1)
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{int(seconds) // 60} min {seconds % 60:g} s"
