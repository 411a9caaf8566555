"""Which days are public holidays or worked weekends, as far as that is published. Owns that rule.

In China the State Council publishes them each autumn for the next year. The package
chinesecalendar has the years up to its release; a notice in the configuration has a later one.
Of a year without either nothing is invented: a day of it may be a holiday or not.
"""

from __future__ import annotations

from datetime import date
from enum import Enum, auto
from typing import Any, Final

import chinese_calendar

from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, shown
from monitord.config.schemas import HolidaysSchema, NoticeSchema
from monitord.config.settings import DayRange, HolidayNotice, HolidayPlan, Settings

EPOCH: Final = date(1970, 1, 1).toordinal()
SATURDAY: Final = 5
YEARS: Final = range(2000, 2200)
WARNED_DAYS: Final = 60
BEFORE_DAYS: Final = 7
"""A notice may begin in the last days of the year before: the weekend beside New Year."""


class DaySort(Enum):
    """What a day is by the notices."""

    ORDINARY = auto()
    HOLIDAY = auto()
    WORKED = auto()


def date_of(day: int) -> date:
    """Return the date of a day counted from 1970."""
    return date.fromordinal(day + EPOCH)


def sorts_of(plan: HolidayPlan, day: int) -> tuple[DaySort, ...]:
    """Return what a day is, or all that it may be where no notice is known of its year."""
    when = date_of(day)
    # A notice may name the last days of the year before: all are asked before that year's own.
    if any(_is_among(notice.holidays, day) for notice in plan.notices):
        return (DaySort.HOLIDAY,)
    if any(_is_among(notice.working_weekends, day) for notice in plan.notices):
        return (DaySort.WORKED,)
    if any(notice.year == when.year for notice in plan.notices):
        return (DaySort.ORDINARY,)
    try:
        is_rest, name = chinese_calendar.get_holiday_detail(when)
    except NotImplementedError:  # what the package raises for a year that it does not have
        worked = (DaySort.WORKED,) if when.weekday() >= SATURDAY else ()
        return (DaySort.ORDINARY, DaySort.HOLIDAY, *worked)
    if name is None:
        return (DaySort.ORDINARY,)
    return (DaySort.HOLIDAY if is_rest else DaySort.WORKED,)


def unknown_holidays(settings: Settings, today: int) -> date | None:
    """Return the first of the coming days that a schedule needs a notice for and none is known."""
    plan = settings.holidays
    if plan is None or not any(one.knows_holidays for one in settings.schedules):
        return None
    days = range(today, today + WARNED_DAYS)
    return next((date_of(day) for day in days if len(sorts_of(plan, day)) > 1), None)


def _is_among(ranges: tuple[DayRange, ...], day: int) -> bool:
    return any(first <= day <= last for first, last in ranges)


def read_holidays(found: Any, scope: Scope) -> HolidayPlan | None:
    """Return the section ``holidays``; None where it has mistakes, which are noted."""
    schema = read_schema(HolidaysSchema, found, scope, {"country": "cn"})
    if schema is None:
        return None
    notices = []
    for year, raw in schema.notices.items():
        place = scope.at("notices", year)
        if not isinstance(year, int) or year not in YEARS:
            place.note(phrase("key", key=shown(year)), phrase("type.year"))
            continue
        notice = read_schema(NoticeSchema, raw, place)
        if notice is not None:
            _check(notice, year, place)
            notices.append(
                HolidayNotice(year, notice.source, notice.holidays, notice.working_weekends)
            )
    return HolidayPlan(tuple(notices))


def _check(notice: NoticeSchema, year: int, scope: Scope) -> None:
    """Note days of another year, and weekends that are none or also holidays."""
    begin, end = (date(y, 1, 1).toordinal() - EPOCH for y in (year, year + 1))
    for key in ("holidays", "working_weekends"):
        for index, (first, last) in enumerate(getattr(notice, key)):
            if first < begin - BEFORE_DAYS or last >= end:
                scope.at(key, index).note(phrase("holidays.other_year", year=year))
    for index, (first, last) in enumerate(notice.working_weekends):
        place = scope.at("working_weekends", index)
        days = range(first, last + 1)
        if any(date_of(day).weekday() < SATURDAY for day in days):
            place.note(phrase("holidays.no_weekend"))
        if any(_is_among(notice.holidays, day) for day in days):
            place.note(phrase("holidays.both"))
