"""The long proof by killing: many seeds, each with every named step and random moments.

The mutants, and the code without a break, prove that it can fail and only then. Judged by
``judge``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.crash.__main__ import crash
from tests.crash.mutants import MUTANTS, UNBROKEN, report
from tests.long.job import Job, Outcome

SEEDS, KILLS = 20, 22
"""Twenty-two: each named step once and seven moments at random."""
BREAKS = (*MUTANTS, UNBROKEN)
"""The numbers above the seeds, in order; beyond them every number is a seed again."""


def run_number(number: int) -> Outcome:
    """Run a seed, or judge a mutant or the control."""
    with tempfile.TemporaryDirectory() as folder:
        if SEEDS < number <= SEEDS + len(BREAKS):
            return _break(number - SEEDS - 1, Path(folder))
        verdict = crash(number, KILLS, Path(folder))
        return Outcome(dict(verdict.counts), verdict.failures[:20])


def _break(place: int, folder: Path) -> Outcome:
    mutant = BREAKS[place]
    caught = bool(report(mutant, folder))
    if mutant is UNBROKEN:
        return Outcome({"controls": 1}, ["a failure of the unbroken code"] if caught else [])
    failures = [] if caught else [f"not noticed: {mutant.name}"]
    return Outcome({"mutants": 1, "mutants_caught": int(caught)}, failures)


def begin() -> Callable[[int], Outcome]:
    """Return what runs a number."""
    return run_number


JOB = Job(
    proves="the daemon killed at every named step and at random: nothing is lost, nothing is false",
    fixed=SEEDS + len(BREAKS),
    begin=begin,
    code=("monitord", "simulators"),
    tests=("tests/long/job.py", "tests/crash", "tests/support"),
)
