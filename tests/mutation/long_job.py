"""The long proof by mutation: small changes of ``core``, each of which a fast suite must notice.

A number is one mutant, drawn by the commit's hash. What no test notices is listed; a shard passes
while that is under 5 %. Owns the job and its verdict; ``worker`` tries the mutants.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.long.inputs import DIGITS, KEPT, ROOT, Inputs, inputs_of
from tests.long.job import Job, Outcome
from tests.mutation.draw import Mutant, draw
from tests.mutation.equivalent import reason_of
from tests.mutation.worker import TESTS, Verdict

MUTANTS = 240
SURVIVORS_MAX = 0.05


class Worker:
    """A process that tries mutants; ``seconds`` bounds each mutant's processor time."""

    def __init__(
        self, baseline: Path, tests: Sequence[str] = TESTS, seconds: float | None = None
    ) -> None:
        bound = () if seconds is None else ("--cpu-seconds", str(seconds))
        command = (sys.executable, "-m", "tests.mutation.worker", str(baseline), *bound, *tests)
        environment = os.environ | {"HYPOTHESIS_PROFILE": "few", "PYTHONPATH": str(ROOT)}
        # A pipe that nobody reads would stop the worker.
        self.log = Path(tempfile.mkdtemp(prefix="monitord-mutation-"), "log")
        log = self.log.open("wb")
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()

    def judge(self, mutant: Mutant) -> Verdict:
        """Return how a mutant ended; raise RuntimeError where the worker itself did."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asdict(mutant)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            said = self.log.read_text(encoding="utf-8", errors="replace")[-2_000:]
            raise RuntimeError(f"the worker ended before a verdict\n{said}")
        return Verdict(json.loads(line)["verdict"])

    def close(self) -> None:
        """End the worker."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def outcome_of(mutant: Mutant, verdict: Verdict) -> Outcome:
    """Return what a verdict counts; a survivor is listed, with its reason where it has one."""
    counts = {"mutants": 1, str(verdict): 1}
    if verdict is not Verdict.SURVIVED:
        return Outcome(counts)
    reason = reason_of(mutant)
    if reason is not None:
        return Outcome({"mutants": 1, "equivalent": 1}, notes=[f"equivalent, {reason}: {mutant}"])
    return Outcome(counts, notes=[f"survived: {mutant}"])


def judged(counts: Mapping[str, int]) -> list[str]:
    """Return the failures of a whole shard: too many mutants that nothing noticed."""
    survived, mutants = counts.get("survived", 0), counts.get("mutants", 0)
    if survived <= SURVIVORS_MAX * mutants:
        return []
    return [f"{survived} of {mutants} mutants survived; {SURVIVORS_MAX:.0%} may"]


def baseline_of(inputs: Inputs, kept: Path = KEPT) -> Path:
    """Return where the baseline of these inputs is kept for every shard; forget all others."""
    said = json.dumps([inputs, sys.version], sort_keys=True)
    name = f"mutation-{hashlib.sha256(said.encode()).hexdigest()[:DIGITS]}"
    for old in kept.glob("mutation-*"):
        if old.stem != name:
            old.unlink()
    return kept / name


def begin() -> Callable[[int], Outcome]:
    """Draw the mutants of this commit, start the worker, return what tries a mutant."""
    head = subprocess.run(("git", "rev-parse", "HEAD"), cwd=ROOT, capture_output=True, check=True)
    commit = head.stdout.decode().strip()
    drawn: list[Mutant] = []
    worker = Worker(baseline_of(inputs_of(("monitord",), ("tests", "simulators"))))

    def run(number: int) -> Outcome:
        while len(drawn) < number:
            # Beyond the fixed ones, each further hundred is another draw.
            salt = hashlib.sha256(f"{commit}{len(drawn)}".encode()).hexdigest()
            drawn.extend(draw(salt, MUTANTS))
        return outcome_of(drawn[number - 1], worker.judge(drawn[number - 1]))

    return run


JOB = Job(
    proves="core changed in one small place: the fast suite notices it, but for one in twenty",
    fixed=MUTANTS,
    begin=begin,
    code=("monitord/__init__.py", "monitord/core"),
    tests=(
        "tests/long/job.py",
        "tests/mutation",
        "tests/unit/core",
        "tests/scenarios",
        "tests/properties",
        "tests/simulation",
        "tests/support",
    ),
    judge=judged,
)


def main(arguments: Sequence[str]) -> None:
    """Try the mutants of a draw by hand: ``python -m tests.mutation.long_job HASH FROM TO``."""
    commit, first, last = arguments[0], int(arguments[1]), int(arguments[2])
    worker = Worker(Path(arguments[3]))
    for number, mutant in enumerate(draw(commit, MUTANTS)[first:last], first):
        found: Any = outcome_of(mutant, worker.judge(mutant))
        sys.stdout.write(f"{number} {found.counts} {'; '.join(found.notes)}\n")
        sys.stdout.flush()
    worker.close()


if __name__ == "__main__":
    main(sys.argv[1:])
