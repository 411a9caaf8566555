"""A programme's slots by day, and its hours: slots of the week, dated where a day is another.

Owns which entry of a schedule counts for a day. Days are counted from 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from monitord.config.settings import SchedulePlan, Slots
from monitord.core.calendar_values import Dated, Hours, Slot
from monitord.core.hours import DAY, WEEK_DAYS
from monitord.core.model import MINUTE, SECOND, Expected

EPOCH: Final = date(1970, 1, 1).toordinal()
SPILL_DAYS: Final = 1
"""A slot ends on the day after its own at the latest."""

Spans: TypeAlias = list[tuple[int, int]]


def date_of(day: int) -> date:
    """Return the date of a day."""
    return date.fromordinal(day + EPOCH)


def day_of(wall: int, time_zone: str) -> int:
    """Return the day that a time zone has at a wall time in microseconds."""
    return (datetime.fromtimestamp(wall // SECOND, ZoneInfo(time_zone)).date()).toordinal() - EPOCH


def slots_of(schedule: SchedulePlan, day: int) -> Slots:
    """Return the slots that begin on a day."""
    for (first, last), slots in reversed(schedule.dates):
        if first <= day <= last:
            return slots
    when = date_of(day)
    number, is_last = (when.day - 1) // WEEK_DAYS + 1, date_of(day + WEEK_DAYS).month != when.month
    for names, slots in reversed(schedule.monthly):
        if (number, when.weekday()) in names or (is_last and (0, when.weekday()) in names):
            return slots
    return _weekly(schedule, when.weekday())


def _weekly(schedule: SchedulePlan, weekday: int) -> Slots:
    for weekdays, slots in reversed(schedule.weekly):
        if weekday in weekdays:
            return slots
    return schedule.daily


def hours_of(schedule: SchedulePlan, days: range) -> Hours:
    """Return the hours of the days, which say the same of a day whatever others are asked for."""
    week = tuple(_week(schedule))
    if not schedule.monthly and not schedule.dates:
        return Hours(week)
    # Slots that begin before the first day may reach into it.
    asked = range(days.start - SPILL_DAYS, days.stop)
    usual = [_weekly(schedule, date_of(day).weekday()) for day in asked]
    true = [slots_of(schedule, day) for day in asked]
    others = [n for n, slots in enumerate(true) if slots != usual[n]]
    return Hours(week, tuple(_dated(asked, true, _touched(others, asked, days))))


def _week(schedule: SchedulePlan) -> Iterator[Slot]:
    """Yield the slots of the week, each with all the weekdays that have it."""
    days: dict[tuple[int, int], int] = {}
    for weekday in range(WEEK_DAYS):
        for slot in _weekly(schedule, weekday):
            days[slot] = days.get(slot, 0) | 1 << weekday
    for (begin, end), bits in days.items():
        yield bits, begin * MINUTE, end * MINUTE


def _touched(others: Sequence[int], asked: range, days: range) -> list[int]:
    """Return the places of the days that other slots begin on or reach into."""
    found = {place + more for place in others for more in range(SPILL_DAYS + 1)}
    return sorted(place for place in found if place < len(asked) and asked[place] in days)


def _dated(asked: range, slots: Sequence[Slots], places: Sequence[int]) -> Iterator[Dated]:
    """Yield, day by day, what is expected of the whole day: on in its slots, else closed."""
    for place in places:
        midnight, on = asked[place] * DAY, _spans(slots, place)
        edges = sorted({0, DAY, *(edge for span in on for edge in span)})
        parts = [(a, b, _is_in(on, a)) for a, b in pairwise(edges)]
        for is_on, same in groupby(parts, key=itemgetter(2)):
            first, *_ = found = list(same)
            word = Expected.ON if is_on else Expected.CLOSED
            yield midnight + first[0], midnight + found[-1][1], word.value


def _spans(slots: Sequence[Slots], place: int) -> Spans:
    """Return when a day is on, from its midnight, by the slots of this day and those before."""
    found = []
    for back in range(min(SPILL_DAYS, place) + 1):
        for begin, end in slots[place - back]:
            low, high = begin * MINUTE - back * DAY, end * MINUTE - back * DAY
            found.append((max(low, 0), min(high, DAY)))
    return [span for span in found if span[0] < span[1]]


def _is_in(spans: Spans, at: int) -> bool:
    return any(begin <= at < end for begin, end in spans)
