"""``python -m tests.simulation --seed S --hours H``: replay one history, end with one line.

``--digest`` prints instead the seed, the number of events and the SHA-256 of the record's bytes:
equal lines before and after a change prove that the change left the record as it was.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from monitord.core.model import Event
from tests.simulation.observer import Verdict, observe
from tests.simulation.plant import draw
from tests.simulation.run import BrokenRunError, Simulation


def simulate(seed: int, hours: float, *, honest: bool, folder: Path) -> Verdict:
    """Draw one history, run it and check it."""
    plant = draw(seed, hours, honest=honest)
    try:
        history = Simulation(plant, seed, folder).run()
    except BrokenRunError as error:
        return Verdict(failures=[str(error)])
    return observe(history)


def record_digest(events: Iterable[Event]) -> str:
    """Return the SHA-256 of every field and body of these events, as hexadecimal digits."""
    digest = hashlib.sha256()
    for e in events:
        fields = (e.epoch, e.number, e.at, e.kind, e.v, e.subject, e.stream)
        digest.update(repr(fields).encode() + e.body + b"\n")
    return digest.hexdigest()


def print_digest(seed: int, hours: float, *, honest: bool, folder: Path) -> None:
    """Print the seed, the number of events and the digest of one history's record."""
    events = Simulation(draw(seed, hours, honest=honest), seed, folder).run().events
    sys.stdout.write(f"{seed} {len(events)} {record_digest(events)}\n")


def main() -> int:
    """Print every failure, then the counts and the verdict; 0 when nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--short", action="store_true", help="states too short to be surely seen")
    parser.add_argument("--digest", action="store_true", help="print the digest of the record")
    options = parser.parse_args()
    honest = not options.short
    with tempfile.TemporaryDirectory() as folder:
        if options.digest:
            print_digest(options.seed, options.hours, honest=honest, folder=Path(folder))
            return 0
        verdict = simulate(options.seed, options.hours, honest=honest, folder=Path(folder))
    for failure in verdict.failures[:20]:
        print(failure)
    counts = " ".join(f"{name}={count}" for name, count in verdict.counts.items())
    word = "FAILED" if verdict.failures else "passed"
    asked = f"seed={options.seed} hours={options.hours:g}"
    print(f"{asked} {counts} failures={len(verdict.failures)}: {word}")
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
