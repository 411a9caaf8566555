"""Long judges, the last tests that a mutant of core must pass: simulations and executable models.

Each judges by what was drawn, or by a second program; none compares with the core as it was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.long.models import is_explained
from tests.simulation.__main__ import simulate
from tests.simulation.whole.__main__ import be_quiet, simulate_whole
from tests.support.incident_model import FOLDER

# Ends only what hangs: the work of a mutant is bounded in CPU seconds.
pytestmark = pytest.mark.timeout(1800)

HISTORIES = [
    (1001, False, False, 2),
    (1010, True, False, 2),
    (1005, False, True, 12),
    (7, True, True, 12),
]
"""Seed, states too short to be seen, programmes with hours, hours of the history."""
LINES = range(1_000, 1_100)
INCIDENTS = range(1_000, 1_060)
modelled = pytest.mark.skipif(
    not (FOLDER / "incidents.py").exists(), reason="the models are not part of this repository"
)


@pytest.mark.parametrize(("seed", "short", "wide", "hours"), HISTORIES)
def test_a_history_is_recorded_and_reported(
    seed: int, short: bool, wide: bool, hours: int, tmp_path: Path
) -> None:
    """Hours with faults, restarts, reloads, clock steps and losses, judged by the observer."""
    assert simulate(seed, hours, short=short, wide=wide, folder=tmp_path).failures == []


def test_the_whole_gear_records_and_reports_an_hour(tmp_path: Path) -> None:
    """From the request to the message, judged by the observer."""
    be_quiet()
    assert simulate_whole(2, 1.0, tmp_path).failures == []


@modelled
def test_further_timelines_are_decided_as_the_model_decides() -> None:
    """Outages, incidents, members and messages, of timelines that are none of the properties'."""
    assert is_explained("incidents", INCIDENTS)


@modelled
def test_further_lines_without_numbers_are_held_as_the_model_holds_them() -> None:
    """Held, between and blind, of readings that are none of the properties'."""
    assert is_explained("unnumbered_line", LINES)
