"""Answers of Modbus units in odd but common forms, in the three framings and in pieces.

The PDU decides: the unit's answer to this request is found, whatever length its header says and
whatever noise is before it. No beginning of it is taken for another or refused.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from monitord.devices.modbus.blocks import cells_of
from monitord.devices.modbus.frames import QUERIES, ExceptionResponse
from monitord.devices.model import ReadError
from tests.properties.packets.modbus_answers import CODES, some_block
from tests.support.modbus import ascii_frame, rtu_frame
from tests.support.proof import Proof
from tests.support.second_modbus import Said, over_ascii, over_rtu, over_tcp

NOISE = (b"", b"", b"", b"\0", b"\xff", b"\0\0\xff", b"\xff" * 9, b"\r\n")
"""What a line without termination, a converter that turns round or a modem puts before a frame."""
SAID_MORE = (0, 0, 0, -1, 1, 1, 2)
"""By how much a header's length is wrong (wlcrs/tmodbus PR 146): without the unit id, or twice."""


def in_pieces(dice: random.Random, octets: bytes) -> Sequence[bytes]:
    """Return what has come at each moment: the octets come in up to four pieces."""
    ends = {dice.randrange(1, len(octets) + 1) for _ in range(dice.randrange(4))}
    return [octets[:end] for end in sorted(ends | {len(octets)})]


class Unit:
    """A unit that is asked for one block, and its answer of the moment."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.framing = dice.choice(("tcp", "rtu", "ascii"))
        table = dice.choice(tuple(CODES))
        self.function = CODES[table]
        self.count = dice.choice((1, 2, 3, 5, 8, 9, 40, 125))
        self.block = some_block(table, dice.randrange(60_000), self.count)
        self.unit = dice.randrange(1, 248)
        self.number = dice.randrange(2**16)
        self.query = QUERIES[self.framing](self.block, self.unit)
        self.request = self.query.request(self.number)
        self.said: Said = ()
        self.octets = self._answer()

    def _pdu(self) -> bytes:
        """Draw what the unit says, and return its octets."""
        dice = self.dice
        if dice.randrange(5) == 0:
            # Makers have codes of their own behind those of the standard.
            self.said = dice.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 0, 200, 255))
            return bytes((self.function | 0x80, self.said))
        if self.function < 3:
            self.said = tuple(dice.randrange(2) for _ in range(self.count))
            rows = [self.said[at : at + 8] for at in range(0, self.count, 8)]
            cells = bytes(sum(bit << place for place, bit in enumerate(row)) for row in rows)
        else:
            self.said = tuple(dice.randrange(2**16) for _ in range(self.count))
            cells = b"".join(
                divmod(word, 256)[0].to_bytes() + (word % 256).to_bytes() for word in self.said
            )
        return bytes((self.function, len(cells))) + cells

    def _answer(self) -> bytes:
        octets = self._pdu()
        if self.framing == "tcp":
            return self._over_tcp(octets)
        frame = rtu_frame if self.framing == "rtu" else ascii_frame
        answer = frame(self.unit, octets)
        if self.framing == "ascii" and self.dice.randrange(3) == 0:
            answer = answer.lower()
        return self._before(frame) + answer * self.dice.choice((1, 1, 1, 2))

    def _over_tcp(self, octets: bytes) -> bytes:
        dice = self.dice
        said = 1 + len(octets) + dice.choice(SAID_MORE)
        surplus = dice.randbytes(dice.randrange(1, 4)) if dice.randrange(6) == 0 else b""
        if surplus:
            said = 1 + len(octets) + len(surplus)
        head = self.number.to_bytes(2, "big") + b"\0\0" + said.to_bytes(2, "big")
        answer = head + bytes((self.unit,)) + octets + surplus
        return answer * dice.choice((1, 1, 1, 1, 2))

    def _before(self, frame: object) -> bytes:
        """Return what a line has before an answer: noise, an echo, another unit, a broken frame."""
        assert callable(frame)
        other: bytes = frame(self.unit % 247 + 1, bytes((3, 2, 0, 7)))
        broken: bytes = frame(self.unit, bytes((self.function, 2, 0, 7)))
        parts = (b"", b"", self.request, other, broken[:-3], self.request + other)
        return self.dice.choice(NOISE) + self.dice.choice(parts) + self.dice.choice(NOISE)


def second(unit: Unit) -> bool:
    """Return whether the second reading has what the unit says."""
    if unit.framing == "tcp":
        found = [over_tcp(unit.octets, unit.number, unit.unit)]
    else:
        read = over_rtu if unit.framing == "rtu" else over_ascii
        found = [*read(unit.octets, unit.unit)]
    said = [one[1] for one in found if one is not None and one[0] == unit.function]
    return unit.said in [one if isinstance(one, int) else one[: unit.count] for one in said]


Take = Callable[[Unit], tuple[Said | None, str]]


def taken(unit: Unit) -> tuple[Said | None, str]:
    """Return what the reader takes as the octets come, and why it refuses them."""
    for come in in_pieces(unit.dice, unit.octets):
        try:
            found = unit.query.find_answer(come)
        except ReadError as error:
            return None, f"refused {error} in {come.hex()}"
        if found is not None:
            answer = found[0]
            if isinstance(answer, ExceptionResponse):
                return answer.code, ""
            return tuple(map(int, cells_of(unit.block, answer))), ""
    return None, "not found"


def prove(proof: Proof, forms: int, take: Take = taken) -> None:
    """Draw answers; see the module. ``forms``: how many; ``take``: the reader."""
    for _ in range(forms):
        unit = Unit(proof.dice)
        proof.look(unit.octets)
        proof.counts["unsaid" if isinstance(unit.said, int) else "values"] += 1
        proof.compare(f"second reading, {unit.framing}", second(unit))
        found, why = take(unit)
        what = f"{unit.framing} of {unit.function}: {why} {found} {unit.said}"
        proof.check(what, found == unit.said)
