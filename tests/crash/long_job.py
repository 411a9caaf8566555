"""The long proof by killing: twelve seeds of twenty-two kills each. Judged by the observer."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.crash.__main__ import crash

SEEDS, KILLS = 12, 22
"""Twenty-two: each named step once and as many at random."""


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
