"""Traps and informs with octets changed: each ends in a known way, and what is taken is one.

The second reading has the envelope of what is taken; one with an odd part shows its community.
"""

from __future__ import annotations

from monitord.devices.snmp.model import User
from monitord.traps.filter import RESULTS, TrapFilter
from monitord.traps.model import TrapDevice
from monitord.traps.usm import OwnEngine
from simulators.agents.traps import INFORM, Varbinds, packet
from tests.support.mutants import mutant
from tests.support.proof import Proof
from tests.support.second_reading import message
from tests.support.traps import v3_trap

HERE = "192.0.2.7"
SECOND = 1_000_000
TRAP = (1, 3, 6, 1, 4, 1, 99999, 0, 1)
BINDINGS: Varbinds = [
    ((1, 3, 6, 1, 4, 1, 99999, 1, 0), ("octets", "power is gone")),
    ((1, 3, 6, 1, 4, 1, 99999, 2, 0), ("counter64", 2**63)),
    ((1, 3, 6, 1, 4, 1, 99999, 3, 0), ("oid", TRAP)),
]
USER = User("watcher", "sha1", "aes128", "auth-key-of-it", "priv-key-of-it")
NOBODY = User("anybody")
ENGINE = bytes.fromhex("80001f8880a1b2c3d4e5")
TRAP_V2 = packet("public", TRAP, BINDINGS, ticks=700, number=5)
BASES = (
    TRAP_V2,
    packet("public", TRAP, BINDINGS, ticks=700, number=6, kind=INFORM),
    v3_trap(USER, ENGINE, (3, 500), TRAP_V2),
    v3_trap(NOBODY, ENGINE, (3, 500), TRAP_V2),
)
ENDS = frozenset(RESULTS) - {"failed", "storm"}


class Port:
    """A trap port with one device that has every credential. Each datagram comes a second later."""

    def __init__(self) -> None:
        self._filter = TrapFilter(OwnEngine(bytes.fromhex("8000000005aabbccdd"), 1, 0))
        self._filter.accept_from({HERE: [TrapDevice("it", HERE, "public", USER)]})
        self._now = 0

    def result(self, datagram: bytes) -> str:
        """Return how it ends."""
        before = self._filter.counts.copy()
        self._now += SECOND
        self._filter.handle(datagram, HERE, self._now)
        ((_, result),) = self._filter.counts - before
        return result


def is_notification(datagram: bytes) -> bool:
    """Return whether the second reading has a trap or inform of our community; v3 is digested."""
    if v3_version(datagram):
        return True
    read = message(datagram)
    return read is not None and read.community == b"public" and read.kind in (0xA4, 0xA6, 0xA7)


def v3_version(datagram: bytes) -> bool:
    """Return whether a message says that it is of v3."""
    return b"\x02\x01\x03" in datagram[2:9]


def prove(proof: Proof, mutants: int) -> None:
    """Mutate traps and informs of a configured device; see the module."""
    port = Port()
    for _ in range(mutants):
        datagram = mutant(proof.dice, proof.dice.choice(BASES), 4)
        proof.look(datagram)
        result = port.result(datagram)
        proof.check(f"result {result}", result in ENDS)
        proof.counts["taken" if result in {"taken", "odd", "duplicate"} else "refused"] += 1
        if result == "odd" and not v3_version(datagram):
            # Its length may have more octets than it needs.
            proof.check("community", b"public" in datagram)
        if result == "taken":
            proof.compare("second reading", is_notification(datagram))
