"""The long proof by killing: many seeds, each with every named step and random moments.

The mutants prove that it can fail. Judged by ``judge``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.crash.__main__ import crash
from tests.crash.mutants import MUTANTS, report

SEEDS, KILLS = 20, 22
"""Twenty-two: each named step once and seven moments at random."""
JOBS = SEEDS + len(MUTANTS)
"""Numbers above the seeds stand for the mutants, in order."""


def run_shard(k: int, n: int, seconds_max: int, done: set[int]) -> Iterator[dict[str, Any]]:
    """Yield one line a seed or mutant; see ``tests/long``."""
    began = time.monotonic()
    for number in range(k, JOBS + 1, n):
        if number in done:
            continue
        if time.monotonic() - began > seconds_max:
            yield {"unfinished": True}
            return
        with tempfile.TemporaryDirectory() as folder:
            prove = _kill if number <= SEEDS else _break
            yield {"seed": number, **prove(number, Path(folder))}


def _kill(seed: int, folder: Path) -> dict[str, Any]:
    verdict = crash(seed, KILLS, folder)
    return {"counts": dict(verdict.counts), "failures": verdict.failures[:20]}


def _break(number: int, folder: Path) -> dict[str, Any]:
    mutant = MUTANTS[number - SEEDS - 1]
    caught = bool(report(mutant, folder))
    failures = [] if caught else [f"nobody noticed that {mutant.name}"]
    return {"counts": {"mutants": 1, "mutants_caught": int(caught)}, "failures": failures}
