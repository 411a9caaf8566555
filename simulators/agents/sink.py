"""An HTTP server on 127.0.0.1 that stores posted JSON, or fails in the way that is set.

Owns the receiving end of a webhook. Must not know what a message means.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from aiohttp import web

HOST = "127.0.0.1"
_SHUTDOWN_S = 1.0
# On, and no time to linger: closing sends a reset.
_LINGER_RESET = struct.pack("ii", 1, 0)


class Behaviour(StrEnum):
    """How the next requests are answered. Only ``ANSWER`` keeps what was posted."""

    ANSWER = "answer"
    ERROR = "error"
    HANG = "hang"
    RESET = "reset"


class WebhookSink:
    """``messages``: the JSON of every POST that was accepted, in order of arrival.

    ``behaviour`` may be set at any time; hanging requests hang until the sink stops.
    ``refused``: requests that were not accepted. ``on_message`` gets each accepted message.
    """

    def __init__(self, on_message: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.behaviour = Behaviour.ANSWER
        self.refused = 0
        self.port = 0
        self._on_message = on_message
        self._stopping = asyncio.Event()
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return the address to post to."""
        return f"http://{HOST}:{self.port}/alerts"

    async def start(self, port: int = 0) -> None:
        """Listen on ``port``, or on a free one; ``self.port`` is its number. OSError when taken."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError:
            await self.stop()
            raise
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the listener and every connection; safe to call twice."""
        self._stopping.set()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Return the messages once there are at least ``count``."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.messages) >= count)
        return self.messages

    async def wait_refused(self, count: int) -> None:
        """Return once at least ``count`` requests were not answered."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self.refused >= count)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if self.behaviour is not Behaviour.ANSWER:
            return await self._refuse(request)
        try:
            message = await request.json()
        except ValueError:
            return web.Response(status=400, text="the body is not JSON")
        if not isinstance(message, dict):
            return web.Response(status=400, text="the body is not a JSON object")
        await self._keep(message)
        return web.json_response({"code": 0})

    async def _keep(self, message: dict[str, Any]) -> None:
        async with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()
        if self._on_message:
            self._on_message(message)

    async def _refuse(self, request: web.Request) -> web.StreamResponse:
        behaviour = self.behaviour
        async with self._arrived:
            self.refused += 1
            self._arrived.notify_all()
        if behaviour is Behaviour.HANG:
            await self._stopping.wait()
        elif behaviour is Behaviour.RESET and request.transport is not None:
            reset(request.transport)
        return web.Response(status=500, text="set to fail")


def reset(transport: asyncio.Transport) -> None:
    """Break a TCP connection off with a reset, as a failing peer does."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
    transport.abort()
