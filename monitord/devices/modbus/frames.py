"""The bytes of a Modbus TCP read and what may be believed of an answer. Knows no socket.

Requests are built and answers decoded by pymodbus. What it lets pass is checked here first:
transaction id 0, another function's answer, too few cells, octets that follow the cells.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from monitord.devices.modbus.blocks import BIT_TABLES, Block
from monitord.devices.model import ReadError

_REQUESTS = {
    "coil": ReadCoilsRequest,
    "discrete_input": ReadDiscreteInputsRequest,
    "holding_register": ReadHoldingRegistersRequest,
    "input_register": ReadInputRegistersRequest,
}
Cells = tuple[int, ...]

_DECODER = DecodePDU(is_server=False)
_FRAMER = FramerSocket(_DECODER)

# transaction id, protocol id (0), octets that follow, unit id
_HEADER = struct.Struct(">HHHB")
_LENGTH_AT = 6
_LENGTH_MIN, _LENGTH_MAX = 3, 254
_REFUSED = 0x80


@dataclass(frozen=True, slots=True)
class Ask:
    """One read request: its block, and what its answer must carry."""

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
        count = self.block.count
        return (count + 7) // 8 if self.block.table in BIT_TABLES else 2 * count

    def frame(self) -> bytes:
        """Return the bytes to send."""
        request = _REQUESTS[self.block.table](
            dev_id=self.unit_id,
            transaction_id=self.transaction_id,
            address=self.block.start,
            count=self.block.count,
        )
        return _FRAMER.buildFrame(request)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An exception answer."""

    code: int

    def __str__(self) -> str:
        known = {one.value: one.name.lower() for one in ExcCodes}
        return f"exception {self.code} ({known.get(self.code, 'unknown')})"


def split_frame(received: bytes) -> tuple[bytes, bytes] | None:
    """Return the first whole frame and what follows it, or None while it is incomplete.

    Raises ReadError("bad_answer") as soon as the bytes cannot be Modbus TCP: waiting for a length
    that is nonsense would only turn the fault into silence.
    """
    if len(received) < _HEADER.size:
        return None
    _, protocol, length, _ = _HEADER.unpack_from(received)
    if protocol != 0 or not _LENGTH_MIN <= length <= _LENGTH_MAX:
        raise ReadError("bad_answer", f"no Modbus TCP header: {received[: _HEADER.size].hex(' ')}")
    end = _LENGTH_AT + length
    return (received[:end], received[end:]) if len(received) >= end else None


def parse_frame(frame: bytes, ask: Ask) -> Cells | Refusal:
    """Return the block's cells, one int each, or the device's refusal.

    Raises ReadError("bad_answer") for a frame that is not the answer to ``ask``.
    """
    transaction_id, _, _, unit_id = _HEADER.unpack_from(frame)
    if transaction_id != ask.transaction_id:
        raise _foreign("transaction id", transaction_id, ask.transaction_id)
    if unit_id != ask.unit_id:
        raise _foreign("unit id", unit_id, ask.unit_id)
    pdu = frame[_HEADER.size :]
    if pdu[0] == ask.function | _REFUSED and len(pdu) == 2:
        return Refusal(pdu[1])
    if pdu[0] != ask.function:
        raise _foreign("function", pdu[0], ask.function)
    if pdu[1] != ask.octets or len(pdu) != 2 + ask.octets:
        raise _foreign("count of octets", min(pdu[1], len(pdu) - 2), ask.octets)
    return _cells(pdu, ask)


def _foreign(what: str, found: int, due: int) -> ReadError:
    return ReadError("bad_answer", f"{what} of the answer is {found}, must be {due}")


def _cells(pdu: bytes, ask: Ask) -> Cells:
    """Let pymodbus decode a body whose length is right."""
    decoded = _DECODER.decode(pdu)
    if decoded is None:
        raise ReadError("bad_answer", f"answer to {ask.block} cannot be decoded")
    cells = decoded.bits if ask.block.table in BIT_TABLES else decoded.registers
    if len(cells) < ask.block.count:
        raise _foreign("count of cells", len(cells), ask.block.count)
    return tuple(int(cell) for cell in cells[: ask.block.count])
