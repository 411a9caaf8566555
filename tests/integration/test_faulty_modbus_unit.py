"""A unit with every fault in turn: a value that is read is right and fresh, or the read fails."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Callable

import pytest

from monitord.clock import SystemClock
from monitord.decoding.model import Decoding
from monitord.devices.bus.bus import Buses
from monitord.devices.bus.settings import Manners, TcpLine
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import ReadError
from tests.support.decoding import decoded_reader
from tests.support.modbus import ascii_frame, rtu_frame
from tests.support.wire import LOCALHOST, StreamServer

UNIT = 17
READS = 25
SOON_S = 0.25
QUIET = 10_000
NUMBER = Decoding("number")
BLOCKS = ((100, 101), (200, 201), (300,))
ADDRESSES = tuple(address for block in BLOCKS for address in block)

Frame = Callable[[bytes, int, bytes], bytes]
"""From request, unit and PDU to an answer."""

FRAMES: dict[str, Frame] = {
    "tcp": lambda request, unit, pdu: request[:4] + struct.pack(">HB", 1 + len(pdu), unit) + pdu,
    "rtu": lambda _, unit, pdu: rtu_frame(unit, pdu),
    "ascii": lambda _, unit, pdu: ascii_frame(unit, pdu),
}
FAULTS = (
    *("true",) * 20,
    "silent",
    "late",
    "twice",
    "noise_before",
    "noise_behind",
    "noise_inside",
    "half",
    "octets",
    "wrong_unit",
    "wrong_function",
    "one_too_few",
    "refused",
    "closed",
)


class FaultyUnit:
    """Answers reads of holding registers with address + generation, or with a fault."""

    def __init__(self, framing: str, seed: int) -> None:
        self.generation = 0
        self.injected: set[str] = set()
        self._framing = framing
        self._random = random.Random(seed)
        self._late = b""
        self.server = StreamServer(self._serve)

    async def _request(self, reader: asyncio.StreamReader) -> tuple[bytes, int, int, int]:
        """Return the request, its function, address and count."""
        if self._framing == "ascii":
            request = await reader.readuntil(b"\r\n")
            pdu = bytes.fromhex(request[1:-4].decode())[1:]
        elif self._framing == "rtu":
            request = await reader.readexactly(8)
            pdu = request[1:-2]
        else:
            request = await reader.readexactly(12)
            pdu = request[7:]
        return request, *struct.unpack(">BHH", pdu)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request, function, address, count = await self._request(reader)
            fault = self._random.choice(FAULTS)
            self.injected.add(fault)
            late, self._late = self._late, b""
            pieces = self._answer(fault, request, function, address, count)
            for piece in (late, *pieces):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if fault == "closed":
                return

    def _answer(
        self, fault: str, request: bytes, function: int, address: int, count: int
    ) -> list[bytes]:
        if function != 3:
            return [FRAMES[self._framing](request, UNIT, bytes((0x80 | function, 1)))]

        def frame(unit: int = UNIT, code: int = 3, registers: int = count) -> bytes:
            values = ((address + n + 1000 * self.generation) % 2**16 for n in range(registers))
            pdu = struct.pack(f">BB{registers}H", code, 2 * registers, *values)
            return FRAMES[self._framing](request, unit, pdu)

        true = frame()
        at = self._random.randrange(1, len(true))
        match fault:
            case "silent":
                return []
            case "late":
                self._late = true
                return []
            case "twice":
                return [true + true]
            case "noise_before":
                return [self._random.randbytes(at), true]
            case "noise_behind":
                return [true, self._random.randbytes(at)]
            case "noise_inside":
                return [true[:at] + self._random.randbytes(2) + true[at:]]
            case "half":
                return [true[:at]]
            case "octets":
                return [true[n : n + 1] for n in range(len(true))]
            case "wrong_unit":
                return [frame(unit=UNIT + 1)]
            case "wrong_function":
                return [frame(code=4)]
            case "one_too_few":
                return [frame(registers=count - 1)]
            case "refused":
                return [FRAMES[self._framing](request, UNIT, b"\x83\x04")]
            case "closed":
                return [true[: at - 1]]
        return [true]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("framing", FRAMES)
async def test_no_fault_of_a_unit_makes_a_wrong_value(framing: str, seed: int) -> None:
    """Each value is of its own register and of this read; everything else is a named error."""
    faulty = FaultyUnit(framing, seed)
    points = tuple(
        ModbusPoint(str(address), "holding_register", address, "uint16", "big", NUMBER)
        for address in ADDRESSES
    )
    good = 0
    async with faulty.server:
        port = faulty.server.port
        source = ModbusSource(LOCALHOST, port, UNIT, points, framing, manners=Manners(quiet=QUIET))
        reader = decoded_reader(
            ModbusReader, source, Buses(SystemClock(None)).at(TcpLine(LOCALHOST, port))
        )
        generation = 0
        # A busy machine makes answers late: read on until enough of both kinds came.
        while generation < READS or not good or len(faulty.injected) <= len(set(FAULTS)) // 2:
            generation += 1
            faulty.generation = generation
            try:
                values = await reader.read(SOON_S)
            except ReadError:
                continue
            true = tuple((address + 1000 * generation) % 2**16 for address in ADDRESSES)
            # A block that is refused, or fails again and again, has no value; others have theirs.
            assert all(value in (None, due) for value, due in zip(values, true, strict=True))
            good += values == true
        await reader.close()
