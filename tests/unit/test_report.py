"""``monitord report``: figures from a record, as JSON, as a table and in both languages."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitord.config.days import hours_of
from monitord.config.settings import SchedulePlan
from monitord.config.time_zone import offsets_of
from monitord.core.clock_quality import SYNCHRONISED, Kernel
from monitord.core.decision_bodies import AdoptClock
from monitord.core.figures import Figures
from monitord.core.hours import DAY
from monitord.core.model import HOUR, SECOND, CalendarExtended, ClockRead, Column, Decision
from monitord.journal.alive import Alive, AliveFile
from monitord.report.document import _shares
from monitord.report.period import PeriodFigures
from tests.fixtures.events import opened
from tests.support.seam import OFFSET, T0, Driver, Watch, fm_site
from tests.unit.cli.commands import Printed, monitord
from tests.unit.config.samples import changed, write

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = "2026-06-30T23:59:30"
"""The watch begins half a minute before the half-year ends."""


def watch_of(clock: str, schedule: SchedulePlan) -> Watch:
    """Return a watch whose clock shows a local time of the station at its begin."""
    begins = int(datetime.fromisoformat(clock).replace(tzinfo=ZONE).timestamp()) * SECOND
    low, high = begins - 2 * DAY, begins + 400 * DAY
    hours = hours_of(schedule, range(low // DAY - 2, high // DAY + 2))
    offsets = offsets_of(ZONE, low - 2 * DAY, high)
    calendar = CalendarExtended(0, {"fm": hours}, high, low, offsets, "2026a")
    driver = Driver(fm_site().plan, calendar=calendar)
    driver.clock_error = begins - T0 - OFFSET
    return Watch(fm_site(), driver)


def kept(folder: Path, watch: Watch) -> Path:
    """Write what a watch decided to a record; return the configuration that it is of."""
    path = write(folder, changed(("county_fm", "fm"), ("/var/lib/monitord", "record")))
    with opened(folder / "record") as journal:
        journal.commit_sync(watch.driver.events)
    alive = AliveFile(folder / "record")
    last, now = watch.driver.events[-1], watch.driver.now + 60 * SECOND
    alive.write(Alive("", 0, now, now, last.epoch, last.number, "", now))
    alive.close()
    return path


def report(path: Path, begin: str, end: str, *more: str, language: str = "en") -> Printed:
    return monitord("report", path, "--from", begin, "--to", end, *more, language=language)


def figures(path: Path, begin: str, end: str) -> dict[str, Any]:
    (found,) = report(path, begin, end, "--json").json["programmes"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(name="station", scope="module")
def _station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a station that was off from 23:59:50 to 00:00:20 and silent from 00:01 to 00:02."""
    watch = watch_of(MIDNIGHT, SchedulePlan("fm", ((0, 1440),))).hold(20)
    watch.hold(30, fm1="bad").hold(40).hold(60, fm1="silent").hold(120)
    return kept(tmp_path_factory.mktemp("station"), watch)


def test_an_outage_over_the_end_of_a_half_year_counts_in_both_by_its_seconds(
    station: Path,
) -> None:
    """Ten seconds in one half, twenty in the other: one outage, listed in both under one id."""
    first = figures(station, "2026-01-01", "2026-06-30")
    second = figures(station, "2026-07-01", "2026-07-01")
    assert first["columns_s"]["off_air"] == pytest.approx(10, abs=1.1)
    assert second["columns_s"]["off_air"] == pytest.approx(20, abs=1.1)
    both = figures(station, "2026-06-30", "2026-07-01")
    assert first["least_s"] + second["least_s"] == pytest.approx(both["least_s"])
    (one,), (same,) = first["outages"], second["outages"]
    assert one == same
    assert first["reasons_s"] == {"no_carrier": first["least_s"]}
    assert sum(second["owners_s"].values()) == pytest.approx(20, abs=1.1)


def test_a_half_year_has_its_hours_and_what_no_record_has_is_blind(station: Path) -> None:
    """4,344 h: the time before the record began was not monitored, and is not said to be good."""
    found = figures(station, "2026-01-01", "2026-06-30")
    assert sum(found["columns_s"].values()) == pytest.approx(181 * 86_400)
    assert found["scheduled_s"] == pytest.approx(4_344 * 3_600)
    assert found["columns_s"]["blind"] == pytest.approx(4_344 * 3_600 - 30, abs=5)
    assert found["coverage"] < 0.0001


def test_blind_time_is_in_the_figures_the_coverage_and_the_longest_span(station: Path) -> None:
    """A minute without a reading may have been a minute off the air."""
    found = figures(station, "2026-07-01T00:00:40", "2026-07-01T00:03:00")
    assert (found["least_s"], found["most_seen_s"]) == (0, 0)
    assert found["most_s"] == pytest.approx(60, abs=3)
    assert found["blind_longest_s"] == pytest.approx(60, abs=3)
    assert found["coverage"] == pytest.approx(1 - 60 / 140, abs=0.03)
    assert found["availability_most"] == 1.0
    assert found["rate_most"] >= 100 * 3_600 * 60 / 140 * 0.95


def test_only_time_that_was_wholly_seen_and_on_air_gives_a_zero(station: Path) -> None:
    """Another zero is said with its coverage."""
    quiet = report(station, "2026-07-01T00:00:30", "2026-07-01T00:00:50")
    assert "no outage; every scheduled second was monitored" in quiet.out
    blind = report(station, "2026-07-01T00:00:30", "2026-07-01T00:02:50")
    assert "every scheduled second" not in blind.out
    assert "no outage was found while monitored, coverage " in blind.out


ZEROS = ("at least 0 s", "至少0秒", "no outage", "未发现停播", "没有停播", "off-air rate 0")
UNSEEN = {
    "en": "conclusion: nothing is known to have been monitored, so nothing is said of outages",
    "zh": "结论：没有一秒确知受到监测，有无停播不作结论",
}


@pytest.mark.parametrize("period", [("2026-06-01", "2026-06-29"), ("2026-07-01T00:01:20",) * 2])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_period_without_a_monitored_second_concludes_nothing_about_outages(
    station: Path, language: str, period: tuple[str, str]
) -> None:
    """Before the record began, and where nothing answered: no zero, no "none found"."""
    begin, end = period if period[0] != period[1] else (period[0], period[1][:-2] + "40")
    shown = report(station, begin, end, language=language)
    assert UNSEEN[language] in shown.out
    assert [text for text in ZEROS if text in shown.out] == []


def test_one_monitored_second_is_enough_to_name_what_was_found(station: Path) -> None:
    """Its coverage, rounded down, is printed as 0 % all the same."""
    shown = report(station, "2026-01-01", "2026-06-30T23:59:45")
    assert "no outage was found while monitored, coverage 0 %" in shown.out


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        (
            "en",
            [
                "Broadcast statement",
                "off-air rate",
                "no carrier, own",
                "outages listed: 1",
            ],
        ),
        ("zh", ["播出情况表", "停播率", "秒/百小时", "无载波、本台", "有停播，列出1次"]),
    ],
)
def test_the_statement_reads_in_both_languages(
    language: str, parts: list[str], station: Path
) -> None:
    """For the person who signs it."""
    shown = report(station, "2026-06-30", "2026-07-01T00:03:00", language=language)
    assert shown.code == 0
    for part in parts:
        assert part in shown.out


def test_the_table_has_a_row_a_programme_with_the_same_figures(station: Path) -> None:
    """For a spreadsheet."""
    out = report(station, "2026-06-30", "2026-07-01T00:03:00", "--csv").out
    (row,) = csv.DictReader(io.StringIO(out))
    found = figures(station, "2026-06-30", "2026-07-01T00:03:00")
    for name in ("least_s", "most_s", "coverage", "rate_most", "unsettled"):
        assert float(row[name]) == found[name]
    assert float(row["off_air_s"]) == found["columns_s"]["off_air"]


def test_an_outage_that_lasts_is_listed_and_counted(tmp_path: Path) -> None:
    """A report of today does not leave out what is still wrong."""
    watch = watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 1440),)))
    path = kept(tmp_path, watch.hold(20).hold(40, fm1="bad"))
    found = figures(path, "2026-11-11T12:00:00", "2026-11-11T12:00:50")
    (one,) = found["outages"]
    assert (one["ended"], one["reason"]) == (None, "no_carrier")
    assert found["least_s"] > 25
    assert "not over yet" in report(path, "2026-11-11", "2026-11-11").out


def test_time_outside_the_hours_is_closed_and_not_scheduled(tmp_path: Path) -> None:
    """Off the air there is no outage."""
    schedule = SchedulePlan("fm", ((360, 720),))
    watch = watch_of("2026-11-11T11:59:30", schedule).hold(30).hold(30, fm1="bad").hold(30)
    found = figures(kept(tmp_path, watch), "2026-11-11T11:59:40", "2026-11-11T12:00:40")
    assert found["columns_s"]["closed"] == pytest.approx(40)
    assert found["scheduled_s"] == pytest.approx(20)
    assert found["outages"] == []


def test_a_period_that_ends_before_it_begins_is_refused(station: Path) -> None:
    """And what is no date is named."""
    assert report(station, "2026-07-01", "2026-06-30").code == 2
    assert report(station, "July", "2026-06-30").code == 2


def test_a_period_that_is_not_over_says_up_to_when_it_is_known(station: Path) -> None:
    """Nothing is claimed of the future."""
    shown = report(station, "2026-07-01", "2199-12-31")
    assert "asked to 2200-01-01 00:00:00" in shown.out
    ahead = report(station, "2199-01-01", "2199-01-31")
    assert (ahead.code, ahead.out) == (1, "")
    assert "nothing is known of this period yet" in ahead.err


def test_a_period_is_exact_to_the_microsecond(station: Path) -> None:
    """Also where its ends have parts of a second."""
    found = figures(station, "2026-07-01T00:00:30.900", "2026-07-01T00:00:31.100")
    assert sum(found["columns_s"].values()) == pytest.approx(0.2)


def test_an_outage_that_the_record_ends_with_is_not_claimed_of_later_days(tmp_path: Path) -> None:
    """Stopped while off the air: nobody knows what was after that."""
    watch = watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 1440),)))
    path = kept(tmp_path, watch.hold(20).hold(40, fm1="bad"))
    later = figures(path, "2026-11-20", "2026-11-20")
    assert (later["outages"], later["coverage"]) == ([], 0)
    same = figures(path, "2026-11-11", "2026-11-11")
    assert sum(same["owners_s"].values()) >= same["least_s"] > 0


def test_a_programme_that_is_not_configured_any_more_is_in_the_statement(tmp_path: Path) -> None:
    """Its outages do not vanish with it; what was after it is not counted."""
    watch = watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 1440),))).hold(20)
    path = kept(tmp_path, watch.hold(20, fm1="bad").hold(30))
    path.write_text(path.read_text("utf-8").replace("  fm:\n", "  renamed:\n"), "utf-8")
    renamed, old = report(path, "2026-11-11", "2026-11-12", "--json").json["programmes"]
    assert (renamed["id"], renamed["least_s"], renamed["coverage"]) == ("renamed", 0, 0)
    assert (old["id"], old["configured"]) == ("fm", False)
    assert old["least_s"] > 17
    assert old["to"] < "2026-11-11T12:02"
    shown = report(path, "2026-11-11", "2026-11-12").out
    assert "fm (fm), not configured any more: up to 2026-11-11 12:01" in shown


def test_time_of_an_untrusted_clock_is_in_no_day_and_its_outages_are_listed_undated(
    tmp_path: Path,
) -> None:
    """The clock was three days slow at the boot: where its minute off the air lies nobody knows."""
    watch = watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 1440),))).hold(20)
    driver = watch.driver
    driver.clock_error -= 3 * DAY
    driver.start(driver.now + 10 * SECOND, alive_at=driver.crash())
    watch.at = driver.now
    watch.hold(20).hold(60, fm1="bad").hold(30)
    driver.clock_error += 3 * DAY
    driver.start(driver.now + 10 * SECOND, alive_at=driver.crash())
    watch.at = driver.now
    path = kept(tmp_path, watch.hold(60))
    wrong_day = figures(path, "2026-11-08", "2026-11-08")
    assert (wrong_day["outages"], wrong_day["owners_s"], wrong_day["unplaced_s"]) == ([], {}, 0)
    right = figures(path, "2026-11-11", "2026-11-11")
    assert right["least_s"] == 0
    assert right["unplaced_s"] > 100
    assert [one["began"] for one in right["outages"] if one["fault"] == "off_air"] == [None]
    assert right["owners_s"] == {}
    shown = report(path, "2026-11-11", "2026-11-11").out
    assert "at a time that the clock did not know, perhaps not in this period: no carrier" in shown
    assert "no outage; every scheduled second" not in shown


def test_hours_that_no_calendar_knows_are_said_to_be_unsure(tmp_path: Path) -> None:
    """Before the first recorded calendar nobody knows what was scheduled."""
    watch = watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((360, 1440),))).hold(20)
    path = kept(tmp_path, watch)
    found = figures(path, "2026-07-01", "2026-07-31")
    assert found["unsure_s"] == pytest.approx(31 * 86_400)
    assert found["outages"] == []
    assert "it is not known of 744 h" in report(path, "2026-07-01", "2026-07-31").out
    known = figures(path, "2026-11-10T12:00", "2026-11-11")
    assert known["unsure_s"] == 0


@pytest.mark.parametrize(
    ("off", "hours", "least", "most"),
    [
        (0, 100, 0.0, 0.0),
        (45, 300, 15.0, 15.0),  # exact in whole numbers, not in binary fractions
        (93, 300, 31.0, 31.0),
        (1, 300, 0.33, 0.34),
    ],
)
def test_the_off_air_rate_is_rounded_outwards_and_only_where_it_is_not_exact(
    off: int, hours: int, least: float, most: float
) -> None:
    """Seconds for each hundred hours, to the hundredth."""
    found = PeriodFigures(figures=Figures(off * SECOND, off * SECOND, off * SECOND))
    found.columns[Column.ON_AIR] = hours * HOUR
    shares = _shares(found)
    assert (shares["rate_least"], shares["rate_most"]) == (least, most)


def test_what_the_clock_showed_before_and_after_a_correction_is_printed(tmp_path: Path) -> None:
    """A step of three hours that a person calls right: both times, in report and incidents."""
    watch = watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 1440),))).hold(20)
    driver, lost = watch.driver, replace(SYNCHRONISED, kernel=Kernel.NONE)
    right = OFFSET + driver.clock_error + 3 * HOUR
    driver.tick([ClockRead(driver.now + 1, driver.now + 1 + right, lost)], driver.now + 1)
    at = driver.now + 40 * SECOND
    driver.tick([Decision(at, "d1", "desk", "command", AdoptClock(at + right))], at)
    watch.at = driver.now
    path = kept(tmp_path, watch.hold(60))
    found = report(path, "2026-11-11", "2026-11-11", "--json").json["clock_corrections"]
    assert [(one["before"][:16], one["after"][:16], one["person"]) for one in found] == [
        ("2026-11-11T12:01", "2026-11-11T15:01", "desk")
    ]
    for shown in (report(path, "2026-11-11", "2026-11-11"), monitord("incidents", path)):
        assert "the clock was corrected: 2026-11-11 12:01:0" in shown.out
        assert "became 2026-11-11 15:01:0" in shown.out
        assert ", stated by" in shown.out
    chinese = report(path, "2026-11-11", "2026-11-11", language="zh")
    assert "时钟已校正：2026-11-11 12:01:0" in chinese.out
