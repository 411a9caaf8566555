"""The programmes' hours as integers, for the core. Owns how far ahead; reads no clock.

What local time means is taken from the time zone's rules once, as offsets of the whole span: the
core has no time zone library, and the record keeps what the rules were.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitord.config.days import hours_of
from monitord.config.settings import Settings
from monitord.config.time_zone import offsets_of, rules_version
from monitord.core.calendar_values import EVERY_DAY, Hours
from monitord.core.hours import DAY
from monitord.core.model import CalendarExtended

DAYS_BEFORE = 2
"""A slot that began yesterday may still run, and one absence is judged after the fact."""
DAYS_AHEAD = 400
DAYS_AHEAD_MAX = 3660
"""Further than this ahead no calendar is made, whatever the recorded one says."""

ALWAYS = Hours(((EVERY_DAY, 0, DAY),))


def calendar(settings: Settings, at: int, wall: int, recorded_to: int = 0) -> CalendarExtended:
    """Return every programme's hours around a wall time; ``at``: the same moment in site time.

    They reach 400 days ahead; to the end of the recorded calendar, where that is later. A
    programme without a schedule is on throughout.
    """
    # The files may be newer than those that the program has read before.
    zone = ZoneInfo.no_cache(settings.time_zone)
    known_from = wall - DAYS_BEFORE * DAY
    known_to = max(wall + DAYS_AHEAD * DAY, min(recorded_to, wall + DAYS_AHEAD_MAX * DAY))
    # Local time is less than a day away from UTC, and a slot may end on the day after its own.
    days = range(known_from // DAY - DAYS_BEFORE, known_to // DAY + DAYS_BEFORE)
    given = {one.programme: hours_of(one, days, settings.holidays) for one in settings.schedules}
    return CalendarExtended(
        at,
        {programme.id: given.get(programme.id, ALWAYS) for programme in settings.plan.programmes},
        known_to,
        known_from,
        offsets_of(zone, known_from - DAYS_BEFORE * DAY, known_to),
        rules_version(settings.time_zone),
    )
