"""Lines typed while something runs. Owns standard input; knows no command."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

_LINE_BYTES_MAX = 4096


@asynccontextmanager
async def typed_lines(on_line: Callable[[str], None]) -> AsyncIterator[None]:
    """While entered, call ``on_line`` for each line of standard input, where there is any."""
    if not _can_be_typed_into():
        yield
        return
    reader = asyncio.StreamReader(limit=_LINE_BYTES_MAX)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    task = asyncio.create_task(_read(reader, on_line))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        transport.close()


def _can_be_typed_into() -> bool:
    """Return whether standard input is a terminal or a pipe, and neither a file nor /dev/null."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or sys.stdin.isatty()


async def _read(reader: asyncio.StreamReader, on_line: Callable[[str], None]) -> None:
    while True:
        try:
            raw = await reader.readline()
        except ValueError:
            continue  # longer than any command
        if not raw:
            return
        on_line(raw.decode("utf-8", errors="replace").strip())
