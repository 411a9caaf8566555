"""The long proof of odd but common encodings (``make long JOB=encodings``): a million answers.

Each is drawn with what its octets say. The readers, and a second reading of the octets that shares
no code with them or with the generator, have just that. Owns the shares of the parts.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.long.job import Job, Outcome
from tests.properties.encodings import modbus, running_time, snmp, traps, usm
from tests.support.proof import Proof
from tests.support.quiet import quiet

SEEDS = 200
ANSWERS = 5_000
"""200 seeds of 5,000: a million."""

PARTS: dict[str, tuple[Callable[[Proof, int], None], int]] = {
    "snmp": (snmp.prove, 35),
    "usm": (usm.prove, 10),
    "traps": (traps.prove, 15),
    "modbus": (modbus.prove, 30),
    "running_time": (running_time.prove, 10),
}
"""Each part, and how many of a hundred answers it gets."""


def prove(seed: int, answers: int, part: str) -> Proof:
    """Return what one part proved with its share of so many answers."""
    run, percent = PARTS[part]
    proof = Proof(seed)
    with quiet():
        run(proof, answers * percent // 100)
    return proof


def run_seed(seed: int) -> Outcome:
    """Return the counts of all parts, each by its part, and the failures."""
    counts = {"answers": 0, "compared": 0}
    failures: list[str] = []
    for part in PARTS:
        proof = prove(seed, ANSWERS, part)
        counts["answers"] += proof.counts["mutants"]
        counts["compared"] += proof.counts["compared"]
        counts |= {f"{part}: {name}": number for name, number in proof.counts.items()}
        failures += [f"{part}: {failure}" for failure in proof.failures]
    return Outcome(counts, failures[:20])


JOB = Job(
    proves="odd but common encodings: every reader has what the octets say, and loses nothing else",
    fixed=SEEDS,
    begin=lambda: run_seed,
    code=("monitord", "simulators"),
    tests=(
        "tests/long/job.py",
        "tests/properties/encodings",
        "tests/properties/packets",
        "tests/support",
        "tests/conftest.py",
    ),
)
