"""The code around core broken on purpose: each break must be caught by the whole gear.

As the core's mutants: a text replacement in a copy of the package, caught by the verdict alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.support.broken import break_file, copy_package, found_wrong

HOURS = 0.5


@dataclass(frozen=True)
class Mutant:
    """``file`` has ``was`` exactly once, it becomes ``now``; ``seed``: the history that shows it.

    ``subject``: what it is found by.
    """

    name: str
    subject: str
    file: str
    was: str
    now: str
    seed: int = 5


MUTANTS = (
    Mutant(
        "a reload begins the slots of every device again",
        "slots",
        "polling/scheduler.py",
        "            if known.get(one.id) is not device:",
        "            if known:",
    ),
    Mutant(
        "a reload polls on as before",
        "slots",
        "running_parts.py",
        "        self.polling.replace(prepared.polling)",
        "        prepared.polling.close()",
    ),
    Mutant(
        "nobody notices that monitord itself did not run",
        "stalls",
        "inbox.py",
        "LATE_MIN = 2 * SECOND",
        "LATE_MIN = 2000 * SECOND",
        seed=8,
    ),
    Mutant(
        "a number outside its limits is taken as it is",
        "incidents",
        "decoding/plausibility.py",
        "        return not self.low <= value <= self.high",
        "        return False and value",
    ),
    Mutant(
        "answers of agents are told apart by no number",
        "answers",
        "devices/snmp/messages.py",
        "_REQUEST_ID_BASE | (counter & _REQUEST_ID_MASK)",
        "_REQUEST_ID_BASE | (counter & 0)",
    ),
    Mutant(
        "a limit below which a programme is degraded is forgotten",
        "degraded",
        "config/programmes.py",
        "needs, members, degraded, manual or None)",
        "needs, members, degraded[:0], manual or None)",
    ),
    Mutant(
        "slow points are never read",
        "reserve",
        "polling/slow_reads.py",
        "device.slow_reading is None and device.polled_slot",
        "device.slow_reading is not None and device.polled_slot",
        seed=3,
    ),
)


def found(mutant: Mutant, folder: Path) -> str:
    """Return what the whole gear finds wrong with the broken code, "" where nothing."""
    break_file(copy_package(folder) / mutant.file, mutant.was, mutant.now)
    options = ("--seed", str(mutant.seed), "--hours", str(HOURS))
    return found_wrong(folder, "tests.simulation.whole", options)
