"""Traps and informs of a configured device in odd but common forms: its device is always polled.

What they say is needed for rules alone: each readable varbind has the value that was drawn.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from monitord.core.model import SECOND
from monitord.traps.decode import decode
from monitord.traps.filter import TrapFilter
from monitord.traps.model import TrapDevice
from monitord.traps.usm import OwnEngine
from tests.properties.encodings.ber import Form, Truth, form, name_octets, plain, put
from tests.support.proof import Proof

Write = Callable[[int, bytes], bytes]

HERE, DEVICE, COMMUNITY = "192.0.2.7", "hill", b"public"
ROOT = (1, 3, 6, 1, 4, 1, 53864, 8)
UP_TIME, TRAP_OID = (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
TRAP_1, INFORM, TRAP_2 = 0xA4, 0xA6, 0xA7
SURPLUS = (b"", b"", b"", b"\0", bytes(15))


@dataclass
class Trap:
    """A drawn trap. ``says``: (OID, value) of its readable varbinds, in order."""

    octets: bytes = b""
    pdu: bytes = b""
    says: list[tuple[tuple[int, ...], Truth]] = field(default_factory=list)


def _number(dice: random.Random, bits: int) -> bytes:
    """Return a number as agents write it: shortest, without a leading zero, or with many."""
    number = dice.randrange(2**bits) >> dice.randrange(bits)
    least = max(1, (number.bit_length() + 7) // 8)
    return number.to_bytes(dice.choice((least, least, least + 1, 5, 8)), "big")


def _varbinds(dice: random.Random, write: Write, trap: Trap) -> bytes:
    """Return varbinds of any values, and note which of them can be read."""
    octets = b""
    for place in range(dice.randrange(5)):
        oid, one = (*ROOT, place, 0), form(dice)
        octets += write(0x30, write(0x06, name_octets(oid)) + write(one.tag, one.octets))
        if not one.is_unsaid:
            trap.says.append((oid, one.truth))
    return octets


def _fields_1(dice: random.Random, write: Write) -> bytes:
    """Return enterprise, address, generic and specific trap, and time; one may say nothing."""
    fields = [
        write(0x06, name_octets(ROOT)),
        write(0x40, bytes((192, 0, 2, 7))),
        write(0x02, bytes((dice.randrange(7),))),
        write(0x02, _number(dice, 31)),
        write(0x43, _number(dice, 32)),
    ]
    if dice.randrange(6) == 0:
        fields[dice.randrange(5)] = write(dice.choice((0x02, 0x40, 0x43)), b"")
    return b"".join(fields)


def _head_2(dice: random.Random, write: Write) -> bytes:
    """Return the two varbinds that a trap of v2 begins with; agents forget one or both."""
    uptime = Form(0x43, _number(dice, 32), None)
    named = Form(0x06, name_octets((*ROOT, 0, 1)), None)
    head = b""
    for oid, one in ((UP_TIME, uptime), (TRAP_OID, named)):
        if dice.randrange(8):
            head += write(0x30, write(0x06, name_octets(oid)) + write(one.tag, one.octets))
    return head


def draw(dice: random.Random) -> Trap:
    """Return a trap of v1, or a trap or inform of v2c."""
    trap = Trap()
    write: Write = partial(put, dice) if dice.randrange(2) else plain
    kind = dice.choice((TRAP_1, INFORM, TRAP_2))
    if kind == TRAP_1:
        body = _fields_1(dice, write)
        # A trap without a list is known of transmitters (node-snmpjs#32).
        if dice.randrange(6):
            body += write(0x30, _varbinds(dice, write, trap))
    else:
        number = dice.randrange(1, 2**31).to_bytes(4, "big")
        body = plain(0x02, number) + plain(0x02, b"\0") * 2
        body += write(0x30, _head_2(dice, write) + _varbinds(dice, write, trap))
    trap.pdu = write(kind, body)
    version = plain(0x02, bytes((kind != TRAP_1,)))
    trap.octets = write(0x30, version + plain(0x04, COMMUNITY) + trap.pdu) + dice.choice(SURPLUS)
    return trap


def _says(trap: Trap) -> bool:
    """Return whether each readable varbind is decoded to its value; v1 has more of its own."""
    found = [(oid, repr(value)) for oid, value in decode(trap.pdu).varbinds]
    ours = [one for one in found if one[0][: len(ROOT)] == ROOT]
    return ours == [(oid, repr(value)) for oid, value in trap.says]


def prove(proof: Proof, traps: int) -> None:
    """Draw traps, one a second; see the module. ``traps``: how many."""
    port = TrapFilter(OwnEngine(bytes.fromhex("8000000005aabbccdd"), 1, 0))
    port.accept_from({HERE: [TrapDevice(DEVICE, HERE, COMMUNITY.decode())]})
    for number in range(traps):
        trap = draw(proof.dice)
        proof.look(trap.octets)
        outcome = port.handle(trap.octets, HERE, number * SECOND)
        is_again = port.counts[DEVICE, "duplicate"] > proof.counts["duplicate"]
        proof.counts["duplicate"] += is_again
        proof.check(f"not polled: {port.counts}", is_again or outcome.poll == (DEVICE,))
        proof.compare("what it says", _says(trap))
        proof.counts["values"] += len(trap.says)
