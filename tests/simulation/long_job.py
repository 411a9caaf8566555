"""The long proof at core gear: many histories, each from its own seed. Judges by the observer."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.simulation.__main__ import simulate

SEEDS = 120
HOURS = 20.0
"""120 seeds of 20 h; every sixth has states too short to be surely seen."""


def run_shard(k: int, n: int, seconds_max: int, done: set[int]) -> Iterator[dict[str, Any]]:
    """Yield one line a seed; see ``tests/long``."""
    began = time.monotonic()
    for seed in range(k, SEEDS + 1, n):
        if seed in done:
            continue
        if time.monotonic() - began > seconds_max:
            yield {"unfinished": True}
            return
        with tempfile.TemporaryDirectory() as folder:
            verdict = simulate(seed, HOURS, honest=seed % 6 != 0, folder=Path(folder))
        counts = {"hours": int(HOURS), **verdict.counts}
        yield {"seed": seed, "counts": counts, "failures": verdict.failures[:20]}
