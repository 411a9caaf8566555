"""``python -m tests.crash --seed S --kills K``: one run of kills, ended with one line."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random

from tests.crash.harness import STEPS, draw_plans, run
from tests.crash.judge import Verdict, judge
from tests.crash.sufferings import AROUND, OF_THE_RECORD, Suffering

KINDS = {"": (), "around": AROUND, "record": (*AROUND, *OF_THE_RECORD)}
KINDS |= {str(one): (one,) for one in Suffering if one}


def crash(
    seed: int,
    kills: int,
    folder: Path,
    steps: Sequence[str] = tuple(STEPS),
    kinds: Sequence[Suffering] = (),
) -> Verdict:
    """Live through one run and judge it: ``steps`` once each, the other kills at random.

    ``kinds``: what the surroundings go through, in turn.
    """
    plans = draw_plans(Random(seed), kills, steps)
    return judge(asyncio.run(run(seed, plans, folder, kinds)))


def main() -> int:
    """Print every failure, then the counts and the verdict; 0 when nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--at", choices=STEPS, nargs="+", help="at these steps only, in turn")
    parser.add_argument("--suffer", choices=KINDS, default="", help="what the surroundings do")
    parser.add_argument("--keep", type=Path, help="folder to leave the record and log in")
    options = parser.parse_args()
    steps = tuple(islice(cycle(options.at), options.kills)) if options.at else tuple(STEPS)
    with tempfile.TemporaryDirectory() as folder:
        kept = options.keep or Path(folder)
        verdict = crash(options.seed, options.kills, kept, steps, KINDS[options.suffer])
    for failure in verdict.failures[:20]:
        print(failure)
    counts = " ".join(f"{name}={count}" for name, count in sorted(verdict.counts.items()))
    word = "FAILED" if verdict.failures else "passed"
    print(f"seed={options.seed} {counts} failures={len(verdict.failures)}: {word}")
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
