"""The long proof of hostile octets (``make long JOB=packets``): ten million mutants over all seeds.

No decoder raises what it does not declare, none hangs, none keeps memory, and a million of what
they take is what pysnmp or pymodbus reads. Owns the shares of the parts; knows no protocol.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.long.job import Job, Outcome
from tests.properties.packets import (
    frames,
    modbus_answers,
    notifications,
    recorded,
    snmp_answers,
    usm_answers,
)
from tests.support.proof import HungError, Proof, Watch, resident_octets
from tests.support.quiet import quiet

SEEDS = recorded.SEEDS
MUTANTS = 50_000
"""200 seeds of 50,000: ten million mutants."""
GROWTH_MAX = 48 * 2**20
"""Octets of memory by which a shard may grow behind its first seed; caches are bounded."""

Prove = Callable[[Proof, int], None]
PARTS: dict[str, tuple[Prove, int]] = {
    "snmp": (snmp_answers.prove, 48),
    "usm": (usm_answers.prove, 12),
    "traps": (notifications.prove, 4),
    "modbus": (modbus_answers.prove, 20),
    "frames": (frames.prove, 8),
    "recorded": (recorded.prove, 8),
}
"""Each part, and how many of a hundred mutants it gets."""


def prove(seed: int, mutants: int, part: str) -> Proof:
    """Return what one part proved with its share of so many mutants."""
    run, percent = PARTS[part]
    proof = Proof(seed)
    try:
        with quiet(), Watch(proof):
            run(proof, mutants * percent // 100)
    except HungError:
        proof.failures.append(f"hangs: {proof.packet.hex()}")
    except Exception as error:  # noqa: BLE001 - just that is what must not happen
        proof.failures.append(f"raised {error!r}: {proof.packet.hex()}")
    return proof


def prove_all(seed: int, mutants: int) -> tuple[dict[str, int], list[str]]:
    """Return the counts of all parts, each by its part too, and the failures."""
    counts: dict[str, int] = {}
    failures = []
    for part in PARTS:
        proof = prove(seed, mutants, part)
        for name, number in proof.counts.items():
            if name in {"mutants", "taken", "refused", "compared"}:
                counts[name] = counts.get(name, 0) + number
            counts[f"{part}: {name}"] = number
        failures += [f"{part}: {failure}" for failure in proof.failures]
    return counts, failures


def begin() -> Callable[[int], Outcome]:
    """Return what runs a seed; it watches the memory of the process from its first seed on."""
    resident: list[int] = []

    def run_seed(seed: int) -> Outcome:
        counts, failures = prove_all(seed, MUTANTS)
        resident.append(resident_octets())
        if (grown := resident[-1] - resident[0]) > GROWTH_MAX:
            failures.append(f"memory grew by {grown >> 20} MiB since the first seed")
        return Outcome(counts, failures[:20])

    return run_seed


JOB = Job(
    proves="hostile octets: no decoder raises, hangs or differs from pysnmp and pymodbus",
    fixed=SEEDS,
    begin=begin,
    code=("monitord", "simulators"),
    tests=("tests/long/job.py", "tests/properties/packets", "tests/support", "tests/conftest.py"),
    recordings=("../shared/devices/wire",),
)
