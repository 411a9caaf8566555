"""An HTTP server of few, short connections, on a port or on a Unix socket. Knows no page.

One connection serves one request and lives a bounded time. When all places are taken, the oldest
connection is closed for the new one, so no client can keep others out.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from aiohttp import web

LINE_BYTES_MAX: Final = 4096
"""Longest request line and header field."""


class HttpServer:
    """Serves ``app``. ``connection_s_max``: life of a connection, its answer included."""

    def __init__(
        self, app: web.Application, *, connections_max: int, connection_s_max: float
    ) -> None:
        app.on_response_prepare.append(_end_connection)
        self._connections_max = connections_max
        self._connection_s_max = connection_s_max
        # A handler ends with its connection: the one of a client that is gone must not wait on.
        self._runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            shutdown_timeout=1,
            handler_cancellation=True,
            max_line_size=LINE_BYTES_MAX,
            max_field_size=LINE_BYTES_MAX,
        )
        self._server: asyncio.Server | None = None
        self._connections: dict[_Connection, None] = {}  # ordered: the oldest first

    @property
    def port(self) -> int | None:
        """The TCP port in use; None while closed."""
        if self._server is None or not self._server.sockets:
            return None
        return int(self._server.sockets[0].getsockname()[1])

    async def listen(self, host: str, port: int) -> None:
        """Listen on an address. Raises ``OSError``."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._accept, host, port)
        except OSError:
            await self._runner.cleanup()
            raise

    async def listen_unix(self, sock: socket.socket) -> None:
        """Listen on a bound Unix socket; its file stays with the caller."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        # Not create_unix_server: from Python 3.13 it looks for the file under the name it was
        # bound by, which may be gone.
        self._server = await loop.create_server(
            self._accept, sock=sock, backlog=self._connections_max
        )

    async def close(self) -> None:
        """Stop listening and end every connection; safe to call twice."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        # Closed first: a client that does not read its answer would delay the end by a second.
        guards = [connection.end() for connection in list(self._connections)]
        await asyncio.gather(*guards, return_exceptions=True)
        await self._runner.cleanup()

    def _accept(self) -> asyncio.Protocol:
        assert self._runner.server is not None, "the runner is set up before it listens"
        while len(self._connections) >= self._connections_max:
            next(iter(self._connections)).end()
        http = self._runner.server()
        return _Connection(http, self._connections, self._connection_s_max)


class _Connection(asyncio.Protocol):
    """One accepted connection: aiohttp's protocol with a bounded life."""

    def __init__(
        self,
        http: asyncio.Protocol,
        connections: dict[_Connection, None],
        lasts_s_max: float,
    ) -> None:
        self._http = http
        self._connections = connections
        self._lasts_s_max = lasts_s_max
        self._lost = asyncio.Event()
        self._transport: asyncio.BaseTransport | None = None
        self._guard = asyncio.get_running_loop().create_task(self._watch())
        connections[self] = None

    def end(self) -> asyncio.Task[None]:
        """Close the connection at once; return the task that ends with it."""
        self._connections.pop(self, None)
        if isinstance(self._transport, asyncio.Transport):
            self._transport.abort()
        else:
            self._lost.set()
        return self._guard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._http.connection_made(transport)
        if self not in self._connections:  # displaced before it began
            self.end()

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.pop(self, None)
        self._lost.set()
        self._http.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self._http.data_received(data)

    def eof_received(self) -> bool | None:
        return self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()

    def resume_writing(self) -> None:
        self._http.resume_writing()

    async def _watch(self) -> None:
        try:
            async with asyncio.timeout(self._lasts_s_max):
                await self._lost.wait()
        except TimeoutError:
            self.end()


async def _end_connection(_request: web.Request, response: web.StreamResponse) -> None:
    response.force_close()
    response.headers["Connection"] = "close"
