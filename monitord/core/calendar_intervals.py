"""Reads calendars that an earlier monitord recorded as intervals of wall time. Owns that mapping.

Each interval becomes a dated exception of a station whose local time is UTC; outside of them the
programme stays closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitord.core.calendar_values import Hours
from monitord.core.hours import HoursSince

_UTC = ((0, 0),)


def hours_of(intervals: Iterable[Any], since: int) -> HoursSince:
    """Return the hours of a programme for its ordered (from, to, expected)."""
    dated = tuple((begin, end, expected) for begin, end, expected in intervals)
    return HoursSince(since, Hours((), dated), _UTC)


def body_of_version_1(plain: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a stored ``calendar_extended``: it replaced all that was recorded."""
    if "intervals" not in plain:
        return plain
    since = plain.get("known_from", 0)
    return {
        "hours": {
            name: {"slots": [], "dated": parts} for name, parts in plain["intervals"].items()
        },
        "offsets": _UTC,
        "tzdata": "",
        "since": since,
        "given_from": since,
        "known_from": since,
        "known_to": plain["known_to"],
        "kept_from": since,
    }


def state_of_version_1(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plain durable state with the calendar as it is now."""
    since = plain.get("calendar_known_from", 0)
    calendar = plain.get("calendar", {})
    return {**plain, "calendar": {name: _parts(held, since) for name, held in calendar.items()}}


def _parts(held: list[Any], since: int) -> list[Any]:
    # Intervals are lists, and a programme without any was closed; hours are never an empty list.
    if held and isinstance(held[0], Mapping):
        return held
    dated = [list(interval) for interval in held]
    return [{"since": since, "hours": {"slots": [], "dated": dated}, "offsets": _UTC}]
