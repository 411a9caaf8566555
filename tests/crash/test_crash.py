"""A slice of the proof by killing: every named step once, and as many moments at random."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.__main__ import crash
from tests.crash.harness import STEPS


@pytest.mark.timeout(240)
def test_nothing_is_lost_and_nothing_false_whenever_the_daemon_is_killed(tmp_path: Path) -> None:
    """Kill -9 at every named step and at random moments, on real sockets and a real disk."""
    verdict = crash(2026, 2 * len(STEPS), tmp_path)
    assert not verdict.failures
    assert verdict.counts["kills"] == 2 * len(STEPS)
    assert verdict.counts["steps_killed_at"] > 8
    assert verdict.counts["messages"] > 10
