"""A slice of the proof by killing, and the proof that it can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.__main__ import crash
from tests.crash.harness import STEPS

KILLS = len(STEPS) + 15


@pytest.mark.timeout(240)
def test_nothing_is_lost_and_nothing_false_whenever_the_daemon_is_killed(tmp_path: Path) -> None:
    """Kill -9 at every named step and at random moments, on real sockets and a real disk."""
    verdict = crash(2026, KILLS, tmp_path)
    assert not verdict.failures
    assert verdict.counts["kills"] >= KILLS - 2
    assert verdict.counts["steps"] == len(STEPS)
    assert verdict.counts["surely_seen"] >= verdict.counts["true_outages"] // 2
    assert verdict.counts["messages"] > 30
