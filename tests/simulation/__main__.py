"""``python -m tests.simulation --seed S --hours H``: replay one history, end with one line."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.simulation.observer import Verdict, observe
from tests.simulation.plant import draw
from tests.simulation.run import Simulation


def simulate(seed: int, hours: float, *, honest: bool, folder: Path) -> Verdict:
    """Draw, live through and check one history."""
    plant = draw(seed, hours, honest=honest)
    return observe(Simulation(plant, seed, folder).run())


def main() -> int:
    """Print every failure, then the counts and the verdict; 0 when nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--short", action="store_true", help="states too short to be surely seen")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        verdict = simulate(
            options.seed, options.hours, honest=not options.short, folder=Path(folder)
        )
    for failure in verdict.failures[:20]:
        print(failure)
    counts = " ".join(f"{name}={count}" for name, count in verdict.counts.items())
    word = "FAILED" if verdict.failures else "passed"
    asked = f"seed={options.seed} hours={options.hours:g}"
    print(f"{asked} {counts} failures={len(verdict.failures)}: {word}")
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
