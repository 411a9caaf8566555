"""Schedules become integers that give wall time, whatever the zone's clock does."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitord.config.calendar import calendar
from monitord.config.settings import Settings
from monitord.core.hours import HoursSince
from monitord.core.model import Expected
from tests.unit.config.samples import loaded

HOUR = 3_600_000_000
DAY = 24 * HOUR


def settings_of(folder: Path, zone: str, slots: str) -> Settings:
    return loaded(folder, ("Asia/Shanghai", zone), ('"05:55-24:00"', slots))


def wall(text: str, zone: str = "UTC") -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return int(moment.timestamp()) * 1_000_000


def shown(settings: Settings, now: str, days: int) -> list[tuple[str, str]]:
    """Return the first programme's intervals as UTC texts."""
    found = on_air(settings, wall(now), wall(now) + days * DAY)
    return [(utc(start), utc(end)) for start, end in found]


def on_air(settings: Settings, now: int, until: int | None = None) -> list[tuple[int, int]]:
    """Return when the first programme is expected on, as far as the calendar goes."""
    given = calendar(settings, 0, now)
    (hours, *_) = given.hours.values()
    part = HoursSince(given.known_from, hours, given.offsets)
    at, until, found = given.known_from, until or given.known_to, []
    while at < until:
        begin, at, expected = part.run_at(at, at, until)
        assert expected in (Expected.ON, Expected.CLOSED)
        if expected is Expected.ON:
            found.append((begin, at))
    return found


def utc(moment_us: int) -> str:
    return datetime.fromtimestamp(moment_us // 1_000_000, UTC).strftime("%d %H:%M")


def test_slots_are_local_time_and_begin_two_days_back(tmp_path: Path) -> None:
    """The present slot is there, and one that is over but still has to be judged."""
    settings = settings_of(tmp_path, "Asia/Shanghai", '"06:00-24:00"')
    assert shown(settings, "2026-06-10T12:00+08:00", days=1) == [
        ("08 04:00", "08 16:00"),
        ("08 22:00", "09 16:00"),
        ("09 22:00", "10 16:00"),
        ("10 22:00", "11 04:00"),
    ]


def test_what_is_known_ends_after_the_days_asked(tmp_path: Path) -> None:
    """The core gets the end of the known intervals, and none after it."""
    settings = settings_of(tmp_path, "Asia/Shanghai", '"06:00-24:00"')
    now = wall("2026-06-10T12:00+08:00")
    assert calendar(settings, 0, now).known_to == now + 400 * DAY
    assert max(end for _, end in on_air(settings, now)) <= now + 400 * DAY


def test_a_programme_without_a_schedule_is_always_on(tmp_path: Path) -> None:
    """One interval, throughout what is known."""
    settings = loaded(tmp_path, ('    schedule: {daily: "05:55-24:00"}\n', ""))
    now = wall("2026-06-10T12:00+08:00")
    assert on_air(settings, now) == [(now - 2 * DAY, now + 400 * DAY)]


def test_the_whole_day_every_day_is_one_interval(tmp_path: Path) -> None:
    """What touches is one: midnight is no interruption."""
    settings = settings_of(tmp_path, "Asia/Shanghai", '"00:00-24:00"')
    assert len(shown(settings, "2026-06-10T12:00+08:00", days=30)) == 1


def test_overlapping_slots_are_one(tmp_path: Path) -> None:
    """The list is a union, in any order."""
    settings = settings_of(tmp_path, "UTC", '["08:00-12:00", "06:00-09:00", "12:00-13:00"]')
    assert shown(settings, "2026-06-10T00:00Z", days=1)[0] == ("08 06:00", "08 13:00")


def test_a_slot_past_midnight_ends_on_the_next_day(tmp_path: Path) -> None:
    """The station's day goes on after midnight; at 00:30 yesterday's slot still runs."""
    settings = settings_of(tmp_path, "UTC", '"06:00-01:00"')
    assert ("09 06:00", "10 01:00") in shown(settings, "2026-06-10T00:30Z", days=1)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)]
)
def test_a_day_is_as_long_as_the_clock_makes_it(tmp_path: Path, day: str, hours: int) -> None:
    """A clock put forward takes an hour of the schedule away, put back it adds one."""
    settings = settings_of(tmp_path, "Europe/Berlin", '["00:00-12:00", "12:30-24:00"]')
    start, end = wall(f"{day}T00:00", "Europe/Berlin"), wall(f"{day}T23:59", "Europe/Berlin")
    inside = [(f, min(t, end)) for f, t in on_air(settings, start) if f < end and t > start]
    assert sum(t - max(f, start) for f, t in inside) == hours * HOUR - HOUR // 2 - HOUR // 60


def test_a_slot_that_ends_in_the_hour_that_comes_twice_ends_with_the_second(tmp_path: Path) -> None:
    """02:30 comes twice on 25 October: expected on until the later, counted once."""
    settings = settings_of(tmp_path, "Europe/Berlin", '"01:00-02:30"')
    assert ("24 23:00", "25 01:30") in shown(settings, "2026-10-25T00:00Z", days=1)


def test_a_slot_that_begins_in_the_hour_that_comes_twice_begins_with_the_first(
    tmp_path: Path,
) -> None:
    """It begins once a day, and as early as the schedule can mean."""
    settings = settings_of(tmp_path, "Europe/Berlin", '"02:30-05:00"')
    assert [s for s in shown(settings, "2026-10-25T00:00Z", days=1) if s[0][:2] == "25"] == [
        ("25 00:30", "25 04:00")
    ]


def test_a_time_the_clock_jumps_over_is_the_moment_of_the_jump(tmp_path: Path) -> None:
    """02:30 does not exist on 29 March: what begins then begins when the clock jumps."""
    settings = settings_of(tmp_path, "Europe/Berlin", '"02:30-05:00"')
    assert ("29 01:00", "29 03:00") in shown(settings, "2026-03-29T00:00Z", days=1)


def test_a_slot_inside_the_gap_does_not_exist(tmp_path: Path) -> None:
    """Nothing can be expected in an hour that nobody has."""
    settings = settings_of(tmp_path, "Europe/Berlin", '"02:10-02:50"')
    assert not [s for s in shown(settings, "2026-03-29T00:00Z", days=1) if s[0][:2] == "29"]


def test_a_day_without_midnight_is_still_a_day(tmp_path: Path) -> None:
    """In Cairo 24 April 2026 begins at one o'clock; its slots are there."""
    settings = settings_of(tmp_path, "Africa/Cairo", '"00:00-06:00"')
    assert ("23 22:00", "24 03:00") in shown(settings, "2026-04-24T06:00Z", days=1)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Shanghai"]
)
def test_a_year_of_intervals_is_ordered_and_apart(tmp_path: Path, zone: str) -> None:
    """The core relies on it: ordered, disjoint, none empty, one slot a day or more."""
    settings = settings_of(tmp_path, zone, '["00:30-02:15", "02:45-12:00", "13:00-00:10"]')
    slots = on_air(settings, wall("2026-01-01T00:00Z"))
    assert all(start < end for start, end in slots)
    assert all(a[1] < b[0] for a, b in pairwise(slots))
    assert len(slots) >= 3 * 400
