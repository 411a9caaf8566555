"""The octets of a Modbus read, and which answer is accepted. Knows no socket.

Requests and check sums come from pymodbus. Its decoders of answers are not used: they accept
transaction id 0, the answer of another function, too few cells and octets that follow; they drop a
good frame after a broken one; and they cost more than the rest of a read together.
"""

from __future__ import annotations

import re
import struct
from binascii import Error as NotHexError
from binascii import unhexlify
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerAscii, FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from monitord.devices.modbus.blocks import Block, cells_of, octets_of
from monitord.devices.modbus.model import BITS_MAX
from monitord.devices.model import ReadError
from monitord.texts.phrases import Phrase, phrase

_REQUESTS: Final = {
    "coil": ReadCoilsRequest,
    "discrete_input": ReadDiscreteInputsRequest,
    "holding_register": ReadHoldingRegistersRequest,
    "input_register": ReadInputRegistersRequest,
}
_TABLES: Final = {int(request.function_code): table for table, request in _REQUESTS.items()}
Cells = tuple[int, ...]

_DECODER = DecodePDU(is_server=False)
_FRAMERS: Final[Mapping[str, FramerBase]] = {
    "tcp": FramerSocket(_DECODER),
    "rtu": FramerRTU(_DECODER),
    "ascii": FramerAscii(_DECODER),
}
FRAMINGS: Final = tuple(_FRAMERS)

# transaction id, protocol id (0), octets that follow, unit id
_HEADER = struct.Struct(">HHHB")
_LENGTH_AT = 6
# Of a whole PDU 3 to 254; units that count the unit id not at all, or twice, are known.
_LENGTH_MIN, _LENGTH_MAX = 2, 260
_REFUSED = 0x80
_READS = range(1, 5)
_REQUEST_LENGTH = 8
"""Unit, function, address, count and check sum of a read request over RTU."""
_ASCII_FRAME = re.compile(rb":([0-9A-Fa-f]*)\r\n")


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One read request: its block, and the ids that its answer must have."""

    block: Block
    transaction_id: int
    unit_id: int

    @property
    def function(self) -> int:
        """The function code: 1 to 4 by table."""
        return int(_REQUESTS[self.block.table].function_code)

    @property
    def octets(self) -> int:
        """How many octets of cells the answer must hold."""
        return octets_of(self.block.table, self.block.count)

    def frame(self, framing: str = "tcp") -> bytes:
        """Return the bytes to send."""
        request = _REQUESTS[self.block.table](
            dev_id=self.unit_id,
            transaction_id=self.transaction_id,
            address=self.block.start,
            count=self.block.count,
        )
        return _FRAMERS[framing].buildFrame(request)


@dataclass(frozen=True, slots=True)
class ExceptionResponse:
    """An exception answer."""

    code: int

    def __str__(self) -> str:
        known = {one.value: one.name.lower() for one in ExcCodes}
        return f"exception {self.code} ({known.get(self.code, 'unknown')})"


ModbusAnswer = bytes | ExceptionResponse
"""The octets of the requested cells, or the unit's exception response."""


class Query(Protocol):
    """The request for one block of one unit, sent once per read."""

    def request(self, number: int) -> bytes:
        """Return the octets to send. ``number``: the transaction id, where the framing has one."""

    @property
    def oddity(self) -> Phrase | None:
        """How the length that the answer says differs from what came; None where it does not."""

    def find_answer(self, received: bytes) -> tuple[ModbusAnswer, int] | None:
        """Return the answer to the last ``request`` and where it ends, or None while it may come.

        Raises ReadError("bad_answer") as soon as it cannot.
        """


Find = Callable[[bytes, int], tuple[ModbusAnswer, int] | None]
"""Finds the first answer in the received octets from an offset on, and where it ends."""


def parse_frame(frame: bytes, ask: ReadRequest) -> Cells | ExceptionResponse:
    """Return the block's cells, one int each, or the device's refusal.

    Raises ReadError("bad_answer") for a frame that is not the whole answer to ``ask``.
    """
    found = _answer_in(frame, ask)
    if found is None:
        raise ReadError("bad_answer", _shortfall(frame))
    answer, _ = found
    return answer if isinstance(answer, ExceptionResponse) else cells_of(ask.block, answer)


def _answer_in(received: bytes, ask: ReadRequest) -> tuple[ModbusAnswer, int] | None:
    """Return the answer over TCP and the end of its PDU, None while more may come.

    The PDU shows its own length: an exception has two octets, the answer to a read a count. Some
    units send another length in the header (wlcrs/tmodbus PR 146), so it does not decide. Raises
    ReadError("bad_answer") as soon as the octets cannot be the answer: a wait for it would turn the
    fault into a silence.
    """
    if len(received) < _HEADER.size:
        return None
    transaction_id, protocol, length, unit_id = _HEADER.unpack_from(received)
    if protocol != 0 or not _LENGTH_MIN <= length <= _LENGTH_MAX:
        octets = received[: _HEADER.size].hex(" ")
        raise ReadError("bad_answer", phrase("modbus.no_header", octets=octets))
    if transaction_id != ask.transaction_id:
        raise _mismatch("transaction", transaction_id, ask.transaction_id)
    if unit_id != ask.unit_id:
        raise _mismatch("unit", unit_id, ask.unit_id)
    begin = _HEADER.size + 2
    head = received[_HEADER.size : begin]
    if head and head[0] not in (ask.function, ask.function | _REFUSED):
        raise _mismatch("function", head[0], ask.function)
    if len(head) < 2:
        return None
    if head[0] != ask.function:
        return ExceptionResponse(head[1]), begin
    if head[1] != ask.octets:
        raise _mismatch("octets", head[1], ask.octets)
    end = begin + ask.octets
    return (received[begin:end], end) if len(received) >= end else None


def _end_of(received: bytes, end: int) -> int | None:
    """Return where a frame ends whose PDU ends at ``end``; None while a copy of it comes in.

    Octets that its length includes are left. Raises ReadError if others follow that are not the
    same frame again: Modbus TCP has no check sum, and inserted octets push the last ones out of the
    frame. After a fault the connection is a new one, so no other answer can be due.
    """
    said = _LENGTH_AT + _said(received)
    sizes = {end, max(end, min(said, len(received)))}
    for size in sizes:
        frame, rest = received[:size], received[size:]
        if rest == frame * (len(rest) // size):
            return size
    if any(_begins_again(received, size) for size in sizes):
        return None
    raise ReadError("bad_answer", phrase("modbus.surplus", octets=len(received) - end))


def _begins_again(received: bytes, size: int) -> bool:
    """Return whether what follows a frame of this size begins as the frame does."""
    rest = received[size:]
    return (received[:size] * (len(rest) // size + 1)).startswith(rest)


def _said(received: bytes) -> int:
    """Return the length in the header: how many octets follow it."""
    return int.from_bytes(received[_LENGTH_AT - 2 : _LENGTH_AT], "big")


def _shortfall(received: bytes) -> Phrase:
    """Return how much of an answer came, and how much its header says."""
    said, came = _said(received), max(0, len(received) - _LENGTH_AT)
    return phrase("modbus.length", said=said, came=came)


def _agreed(find: Find, received: bytes) -> tuple[ModbusAnswer, int] | None:
    """Return the first answer and its end. Raises ReadError if a different answer follows.

    One of the two is late or of another master; without numbers it is not known which.
    """
    first = other = find(received, 0)
    while first is not None and other is not None:
        if other[0] != first[0]:
            raise ReadError("bad_answer", phrase("bus.two_answers"))
        other = find(received, other[1])
    return first


def _mismatch(field: str, found: int, expected: int) -> ReadError:
    name = phrase(f"modbus.field.{field}")
    text = phrase("modbus.mismatch", field=name, found=found, expected=expected)
    return ReadError("bad_answer", text)


class TcpQuery:
    """Modbus TCP: a header with the number of the request, and no check sum.

    ``oddity``: how the length in the last header differs from its PDU, None where it does not.
    """

    def __init__(self, block: Block, unit_id: int) -> None:
        self.oddity: Phrase | None = None
        self._ask = ReadRequest(block, 0, unit_id)
        self._number = b"\0\0"
        self._request = self._ask.frame()[2:]
        octets = self._ask.octets
        self._head = struct.pack(">HHBBB", 0, 3 + octets, unit_id, self._ask.function, octets)
        self._begins = 2 + len(self._head)
        self._length = self._begins + octets

    def request(self, number: int) -> bytes:
        self._number = number.to_bytes(2, "big")
        self.oddity = None
        return self._number + self._request

    def find_answer(self, received: bytes) -> tuple[ModbusAnswer, int] | None:
        if len(received) == self._length and received.startswith(self._number + self._head):
            return received[self._begins :], self._length
        number = int.from_bytes(self._number, "big")
        ask = ReadRequest(self._ask.block, number, self._ask.unit_id)
        has_length = len(received) >= _LENGTH_AT
        self.oddity = _shortfall(received) if has_length else None
        if (found := _answer_in(received, ask)) is None:
            return None
        answer, end = found
        if _LENGTH_AT + _said(received) == end:
            self.oddity = None
        whole = _end_of(received, end)
        return None if whole is None else (answer, whole)


class _Summed:
    """A framing with a check sum and without a length."""

    oddity: Phrase | None = None


class RtuQuery(_Summed):
    """Modbus RTU: no frame marks and no numbers, so every octet may begin the answer.

    Other octets are noise: an answer to another query, a broken frame, an echo of the request. A
    request of another master is a fault: its answer may come too.
    """

    def __init__(self, block: Block, unit_id: int) -> None:
        ask = ReadRequest(block, 0, unit_id)
        self._request = ask.frame("rtu")
        self._head = bytes((unit_id, ask.function, ask.octets))
        self._refusal = bytes((unit_id, ask.function | _REFUSED))
        self._octets = ask.octets

    def request(self, number: int) -> bytes:
        del number
        return self._request

    def find_answer(self, received: bytes) -> tuple[ModbusAnswer, int] | None:
        return _agreed(self._find, received)

    def _find(self, received: bytes, at: int) -> tuple[ModbusAnswer, int] | None:
        begin = at
        while at < len(received):
            if received.startswith(self._request, at):
                # An adapter's echo. For some reads of bits it has the very shape of an answer.
                at += len(self._request)
                continue
            if (found := self._answer_at(received, at)) is not None:
                self._refuse_second_master(received[begin:at])
                return found
            at += 1
        return None

    def _answer_at(self, received: bytes, at: int) -> tuple[ModbusAnswer, int] | None:
        if received.startswith(self._head, at):
            begin = at + len(self._head)
            end = begin + self._octets
            if _is_sound(received, at, end):
                return received[begin:end], end + 2
        elif received.startswith(self._refusal, at):
            end = at + len(self._refusal) + 1
            if _is_sound(received, at, end):
                return ExceptionResponse(received[end - 1]), end + 2
        return None

    def _refuse_second_master(self, before: bytes) -> None:
        for at in range(len(before) - _REQUEST_LENGTH + 1):
            one = before[at : at + _REQUEST_LENGTH]
            if _is_read_request(one) and one != self._request:
                text = phrase("modbus.second_master", octets=one.hex(" "))
                raise ReadError("bad_answer", text)


def _is_read_request(one: bytes) -> bool:
    """Return whether eight octets are a read request, and not an answer or noise.

    An answer with three octets of cells is as long. One with two and a zero octet of noise has a
    right check sum too: that of a frame with its own check sum is 0.
    """
    unit, function, size = one[:3]
    count = int.from_bytes(one[4:6], "big")
    if not unit or function not in _READS or not 1 <= count <= BITS_MAX:
        return False
    if size == 3 or not _is_sound(one, 0, len(one) - 2):
        return False
    return size != 2 or not _is_sound(one, 0, len(one) - 3)


def _is_sound(received: bytes, at: int, end: int) -> bool:
    """Return whether the check sum at ``end`` is that of the octets from ``at`` on."""
    check = received[end : end + 2]
    if len(check) < 2:
        return False
    return FramerRTU.check_CRC(received[at:end], int.from_bytes(check, "big"))


class AsciiQuery(_Summed):
    """Modbus ASCII: hexadecimal digits between a colon and the end of the line, with a sum."""

    def __init__(self, block: Block, unit_id: int) -> None:
        ask = ReadRequest(block, 0, unit_id)
        self._request = ask.frame("ascii")
        self._unit_id, self._function, self._octets = unit_id, ask.function, ask.octets

    def request(self, number: int) -> bytes:
        del number
        return self._request

    def find_answer(self, received: bytes) -> tuple[ModbusAnswer, int] | None:
        return _agreed(self._find, received)

    def _find(self, received: bytes, at: int) -> tuple[ModbusAnswer, int] | None:
        for frame in _ASCII_FRAME.finditer(received, at):
            if frame.group() == self._request:
                continue  # An adapter's echo.
            if (answer := self._answer_in(frame.group(1))) is not None:
                return answer, frame.end()
        return None

    def _answer_in(self, digits: bytes) -> ModbusAnswer | None:
        try:
            octets = unhexlify(digits)
        except NotHexError:
            return None
        if len(octets) < 4 or sum(octets) & 0xFF:
            return None
        unit_id, function, third = octets[:3]
        if unit_id != self._unit_id:
            return None
        if function == self._function | _REFUSED and len(octets) == 4:
            return ExceptionResponse(third)
        fits = third == self._octets and len(octets) == 4 + self._octets
        return octets[3:-1] if function == self._function and fits else None


def answer_shapes(framing: str, unit_id: int, received: bytes) -> list[tuple[str, int]]:
    """Return table and octets of each whole answer of a unit, over RTU or ASCII.

    Exceptions have no shape of their own.
    """
    whole = _rtu_answers(unit_id, received) if framing == "rtu" else _ascii_answers(received)
    return [
        (_TABLES[one[1]], one[2])
        for one in whole
        if one[0] == unit_id and one[1] in _TABLES and len(one) == 3 + one[2]
    ]


def _rtu_answers(unit_id: int, received: bytes) -> Iterator[bytes]:
    """Yield each run of octets with a right check sum that may be an answer, without the sum."""
    at = received.find(unit_id)
    while 0 <= at <= len(received) - 5:
        end = at + 3 + received[at + 2]
        if received[at + 1] in _TABLES and _is_sound(received, at, end):
            yield received[at:end]
            at = end + 1
        at = received.find(unit_id, at + 1)


def _ascii_answers(received: bytes) -> Iterator[bytes]:
    """Yield the octets of each frame with a right sum, without the sum."""
    for frame in _ASCII_FRAME.finditer(received):
        digits = frame.group(1)
        octets = unhexlify(digits) if len(digits) % 2 == 0 else b""
        if len(octets) > 3 and not sum(octets) & 0xFF:
            yield octets[:-1]


QUERIES: Final[Mapping[str, type[TcpQuery | RtuQuery | AsciiQuery]]] = {
    "tcp": TcpQuery,
    "rtu": RtuQuery,
    "ascii": AsciiQuery,
}
