"""The long proof by killing while terminal, disk, names and record suffer in turn.

Twenty-three or twenty-four kills a number: of two numbers one leaves the record alone, the other
removes, replaces and damages it, too. Judged by ``judge``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.crash.__main__ import KINDS, crash
from tests.crash.harness import STEPS
from tests.crash.mutants import OF_A_DISK, report
from tests.crash.sufferings import Disk
from tests.long.job import Job, Outcome

SEEDS = 10


def run_number(number: int) -> Outcome:
    """Run a seed, or judge a mutant."""
    with tempfile.TemporaryDirectory() as folder:
        if SEEDS < number <= SEEDS + len(OF_A_DISK):
            mutant = OF_A_DISK[number - SEEDS - 1]
            with Disk(Path(folder, "disk")) as disk:
                if not disk.is_mounted:
                    return Outcome({"not_tried_without_mount": 1}, [], [mutant.name])
            caught = bool(report(mutant, Path(folder), kills=16))
            failures = [] if caught else [f"not noticed: {mutant.name}"]
            return Outcome({"mutants": 1, "mutants_caught": int(caught)}, failures)
        kinds = KINDS["record" if number % 2 else "around"]
        kills = 3 * len(kinds) if number % 2 else 5 * len(kinds)
        verdict = crash(1000 + number, kills, Path(folder), tuple(STEPS), kinds)
        return Outcome(dict(verdict.counts), verdict.failures[:20])


def begin() -> Callable[[int], Outcome]:
    """Return what runs a number."""
    return run_number


JOB = Job(
    proves="killed while terminal, disk, names and record suffer: nothing is false, nothing is"
    " lost outside recorded blindness, no number is given twice",
    fixed=SEEDS + len(OF_A_DISK),
    begin=begin,
    code=("monitord", "simulators"),
    tests=("tests/long/job.py", "tests/crash", "tests/support"),
)
