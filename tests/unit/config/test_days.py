"""A schedule's days: which entry counts for which day, and the hours that come of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.config.calendar import calendar
from monitord.config.days import choices_of, hours_of
from monitord.config.fingerprint import part_digests
from monitord.config.holidays import EPOCH, DaySort, sorts_of
from monitord.config.settings import (
    HolidayNotice,
    HolidayPlan,
    SchedulePlan,
    Settings,
    Slots,
)
from monitord.config.time_zone import offsets_of
from monitord.core.hours import DAY, HoursSince
from monitord.core.model import MINUTE, Expected
from tests.properties.scripts import examples
from tests.unit.config.samples import loaded

SCHEDULE = '    schedule: {daily: "05:55-24:00"}\n'
STATION = """    schedule:
      daily: "05:50-00:05"
      weekly:
        tue: ["05:50-13:00", "17:30-00:05"]
        sat, sun: "05:30-01:00"
      monthly:
        last tue: "17:30-00:05"
        1st mon, 3rd mon: ["05:50-09:00", "12:00-00:05"]
      dates:
        2026-12-31: "05:50-02:00"
        2026-10-01 to 2026-10-07: "00:00-24:00"
        2026-10-05: closed
"""


def station(folder: Path) -> SchedulePlan:
    (schedule,) = loaded(folder, (SCHEDULE, STATION)).schedules
    return schedule


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH


def slots_of(schedule: SchedulePlan, on: int) -> Slots:
    (slots,) = choices_of(schedule, on, None)
    return slots


def times(slots: Slots) -> str:
    shown = [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in slots]
    return " ".join(shown) or "closed"


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-11", "05:50-24:05"),  # a Wednesday
        ("2026-11-10", "05:50-13:00 17:30-24:05"),  # a Tuesday
        ("2026-11-24", "17:30-24:05"),  # the last Tuesday, and the fourth
        ("2026-11-14", "05:30-25:00"),  # a Saturday
        ("2026-11-02", "05:50-09:00 12:00-24:05"),  # the first Monday
        ("2026-11-09", "05:50-24:05"),
        ("2026-11-16", "05:50-09:00 12:00-24:05"),
        ("2026-12-31", "05:50-26:00"),
        ("2026-09-30", "05:50-24:05"),
        ("2026-10-01", "00:00-24:00"),
        ("2026-10-05", "closed"),  # a first Monday, within the span of dates
        ("2026-10-07", "00:00-24:00"),
        ("2026-10-08", "05:50-24:05"),
    ],
)
def test_a_date_counts_before_a_day_of_the_month_and_that_before_a_day_of_the_week(
    when: str, expected: str, tmp_path: Path
) -> None:
    """What is said of fewer days counts; of two entries of one kind the later one."""
    assert times(slots_of(station(tmp_path), day(when))) == expected


def test_the_last_day_of_its_name_is_found_in_months_with_four_and_with_five(
    tmp_path: Path,
) -> None:
    """The fifth exists in some months only; the last one always."""
    schedule = SchedulePlan("fm", ((0, 600),), (), ((((0, 1),), ()), (((5, 6),), ((0, 60),))))
    for month in range(1, 13):
        days = [date(2027, month, 1) + timedelta(days=n) for n in range(31)]
        days = [one for one in days if one.month == month]
        tuesdays = [one for one in days if one.weekday() == 1]
        closed = [one for one in days if not slots_of(schedule, one.toordinal() - EPOCH)]
        assert closed == tuesdays[-1:]
        short = [
            one
            for one in days
            if times(slots_of(schedule, one.toordinal() - EPOCH)) == "00:00-01:00"
        ]
        assert short == [one for one in days if one.weekday() == 6][4:]


def test_weekdays_may_be_a_list_or_a_span_over_the_end_of_the_week(tmp_path: Path) -> None:
    """fri-mon is four days; a later entry takes one of them."""
    text = '    schedule: {daily: closed, weekly: {fri-mon: "06:00-12:00", sun: "07:00-12:00"}}\n'
    (schedule,) = loaded(tmp_path, (SCHEDULE, text)).schedules
    week = [times(slots_of(schedule, day("2026-11-02") + n)) for n in range(7)]
    assert week == ["06:00-12:00", *["closed"] * 3, "06:00-12:00", "06:00-12:00", "07:00-12:00"]


def test_a_schedule_of_weekdays_alone_needs_no_dates(tmp_path: Path) -> None:
    """The hours of a week are a few integers, however far ahead they are asked for."""
    text = '    schedule: {daily: "06:00-24:00", weekly: {tue: "06:00-13:00"}}\n'
    settings = loaded(tmp_path, (SCHEDULE, text))
    (hours,) = calendar(settings, 0, day("2026-11-01") * DAY).hours.values()
    assert hours.dated == ()
    assert {bits for bits, _, _ in hours.slots} == {0b1111101, 0b0000010}


def test_a_day_is_the_same_whenever_the_calendar_is_made(tmp_path: Path) -> None:
    """A calendar that says the same of the days both know is not recorded again."""
    schedule, first = station(tmp_path), day("2026-09-20")
    whole = hours_of(schedule, range(first, first + 120))
    for more in (1, 11, 15, 60):
        later = hours_of(schedule, range(first + more, first + 100))
        low, high = (first + more) * DAY, (first + 100) * DAY
        assert later.slots == whole.slots
        assert later.dated == tuple(one for one in whole.dated if low <= one[0] < high)


# -- public holidays ----------------------------------------------------------------------------

FESTIVE = """    schedule:
      daily: "06:00-24:00"
      weekly: {sun: "07:00-24:00"}
      dates: {2026-10-03: closed}
      holidays: "00:00-24:00"
      working_weekends: "06:00-24:00"
"""
COUNTRY = "holidays:\n  country: cn\n"
NOTICE = """  notices:
    2031:
      source: 国办发明电〔2030〕1号
      holidays: [2030-12-31 to 2031-01-02, 2031-02-01]
      working_weekends: [2031-01-05]
"""


def station_with(folder: Path, schedule: str, holidays: str) -> Settings:
    return loaded(folder, (SCHEDULE, schedule), ("record: {folder", f"{holidays}record: {{folder"))


WHOLE, USUAL, SUNDAY = ((0, 1440),), ((360, 1440),), ((420, 1440),)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-10-01", (WHOLE,)),  # National Day
        ("2026-10-03", ((),)),  # a date counts before a holiday
        ("2026-10-07", (WHOLE,)),  # a day of rest by the notice
        ("2026-10-08", (USUAL,)),
        ("2026-09-20", (USUAL,)),  # a Sunday that was worked
        ("2026-09-27", (WHOLE,)),  # Mid-Autumn weekend
        ("2026-11-29", (SUNDAY,)),
        ("2031-01-01", (WHOLE,)),  # by the notice in the configuration
        ("2030-12-31", (WHOLE,)),
        ("2031-01-03", (USUAL,)),
        ("2031-01-05", (USUAL,)),
        ("2031-01-12", (SUNDAY,)),
        ("2032-01-01", (USUAL, WHOLE)),  # nobody has said yet
        ("2032-01-04", (SUNDAY, WHOLE, USUAL)),
    ],
)
def test_a_public_holiday_is_what_its_notice_says_and_unknown_without_one(
    when: str, expected: tuple[Slots, ...], tmp_path: Path
) -> None:
    """By the package for the years it has, by the configuration for later ones."""
    settings = station_with(tmp_path, FESTIVE, COUNTRY + NOTICE)
    (schedule,) = settings.schedules
    assert choices_of(schedule, day(when), settings.holidays) == expected


@pytest.mark.parametrize("turned", [False, True])
def test_the_weekend_beside_new_year_is_of_the_notice_that_names_it(turned: bool) -> None:
    """The notice of the year before does not have it, in whatever order they are written."""
    first, last = day("2029-12-30"), day("2030-01-02")
    notices = (HolidayNotice(2029, "a", (), ()), HolidayNotice(2030, "b", ((first, last),), ()))
    plan = HolidayPlan(notices[::-1] if turned else notices)
    found = [sorts_of(plan, first + n) for n in (-1, 0, 1, 3, 4)]
    ordinary, holiday = (DaySort.ORDINARY,), (DaySort.HOLIDAY,)
    assert found == [ordinary, holiday, holiday, holiday, ordinary]


def test_hours_that_depend_on_an_unknown_holiday_are_unsure_and_others_are_not(
    tmp_path: Path,
) -> None:
    """What is on either way is on; what is closed either way is closed."""
    text = FESTIVE.replace("00:00-24:00", "05:00-24:00")
    settings = station_with(tmp_path, text, COUNTRY)
    given = calendar(settings, 0, day("2032-01-05") * DAY)
    part = HoursSince(given.known_from, given.hours["county_fm"], given.offsets)
    start = day("2032-01-06") * DAY - 8 * 60 * MINUTE  # a Tuesday, by the time of Beijing
    runs, at = [], start
    while at < start + DAY:
        _, until, expected = part.run_at(at, at, start + DAY)
        runs.append(((until - at) // MINUTE, str(expected)))
        at = until
    assert runs == [(300, "closed"), (60, "unsure"), (18 * 60, "on")]


def test_holidays_that_no_schedule_names_change_no_hash(tmp_path: Path) -> None:
    """And a notice changes the one of a programme that does."""
    plain = loaded(tmp_path)
    named = station_with(tmp_path, FESTIVE, COUNTRY)
    later = station_with(tmp_path, FESTIVE, COUNTRY + NOTICE)
    alone = station_with(tmp_path, SCHEDULE, COUNTRY)
    part = ("programme", "county_fm")
    assert part_digests(plain)[part] == part_digests(alone)[part]
    assert part_digests(named)[part] != part_digests(later)[part]
    assert named.config_hash != later.config_hash


# -- by minutes ---------------------------------------------------------------------------------

ZONES = ("Asia/Shanghai", "Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "UTC")
TURNS = ("2026-03-29", "2026-10-25", "2026-04-24", "2026-10-30", "2026-04-05", "2026-10-04")
MINUTES = st.sampled_from([0, 30, 60, 105, 120, 135, 150, 180, 1380, 1439]) | st.integers(0, 1439)


@st.composite
def day_slots(draw: st.DrawFn) -> Slots:
    pairs = draw(st.lists(st.tuples(MINUTES, MINUTES), max_size=2))
    return tuple((a, b if b > a else b + 1440) for a, b in pairs)


@st.composite
def schedules(draw: st.DrawFn, near: int) -> SchedulePlan:
    """Return a schedule with entries of each kind around a day."""
    weekday = st.integers(0, 6)
    weekly = st.tuples(st.lists(weekday, min_size=1).map(tuple), day_slots())
    monthly = st.tuples(st.lists(st.tuples(st.integers(0, 5), weekday)).map(tuple), day_slots())
    dates = st.tuples(st.integers(-3, 3), st.integers(0, 3), day_slots()).map(
        lambda found: ((near + found[0], near + found[0] + found[1]), found[2])
    )
    kinds = (st.lists(kind, max_size=2).map(tuple) for kind in (weekly, monthly, dates))
    return SchedulePlan("fm", draw(day_slots()), *(draw(kind) for kind in kinds))


def moment(zone: ZoneInfo, on: int, minute: int, *, last: bool) -> datetime:
    """Return the first or last time at which a clock shows a minute; the jump where none does."""
    naive = datetime(1970, 1, 1) + timedelta(days=on, minutes=minute)  # noqa: DTZ001
    found = sorted(naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if found[0].astimezone(zone).replace(tzinfo=None) == naive:
        return found[last]
    at = found[0]
    while at.astimezone(zone).utcoffset() == found[0].astimezone(zone).utcoffset():
        at += timedelta(minutes=1)
    return at


def named(schedule: SchedulePlan, when: date) -> Slots:
    """Return the slots of a day, found apart: the last entry that names it, kind by kind."""
    on, found = when.toordinal() - EPOCH, schedule.daily
    for weekdays, slots in schedule.weekly:
        found = slots if when.weekday() in weekdays else found
    same = [when + timedelta(days=7 * n) for n in range(-5, 6)]
    same = [one for one in same if one.month == when.month]
    number = same.index(when) + 1
    for names, slots in schedule.monthly:
        numbers = [n or len(same) for n, weekday in names if weekday == when.weekday()]
        found = slots if number in numbers else found
    for (first, last), slots in schedule.dates:
        found = slots if first <= on <= last else found
    return found


@examples(60)
@given(st.sampled_from(ZONES), st.sampled_from(TURNS), st.data())
def test_hours_are_what_the_days_say_at_every_fifth_minute(
    name: str, turn: str, data: st.DataObject
) -> None:
    """Days with other slots, past midnight and in the nights in which clocks are moved."""
    zone, near = ZoneInfo(name), day(turn)
    schedule = data.draw(schedules(near))
    low, high = (near - 2) * DAY, (near + 3) * DAY
    hours = hours_of(schedule, range(near - 4, near + 5))
    part = HoursSince(low, hours, offsets_of(zone, low - 4 * DAY, high))
    spans = [
        (moment(zone, on, begin, last=False), moment(zone, on, end, last=True))
        for on in range(near - 5, near + 6)
        for begin, end in named(schedule, date.fromordinal(on + EPOCH))
    ]
    for at in range(low, high, 5 * MINUTE):
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        is_on = any(begin <= when < end for begin, end in spans)
        assert part.run_at(at, low, high)[2] is (Expected.ON if is_on else Expected.CLOSED), when
