"""Prints a programme's broadcast times: daily, on other days, and in the coming days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from monitord.cli.words import Words
from monitord.config.days import choices_of
from monitord.config.holidays import date_of
from monitord.config.settings import SchedulePlan, Settings, Slots

COMING_DAYS: Final = 14


def daily(settings: Settings, programme: str, words: Words) -> str:
    """Return what counts on a day that no entry names."""
    for schedule in settings.schedules:
        if schedule.programme == programme:
            return words("explain.daily", slots=_slots(schedule.daily, words))
    return words("explain.always")


def other_days(settings: Settings, programme: str, words: Words, today: int) -> Iterator[str]:
    """Yield the entries for other days, the later counts, and the slots of the coming days.

    ``today``: counted from 1970.
    """
    for schedule in settings.schedules:
        if schedule.programme == programme and (named := list(_entries(schedule, words))):
            yield from (_line(days, slots, words) for days, slots in named)
            yield words("explain.coming_days")
            for day in range(today, today + COMING_DAYS):
                when = date_of(day)
                days = f"{when} {_weekday(when.weekday(), words)}"
                choices = choices_of(schedule, day, settings.holidays)
                slots = words("explain.slots_or").join(_slots(each, words) for each in choices)
                yield "  " + words("explain.day_slots", days=days, slots=slots)


def _entries(schedule: SchedulePlan, words: Words) -> Iterator[tuple[str, Slots]]:
    for weekdays, slots in schedule.weekly:
        yield words.listed(_weekday(number, words) for number in weekdays), slots
    for names, slots in schedule.monthly:
        each = (
            words(f"explain.nth.{number}", weekday=_weekday(weekday, words))
            for number, weekday in names
        )
        yield words.listed(each), slots
    if schedule.holidays is not None:
        yield words("explain.holidays"), schedule.holidays
    if schedule.working_weekends is not None:
        yield words("explain.working_weekends"), schedule.working_weekends
    for (first, last), slots in schedule.dates:
        days = str(date_of(first))
        if last != first:
            days = words("explain.dates", first=days, last=str(date_of(last)))
        yield days, slots


def _line(days: str, slots: Slots, words: Words) -> str:
    return words("explain.day_slots", days=days, slots=_slots(slots, words))


def _weekday(number: int, words: Words) -> str:
    return words(f"explain.weekday.{number}")


def _slots(slots: Slots, words: Words) -> str:
    if not slots:
        return words("explain.closed")
    return words.listed(f"{_clock(start)}-{_clock(end)}" for start, end in slots)


def _clock(minutes: int) -> str:
    """Return minutes of the station's day as a time: 24:00 ends a day, 25:00 is 01:00."""
    shown = minutes if minutes <= 1440 else minutes - 1440
    return f"{shown // 60:02}:{shown % 60:02}"
