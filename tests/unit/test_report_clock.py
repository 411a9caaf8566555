"""``monitord report`` beside a daemon whose clock stepped: time is that of the record."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitord.cli import report as command
from monitord.cli.argument_types import Moment
from monitord.cli.invocation import Invocation
from monitord.cli.report_lines import report_lines
from monitord.cli.words import Words
from monitord.clock import Instant
from monitord.config.settings import SchedulePlan
from monitord.core.clock_quality import SYNCHRONISED, Kernel
from monitord.core.clock_state import Trust
from monitord.core.model import HOUR, SECOND, ClockRead
from monitord.journal.alive import AliveFile, read_alive
from tests.support.seam import OFFSET, Watch
from tests.unit.test_report import ZONE, kept, report, watch_of

BEGAN = "2026-11-11T12:00:00"
BOOTTIME = 7 * HOUR
STEPS = {
    "three hours forward": 3 * HOUR,
    "three hours back": -3 * HOUR,
    "forty seconds forward": 40 * SECOND,
    "forty seconds back": -40 * SECOND,
    "a day back": -24 * HOUR,
    "to 1970": -OFFSET,
}


def stepped(step: int) -> Watch:
    """Return a watch of 140 s that saw 40 s off the air before its clock stepped."""
    watch = watch_of(BEGAN, SchedulePlan("fm", ((0, 1440),))).hold(20).hold(40, fm1="bad")
    at = watch.driver.now + 1
    wrong = at + OFFSET + watch.driver.clock_error + step
    watch.driver.tick([ClockRead(at, wrong, SYNCHRONISED)], at)
    watch.at = watch.driver.now
    return watch.hold(80)


def later(path: Path, watch: Watch, *, step: int, seconds: int) -> Instant:
    """Return the clocks so long after the last sign of life, the wall clock off by a step."""
    last, alive = read_alive(path.parent / "record"), AliveFile(path.parent / "record")
    assert last is not None
    boot, now = watch.driver.situation.durable.clock.boot_id, watch.driver.now
    alive.write(replace(last, boot_id=boot, boottime=BOOTTIME, site=now, recorded_until=now))
    alive.close()
    wall = now + OFFSET + watch.driver.clock_error + step + seconds * SECOND
    return Instant(boot, BOOTTIME + seconds * SECOND, wall)


def printed(path: Path, present: Instant, *, language: str = "en", as_json: bool = False) -> str:
    """Return what the report of the day prints."""
    day = Moment(datetime(2026, 11, 11), is_day=True)  # noqa: DTZ001 - a local day
    call = Invocation(path, language, as_json, io.StringIO(), io.StringIO())
    assert command.run(call, begin=day, end=day, as_csv=False, clocks=lambda: present) == 0
    assert isinstance(call.out, io.StringIO)
    return call.out.getvalue()


def today(path: Path, present: Instant) -> dict[str, Any]:
    """Return the report of the day."""
    found = json.loads(printed(path, present, as_json=True))
    assert isinstance(found, dict)
    return found


def after_begin_s(moment: str) -> float:
    """Return how long after the begin of the watch a moment is."""
    begins = datetime.fromisoformat(BEGAN).replace(tzinfo=ZONE)
    return (datetime.fromisoformat(moment) - begins).total_seconds()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize(("seconds", "low_s", "high_s"), [(2, 60, 100), (300, 420, 460)])
def test_a_report_reaches_to_the_present_of_the_record_whatever_the_clock_shows(
    step: int, seconds: int, low_s: float, high_s: float, tmp_path: Path
) -> None:
    """No hour that did not come is counted, and no outage is left out."""
    watch = stepped(step)
    path = kept(tmp_path, watch)
    found = today(path, later(path, watch, step=step, seconds=seconds))
    assert low_s <= after_begin_s(found["to"]) <= high_s
    (programme,) = found["programmes"]
    assert [one["reason"] for one in programme["outages"]] == ["no_carrier"]
    assert programme["least_s"] == pytest.approx(40, abs=2)


def test_a_record_of_another_boot_is_reported_to_its_end_where_the_clock_is_behind(
    tmp_path: Path,
) -> None:
    """What is on record is over, whatever a battery clock says."""
    path = kept(tmp_path, stepped(0))
    assert after_begin_s(today(path, Instant("another", SECOND, SECOND))["to"]) >= 140


def test_a_clock_that_was_never_trusted_places_no_present(tmp_path: Path) -> None:
    """The report ends by what the clock shows now: it may have been set since."""
    watch = watch_of("1970-01-01T12:00:00", SchedulePlan("fm", ((0, 1440),)))
    watch.driver.clock_quality = {"quality": replace(SYNCHRONISED, kernel=Kernel.NONE)}
    path = kept(tmp_path, watch.hold(60))
    begins = round(datetime.fromisoformat(BEGAN).replace(tzinfo=ZONE).timestamp()) * SECOND
    assert after_begin_s(today(path, Instant("boot1", BOOTTIME, begins))["to"]) == 0


@pytest.mark.parametrize("is_live", [True, False])
def test_a_start_on_an_untrusted_clock_hides_no_outage_of_before(
    tmp_path: Path, is_live: bool
) -> None:
    """Two hours behind the last time known the report still has what is over."""
    watch = stepped(0)
    watch.driver.clock_error -= 2 * HOUR
    path = kept(tmp_path, watch.restart().hold(60))
    assert watch.driver.situation.durable.clock.trust is Trust.UNTRUSTED
    found = today(path, later(path, watch, step=0, seconds=2 if is_live else 300))
    assert after_begin_s(found["to"]) >= 130
    (programme,) = found["programmes"]
    assert [one["reason"] for one in programme["outages"]] == ["no_carrier"]


@pytest.mark.parametrize(("unsure_s", "said"), [(0.04, ""), (0.06, "0.1 s"), (2.0, "2 s")])
def test_no_zero_is_said_of_time_whose_hours_are_not_known(
    tmp_path: Path, unsure_s: float, said: str
) -> None:
    """A synchronised clock leaves hundredths of a second at each edge of the hours."""
    found = report(kept(tmp_path, stepped(0)), "2026-11-11", "2026-11-11", "--json").json
    found["programmes"][0]["unsure_s"] = unsure_s
    lines = [line for line in report_lines(found, Words("en")) if "it is not known" in line]
    assert [said in line for line in lines] == ([True] if said else [])


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "the clock contradicts itself"), ("zh", "时钟有矛盾，其间的时刻可能不准")],
)
def test_a_report_names_the_time_in_which_the_clock_contradicts_itself(
    language: str, said: str, tmp_path: Path
) -> None:
    """Nobody signs times that may be three hours wrong without knowing it."""
    watch = stepped(3 * HOUR)
    path = kept(tmp_path, watch)
    present = later(path, watch, step=3 * HOUR, seconds=2)
    (found,) = today(path, present)["clock_disputes"]
    assert after_begin_s(found["from"]) == pytest.approx(60, abs=3)
    assert said in printed(path, present, language=language)
    before = report(path, "2026-11-11", "2026-11-11T12:00:30", language=language)
    assert said not in before.out
