"""Hours for the engine: what is not taken is named, and new rules of the zone are logged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from monitord.calendars import Calendars
from monitord.config.calendar import calendar
from monitord.config.settings import Settings
from monitord.config.time_zone import offsets_of, rules_version
from monitord.core.durable import Durable
from monitord.core.hours import DAY
from monitord.core.model import HOUR, SECOND, CalendarExtended
from tests.support.calendars import held
from tests.unit.config.samples import loaded

NOW = 1_790_000_000 * SECOND
"""A wall time in September 2026."""


class Clock:
    """Site time and wall time are one; ``error``: of the wall clock."""

    def __init__(self, error: int = 0) -> None:
        self.error = error

    def now(self) -> int:
        return NOW

    def wall(self) -> int:
        return NOW + self.error

    async def sleep_until(self, at: int) -> None:
        raise AssertionError(at)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return loaded(tmp_path)


def recorded(known_to: int, rules: str = "") -> Durable:
    """Return a state whose calendar reaches from the day before up to a wall time."""
    calendar = held({"county_fm": ()}, since=NOW - DAY)
    return Durable(
        calendar=calendar,
        calendar_known_from=NOW - DAY,
        calendar_known_to=known_to,
        calendar_tzdata=rules,
    )


def test_hours_reach_as_far_as_the_recorded_ones(settings: Settings) -> None:
    """A clock that was put back some hours makes no shorter calendar."""
    kept = NOW + 401 * DAY
    calendars = Calendars(recorded(kept), Clock())
    with capture_logs() as logs:
        assert calendars.now(settings).known_to == kept
        assert Calendars(recorded(0), Clock()).now(settings).known_to == NOW + 400 * DAY
    assert (calendars.refused, logs) == ({}, [])
    assert calendars.refusal(settings) is None


def test_hours_that_cover_less_are_named_with_what_is_kept(settings: Settings) -> None:
    """Beyond ten years no calendar is made; the recorded one, however long, goes on."""
    calendars = Calendars(recorded(NOW + 5_000 * DAY), Clock())
    with capture_logs() as logs:
        calendars.at_start(settings)
    (found,) = logs
    assert (found["event"], found["log_level"]) == ("hours_refused", "error")
    assert found["detail"] == calendars.refused["en"]
    assert "found hours from 2026-09-" in calendars.refused["en"]
    assert calendars.refused["en"].endswith("the recorded hours are kept")
    assert "2040-05-" in calendars.refused["zh"]
    assert calendars.refusal(settings) is not None


def test_a_programme_without_hours_is_named(settings: Settings) -> None:
    """It is configured and recorded; its hours are kept."""

    def make(*given: Any) -> CalendarExtended:
        return replace(calendar(*given), hours={})

    refusal = Calendars(recorded(NOW + 400 * DAY), Clock(), make).refusal(settings)
    assert refusal is not None
    assert "no hours of county_fm" in refusal.render("en")
    assert "county_fm" in refusal.render("zh")


def test_a_wall_clock_that_is_wrong_at_the_start_refuses_no_hours(settings: Settings) -> None:
    """It shows 1970: the hours around that time are given, and nothing is said of the settings."""
    calendars = Calendars(recorded(NOW + 300 * DAY), Clock(error=-NOW))
    with capture_logs() as logs:
        assert calendars.at_start(settings).known_from < 0
    assert (calendars.refused, logs) == ({}, [])


def test_new_rules_of_the_time_zone_are_logged(settings: Settings) -> None:
    """With what counted before and what counts from now on; not where none were recorded."""
    present = rules_version("Asia/Shanghai")
    for rules, expected in (("2019a", 1), (present, 0), ("", 0)):
        with capture_logs() as logs:
            Calendars(recorded(NOW + 400 * DAY, rules), Clock()).now(settings)
        assert len(logs) == expected
        for log in logs:
            assert (log["event"], log["was"], log["now"]) == (
                "time_zone_rules_changed",
                "2019a",
                present,
            )


def test_the_version_of_the_rules_is_what_their_folder_names(tmp_path: Path) -> None:
    """Else a digest of the zone's own file; without one, the version of the package."""
    zones = tmp_path / "zoneinfo"
    folders = (str(tmp_path / "none"), str(zones))

    def version() -> str:
        return rules_version("Europe/Berlin", folders)

    assert version()[:2] == "20"
    (zones / "Europe").mkdir(parents=True)
    (zones / "Europe" / "Berlin").write_bytes(b"TZif one")
    digest = version()
    assert digest.startswith("sha256:")
    (zones / "Europe" / "Berlin").write_bytes(b"TZif two")
    assert version() != digest
    (zones / "+VERSION").write_text("2024b\n", "ascii")
    assert version() == "2024b"
    (zones / "tzdata.zi").write_text("# version 2025b\n# more\n", "ascii")
    assert version() == "2025b"


@pytest.mark.parametrize("begin", [NOW, NOW + 1, NOW + SECOND - 1])
def test_offsets_begin_with_the_span_and_have_its_two_changes(begin: int) -> None:
    """On 25 October 2026 and 28 March 2027, at one o'clock UTC, whatever the moment of begin."""
    zone = ZoneInfo("Europe/Berlin")
    assert offsets_of(zone, begin, begin + 300 * DAY) == (
        (begin, 2 * HOUR),
        (1_792_890_000 * SECOND, HOUR),
        (1_806_195_600 * SECOND, 2 * HOUR),
    )
