"""``python -m tests.simulation --seed S --hours H``: replay one history, end with one line.

``--digest`` prints instead the seed, the number of events and the SHA-256 of the record's bytes:
equal lines before and after a change prove that the change left the record as it was.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from monitord.core.model import Event
from tests.simulation.befallen import Befallen
from tests.simulation.breaks import NONE, Break, broken_as
from tests.simulation.observer.judge import observe
from tests.simulation.observer.slow import check_slow
from tests.simulation.observer.stalls import check_stalls
from tests.simulation.observer.traps import check_dated
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.plant import draw
from tests.simulation.run import BrokenRunError, History, Simulation

DRAWN = ("short", "wide", "shared", "hall", "weather", "changeover")
"""What may be drawn besides, see ``plant.draw``."""


def simulate(
    seed: int,
    hours: float,
    *,
    folder: Path,
    short: bool = False,
    wide: bool = False,
    shared: bool = False,
    hall: bool = False,
    weather: bool = False,
    changeover: bool = False,
    broken: Break = NONE,
    known: Collection[str] = (),
) -> Verdict:
    """Draw one history, run it and check it; failures of ``known`` subjects are only counted."""
    plant = draw(
        seed,
        hours,
        short=short,
        wide=wide,
        shared=shared,
        hall=hall,
        weather=weather,
        changeover=changeover,
    )
    try:
        history = Simulation(plant, seed, folder, broken).run()
    except BrokenRunError as error:
        return Verdict(known, found=[("record", str(error))])
    verdict = observe(history, known, history.columns, history.notes.overtaken)
    if history.befallen is not None:
        judge_weather(history, history.befallen, verdict)
    return verdict


def judge_weather(history: History, befallen: Befallen, verdict: Verdict) -> None:
    """Hold the record against stops of the loop, traps and slow points that befell the run."""
    truth = Truth(history.facts, history.up, history.lost_polls, history.attempts)
    check_stalls(history.events, history.up, befallen, verdict)
    check_dated(truth, history.events, befallen, verdict)
    check_slow(truth, history.events, befallen, verdict)


def record_digest(events: Iterable[Event]) -> str:
    """Return the SHA-256 of every field and body of these events, as hexadecimal digits."""
    digest = hashlib.sha256()
    for e in events:
        fields = (e.epoch, e.number, e.at, e.kind, e.v, e.subject, e.stream)
        digest.update(repr(fields).encode() + e.body + b"\n")
    return digest.hexdigest()


def print_digest(seed: int, hours: float, folder: Path, drawn: Mapping[str, bool]) -> None:
    """Print the seed, the number of events and the digest of one history's record.

    ``drawn``: what is drawn besides, see ``plant.draw``.
    """
    plant = draw(seed, hours, **drawn)
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
    parser.add_argument(
        "--weather",
        action="store_true",
        help="stops of the loop, traps, values that cannot be and slow points too",
    )
    parser.add_argument(
        "--changeover",
        action="store_true",
        help="a main, a backup, their switch and their supplies too, two of which fail at once",
    )
    parser.add_argument("--broken", default="", help="one of the breaks of telling, by its name")
    parser.add_argument("--digest", action="store_true", help="print the digest of the record")
    options = parser.parse_args()
    drawn = {name: getattr(options, name) for name in DRAWN}
    with tempfile.TemporaryDirectory() as folder:
        if options.digest:
            print_digest(options.seed, options.hours, Path(folder), drawn)
            return 0
        broken = broken_as(options.broken)
        verdict = simulate(options.seed, options.hours, folder=Path(folder), broken=broken, **drawn)
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
