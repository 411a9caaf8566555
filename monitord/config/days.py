"""A programme's slots by day, and its hours: slots of the week, dated where a day is another.

Owns which entry of a schedule counts for a day. Days are counted from 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from monitord.config.holidays import EPOCH, DaySort, date_of, sorts_of
from monitord.config.settings import HolidayPlan, SchedulePlan, Slots
from monitord.core.calendar_values import Dated, Hours, Slot
from monitord.core.hours import DAY, WEEK_DAYS
from monitord.core.model import MINUTE, SECOND, Expected

SPILL_DAYS: Final = 1
"""A slot ends on the day after its own at the latest."""

Spans: TypeAlias = list[tuple[int, int]]


def day_of(wall: int, time_zone: str) -> int:
    """Return the day that a time zone has at a wall time in microseconds."""
    return (datetime.fromtimestamp(wall // SECOND, ZoneInfo(time_zone)).date()).toordinal() - EPOCH


def choices_of(schedule: SchedulePlan, day: int, holidays: HolidayPlan | None) -> tuple[Slots, ...]:
    """Return the slots that begin on a day; several where it is not published what the day is."""
    for (first, last), slots in reversed(schedule.dates):
        if first <= day <= last:
            return (slots,)
    usual = _without_holidays(schedule, day)
    if holidays is None or not schedule.knows_holidays:
        return (usual,)
    given = {DaySort.HOLIDAY: schedule.holidays, DaySort.WORKED: schedule.working_weekends}
    found = (given.get(sort) for sort in sorts_of(holidays, day))
    return tuple(dict.fromkeys(usual if slots is None else slots for slots in found))


def _without_holidays(schedule: SchedulePlan, day: int) -> Slots:
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


def hours_of(schedule: SchedulePlan, days: range, holidays: HolidayPlan | None = None) -> Hours:
    """Return the hours of the days, which say the same of a day whatever others are asked for."""
    week = tuple(_week(schedule))
    if not (schedule.monthly or schedule.dates or schedule.knows_holidays):
        return Hours(week)
    # Slots that begin before the first day may reach into it.
    asked = range(days.start - SPILL_DAYS, days.stop)
    choices = [choices_of(schedule, day, holidays) for day in asked]
    usual = [(_weekly(schedule, date_of(day).weekday()),) for day in asked]
    others = [place for place, found in enumerate(choices) if found != usual[place]]
    return Hours(week, tuple(_dated(asked, choices, _touched(others, asked, days))))


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


def _dated(
    asked: range, choices: Sequence[Sequence[Slots]], places: Sequence[int]
) -> Iterator[Dated]:
    """Yield, day by day, what is expected of the whole day: on in its slots, else closed.

    Where it is not known which slots a day has, what is not in all of them is unsure.
    """
    for place in places:
        found = [choices[place - back] for back in range(min(SPILL_DAYS, place) + 1)]
        spans = [[_spans(slots, back) for slots in each] for back, each in enumerate(found)]
        edges = {0, DAY, *(edge for each in spans for one in each for span in one for edge in span)}
        parts = [(a, b, _expected(spans, a)) for a, b in pairwise(sorted(edges))]
        for expected, same in groupby(parts, key=itemgetter(2)):
            first, *_ = whole = list(same)
            midnight = asked[place] * DAY
            yield midnight + first[0], midnight + whole[-1][1], expected.value


def _spans(slots: Slots, back: int) -> Spans:
    """Return when a day is on, from its midnight, by slots that begin so many days before."""
    found = ((begin * MINUTE - back * DAY, end * MINUTE - back * DAY) for begin, end in slots)
    cut = [(max(begin, 0), min(end, DAY)) for begin, end in found]
    return [span for span in cut if span[0] < span[1]]


def _expected(spans: Sequence[Sequence[Spans]], at: int) -> Expected:
    """Return what is expected at a time of a day; ``spans``: by day, then by choice."""
    found = [[any(begin <= at < end for begin, end in one) for one in each] for each in spans]
    if any(all(each) for each in found):
        return Expected.ON
    return Expected.UNSURE if any(any(each) for each in found) else Expected.CLOSED
