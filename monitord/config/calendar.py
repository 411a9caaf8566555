"""Expands schedules into intervals of wall time. Owns the station's days; reads no clock.

APScheduler's trigger names the days of the station's own calendar, by their noon: noon exists once
on every day, whereas a trigger at the slot's own time fires twice where the clock is put back and
not at all where it is put forward over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from monitord.config.settings import SchedulePlan, Settings
from monitord.core.model import Expected

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS_BEFORE = 2
"""A slot that began yesterday may still run, and one absence is judged after the fact."""

Intervals = tuple[tuple[int, int, str], ...]


def expand(
    settings: Settings, now_wall_us: int, days: int = 400
) -> tuple[tuple[tuple[str, Intervals], ...], int]:
    """Return ((programme, ((from, to, expected), ...)), ...) and up to when they are known.

    Wall times in microseconds since 1970 UTC; the intervals are ordered and disjoint, begin two
    of the station's days before ``now_wall_us`` and end with the last slot that begins before
    ``known_to``, cut there. A programme without a schedule is on throughout.
    """
    zone = ZoneInfo(settings.time_zone)
    now = EPOCH + timedelta(microseconds=now_wall_us)
    known_to = now + days * DAY
    daily = {schedule.programme: schedule for schedule in settings.schedules}
    station_days = list(_days(now, known_to, zone))
    begin = _instant(station_days[0], 0, zone, is_end=False)
    made = []
    for programme in settings.plan.programmes:
        schedule = daily.get(programme.id)
        slots = [(begin, known_to)]
        if schedule is not None:
            slots = [slot for day in station_days for slot in _slots(day, schedule, zone)]
        made.append((programme.id, _merged(slots, known_to)))
    return tuple(made), _microseconds(known_to)


def _days(now: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    noon = CronTrigger(hour=12, minute=0, timezone=zone)
    first = now.astimezone(zone) - DAYS_BEFORE * DAY
    moment = datetime(first.year, first.month, first.day, tzinfo=zone)
    while moment <= until + DAY:
        fire: datetime = noon.get_next_fire_time(None, moment)
        yield fire.date()
        moment = fire + DAY / 4


def _slots(
    day: date, schedule: SchedulePlan, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    for start, end in schedule.daily:
        yield _instant(day, start, zone, is_end=False), _instant(day, end, zone, is_end=True)


def _instant(day: date, minutes: int, zone: ZoneInfo, *, is_end: bool) -> datetime:
    """Return a local time as UTC. One that comes twice: the first to begin, the second to end.

    One that the clock jumps over is the moment of the jump, so that a slot in the gap is empty.
    """
    shifted = day + timedelta(days=minutes // 1440)
    hour, minute = divmod(minutes % 1440, 60)
    local = datetime(shifted.year, shifted.month, shifted.day, hour, minute, tzinfo=zone)
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        return _jump(second, first, zone)
    return second if is_end else first


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when, between the two, the zone's offset changes; to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _merged(slots: list[tuple[datetime, datetime]], known_to: datetime) -> Intervals:
    merged: list[tuple[datetime, datetime]] = []
    for start, end in takewhile(lambda slot: slot[0] < known_to, sorted(slots)):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(
        (_microseconds(start), _microseconds(min(end, known_to)), Expected.ON.value)
        for start, end in merged
    )


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
