"""The long proof of the whole gear: poller, decoding, engine, record, messages, dispatcher."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.long.job import Job, Outcome
from tests.simulation.whole.__main__ import be_quiet, simulate_whole

SEEDS = 20
HOURS = 2


def run_seed(seed: int) -> Outcome:
    """Run the history of a seed."""
    with tempfile.TemporaryDirectory() as folder:
        verdict = simulate_whole(seed, HOURS, Path(folder))
    return Outcome({"hours": HOURS, **verdict.counts}, verdict.failures[:20])


def begin() -> Callable[[int], Outcome]:
    """Return what runs a seed."""
    be_quiet()
    return run_seed


JOB = Job(
    proves="poller, engine, record, composer and dispatcher together, on virtual time",
    fixed=SEEDS,
    begin=begin,
    code=("monitord", "simulators/plant", "simulators/agents"),
    tests=("tests/long/job.py", "tests/simulation", "tests/support/virtual_time.py"),
)
