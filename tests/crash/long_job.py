"""The long proof by killing: many seeds, each with every named step and random moments."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.crash.__main__ import crash

SEEDS, KILLS = 20, 22
"""Twenty-two: each named step once and seven moments at random."""


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
            verdict = crash(seed, KILLS, Path(folder))
        yield {"seed": seed, "counts": dict(verdict.counts), "failures": verdict.failures[:20]}
