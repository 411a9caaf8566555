"""Devices that lie, on sockets of 127.0.0.1: any speaker of a stream, any agent of datagrams.

Owns sockets and the sending in time. What is said is a ``Liar``'s business, and what is true the
speaker's.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from simulators.agents.fault_injection import Liar, Said
from simulators.agents.protocol_traits import with_crc
from simulators.agents.responder import Objects, SnmpResponder

HOST = "127.0.0.1"
_HEARD_MAX = 512
_READS = (1, 2, 3, 4)
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS = 1, 2
Cells = Mapping[tuple[int, int], int]
"""By function code of the read and wire address: a register or a bit."""


class Speaker(Protocol):
    """One device on a stream, with its true values or with others."""

    def hear(self, heard: bytes) -> tuple[int, bytes] | None:
        """Return where a request to it ends, and the answer; None while there is none."""


@dataclass(slots=True)
class ModbusSpeaker:
    """One unit that is read. ``framing``: tcp or rtu. What is not in ``show()`` is exception 2."""

    framing: str
    unit: int
    show: Callable[[], Cells]

    def hear(self, heard: bytes) -> tuple[int, bytes] | None:
        size = 12 if self.framing == "tcp" else 8
        if len(heard) < size:
            return None
        request = heard[:size]
        if self.framing == "tcp":
            pdu = self._answer(*struct.unpack(">BHH", request[7:12]))
            return size, request[:4] + struct.pack(">HB", 1 + len(pdu), request[6]) + pdu
        if with_crc(request[:-2]) != request or request[0] != self.unit:
            return 1, b""
        return size, with_crc(request[:1] + self._answer(*struct.unpack(">BHH", request[1:6])))

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
class LyingStream:
    """A device on TCP that lies. ``truth``, ``false``: it, and it with other values.

    ``requests``: how many came; ``connections``: how often somebody connected.
    """

    truth: Speaker
    false: Speaker
    liar: Liar
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
        told: asyncio.Queue[Iterator[Said]] = asyncio.Queue()
        speaking = asyncio.create_task(_speak(told, writer))
        self._tasks.add(speaking)
        try:
            await self._hear(reader, told)
        except ConnectionError:
            pass  # The other side went.
        finally:
            speaking.cancel()
            self._tasks.discard(speaking)
            writer.transport.abort()

    async def _hear(
        self, reader: asyncio.StreamReader, told: asyncio.Queue[Iterator[Said]]
    ) -> None:
        heard = b""
        while octets := await reader.read(_HEARD_MAX):
            heard = (heard + octets)[-_HEARD_MAX:]
            while (found := self.truth.hear(heard)) is not None:
                end, answer = found
                request, heard = heard[:end], heard[end:]
                if answer:
                    told.put_nowait(self._say(request, answer))

    def _say(self, request: bytes, answer: bytes) -> Iterator[Said]:
        self.requests += 1
        lied = self.false.hear(request)
        return self.liar.say(request, answer, None if lied is None else lied[1])


async def _speak(told: asyncio.Queue[Iterator[Said]], writer: asyncio.StreamWriter) -> None:
    """Say one answer after the other, as devices do: what is late makes all behind it late."""
    try:
        while True:
            for after_s, octets in await told.get():
                if after_s:
                    await asyncio.sleep(after_s)
                writer.write(octets)
                await writer.drain()
    except ConnectionError:
        return  # The other side went.


class LyingAgent(SnmpResponder):
    """An SNMP agent of v1 and v2c that lies. ``false``: what it would show with other values."""

    def __init__(
        self,
        objects: Callable[[], Objects | None],
        false: Callable[[], Objects | None],
        community: str,
        liar: Liar,
    ) -> None:
        super().__init__(objects, community)
        self.liar = liar
        self._false = SnmpResponder(false, community)

    def false(self, data: bytes) -> bytes | None:
        """Return the answer with the other values."""
        return self._false.answer(data)
