"""Nights at which the calendar turns: midnights, ends of a half-year, hours twice or not at all.

The plant runs by real dates of real zones; the hours are integers, as the record keeps them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitord.config.time_zone import offsets_of
from monitord.core.calendar_values import EVERY_DAY, Hours
from monitord.core.hours import DAY
from monitord.core.ledger import totals
from monitord.core.model import MINUTE, SECOND, CalendarExtended, Column
from monitord.core.plan import FaultPlan
from monitord.core.values import Layer
from tests.support.calendars import given
from tests.support.seam import (
    OFFSET,
    SOUND_ANSWERS,
    T0,
    Driver,
    Site,
    Watch,
    fm_site,
    needs,
    programme,
    sound,
    told,
)


def wall(zone: str, clock: str, *, second: bool = False) -> int:
    """Return a local time as wall time; ``second``: where it comes twice, the later one."""
    moment = datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone), fold=int(second))
    return int(moment.timestamp()) * SECOND


def calendar(zone: str, around: int, slots: tuple[tuple[str, str], ...]) -> CalendarExtended:
    """Return the hours of the programme, as a configuration of this zone gives them."""
    days = tuple((EVERY_DAY, _minutes(a) * MINUTE, _minutes(b) * MINUTE) for a, b in slots)
    begin, end = around - 2 * DAY, around + 400 * DAY
    offsets = offsets_of(ZoneInfo(zone), begin - 2 * DAY, end)
    return CalendarExtended(0, {"fm": Hours(days)}, end, begin, offsets, "2026a")


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def night(zone: str, begins: int, *slots: tuple[str, str]) -> Watch:
    """Return a watch that begins at a wall time."""
    driver = Driver(fm_site().plan, calendar=calendar(zone, begins, slots))
    driver.clock_error = begins - T0 - OFFSET
    return Watch(fm_site(), driver)


def of(watch: Watch, kind: str) -> list[dict[str, Any]]:
    """Return the outages off air that began or ended."""
    return [body for body in watch.bodies(kind) if body["fault"] == "off_air"]


def seconds(watch: Watch) -> dict[str, float]:
    """Return the settled columns of the programme."""
    durable = watch.driver.situation.durable
    columns = totals(durable, "fm", watch.driver.now).columns
    return {column: time / SECOND for column, time in columns.items() if time}


TURNS = [
    ("Asia/Shanghai", "2026-12-31T23:59:40"),
    ("Asia/Shanghai", "2026-06-30T23:59:40"),
    ("Europe/Berlin", "2026-12-31T23:59:40"),
    ("America/New_York", "2026-06-30T23:59:40"),
    ("Australia/Lord_Howe", "2026-09-15T23:59:40"),
]


@pytest.mark.parametrize(("zone", "begins"), TURNS)
def test_an_outage_over_midnight_of_a_whole_day_programme_is_one(zone: str, begins: str) -> None:
    """Also where a year or a half-year ends: no boundary of hours lies there."""
    watch = night(zone, wall(zone, begins), ("00:00", "24:00")).hold(10)
    watch.hold(30, fm1="bad").hold(60)
    (ended,) = of(watch, "outage_ended")
    assert (len(of(watch, "outage_began")), ended["how"]) == (1, "good")
    assert 25 * SECOND < ended["ended"][0] - ended["began"][1] < 32 * SECOND


@pytest.mark.parametrize(("zone", "begins"), TURNS)
def test_an_outage_at_the_end_of_the_day_is_cut_there(zone: str, begins: str) -> None:
    """At 24:00 of the station's clock, to the microsecond, at every such turn."""
    watch = night(zone, wall(zone, begins), ("05:55", "24:00")).hold(10)
    watch.hold(40, fm1="bad")
    (ended,) = of(watch, "outage_ended")
    assert (ended["ended"][1], ended["how"]) == (T0 + 20 * SECOND, "hours")
    assert seconds(watch)[Column.CLOSED] > 0


def test_a_slot_whose_end_comes_twice_goes_on_to_the_second() -> None:
    """In Berlin on 25 October 02:30 comes twice: the outage is not cut at the first."""
    zone, clock = "Europe/Berlin", "2026-10-25T02:29:40"
    first = night(zone, wall(zone, clock), ("01:00", "02:30")).hold(10)
    first.hold(40, fm1="bad")
    assert len(of(first, "outage_began")) == 1
    assert of(first, "outage_ended") == []
    second = night(zone, wall(zone, clock, second=True), ("01:00", "02:30")).hold(10)
    second.hold(40, fm1="bad")
    (ended,) = of(second, "outage_ended")
    assert (ended["ended"][1], ended["how"]) == (T0 + 20 * SECOND, "hours")


@pytest.mark.parametrize(
    ("zone", "clock", "slot"),
    [
        ("Europe/Berlin", "2026-03-29T01:59:40", ("02:30", "05:00")),
        ("America/New_York", "2026-03-08T01:59:40", ("02:10", "05:00")),
        ("Australia/Lord_Howe", "2026-10-04T01:59:40", ("02:15", "05:00")),
        ("Africa/Cairo", "2026-04-23T23:59:40", ("00:30", "05:00")),
    ],
)
def test_hours_that_begin_at_a_time_that_does_not_exist_begin_with_the_jump(
    zone: str, clock: str, slot: tuple[str, str]
) -> None:
    """What is off then rings from the jump on, and not an hour later."""
    watch = night(zone, wall(zone, clock), slot).hold(5).hold(40, fm1="bad")
    (began,) = of(watch, "outage_began")
    assert began["began"][1] == T0 + 20 * SECOND


def test_a_slot_in_the_hour_that_does_not_exist_rings_nobody() -> None:
    """Nothing can be expected then."""
    zone = "Europe/Berlin"
    watch = night(zone, wall(zone, "2026-03-29T01:59:40"), ("02:10", "02:50"))
    watch.hold(5).hold(60, fm1="bad")
    assert of(watch, "outage_began") == []


def test_new_rules_at_a_start_leave_the_outage_that_was_counted() -> None:
    """The zone gives up its summer time: the time before keeps its hours.

    The programme is on from 06:00 to 22:00; by the old rules it is 22:01 at the start, by the new
    ones 21:01: the hours go on from the start.
    """
    zone = "Europe/Berlin"
    watch = night(zone, wall(zone, "2026-07-01T21:59:00"), ("06:00", "22:00")).hold(10)
    watch.hold(20, fm1="bad").hold(90)
    before = seconds(watch)
    assert before[Column.OFF_AIR] > 15
    (ended,) = of(watch, "outage_ended")
    given = watch.driver.calendar
    assert isinstance(given, CalendarExtended)
    winter = ((given.offsets[0][0], given.offsets[0][1] - 60 * MINUTE),)
    watch.driver.calendar = replace(given, offsets=winter, tzdata="2026b")
    watch.restart(5).hold(30)
    after = seconds(watch)
    assert after[Column.OFF_AIR] == before[Column.OFF_AIR]
    assert after[Column.CLOSED] >= before[Column.CLOSED]
    assert after[Column.ON_AIR] > before[Column.ON_AIR]
    assert watch.driver.situation.durable.calendar_tzdata == "2026b"
    watch.hold(20, fm1="bad")
    assert len(of(watch, "outage_began")) == 2
    assert of(watch, "outage_ended") == [ended]


LATER = FaultPlan(10 * SECOND, 30 * SECOND, "critical")
"""An outage or blindness of ten seconds opens an incident."""


def closing_soon() -> Watch:
    """Return a watch that begins twenty seconds before the programme closes."""
    begins = wall("Asia/Shanghai", "2026-09-15T23:59:40")
    return night("Asia/Shanghai", begins, ("05:55", "24:00"))


def opened(watch: Watch) -> list[dict[str, object]]:
    """Return the incidents that opened."""
    return watch.bodies("incident_opened")


def test_blindness_that_the_close_down_cuts_short_opens_no_incident() -> None:
    """It counts to the close-down alone, also where a start finds it when all is over."""
    watch = closing_soon().hold(15)
    watch.restart(120).hold(30)
    assert opened(watch) == []
    assert watch.bodies("attempt_began") == []


@pytest.mark.parametrize(("seconds", "count"), [(13, 0), (5, 1)])
def test_an_outage_that_the_close_down_cuts_short_opens_no_incident(
    seconds: int, count: int
) -> None:
    """Its delay runs in its hours; nothing is due for the time behind them."""
    plan = fm_site().plan
    (fm,) = plan.programmes
    site = replace(fm_site(), plan=replace(plan, programmes=(replace(fm, off_air=LATER),)))
    driver = Driver(site.plan, calendar=closing_soon().driver.calendar)
    driver.clock_error = wall("Asia/Shanghai", "2026-09-15T23:59:40") - T0 - OFFSET
    watch = Watch(site, driver).hold(seconds).hold(60, fm1="bad")
    assert len(opened(watch)) == count


def test_a_message_that_falls_due_behind_the_close_down_rings_nobody() -> None:
    """What its hours ended is reported as ended, also while that is not settled yet."""
    person = replace(fm_site().plan.people[0], tell_after=(("critical", 8 * SECOND),))
    site = replace(fm_site(), plan=replace(fm_site().plan, people=(person,)))
    driver = Driver(site.plan, calendar=closing_soon().driver.calendar)
    driver.clock_error = closing_soon().driver.clock_error
    watch = Watch(site, driver).hold(13).hold(60, fm1="bad")
    kinds = [kind for _, kind in told(watch.driver.events, person.id)]
    assert kinds == ["closed_before_told"]


def test_a_suspicion_found_when_all_is_seen_again_names_what_was_not_seen() -> None:
    """Off the air before its hours, a start behind the opening, and an answer lost just then.

    The blindness is on the record when it is over: no message names only the site.
    """
    watch = night("Asia/Shanghai", wall("Asia/Shanghai", "2026-09-15T05:54:40"), ("05:55", "24:00"))
    watch.hold(10, fm1="bad").restart(30).hold(1, fm1="silent").hold(60)
    claimed = [one for one in watch.bodies("cause_claimed") if one["subject"] == "fm/suspected"]
    assert [one["place"]["id"] for one in claimed] == ["fm1/silent"]


def test_what_goes_on_behind_a_close_down_keeps_its_place() -> None:
    """Two stages fall, the hours end and begin again, and both are good by the next answer.

    The second outage is found when nothing is bad any more: what the first one broke at broke it.
    """
    first, last = sound("in"), sound("out")
    chain = (needs("input", Layer.CONTENT, "in.sound"), needs("output", Layer.CONTENT, "out.sound"))
    plan = replace(fm_site().plan, devices=(first, last), programmes=(programme("fm", *chain),))
    on = ((0, T0 + OFFSET + 20 * SECOND), (T0 + OFFSET + 20_100_000, T0 + OFFSET + 10**12))
    calendar = given(0, {"fm": tuple((a, b, "on") for a, b in on)}, on[1][1], 0)
    watch = Watch(
        Site("fm", plan, {"in": SOUND_ANSWERS, "out": SOUND_ANSWERS}),
        Driver(plan, calendar=calendar),
    )
    watch.hold(10).hold(11, **{"in": "bad", "out": "bad"}).hold(60)
    claimed = [one for one in watch.bodies("cause_claimed") if one["subject"] == "fm/off_air"]
    assert [one["place"]["id"] for one in claimed] == ["in/input", "in/input"]
    assert claimed[1]["place"] == claimed[0]["place"]
