"""The local HTTP pages of metrics and health. Shows what it is handed; decides nothing."""

from __future__ import annotations

import errno
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final, TypeAlias

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from monitord.http_server import HttpServer
from monitord.metrics.page import MetricsPage, write_in_turns
from monitord.texts.phrases import phrase

CONNECTIONS_MAX: Final = 64
CONNECTION_S_MAX: Final = 10.0
BODY_BYTES_MAX: Final = 1024

State: TypeAlias = Callable[[], tuple[bool, str]]


class WebError(Exception):
    """The pages cannot be served. The operator can fix it: another port, another address.

    Its argument is a ``Phrase``; ``str`` is English.
    """


class Web:
    """Serves ``/metrics``, ``/-/healthy`` and ``/-/ready`` on one address.

    ``ready`` and ``healthy`` are called at each request and return whether, and why not.
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
        self._page = MetricsPage(registry)
        app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[_own_hosts(host)])
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/-/ready", _state_handler(ready))
        app.router.add_get("/-/healthy", _state_handler(healthy))
        self._server = HttpServer(
            app, connections_max=CONNECTIONS_MAX, connection_s_max=connection_s_max
        )

    @property
    def port(self) -> int:
        """The port in use; differs from the configured one where that is 0."""
        return self._server.port or self._port

    async def start(self) -> None:
        """Begin to listen. Raises ``WebError`` where that is impossible."""
        try:
            await self._server.listen(self._host, self._port)
        except OSError as error:
            place = f"{self._host}:{self._port}"
            raise WebError(phrase(_fault(error), place=place, reason=error.strerror)) from None

    async def close(self) -> None:
        """Stop listening and end every connection; safe to call twice."""
        await self._server.close()
        await self._page.close()

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        pieces = await self._page.pieces()
        response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE_LATEST})
        response.content_length = sum(map(len, pieces))
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            await write_in_turns(pieces, response.write)
        return response


def _own_hosts(listen: str) -> Middleware:
    """Return what refuses a request for the name of another site.

    A page of that site in somebody's browser could read ours by a name that it lets point here.
    Addresses cannot be used so; names are those of this machine and the configured one.
    """
    machine = socket.gethostname().lower()
    names = {"localhost", machine, machine.partition(".")[0], listen.lower()}

    def is_own(host: str) -> bool:
        name = _host_name(host)
        if name is None or name in names or name.partition(".")[0] == machine.partition(".")[0]:
            return True
        with suppress(ValueError):
            ip_address(name)
            return True
        return False

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_own(request.headers.get("Host", "")):
            return await handler(request)
        text = "the Host header names another machine; use an address, or this machine's name\n"
        return web.Response(status=421, text=text)

    return check


def _host_name(host: str) -> str | None:
    """Return the name or address without its port; None where there is none (HTTP/1.0)."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".").lower() or None


def _state_handler(state: State) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        good, reason = state()
        text = " ".join(reason.split()) or ("ok" if good else "no reason given")
        return web.Response(status=200 if good else 503, text=f"{text}\n")

    return answer


def _fault(error: OSError) -> str:
    """Return the key of the text that says why the address cannot be used, and what to change."""
    if isinstance(error, socket.gaierror):
        return "listen.unknown_name"
    match error.errno:
        case errno.EADDRINUSE:
            return "listen.port_in_use"
        case errno.EADDRNOTAVAIL:
            return "listen.no_such_address"
        case errno.EACCES | errno.EPERM:
            return "listen.not_permitted"
        case _:
            return "listen.error"
