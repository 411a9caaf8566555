"""Durations as people write them. Owns that spelling alone."""

from __future__ import annotations

from monitord.config.kinds import UNITS_US


def duration_text(duration_us: int) -> str:
    """Return microseconds in the largest unit that says them whole: 90 s is ``90s``."""
    for unit in ("h", "m", "s"):
        if duration_us and duration_us % UNITS_US[unit] == 0:
            return f"{duration_us // UNITS_US[unit]}{unit}"
    if duration_us % UNITS_US["ms"]:
        return f"{duration_us / UNITS_US['ms']:g}ms"
    return f"{duration_us // UNITS_US['ms']}ms" if duration_us else "0s"
