"""What the lines about incidents say: no code reaches a person."""

from __future__ import annotations

import pytest

from monitord.cli.incident_lines import reason
from monitord.cli.words import LANGUAGES, Words
from monitord.core.fault_plans import Sort

CLOCK_ALARMS = ("untrusted", "assumed", "holdover", "disputed", "unreadable")
OWN = (
    *((Sort.CLOCK_UNTRUSTED, code) for code in CLOCK_ALARMS),
    (Sort.MANUAL, Sort.MANUAL),
    (Sort.RESERVE_LOST, Sort.RESERVE_LOST),
    (Sort.RESERVE_UNKNOWN, Sort.RESERVE_UNKNOWN),
    *((Sort.SUSPECTED, code) for code in ("witness", "power", "restart", "all_silent", "doubted")),
    (Sort.DISPUTED, "disputed"),
    (Sort.SITE_SILENT, "timeout"),
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


def test_a_disputed_clock_has_no_receiver_that_contradicts() -> None:
    """The same code says another thing of a programme."""
    words = Words("en")
    clock = reason({"fault": "clock_untrusted", "reason": "disputed"}, words)
    assert clock != reason({"fault": "disputed", "reason": "disputed"}, words)
