"""What the lines about incidents say: no code reaches a person."""

from __future__ import annotations

import pytest

from monitord.cli.incident_lines import details, reason
from monitord.cli.words import LANGUAGES, Words
from monitord.core.fault_plans import Sort
from monitord.core.faults import ASSIGNMENT
from monitord.core.record_events import Harm

CLOCK_ALARMS = ("untrusted", "assumed", "holdover", "disputed", "unreadable")
OWN = (
    *((Sort.CLOCK_UNTRUSTED, code) for code in CLOCK_ALARMS),
    (Sort.MANUAL, Sort.MANUAL),
    (Sort.RESERVE_LOST, Sort.RESERVE_LOST),
    (Sort.RESERVE_UNKNOWN, Sort.RESERVE_UNKNOWN),
    (Sort.RESERVE_USED, Sort.RESERVE_USED),
    (Sort.CONFIG_REFUSED, Sort.CONFIG_REFUSED),
    *((Sort.RECORD_REPLACED, f"record_{harm}") for harm in Harm),
    *((Sort.SUSPECTED, code) for code in ("witness", "power", "restart", "all_silent", "doubted")),
    (Sort.SUSPECTED, "presumed"),
    (Sort.DISPUTED, "disputed"),
    (Sort.DISPUTED, ASSIGNMENT),
    (Sort.SITE_SILENT, "timeout"),
    (Sort.SILENT, "timeout"),
    (Sort.INCONSISTENT, Sort.INCONSISTENT),
    *((Sort.BLIND, code) for code in ("inconsistent", "absent", "not_yet", "between", "timeout")),
)
"""Faults with the reasons that the core gives them by itself; others come from a configuration."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("fault", "code"), OWN)
def test_every_reason_that_the_core_gives_is_in_words(language: str, fault: str, code: str) -> None:
    """The code itself is what a text that is missing looks like."""
    found = reason({"fault": str(fault), "reason": str(code)}, Words(language))
    assert found != code
    assert "_" not in found


def test_every_fault_with_a_reason_of_its_own_is_tried() -> None:
    """A new one is not forgotten: only these have their reasons from a configuration."""
    configured = {Sort.OFF_AIR, Sort.DEGRADED, Sort.ALARM}
    assert {fault for fault, _ in OWN} | configured == set(Sort)


def test_the_site_itself_is_named_as_no_cause() -> None:
    """The headline of a clock or of refused files names the fault; "site" is no device."""
    site = {"id": "site", "name": "大别山发射台"}
    incident = {"devices": [site], "stage": "", "stage_name": "", "fault": "clock_untrusted"}
    incident |= {"members": [{}], "least_s": None, "acknowledged": [], "acknowledged_by": None}
    assert not [line for line in details(incident, Words("zh")) if "大别山发射台" in line]


@pytest.mark.parametrize(
    ("members", "is_said"),
    [([], True), (["fm/off_air"], True), (["tv/off_air"], False), (None, False)],
)
def test_only_members_that_nobody_acknowledged_are_said_to_be_without(
    members: list[str] | None, is_said: bool
) -> None:
    """Where an older record does not say which were, nothing is said of it."""
    seen = {"person": "ann", "name": "Ann", "members": members}
    open_one = {"id": "tv/off_air", "name": "TV", "fault": "off_air", "open": True}
    incident = {"devices": [], "stage": "", "stage_name": "", "fault": "blind", "least_s": None}
    incident |= {"acknowledged": [seen], "acknowledged_by": "ann", "acknowledged_at": None}
    lines = [*details(incident | {"members": [open_one]}, Words("en"))]
    assert ("nobody has acknowledged yet: TV off air" in lines) is is_said


DOES = {
    "on_air": ("on air", "在播"),
    "standby": ("on standby", "待机"),
    "unswitched": ("running, not connected", "开机未接通"),
    "no_output": ("no output", "无输出"),
    "good": ("normal", "正常"),
    "bad": ("abnormal", "异常"),
    "failed": ("not ready", "不可接替"),
    "silent": ("does not answer", "无应答"),
    "unknown": ("state unknown", "状态不明"),
}
"""What ``core.alerts.devices_now`` may say of a device, with the words for it."""


@pytest.mark.parametrize("does", DOES)
def test_only_a_backup_that_has_failed_is_said_not_to_be_ready(does: str) -> None:
    """A detector whose condition is false takes nothing over: it is abnormal."""
    for language, text in zip(("en", "zh"), DOES[does], strict=True):
        for conditions in ({}, {"conditions": ["det.sound"]}):
            now = {"device": "d", "name": "X", "does": does} | conditions
            incident = {"devices": [], "stage": "", "stage_name": "", "fault": "off_air"}
            incident |= {"members": [{}], "least_s": None, "acknowledged": []}
            lines = [*details(incident | {"devices_now": [now]}, Words(language))]
            shown = (
                text if conditions or does != "failed" else {"en": "failed", "zh": "故障"}[language]
            )
            assert lines[0].endswith(f"X {shown}" if language == "en" else f"X{shown}")


def test_a_disputed_clock_has_no_receiver_that_contradicts() -> None:
    """The same code says another thing of a programme."""
    words = Words("en")
    clock = reason({"fault": "clock_untrusted", "reason": "disputed"}, words)
    assert clock != reason({"fault": "disputed", "reason": "disputed"}, words)
