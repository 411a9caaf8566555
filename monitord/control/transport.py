"""The local socket by which a command on this machine talks to the running daemon. Owns transport.

One JSON line is asked, one is answered, and the connection ends. Whoever hangs, floods or talks
nonsense loses their own connection and nothing else. Must not decide what is answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

import structlog

NAME: Final = "control.sock"
REQUEST_BYTES_MAX: Final = 4096
ANSWER_BYTES_MAX: Final = 16_777_216
CONNECTIONS_MAX: Final = 16
CONNECTION_S_MAX: Final = 10.0
ASK_S_MAX: Final = 15.0
"""Longer than a connection may last, so that a daemon which is busy can say so itself."""

Json: TypeAlias = dict[str, Any]
Command: TypeAlias = Callable[[Json], Awaitable[Json]]

log = structlog.get_logger(__name__)


class ControlError(Exception):
    """The daemon cannot be asked, or cannot be made to listen. Whoever runs it can mend that."""


class NoDaemonError(ControlError):
    """Nobody listens: no daemon runs on this record."""


def refusal(code: str, **details: object) -> Json:
    """Return the answer to what cannot be done: a code and what it is about."""
    return {"ok": False, "error": {"code": code, **details}}


class Control:
    """Listens in the record's folder. ``commands``: what is answered, by the request's ``command``.

    Only whoever holds the record's lock may start one: a socket found there is then a dead one's.
    """

    def __init__(
        self,
        folder: Path,
        commands: Mapping[str, Command],
        *,
        connection_s_max: float = CONNECTION_S_MAX,
    ) -> None:
        self._folder = folder
        self._commands = commands
        self._connection_s_max = connection_s_max
        self._server: asyncio.Server | None = None
        self._file: tuple[int, int] | None = None
        self._connections: dict[asyncio.Task[None], None] = {}  # ordered: the oldest first

    async def start(self) -> None:
        """Begin to listen. Raises ``ControlError`` where that is impossible."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Before the name exists: nobody else gets in between.
            os.fchmod(sock.fileno(), 0o600)
            self._file = _bind(sock, self._folder)
            self._server = await asyncio.start_unix_server(
                self._serve, sock=sock, limit=REQUEST_BYTES_MAX, backlog=CONNECTIONS_MAX
            )
        except OSError as error:
            sock.close()
            raise ControlError(f"{self._folder / NAME}: {_why(error)}") from error

    async def close(self) -> None:
        """Stop listening, end every connection, remove the socket; safe to call twice."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        _remove(self._folder, self._file)
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # accepted while we were ending
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task of its own"
        while len(self._connections) >= CONNECTIONS_MAX:
            oldest = next(iter(self._connections))
            del self._connections[oldest]
            oldest.cancel()
        self._connections[task] = None
        try:
            async with asyncio.timeout(self._connection_s_max):
                await self._converse(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the asker is gone, dawdles or has to make room; the daemon loses nothing
        finally:
            self._connections.pop(task, None)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Nothing may be left in our own buffer when the connection is cut.
        writer.transport.set_write_buffer_limits(0)
        try:
            line = await reader.readuntil()
        except asyncio.LimitOverrunError:
            answer = refusal("too_long", allowed=REQUEST_BYTES_MAX)
        else:
            answer = await self._answer(line)
        writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        await writer.drain()

    async def _answer(self, line: bytes) -> Json:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            return refusal("no_json")
        command = request.get("command") if isinstance(request, dict) else None
        if not isinstance(command, str) or command not in self._commands:
            return refusal("unknown_command", known=sorted(self._commands))
        try:
            return await self._commands[command](request)
        except Exception:
            # A mistake of ours in an answer must not end the watch.
            log.exception("control_command_failed", command=command)
            return refusal("failed")


async def open_control(folder: Path, commands: Mapping[str, Command]) -> Control:
    """Return a control socket that listens, or one that does not where that is impossible.

    The failure is logged and monitoring goes on: only commands on this machine cannot reach it.
    """
    control = Control(folder, commands)
    try:
        await control.start()
    except ControlError as error:
        log.error("control_not_available", detail=str(error))  # noqa: TRY400 - for the operator
    return control


def ask(folder: Path, request: Json, *, within_s: float = ASK_S_MAX) -> Json:
    """Return what the daemon on this record answers.

    Raises ``NoDaemonError`` where none listens, ``ControlError`` where it cannot be asked.
    """
    path = folder / NAME
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(within_s)
            with _short(folder) as name:
                sock.connect(name)
            sock.sendall(json.dumps(request, ensure_ascii=False).encode() + b"\n")
            line = _read_line(sock)
        answer = json.loads(line)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
        raise NoDaemonError(f"{path}: no monitord listens") from error
    except TimeoutError as error:
        raise ControlError(f"{path}: monitord gave no answer within {within_s:g} s") from error
    except OSError as error:
        raise ControlError(f"{path}: {_why(error)}") from error
    except ValueError as error:
        raise ControlError(f"{path}: monitord broke off its answer; ask again") from error
    if not isinstance(answer, dict):
        raise ControlError(f"{path}: something else than monitord answers")
    return answer


def _read_line(sock: socket.socket) -> bytes:
    found = bytearray()
    while not found.endswith(b"\n") and len(found) < ANSWER_BYTES_MAX:
        piece = sock.recv(65_536)
        if not piece:
            break
        found += piece
    return bytes(found)


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Yield a name of the socket that fits: a socket's path has room for 107 bytes only."""
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{NAME}"
    finally:
        os.close(handle)


def _bind(sock: socket.socket, folder: Path) -> tuple[int, int]:
    """Give the socket its name, in place of a dead daemon's; return what tells the file."""
    path = folder / NAME
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(None, "is no socket, and is in the way; move it elsewhere")
        path.unlink()
    with _short(folder) as name:
        sock.bind(name)
    made = path.lstat()
    return made.st_dev, made.st_ino


def _remove(folder: Path, file: tuple[int, int] | None) -> None:
    """Remove the socket unless the name is somebody else's by now."""
    path = folder / NAME
    with suppress(OSError):
        found = path.lstat()
        if (found.st_dev, found.st_ino) == file:
            path.unlink()


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "not permitted; use the account that monitord runs under, or root"
    return error.strerror or type(error).__name__
