"""Answers of Modbus units with octets changed, in the three framings.

What is taken is what pymodbus decodes in the same frame; over TCP, with the number that was asked.
"""

from __future__ import annotations

import random
import struct

from pymodbus.framer import FramerAscii, FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU

from monitord.decoding.model import Decoding
from monitord.devices.modbus.blocks import Block, cells_of, plan_blocks
from monitord.devices.modbus.frames import QUERIES, ExceptionResponse, ModbusAnswer
from monitord.devices.modbus.model import ModbusPoint
from monitord.devices.model import ReadError
from tests.support.modbus import ascii_frame, rtu_frame
from tests.support.mutants import mutant
from tests.support.proof import Proof

PER_ANSWER = 50
CODES = {"coil": 1, "discrete_input": 2, "holding_register": 3, "input_register": 4}
_FRAMERS: dict[str, FramerBase] = {
    "tcp": FramerSocket(DecodePDU(is_server=False)),
    "rtu": FramerRTU(DecodePDU(is_server=False)),
    "ascii": FramerAscii(DecodePDU(is_server=False)),
}


def some_block(table: str, start: int, count: int) -> Block:
    """Return a block of neighbouring cells."""
    kind = "uint16" if table.endswith("register") else "bit"
    cells = range(start, start + count)
    points = [ModbusPoint(str(n), table, n, kind, "big", Decoding("number")) for n in cells]
    return plan_blocks(points)[0]


def with_true_length(frame: bytes, taken: ModbusAnswer) -> bytes:
    """Return a frame over TCP with the length of its PDU in the header, and without its surplus.

    The PDU decides what is taken; pymodbus goes by the header.
    """
    octets = 3 + (0 if isinstance(taken, ExceptionResponse) else len(taken))
    return (frame[:4] + octets.to_bytes(2, "big") + frame[6:])[: 6 + octets]


class _Asked:
    """A query in one framing, and a right answer to it."""

    def __init__(self, dice: random.Random) -> None:
        self.framing = dice.choice(("tcp", "tcp", "rtu", "ascii"))
        table = dice.choice(tuple(CODES))
        self.count = dice.randrange(1, 30)
        self.block = some_block(table, dice.randrange(1000), self.count)
        self.unit, self.number = dice.randrange(1, 248), dice.randrange(1, 2**16)
        self.query = QUERIES[self.framing](self.block, self.unit)
        self.query.request(self.number)
        self.is_bits = not table.endswith("register")
        octets = -(-self.count // 8) if self.is_bits else 2 * self.count
        pdu = bytes((CODES[table], octets)) + dice.randbytes(octets)
        if dice.randrange(8) == 0:
            pdu = bytes((CODES[table] | 0x80, dice.randrange(1, 12)))
        self.frame = self._framed(pdu)

    def _framed(self, pdu: bytes) -> bytes:
        if self.framing == "tcp":
            return struct.pack(">HHHB", self.number, 0, 1 + len(pdu), self.unit) + pdu
        return (rtu_frame if self.framing == "rtu" else ascii_frame)(self.unit, pdu)

    def agrees(self, taken: ModbusAnswer, received: bytes) -> bool:
        """Return whether pymodbus finds just this answer in the frame that was taken."""
        frame = received[self._begin(taken, received) :]
        if self.framing == "tcp":
            frame = with_true_length(frame, taken)
        framer = _FRAMERS[self.framing]
        used, pdu = framer.handleFrame(frame, self.unit, self.number)
        if pdu is None or used != len(frame) or pdu.dev_id != self.unit:
            return False
        if isinstance(taken, ExceptionResponse):
            return bool(pdu.isError()) and pdu.exception_code == taken.code
        theirs = pdu.bits if self.is_bits else pdu.registers
        ours = cells_of(self.block, taken)
        return list(ours) == [int(cell) for cell in theirs[: self.count]]

    def _begin(self, taken: ModbusAnswer, received: bytes) -> int:
        """Return where the frame begins that ends with ``received``."""
        if self.framing == "tcp":
            return 0
        if self.framing == "ascii":
            return received.rindex(b":")
        return len(received) - (5 if isinstance(taken, ExceptionResponse) else 5 + len(taken))


def prove(proof: Proof, mutants: int) -> None:
    """Mutate answers to our own requests; see the module."""
    for number in range(mutants):
        if number % PER_ANSWER == 0:
            asked = _Asked(proof.dice)
        received = mutant(proof.dice, asked.frame)
        proof.look(received)
        try:
            taken = asked.query.find_answer(received)
        except ReadError:
            taken = None
        proof.counts["refused" if taken is None else "taken"] += 1
        if taken is not None:
            answer, end = taken
            proof.compare(f"pymodbus, {asked.framing}", asked.agrees(answer, received[:end]))
