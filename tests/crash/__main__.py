"""``python -m tests.crash --seed S --kills K``: kill, restart, check; end with one line."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.crash.harness import Harness
from tests.crash.observer import Verdict, observe


def crash(seed: int, kills: int, folder: Path) -> Verdict:
    """Live through one seed in a folder and judge it."""
    return observe(asyncio.run(Harness(seed, folder).run(kills)))


def main() -> int:
    """Print every failure, then the counts and the verdict; 0 when nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--keep", type=Path, help="an empty folder to leave record and log in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        verdict = crash(options.seed, options.kills, options.keep or Path(folder))
    for failure in verdict.failures[:20]:
        print(failure)
    counts = " ".join(f"{name}={count}" for name, count in verdict.counts.items())
    word = "FAILED" if verdict.failures else "passed"
    print(f"seed={options.seed} {counts} failures={len(verdict.failures)}: {word}")
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
