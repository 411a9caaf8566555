"""Runs one shard of a long proof, keeps what is done, appends the verdict. Proves nothing itself.

``python -m tests.long JOB k n [--results FILE]``. A job is a module with

    run_shard(k: int, n: int, seconds_max: int, done: set[int]) -> Iterator[dict]

It yields one dict a finished seed, ``{"seed": int, "counts": {name: int}, "failures": [text]}``,
passes over the seeds in ``done``, and returns once its shard (k of n, from 1) is complete. When its
time is up first, it yields ``{"unfinished": True}`` and returns.

Progress lies under ``build/long`` and belongs to the exact source it was made with: run the same
line again to go on; with changed source the shard begins again.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.long.source import ROOT, source_id

JOBS = {
    "simulation": "tests.simulation.long_job",
    "crash": "tests.crash.long_job",
    "packets": "tests.properties.packets.long_job",
}
RESULTS = ROOT / "docs" / "results.jsonl"
PROGRESS = ROOT / "build" / "long"
SECONDS_MAX = 75 * 60
RunShard = Callable[[int, int, int, set[int]], Iterator[dict[str, Any]]]
EXIT_FAILED, EXIT_USAGE, EXIT_UNFINISHED = 1, 2, 75


class UsageError(Exception):
    """What was asked for does not exist; the text says what does."""


def job_named(name: str) -> str:
    """Return the job's module, or say which jobs there are."""
    if name not in JOBS:
        raise UsageError(f"no job {name!r}; JOB is one of: {', '.join(sorted(JOBS))}")
    return JOBS[name]


def check_shard(k: int, n: int) -> None:
    """Refuse a shard that is not one of n."""
    if not 1 <= k <= n:
        raise UsageError(f"shard {k}/{n} does not exist; SHARD is k/n with k from 1 to n")


def load_progress(file: Path, source: str) -> list[dict[str, Any]]:
    """Return the seeds already finished with this very source; forget those of any other."""
    if not file.exists():
        return []
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["source"] == source]


def append_line(file: Path, line: dict[str, Any]) -> None:
    """Append one JSON line and see it to the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def summarise(job: str, shard: str, source: str, finished: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a shard's line for the results file; its verdict is passed only without failures."""
    counts: Counter[str] = Counter()
    for line in finished:
        counts.update(line["counts"])
    failures = [f"seed {line['seed']}: {text}" for line in finished for text in line["failures"]]
    return {
        "job": job,
        "shard": shard,
        "commit": source,
        "seeds": sorted(line["seed"] for line in finished),
        "counts": dict(sorted(counts.items())),
        "failures": failures[:20],
        "verdict": "failed" if failures or not finished else "passed",
        "seconds": round(sum(line["seconds"] for line in finished)),
    }


def finish_seeds(
    pieces: Iterator[dict[str, Any]], finished: list[dict[str, Any]], file: Path, source: str
) -> bool:
    """Take a job's pieces as they come; return whether the shard is complete."""
    begun = time.monotonic()
    for piece in pieces:
        if piece.get("unfinished"):
            return False
        ended = time.monotonic()
        line = {"source": source, "seconds": round(ended - begun, 1), **piece}
        begun = ended
        append_line(file, line)
        finished.append(line)
        print(f"seed {piece['seed']}: {'; '.join(piece['failures']) or 'passed'}", flush=True)
    return True


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard ``k`` of ``n`` of a job, with the exact ``source`` it proves."""

    job: str
    k: int
    n: int
    source: str

    def __str__(self) -> str:
        return f"{self.job} {self.k}/{self.n}"


def run(shard: Shard, run_shard: RunShard, *, results: Path, folder: Path) -> int:
    """Run a shard, or go on with it from what lies in ``folder``; return the exit code."""
    progress = folder / f"{shard.job}-{shard.k}-of-{shard.n}.jsonl"
    finished = load_progress(progress, shard.source)
    seconds_max = int(os.environ.get("LONG_SECONDS_MAX", SECONDS_MAX))
    pieces = run_shard(shard.k, shard.n, seconds_max, {line["seed"] for line in finished})
    if not finish_seeds(pieces, finished, progress, shard.source):
        print(f"{shard}: unfinished, {len(finished)} seeds done; run it again to go on")
        return EXIT_UNFINISHED
    line = summarise(shard.job, f"{shard.k}/{shard.n}", shard.source, finished)
    append_line(results, line)
    progress.unlink(missing_ok=True)
    print(f"{shard}: {line['verdict']}, {len(finished)} seeds, {line['counts']}")
    return EXIT_FAILED if line["verdict"] == "failed" else 0


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="make long", description="one shard of a long proof")
    parser.add_argument("job")
    parser.add_argument("k", type=int)
    parser.add_argument("n", type=int)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    try:
        module = job_named(options.job)
        check_shard(options.k, options.n)
    except UsageError as error:
        print(f"make long: {error}", file=sys.stderr)
        return EXIT_USAGE
    run_shard = importlib.import_module(module).run_shard
    shard = Shard(options.job, options.k, options.n, source_id())
    return run(shard, run_shard, results=options.results, folder=PROGRESS)


if __name__ == "__main__":
    sys.exit(main())
