"""A person's delay that is over before there is an incident gives a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import explain
from tests.unit.config.samples import loaded

TELL = "tell_after: 3s"
SOUND = "sound_present: {layer: content, true_when: not audio_silent"
OPEN = "off_air: {open_after: 0s,"


def early(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str, str, int, int]]:
    """Return the warnings about the sample: severity, programme, fault, seconds, others."""
    found = explain(loaded(folder, *changes)).early
    assert {delay.person.id for delay in found} <= {"duty_desk"}
    return [
        (one.severity, one.programme, one.fault, one.open_after // 1_000_000, one.others)
        for one in found
    ]


def test_a_delay_shorter_than_that_of_the_fault_is_a_warning(tmp_path: Path) -> None:
    """Three seconds were wanted, and the incident opens after ten."""
    late = OPEN, "off_air: {open_after: 10s,"
    assert early(tmp_path, late) == [("critical", "county_fm", "off_air", 10, 0)]
    assert early(tmp_path, late, (TELL, "tell_after: 9999ms")) != []
    assert early(tmp_path, late, (TELL, "tell_after: 10s")) == []


def test_a_delay_of_a_severity_is_compared_with_the_usual_delays_too(tmp_path: Path) -> None:
    """A delay that was written is wanted; blindness opens only after a minute."""
    major = TELL, "tell_after: {critical: 3s, major: 20s}"
    assert early(tmp_path, major) == [("major", "county_fm", "blind", 60, 0)]


def test_one_delay_for_all_is_no_statement_about_the_usual_delays(tmp_path: Path) -> None:
    """The simplest configuration must give no warning that nobody can act on."""
    assert early(tmp_path) == []
    assert early(tmp_path, (OPEN, f"blind: {{open_after: 50s}}\n    {OPEN}")) == [
        ("major", "county_fm", "blind", 50, 0)
    ]


@pytest.mark.parametrize("delay", ["0s", "{critical: 0s, major: 0s}", "{minor: 1s}"])
def test_at_once_means_as_soon_as_it_is_open(tmp_path: Path, delay: str) -> None:
    """Zero asks for nothing that cannot be had."""
    late = OPEN, "off_air: {open_after: 10s,"
    assert early(tmp_path, late, (TELL, f"tell_after: {delay}")) == []


def test_only_faults_that_can_happen_count(tmp_path: Path) -> None:
    """The sample has one transmitter: no reserve. With a stage left in manual there is one more."""
    minor = TELL, "tell_after: {minor: 1s}"
    assert early(tmp_path, minor) == []
    manual = "owner: own, needs", "owner: own, manual: fm1.fault, needs"
    assert early(tmp_path, minor, manual) == [("minor", "county_fm", "manual", 10, 0)]
    member = "{id: fm1, carries: fm1.radiating, ready: not fm1.fault}"
    second = member, f"{member}, {{id: fm2, carries: fm1.radiating}}"
    assert early(tmp_path, minor, manual, second) == [
        ("minor", "county_fm", "reserve_unknown", 60, 2)
    ]


def test_an_alarm_of_a_device_counts_as_well(tmp_path: Path) -> None:
    """It has a severity and a delay of its own, and no programme."""
    alarm = SOUND, f"{SOUND}, alarm: {{severity: warning, open_after: 5s}}"
    assert early(tmp_path, alarm) == [("warning", "", "room_io.sound_present", 5, 0)]


def untold(folder: Path, delays: str) -> tuple[str, ...]:
    """Return the severities of the sample's faults that nobody gets messages of."""
    return explain(loaded(folder, (TELL, f"tell_after: {delays}"))).untold


def test_a_severity_that_no_person_gets_is_a_warning(tmp_path: Path) -> None:
    """One that is not named gives no message; the sample has no fault that is a warning."""
    assert untold(tmp_path, "{critical: 3s}") == ("major",)
    assert untold(tmp_path, "{major: 3s, warning: 1s}") == ("critical",)


@pytest.mark.parametrize("delays", ["3s", "{critical: 0s, major: 20s}"])
def test_one_delay_for_all_and_every_severity_of_a_fault_need_no_warning(
    tmp_path: Path, delays: str
) -> None:
    """The nearest harmless cases: somebody gets a message of each fault."""
    assert untold(tmp_path, delays) == ()
