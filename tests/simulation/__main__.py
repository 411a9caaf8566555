"""``python -m tests.simulation --seed S --hours H``: replay one history, end with one line.

``--digest`` prints instead the seed, the number of events and the SHA-256 of the record's bytes:
equal lines before and after a change prove that the change left the record as it was.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path

from monitord.core.model import Event
from tests.simulation.breaks import NONE, Break, broken_as
from tests.simulation.observer.judge import observe
from tests.simulation.observer.verdict import Verdict
from tests.simulation.plant import draw
from tests.simulation.run import BrokenRunError, Simulation


def simulate(
    seed: int,
    hours: float,
    *,
    folder: Path,
    short: bool = False,
    wide: bool = False,
    shared: bool = False,
    hall: bool = False,
    broken: Break = NONE,
    known: Collection[str] = (),
) -> Verdict:
    """Draw one history, run it and check it; failures of ``known`` subjects are only counted."""
    plant = draw(seed, hours, short=short, wide=wide, shared=shared, hall=hall)
    try:
        history = Simulation(plant, seed, folder, broken).run()
    except BrokenRunError as error:
        return Verdict(known, found=[("record", str(error))])
    return observe(history, known, history.columns, history.overtaken)


def record_digest(events: Iterable[Event]) -> str:
    """Return the SHA-256 of every field and body of these events, as hexadecimal digits."""
    digest = hashlib.sha256()
    for e in events:
        fields = (e.epoch, e.number, e.at, e.kind, e.v, e.subject, e.stream)
        digest.update(repr(fields).encode() + e.body + b"\n")
    return digest.hexdigest()


def print_digest(
    seed: int, hours: float, *, short: bool, wide: bool, shared: bool, hall: bool, folder: Path
) -> None:
    """Print the seed, the number of events and the digest of one history's record."""
    plant = draw(seed, hours, short=short, wide=wide, shared=shared, hall=hall)
    events = Simulation(plant, seed, folder).run().events
    sys.stdout.write(f"{seed} {len(events)} {record_digest(events)}\n")


def main() -> int:
    """Print every failure, the counts, then the summary and the verdict; 0 when nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument(
        "--short",
        action="store_true",
        help="on every line of faults, half of the states are too short to be surely seen",
    )
    parser.add_argument("--wide", action="store_true", help="programmes have hours too")
    parser.add_argument(
        "--shared",
        action="store_true",
        help="devices share causes too, and answers come out of their order",
    )
    parser.add_argument(
        "--hall", action="store_true", help="a witness, lower power and a shared reserve too"
    )
    parser.add_argument("--broken", default="", help="one of the breaks of telling, by its name")
    parser.add_argument("--digest", action="store_true", help="print the digest of the record")
    options = parser.parse_args()
    short, wide, shared, hall = options.short, options.wide, options.shared, options.hall
    with tempfile.TemporaryDirectory() as folder:
        if options.digest:
            print_digest(
                options.seed,
                options.hours,
                short=short,
                wide=wide,
                shared=shared,
                hall=hall,
                folder=Path(folder),
            )
            return 0
        verdict = simulate(
            options.seed,
            options.hours,
            folder=Path(folder),
            short=short,
            wide=wide,
            shared=shared,
            hall=hall,
            broken=broken_as(options.broken),
        )
    for failure in verdict.failures[:20]:
        print(failure)
    counts = " ".join(f"{name}={count}" for name, count in verdict.counts.items())
    word = "FAILED" if verdict.failures else "passed"
    asked = f"seed={options.seed} hours={options.hours:g}"
    print(f"{asked} {counts}")
    print(f"{asked} {verdict.summary} failures={len(verdict.failures)}: {word}")
    return 1 if verdict.failures else 0


if __name__ == "__main__":
    sys.exit(main())
