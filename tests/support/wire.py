"""Servers on 127.0.0.1 that send exactly the octets of a test, right or wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

LOCALHOST = "127.0.0.1"

Reply = Callable[[bytes], Iterable[bytes]]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def free_port(kind: socket.SocketKind) -> int:
    """Return a port where nobody listens."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind((LOCALHOST, 0))
        return int(sock.getsockname()[1])


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

    async def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(LOCALHOST, self.port)
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
