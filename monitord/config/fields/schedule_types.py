"""The types of a programme's broadcast times: days by name, dates, slots. Owns their spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from monitord.config.fields.field_types import (
    FieldType,
    Refused,
    RefusedPartsError,
    read_parts,
    read_slots,
)
from monitord.config.loader.phrases import phrase, shown
from monitord.config.settings import Slots

Made = TypeVar("Made")
CLOSED: Final = "closed"
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NUMBERS: Final = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": 0}
"""Which of a month's weekdays of one name; 0 is the last one."""
_MONTH_DAY: Final = re.compile(rf"({'|'.join(NUMBERS)}) +({'|'.join(WEEKDAYS)})")
_DATES: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: +to +([0-9]{4}-[0-9]{2}-[0-9]{2}))?")
DATE_RANGE_DAYS_MAX: Final = 366


def read_day_slots(value: Any) -> Slots:
    """Return one slot, a list of them, or none for a day that is closed."""
    return () if value == CLOSED else read_slots(value)


def _by_days(value: Any, read_days: Callable[[str], Made]) -> tuple[tuple[Made, Slots], ...]:
    """Return what a mapping of days to slots means, in its order."""
    if not isinstance(value, dict) or not value:
        raise Refused

    def read(key: Any, found: Any) -> tuple[Made, Slots]:
        try:
            days = read_days(str(key))
        except Refused as refused:
            refused.found, refused.keys = phrase("key", key=shown(key)), (key,)
            raise
        return days, _slots_of(key, found)

    return tuple(read_parts(value.items(), read))


def _slots_of(key: Any, value: Any) -> Slots:
    allowed = phrase("type.day_slots")
    try:
        return read_day_slots(value)
    except Refused as refused:
        raise Refused(refused.hint, shown(value), allowed, (key,)) from refused
    except RefusedPartsError as refused:
        parts = [Refused(one.hint, one.found, allowed, (key, *one.keys)) for one in refused.parts]
        raise RefusedPartsError(parts) from refused


def _named(text: str) -> Iterator[str]:
    """Yield the parts of a key between its commas."""
    return (part.strip() for part in text.split(","))


def read_weekdays(text: str) -> tuple[int, ...]:
    """Return weekdays, Monday is 0, of a key such as "mon-wed, sat"; fri-mon goes over Sunday."""
    found: list[int] = []
    for part in _named(text):
        first, dash, last = part.partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise Refused(allowed=phrase("type.weekdays", names=WEEKDAYS))
        begin = WEEKDAYS.index(first)
        days = (WEEKDAYS.index(last) - begin) % 7 if dash else 0
        found += [(begin + more) % 7 for more in range(days + 1)]
    return tuple(sorted(set(found)))


def read_month_days(text: str) -> tuple[tuple[int, int], ...]:
    """Return (number, weekday) of a key such as "1st mon, last tue"; number 0 is the last one."""
    found = []
    for part in _named(text):
        match = _MONTH_DAY.fullmatch(part)
        if match is None:
            raise Refused(allowed=phrase("type.month_days", numbers=tuple(NUMBERS)))
        found.append((NUMBERS[match[1]], WEEKDAYS.index(match[2])))
    return tuple(found)


def read_dates(text: str) -> tuple[int, int]:
    """Return the first and the last day, counted from 1970, of a date or of "DATE to DATE"."""
    match = _DATES.fullmatch(text)
    try:
        days = [date.fromisoformat(part) for part in match.groups() if part] if match else []
    except ValueError:
        days = []
    if not days:
        raise Refused(allowed=phrase("type.dates"))
    first, last = (day.toordinal() - date(1970, 1, 1).toordinal() for day in (days[0], days[-1]))
    if not 0 <= last - first < DATE_RANGE_DAYS_MAX:
        hint = phrase("hint.date_order", most=DATE_RANGE_DAYS_MAX)
        raise Refused(hint, allowed=phrase("type.dates"))
    return first, last


def read_date_list(value: Any) -> tuple[tuple[int, int], ...]:
    """Return first and last day of each date or span of dates in a list."""
    if not isinstance(value, list):
        raise Refused

    def read(index: int, found: Any) -> tuple[int, int]:
        try:
            return read_dates(str(found))
        except Refused as refused:
            refused.found, refused.keys = shown(found), (index,)
            raise

    return tuple(read_parts(enumerate(value), read))


DateList: TypeAlias = Annotated[
    tuple[tuple[int, int], ...], FieldType(read_date_list, phrase("type.date_list"))
]
DaySlots: TypeAlias = Annotated[Slots, FieldType(read_day_slots, phrase("type.day_slots"))]
Weekly: TypeAlias = Annotated[
    tuple[tuple[tuple[int, ...], Slots], ...],
    FieldType(lambda value: _by_days(value, read_weekdays), phrase("type.weekly")),
]
Monthly: TypeAlias = Annotated[
    tuple[tuple[tuple[tuple[int, int], ...], Slots], ...],
    FieldType(lambda value: _by_days(value, read_month_days), phrase("type.monthly")),
]
Dates: TypeAlias = Annotated[
    tuple[tuple[tuple[int, int], Slots], ...],
    FieldType(lambda value: _by_days(value, read_dates), phrase("type.by_date")),
]
