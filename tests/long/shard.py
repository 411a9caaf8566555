"""Runs one shard, keeps what is done, writes the result. Runs only in a worktree of its own.

``python -m tests.long.shard JOB K N --home FOLDER``; ``tests.long`` makes the worktree and calls
this. Progress and results belong in the tree ``home``. Progress is used again while everything
that the job depends on is as it was.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import monitord
from tests.long.inputs import ROOT, Inputs
from tests.long.job import Job, Outcome
from tests.long.jobs import inputs_now, job_named
from tests.long.results import ShardResult, made_now, write

EXIT_FAILED, EXIT_USAGE = 1, 2
FAILURES_MAX = 20


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard ``k`` of ``n`` of a job, at one state of what it depends on."""

    name: str
    k: int
    n: int
    commit: str
    inputs: Inputs

    def __str__(self) -> str:
        return f"{self.name} {self.k}/{self.n}"


class Progress:
    """The numbers that are done, one JSON line each, on disk before the next begins."""

    def __init__(self, folder: Path, shard: Shard) -> None:
        self._file = folder / f"{shard.name}-{shard.k}-{shard.n}.jsonl"
        self._inputs = shard.inputs
        self.done: dict[int, dict[str, Any]] = {
            line["number"]: line for line in self._lines() if line["inputs"] == self._inputs
        }

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self._file.exists():
            yield from map(json.loads, self._file.read_text(encoding="utf-8").splitlines())

    def add(self, number: int, outcome: Outcome, cpu_seconds: float) -> None:
        """Keep one number's outcome."""
        line = {
            "number": number,
            "inputs": self._inputs,
            "counts": outcome.counts,
            "failures": outcome.failures,
            "notes": outcome.notes,
            "cpu_seconds": round(cpu_seconds, 2),
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.done[number] = line

    def forget(self) -> None:
        """Remove the file: the result has everything."""
        self._file.unlink(missing_ok=True)


def cpu_s() -> float:
    """Return the processor time of this process and of the children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run_numbers(
    job: Job,
    shard: Shard,
    progress: Progress,
    *,
    extra_cpu_s: float = 0,
    cpu: Callable[[], float] = cpu_s,
) -> None:
    """Run the shard's fixed numbers that are not done, then extras until the CPU time is used."""
    run = job.begin()

    def run_one(number: int) -> None:
        begun = cpu()
        outcome = run(number)
        progress.add(number, outcome, cpu() - begun)
        said = "; ".join([*outcome.failures, *outcome.notes])
        print(f"{shard}, {number}: {said or 'passed'}", flush=True)

    for number in range(shard.k, job.fixed + 1, shard.n):
        if number not in progress.done:
            run_one(number)
    begun = cpu()
    for number in count(job.fixed + shard.k, shard.n):
        if cpu() - begun >= extra_cpu_s:
            return
        if number not in progress.done:
            run_one(number)


def result_of(job: Job, shard: Shard, progress: Progress) -> ShardResult:
    """Return what the numbers that are done give together."""
    lines = [progress.done[number] for number in sorted(progress.done)]
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line["counts"])
    failures = [f"{line['number']}: {text}" for line in lines for text in line["failures"]]
    failures += job.judge(counts)
    return ShardResult(
        job=shard.name,
        k=shard.k,
        n=shard.n,
        made=made_now(
            f"make long JOB={shard.name} SHARD={shard.k}/{shard.n}",
            shard.commit,
            shard.inputs,
            sum(line["cpu_seconds"] for line in lines),
        ),
        numbers=[line["number"] for line in lines if line["number"] <= job.fixed],
        extras=[line["number"] for line in lines if line["number"] > job.fixed],
        counts=dict(sorted(counts.items())),
        failures=failures[:FAILURES_MAX],
        notes=[f"{line['number']}: {text}" for line in lines for text in line.get("notes", ())],
    )


def check_place(home: Path) -> None:
    """Exit where this is the tree that somebody edits, or where monitord is another tree's."""
    package = Path(monitord.__file__).resolve().parent
    if home.resolve() == ROOT or package != ROOT / "monitord":
        sys.exit("a shard runs in a worktree of its own; use make long")


def main() -> int:
    """Run a shard, or go on with it; return 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.long.shard")
    parser.add_argument("job")
    parser.add_argument("k", type=int)
    parser.add_argument("n", type=int)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--extra-cpu-seconds", type=float, default=0)
    options = parser.parse_args()
    check_place(options.home)
    job = job_named(options.job)
    head = subprocess.run(("git", "rev-parse", "HEAD"), cwd=ROOT, capture_output=True, check=True)
    shard = Shard(options.job, options.k, options.n, head.stdout.decode().strip(), inputs_now(job))
    progress = Progress(options.home / "build" / "long", shard)
    run_numbers(job, shard, progress, extra_cpu_s=options.extra_cpu_seconds)
    result = result_of(job, shard, progress)
    write(result, options.home / "docs" / "results")
    progress.forget()
    word = "passed" if result.passed else "FAILED"
    print(f"{shard}: {word}, {len(result.numbers)} numbers, {result.counts}")
    return 0 if result.passed else EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
