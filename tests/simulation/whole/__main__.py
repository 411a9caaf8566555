"""``python -m tests.simulation.whole --seed S --hours H``: replay one history of the whole gear."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import structlog

from tests.simulation.observer.judge import observe
from tests.simulation.observer.stalls import check_stalls
from tests.simulation.observer.verdict import Verdict
from tests.simulation.plant import DENSE, draw
from tests.simulation.whole.answers import check_answers
from tests.simulation.whole.degraded import check_degraded
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.life import UNBROKEN, Parts
from tests.simulation.whole.run import run_whole
from tests.simulation.whole.scrapes import check_scrapes
from tests.simulation.whole.slots import check_slots

PACE = replace(DENSE, reloads=3.0)
"""Two hours are short: more reloads than in the core's simulation."""


def simulate_whole(seed: int, hours: float, folder: Path, parts: Parts = UNBROKEN) -> Verdict:
    """Draw one history, run the whole gear over it and check it."""
    return judge(run_whole(draw(seed, hours, pace=PACE), seed, folder, parts))


def judge(history: WholeHistory) -> Verdict:
    """Hold what a history left against the truth."""
    verdict = observe(history, (), history.columns)
    check_answers(history, verdict)
    check_degraded(history, verdict)
    check_scrapes(history, verdict)
    check_slots(history, verdict)
    check_stalls(history.events, history.up, history, verdict)
    return verdict


def be_quiet() -> None:
    """Leave out what monitord logs: hours of it say nothing here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main() -> int:
    """Print every failure, then the counts and the verdict; 0 when nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.whole")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--hours", type=float, default=2.0)
    options = parser.parse_args()
    be_quiet()
    with tempfile.TemporaryDirectory() as folder:
        verdict = simulate_whole(options.seed, options.hours, Path(folder))
    for failure in verdict.failures[:20]:
        sys.stdout.write(failure + "\n")
    counts = " ".join(f"{name}={count}" for name, count in verdict.counts.items())
    word = "FAILED" if verdict.failures else "passed"
    asked = f"seed={options.seed} hours={options.hours:g}"
    sys.stdout.write(f"{asked} {counts} failures={len(verdict.failures)}: {word}\n")
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
