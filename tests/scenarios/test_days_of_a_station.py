"""Days with other broadcast times: maintenance afternoons, holidays, the night of a new year.

The plant runs by real dates; the hours come from a schedule as the configuration gives it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitord.config.days import hours_of
from monitord.config.settings import HolidayPlan, SchedulePlan
from monitord.config.time_zone import offsets_of
from monitord.core.hours import DAY
from monitord.core.ledger import totals
from monitord.core.model import SECOND, CalendarExtended, Column
from tests.support.seam import OFFSET, T0, Driver, Watch, fm_site

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY, LAST = 1, 0
DAILY = ((350, 1445),)  # 05:50-00:05
SCHEDULE = SchedulePlan(
    "fm",
    DAILY,
    weekly=(((TUESDAY,), ((350, 780), (1050, 1445))),),  # closed 13:00-17:30
    monthly=((((LAST, TUESDAY),), ((1050, 1445),)),),  # on from 17:30
    dates=(((20_818, 20_818), ((350, 1560),)),),  # 2026-12-31: until 02:00
)


FESTIVE = SchedulePlan("fm", ((360, 1440),), holidays=((300, 1440),))


def night(clock: str, schedule: SchedulePlan = SCHEDULE) -> Watch:
    """Return a watch that begins at a local time of the station."""
    begins = int(datetime.fromisoformat(clock).replace(tzinfo=ZONE).timestamp()) * SECOND
    low, high = begins - 2 * DAY, begins + 400 * DAY
    hours = hours_of(schedule, range(low // DAY - 2, high // DAY + 2), HolidayPlan())
    offsets = offsets_of(ZONE, low - 2 * DAY, high)
    calendar = CalendarExtended(0, {"fm": hours}, high, low, offsets, "2026a")
    driver = Driver(fm_site().plan, calendar=calendar)
    driver.clock_error = begins - T0 - OFFSET
    return Watch(fm_site(), driver)


def of(watch: Watch, kind: str) -> list[dict[str, Any]]:
    """Return the outages off air that began or ended."""
    return [body for body in watch.bodies(kind) if body["fault"] == "off_air"]


@pytest.mark.parametrize(
    "clock",
    ["2026-11-10T13:00:10", "2026-11-24T05:50:10", "2026-11-24T13:00:10", "2027-01-01T02:00:10"],
)
def test_off_in_time_that_a_day_leaves_closed_rings_nobody(clock: str) -> None:
    """A Tuesday afternoon, the morning of a month's last Tuesday, the end of a long night."""
    watch = night(clock).hold(10).hold(120, fm1="bad")
    assert of(watch, "outage_began") == []
    assert watch.bodies("attempt_began") == []


@pytest.mark.parametrize(
    "clock",
    [
        "2026-11-11T13:00:10",  # a Wednesday
        "2026-11-17T06:00:10",  # the last Tuesday but one, in the morning
        "2026-12-01T06:00:10",  # the first Tuesday
        "2027-01-01T01:30:10",  # by the slot of the day before
        "2026-12-31T23:59:50",
    ],
)
def test_off_in_time_that_only_another_day_leaves_closed_rings(clock: str) -> None:
    """The entry of one day opens and closes nothing on the days beside it."""
    watch = night(clock).hold(10).hold(60, fm1="bad").hold(60)
    (ended,) = of(watch, "outage_ended")
    assert ended["how"] == "good"
    assert watch.bodies("attempt_began")[0]["alert"]["told"] == "opened"


@pytest.mark.parametrize("clock", ["2026-11-10T12:59:40", "2027-01-01T01:59:40"])
def test_an_outage_is_cut_where_the_slot_of_that_day_ends(clock: str) -> None:
    """At 13:00 of the Tuesday, at 02:00 behind the last night of the year, to the microsecond."""
    watch = night(clock).hold(8).hold(60, fm1="bad")
    (ended,) = of(watch, "outage_ended")
    assert (ended["how"], ended["ended"][1]) == ("hours", T0 + 20 * SECOND)


def test_what_is_still_off_where_the_afternoon_of_a_maintenance_day_ends_rings_then() -> None:
    """The slot from 17:30 on opens it, to the second."""
    watch = night("2026-11-24T17:29:40").hold(5).hold(60, fm1="bad")
    (began,) = of(watch, "outage_began")
    assert began["began"][1] == T0 + 20 * SECOND


@pytest.mark.parametrize(
    ("clock", "rings", "column"),
    [
        ("2026-10-01T05:10:00", True, Column.OFF_AIR),  # a public holiday
        ("2026-10-09T05:10:00", False, Column.CLOSED),
        ("2032-10-01T05:10:00", True, Column.BETWEEN),  # nobody has said yet
        ("2032-10-01T06:10:00", True, Column.OFF_AIR),
        ("2032-10-01T04:10:00", False, Column.CLOSED),
    ],
)
def test_off_where_a_holiday_is_not_known_rings_and_counts_as_possible_only(
    clock: str, rings: bool, column: Column
) -> None:
    """Never silently closed, and nothing is claimed that no notice says."""
    watch = night(clock, FESTIVE).hold(10).hold(60, fm1="bad").hold(60)
    assert [one["alert"]["told"] for one in watch.bodies("attempt_began")][:1] == ["opened"] * rings
    columns = totals(watch.driver.situation.durable, "fm", watch.driver.now).columns
    off = {Column.OFF_AIR, Column.BETWEEN, Column.CLOSED}
    assert max(off, key=lambda one: columns.get(one, 0)) is column
    assert columns.get(Column.OFF_AIR, 0) >= 57 * SECOND * (column is Column.OFF_AIR)
