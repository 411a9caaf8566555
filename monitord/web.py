"""The local HTTP page of metrics and health. Shows what it is handed; decides nothing.

One connection serves one request and lives a few seconds, so nobody can hold the door: when all
places are taken, the oldest connection goes.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONNECTIONS_MAX: Final = 64
CONNECTION_S_MAX: Final = 10.0
LINE_BYTES_MAX: Final = 4096
BODY_BYTES_MAX: Final = 1024

State: TypeAlias = Callable[[], tuple[bool, str]]


class WebError(Exception):
    """The page cannot be served. The operator can mend it: another port, another address."""


class Web:
    """Serves ``/metrics``, ``/-/healthy`` and ``/-/ready`` on one address.

    ``ready`` and ``healthy`` return whether, and why not; they are asked at each request.
    """

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        ready: State,
        healthy: State,
        *,
        connection_s_max: float = CONNECTION_S_MAX,
    ) -> None:
        self._host = host
        self._port = port
        self._registry = registry
        self._connection_s_max = connection_s_max
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/-/ready", _state_handler(ready))
        app.router.add_get("/-/healthy", _state_handler(healthy))
        app.on_response_prepare.append(_end_connection)
        self._runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            shutdown_timeout=1,
            max_line_size=LINE_BYTES_MAX,
            max_field_size=LINE_BYTES_MAX,
        )
        self._server: asyncio.Server | None = None
        self._connections: dict[_Connection, None] = {}  # ordered: the oldest first

    @property
    def port(self) -> int:
        """The port in use; differs from the one asked for where that was 0."""
        if self._server is None or not self._server.sockets:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Begin to listen. Raises ``WebError`` where that is impossible."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._accept, self._host, self._port)
        except OSError as error:
            await self._runner.cleanup()
            place = f"{self._host}:{self._port}"
            raise WebError(f"cannot listen on {place}: {_advice(error)}") from None

    async def close(self) -> None:
        """Stop listening and end every connection; safe to call twice."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        # Cut first: whoever does not read his answer would hold the end for a second.
        guards = [connection.end() for connection in list(self._connections)]
        await asyncio.gather(*guards, return_exceptions=True)
        await self._runner.cleanup()

    def _accept(self) -> asyncio.Protocol:
        assert self._runner.server is not None, "the runner is set up before it listens"
        while len(self._connections) >= CONNECTIONS_MAX:
            next(iter(self._connections)).end()
        http = self._runner.server()
        return _Connection(http, self._connections, self._connection_s_max)

    async def _metrics(self, _request: web.Request) -> web.Response:
        text = generate_latest(self._registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Connection(asyncio.Protocol):
    """One accepted connection: aiohttp's protocol inside a bound on its life."""

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
        """Cut the connection; return the task that ends with it."""
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


def _state_handler(state: State) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        good, reason = state()
        text = " ".join(reason.split()) or ("ok" if good else "no reason given")
        return web.Response(status=200 if good else 503, text=f"{text}\n")

    return answer


async def _end_connection(_request: web.Request, response: web.StreamResponse) -> None:
    response.force_close()
    response.headers["Connection"] = "close"


def _advice(error: OSError) -> str:
    """Return what is wrong with the address and what to change."""
    if isinstance(error, socket.gaierror):
        return "this machine does not know the name; set listen.address to one of its addresses"
    match error.errno:
        case errno.EADDRINUSE:
            return (
                "the port is in use; stop the program that has it (another monitord?) "
                "or set listen.port to a free one"
            )
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address; set listen.address to one it has"
        case errno.EACCES | errno.EPERM:
            return "not permitted; set listen.port to 1024 or higher"
        case _:
            return f"{(error.strerror or 'unknown fault').lower()}; check listen.address and port"
