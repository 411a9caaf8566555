"""Reads one Modbus unit over a line in memory: for counting instructions, which no load disturbs.

``valgrind --tool=cachegrind --cache-sim=no python -m tests.benchmarks.modbus_in_memory READS``: the
difference of two counts, divided by the difference of READS, is what a read of 60 registers costs
without the system's part.
"""

from __future__ import annotations

import asyncio
import struct
import sys

from monitord.clock import SystemClock
from monitord.devices.bus.bus import Bus
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusSource
from tests.benchmarks.bench_modbus import POINTS, REGISTERS

SOURCE = ModbusSource("127.0.0.1", 1, 1, POINTS)


class MemoryLine:
    """A line whose unit answers each request at once with zeros."""

    is_open = True
    is_reopened_on_silence = False
    line = SOURCE.line

    def __init__(self) -> None:
        self._answer = b""

    async def open(self) -> None:
        """Is open already."""

    async def send(self, octets: bytes) -> None:
        """Prepare the answer with the transaction id of the request."""
        size = 2 * REGISTERS
        self._answer = octets[:4] + struct.pack(">HBBB", 3 + size, 1, 3, size) + bytes(size)

    async def wait(self) -> None:
        """Need not wait."""

    def receive(self) -> bytes:
        answer, self._answer = self._answer, b""
        return answer

    def close(self) -> None:
        """Has nothing to close."""


async def read(reads: int) -> None:
    reader = ModbusReader(SOURCE, Bus(MemoryLine(), SystemClock(None)))
    for _ in range(reads):
        assert await reader.read_raw(1.0) == (0,) * REGISTERS


if __name__ == "__main__":
    asyncio.run(read(int(sys.argv[1])))
