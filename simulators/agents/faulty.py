"""Devices with injected faults on sockets of 127.0.0.1: one on a stream, and an SNMP agent.

Owns sockets and the times of sending. The device gives the true and the false answer, and its
``FaultInjector`` decides what is sent.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from simulators.agents.fault_injection import FaultInjector, TimedOctets
from simulators.agents.protocol_traits import as_ascii, with_crc
from simulators.agents.responder import Objects, SnmpResponder

HOST = "127.0.0.1"
_RECEIVED_MAX = 512
_READS = (1, 2, 3, 4)
_ASCII_REQUEST = 7
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS = 1, 2
Cells = Mapping[tuple[int, int], int]
"""By function code of the read and wire address: a register or a bit."""


class StreamDevice(Protocol):
    """One device on a stream, with its true values or with others."""

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        """Return where a request to it ends, and the answer; None while there is none."""


@dataclass(slots=True)
class ModbusDevice:
    """A Modbus unit for reads. ``framing``: tcp, rtu or ascii.

    A cell not in ``show()`` is exception 2.
    """

    framing: str
    unit: int
    show: Callable[[], Cells]

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        if self.framing == "ascii":
            return self._answer_to_ascii(received)
        size = 12 if self.framing == "tcp" else 8
        if len(received) < size:
            return None
        request = received[:size]
        if self.framing == "tcp":
            pdu = self._answer(*struct.unpack(">BHH", request[7:12]))
            return size, request[:4] + struct.pack(">HB", 1 + len(pdu), request[6]) + pdu
        if with_crc(request[:-2]) != request or request[0] != self.unit:
            return 1, b""
        return size, with_crc(request[:1] + self._answer(*struct.unpack(">BHH", request[1:6])))

    def _answer_to_ascii(self, received: bytes) -> tuple[int, bytes] | None:
        end = received.find(b"\r\n") + 2
        if end < 2:
            return None
        try:
            octets = bytes.fromhex(received[received.rfind(b":", 0, end) + 1 : end - 2].decode())
        except ValueError:
            return end, b""
        if len(octets) != _ASCII_REQUEST or sum(octets) & 0xFF or octets[0] != self.unit:
            return end, b""
        return end, as_ascii(octets[:1] + self._answer(*struct.unpack(">BHH", octets[1:6])))

    def _answer(self, function: int, address: int, count: int) -> bytes:
        if function not in _READS:
            return bytes((function | 0x80, _ILLEGAL_FUNCTION))
        shown = self.show()
        places = [(function, address + at) for at in range(count)]
        if any(place not in shown for place in places):
            return bytes((function | 0x80, _ILLEGAL_ADDRESS))
        cells = [shown[place] for place in places]
        if function <= 2:
            bits = sum(1 << at for at, cell in enumerate(cells) if cell)
            octets = bits.to_bytes(-(-count // 8), "little")
        else:
            octets = struct.pack(f">{count}H", *cells)
        return bytes((function, len(octets))) + octets


@dataclass(slots=True)
class FaultyStream:
    """A device on TCP whose answers are faulty. ``truth``, ``false``: its true and false answers.

    ``requests``, ``connections``: how many it has received and accepted.
    """

    truth: StreamDevice
    false: StreamDevice
    injector: FaultInjector
    port: int = 0
    requests: int = 0
    connections: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, port: int = 0) -> None:
        """Listen on ``port``, or on a free one. OSError when taken."""
        self._server = await asyncio.start_server(self._serve, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close it; safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        queue: asyncio.Queue[Iterator[TimedOctets]] = asyncio.Queue()
        sending = asyncio.create_task(_send(queue, writer))
        self._tasks.add(sending)
        try:
            await self._receive(reader, queue)
        except ConnectionError:
            pass  # The client closed the connection.
        finally:
            sending.cancel()
            self._tasks.discard(sending)
            writer.transport.abort()

    async def _receive(
        self, reader: asyncio.StreamReader, queue: asyncio.Queue[Iterator[TimedOctets]]
    ) -> None:
        received = b""
        while octets := await reader.read(_RECEIVED_MAX):
            received = (received + octets)[-_RECEIVED_MAX:]
            while (found := self.truth.answer_to(received)) is not None:
                end, answer = found
                request, received = received[:end], received[end:]
                if answer:
                    queue.put_nowait(self._outgoing(request, answer))

    def _outgoing(self, request: bytes, answer: bytes) -> Iterator[TimedOctets]:
        self.requests += 1
        false = self.false.answer_to(request)
        return self.injector.outgoing(request, answer, None if false is None else false[1])


async def _send(queue: asyncio.Queue[Iterator[TimedOctets]], writer: asyncio.StreamWriter) -> None:
    """Send one answer after the other, as devices do: a late answer delays those behind it."""
    try:
        while True:
            for after_s, octets in await queue.get():
                if after_s:
                    await asyncio.sleep(after_s)
                writer.write(octets)
                await writer.drain()
    except ConnectionError:
        return  # The client closed the connection.


class FaultyAgent(SnmpResponder):
    """An SNMP agent of v1 and v2c with faults. ``false``: its objects with other values."""

    def __init__(
        self,
        objects: Callable[[], Objects | None],
        false: Callable[[], Objects | None],
        community: str,
        injector: FaultInjector,
    ) -> None:
        super().__init__(objects, community)
        self.injector = injector
        self._false = SnmpResponder(false, community)

    def false_answer(self, data: bytes) -> bytes | None:
        """Return the answer with the other values."""
        return self._false.answer(data)
