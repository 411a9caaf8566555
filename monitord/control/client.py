"""Asks the running daemon over the control socket. Owns the client side; used by commands."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

import aiohttp

from monitord.control.model import ControlError, Json, NoDaemonError
from monitord.control.socket_file import NAME, short_path, why
from monitord.texts.phrases import phrase

ANSWER_BYTES_MAX: Final = 16_777_216
ASK_S_MAX: Final = 15.0
"""Longer than the server keeps a connection, so that a busy daemon can still answer so."""
NOBODY: Final = (FileNotFoundError, NotADirectoryError, ConnectionRefusedError)


def ask(folder: Path, request: Json, *, within_s: float = ASK_S_MAX) -> Json:
    """Return what the daemon on the record in ``folder`` answers.

    Raises ``NoDaemonError`` where none listens, ``ControlError`` where it cannot be asked.
    """
    path = folder / NAME
    try:
        answer = json.loads(asyncio.run(_post(folder, request, within_s)))
    except TimeoutError as error:
        raise ControlError(phrase("control.timeout", file=path, seconds=f"{within_s:g}")) from error
    except aiohttp.ClientConnectorError as error:
        raise _unreachable(path, error.os_error) from error
    except aiohttp.ClientResponseError as error:
        raise ControlError(phrase("control.other_program", file=path)) from error
    except (aiohttp.ClientError, ConnectionResetError, BrokenPipeError, ValueError) as error:
        raise ControlError(phrase("control.broken_off", file=path)) from error
    except OSError as error:
        raise _unreachable(path, error) from error
    if not isinstance(answer, dict):
        raise ControlError(phrase("control.other_program", file=path))
    return answer


async def _post(folder: Path, request: Json, within_s: float) -> bytes:
    """Return the body of the answer, at most ``ANSWER_BYTES_MAX`` of it."""
    timeout = aiohttp.ClientTimeout(total=within_s)
    data = json.dumps(request, ensure_ascii=False).encode()
    with short_path(folder) as path:
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session,
            session.post("http://monitord/", data=data, timeout=timeout) as answer,
        ):
            answer.raise_for_status()
            body = bytearray()
            async for piece in answer.content.iter_any():
                body += piece
                if len(body) > ANSWER_BYTES_MAX:
                    break
            return bytes(body)


def _unreachable(path: Path, error: OSError) -> ControlError:
    if isinstance(error, NOBODY):
        return NoDaemonError(phrase("control.not_running", file=path))
    if isinstance(error, PermissionError):
        return ControlError(phrase("control.not_permitted", file=path))
    return ControlError(phrase("control.error", file=path, reason=why(error)))
