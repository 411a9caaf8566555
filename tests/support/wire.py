"""Servers on 127.0.0.1 that send exactly the octets of a test, right or wrong."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

LOCALHOST = "127.0.0.1"

Reply = Callable[[bytes], Iterable[bytes]]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


PORTS_OF_A_WORKER = 1_000
"""The kernel gives ports from 32768 on by itself; those below are given here."""


def _ports() -> Iterator[int]:
    """Yield the ports of this worker, again and again, from a place that differs by process."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + worker % 10 * PORTS_OF_A_WORKER
    while True:
        begin = os.getpid() % PORTS_OF_A_WORKER
        yield from (first + (begin + n) % PORTS_OF_A_WORKER for n in range(PORTS_OF_A_WORKER))


_PORTS = _ports()


def free_port(kind: socket.SocketKind) -> int:
    """Return a port where nobody listens, and that is given to no test beside this one.

    A port that the kernel chose may be taken by another worker's server before it is used.
    """
    for port in _PORTS:
        with socket.socket(socket.AF_INET, kind) as sock, suppress(OSError):
            sock.bind((LOCALHOST, port))
            return port
    raise AssertionError("the ports of a worker never end")


class DatagramServer(asyncio.DatagramProtocol):
    """Answers each datagram with those that ``reply`` returns for it. Keeps what it got."""

    def __init__(self, reply: Reply, port: int = 0) -> None:
        self.reply = reply
        self.port = port
        self.requests: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.stop()

    async def start(self, sock: socket.socket | None = None) -> None:
        """Listen, on the port of the last time if there was one, or on a socket that is bound."""
        loop = asyncio.get_running_loop()
        place = (LOCALHOST, self.port) if sock is None else None
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=place, sock=sock
        )
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def stop(self) -> None:
        """Go away; the port is remembered."""
        if self._transport is not None:
            self._transport.abort()
        self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.requests.append(data)
        for datagram in self.reply(data):
            if self._transport is not None:
                self._transport.sendto(datagram, addr)


class StreamServer:
    """Gives every connection to ``serve`` and closes it after. Counts connections."""

    def __init__(self, serve: Serve, port: int = 0) -> None:
        self.serve = serve
        self.port = port
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, LOCALHOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The other side went, or the test ends.
        finally:
            self._tasks.discard(task)
            writer.transport.abort() if self._server is None else writer.close()
