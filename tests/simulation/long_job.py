"""The long proof of the core: many histories, each from its own seed. Judged by the observer."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.long.job import Job, Outcome
from tests.simulation.__main__ import simulate

SEEDS = 120
HOURS, HOURS_SHORT = 20, 4
"""Of each seed, one history with short states on one line of faults, and one with them on all."""


def run_seed(seed: int) -> Outcome:
    """Run both histories of a seed."""
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for hours, short in ((HOURS, False), (HOURS_SHORT, True)):
        with tempfile.TemporaryDirectory() as folder:
            verdict = simulate(seed, hours, short=short, folder=Path(folder))
        counts.update({"hours": hours, **verdict.counts})
        failures += verdict.failures[:20]
    return Outcome(dict(counts), failures)


def begin() -> Callable[[int], Outcome]:
    """Return what runs a seed."""
    return run_seed


JOB = Job(
    proves="the core over faults, restarts and losses: no second is lost and no report is false",
    fixed=SEEDS,
    begin=begin,
    code=("monitord/__init__.py", "monitord/core", "monitord/journal", "simulators/plant"),
    tests=("tests/long/job.py", "tests/simulation"),
)
