"""A short simulation, the last test that a mutant of core must pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.__main__ import simulate


@pytest.mark.parametrize(("seed", "short"), [(1001, False), (1010, True)])
def test_a_short_history_is_recorded_and_reported(seed: int, short: bool, tmp_path: Path) -> None:
    """Two hours with faults, restarts and losses, judged by the observer."""
    assert simulate(seed, 2, short=short, folder=tmp_path).failures == []
