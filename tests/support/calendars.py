"""Calendars of tests: intervals of wall time, given as dated exceptions of a zone that is UTC."""

from __future__ import annotations

from collections.abc import Mapping

from monitord.core.calendar_values import Hours
from monitord.core.hours import HoursSince
from monitord.core.model import CalendarExtended

Intervals = tuple[tuple[int, int, str], ...]
FAR = 4 * 10**18
"""A wall time behind every test."""
UTC = ((0, 0),)


def given(
    at: int, intervals: Mapping[str, Intervals], known_to: int = FAR, known_from: int = 0
) -> CalendarExtended:
    """Return an input of these programmes' intervals; outside of them all is closed."""
    hours = {programme: Hours((), parts) for programme, parts in intervals.items()}
    return CalendarExtended(at, hours, known_to, known_from, UTC, "")


def held(intervals: Mapping[str, Intervals], since: int = 0) -> dict[str, list[HoursSince]]:
    """Return the same as a state keeps it."""
    return {
        programme: [HoursSince(since, Hours((), parts), UTC)]
        for programme, parts in intervals.items()
    }
