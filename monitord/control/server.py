"""Listens on the control socket and passes each request to its command. Owns the server side.

HTTP over a Unix socket: one JSON object is posted, one is answered. A client that hangs, floods or
sends nonsense loses its own connection and nothing else. Must not decide what is answered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from monitord.control.model import ControlCommand, ControlError, Json, refusal
from monitord.control.socket_file import NAME, SocketFile, why
from monitord.http_server import HttpServer

REQUEST_BYTES_MAX: Final = 4096
CONNECTIONS_MAX: Final = 16
CONNECTION_S_MAX: Final = 10.0
LOOK_EVERY_S: Final = 10.0
"""How soon a socket whose file is missing, or could not be made, is opened again."""

log = structlog.get_logger(__name__)


class Control:
    """Listens in the record's folder. ``commands``: by the request's ``command``.

    Only the holder of the record's lock may start one.
    """

    def __init__(
        self,
        folder: Path,
        commands: Mapping[str, ControlCommand],
        *,
        connection_s_max: float = CONNECTION_S_MAX,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._commands = commands
        self._path = folder / NAME
        self._file = SocketFile(folder)
        self._connection_s_max = connection_s_max
        self._look_every_s = look_every_s
        self._failing = False
        self._server = self._new_server()

    def _new_server(self) -> HttpServer:
        app = web.Application(client_max_size=REQUEST_BYTES_MAX)
        app.router.add_post("/", self._handle)
        return HttpServer(
            app, connections_max=CONNECTIONS_MAX, connection_s_max=self._connection_s_max
        )

    async def start(self) -> None:
        """Begin to listen. Raises ``ControlError`` where that is impossible."""
        try:
            sock = self._file.bind()
        except OSError as error:
            raise ControlError(f"{self._path}: {why(error)}") from error
        await self._server.listen_unix(sock)

    async def close(self) -> None:
        """Stop listening, end every connection, remove the socket; safe to call twice."""
        self._file.remove()
        await self._server.close()

    async def start_or_log(self) -> None:
        """Begin to listen; of failures in a row the first is logged, and what ends them."""
        try:
            await self.start()
        except ControlError as error:
            if not self._failing:
                log.error("control_not_available", detail=str(error))  # noqa: TRY400 - for operators
            self._failing = True
            return
        if self._failing:
            log.info("control_available_again")
        self._failing = False

    async def reopen_after(self, replaced: asyncio.Event) -> None:
        """Listen again wherever the socket's file is not in its place: at once after ``replaced``.

        It goes with the folder, and a full disk takes none; both may be over at any time.
        """
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(replaced.wait(), self._look_every_s)
            replaced.clear()
            if await asyncio.to_thread(self._file.is_in_place):
                continue
            await self.close()
            self._server = self._new_server()
            await self.start_or_log()

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            answer = refusal("too_long", allowed=REQUEST_BYTES_MAX)
        else:
            answer = await self._answer(body)
        text = json.dumps(answer, ensure_ascii=False).encode()
        return web.Response(body=text, content_type="application/json")

    async def _answer(self, body: bytes) -> Json:
        try:
            request = json.loads(body)
            # Half a letter (\\ud800) is no text: it cannot be recorded, nor repeated in an answer.
            json.dumps(request, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return refusal("no_json")
        command = request.get("command") if isinstance(request, dict) else None
        if not isinstance(command, str) or command not in self._commands:
            return refusal("unknown_command", known=sorted(self._commands))
        try:
            return await self._commands[command](request)
        except Exception:
            # A defect of ours in an answer must not end the daemon.
            log.exception("control_command_failed", command=command)
            return refusal("failed")


async def open_control(
    folder: Path, commands: Mapping[str, ControlCommand], *, look_every_s: float = LOOK_EVERY_S
) -> Control:
    """Return a control socket that listens, or one that does not where that is impossible.

    The failure is logged and monitoring goes on: only commands on this machine cannot reach it,
    until ``reopen_after`` has opened it.
    """
    control = Control(folder, commands, look_every_s=look_every_s)
    await control.start_or_log()
    return control
