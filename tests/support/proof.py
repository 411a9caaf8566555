"""What a proof over many packets counts and finds, and its watch over time and memory.

Owns no packet and no decoder. Time is that of the processor: a busy machine proves the same.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

HUNG_AFTER_S = 2.0
"""A packet takes a millisecond where it takes long."""
FAILURES_MAX = 20


class HungError(BaseException):
    """A packet that keeps a decoder busy. Not an Exception: decoders turn those into refusals."""


@dataclass
class Proof:
    """``packet``: the one that is being decoded. ``counts``: mutants, taken, refused, compared."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    packet: bytes = b""

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def look(self, packet: bytes) -> None:
        """Say which packet is next."""
        self.packet = packet
        self.counts["mutants"] += 1

    def compare(self, what: str, is_same: bool) -> None:
        """Count a comparison with another decoder, and keep the packet where they differ."""
        self.counts["compared"] += 1
        self.check(what, is_same)

    def check(self, what: str, is_right: bool) -> None:
        """Keep the packet where something is not as it must be."""
        if not is_right and len(self.failures) < FAILURES_MAX:
            self.failures.append(f"{what}: {self.packet.hex()}")


class Watch:
    """While entered, a packet that stays the proof's for long raises HungError, wherever it is."""

    def __init__(self, proof: Proof, hung_after_s: float = HUNG_AFTER_S) -> None:
        self._proof = proof
        self._hung_after_s = hung_after_s
        self._seen: bytes | None = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGVTALRM, self._look)
        signal.setitimer(signal.ITIMER_VIRTUAL, self._hung_after_s, self._hung_after_s)
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, self._before)

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        if self._proof.packet is self._seen:
            raise HungError
        self._seen = self._proof.packet


def resident_octets() -> int:
    """Return how much memory this process has in use."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
