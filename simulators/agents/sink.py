"""An HTTP server on 127.0.0.1 that stores posted JSON.

Owns the receiving end of a webhook. Must not know what a message means.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

HOST = "127.0.0.1"
_SHUTDOWN_S = 1.0


class WebhookSink:
    """``messages``: the JSON of every POST that was accepted, in order of arrival.

    ``on_message`` gets each accepted message.
    """

    def __init__(self, on_message: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.port = 0
        self._on_message = on_message
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return the address to post to."""
        return f"http://{HOST}:{self.port}/alerts"

    async def start(self, port: int = 0) -> None:
        """Listen on ``port``, or on a free one; ``self.port`` is its number. OSError when taken."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self._accept)
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
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        try:
            message = await request.json()
        except ValueError:
            return web.Response(status=400, text="the body is not JSON")
        if not isinstance(message, dict):
            return web.Response(status=400, text="the body is not a JSON object")
        self.messages.append(message)
        if self._on_message:
            self._on_message(message)
        return web.json_response({"code": 0})
