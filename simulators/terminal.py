"""Lines typed while something runs. Owns standard input; knows no command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

_LINE_BYTES_MAX = 4096


@asynccontextmanager
async def typed_lines(on_line: Callable[[str], None]) -> AsyncIterator[None]:
    """While entered, call ``on_line`` for each line of standard input, where there is any."""
    reader = asyncio.StreamReader(limit=_LINE_BYTES_MAX)
    try:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
    except (ValueError, OSError, AttributeError):
        yield  # a file, /dev/null or nothing: nobody types there
        return
    task = asyncio.create_task(_read(reader, on_line))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        transport.close()


async def _read(reader: asyncio.StreamReader, on_line: Callable[[str], None]) -> None:
    while True:
        try:
            raw = await reader.readline()
        except ValueError:
            continue  # longer than any command
        if not raw:
            return
        on_line(raw.decode("utf-8", errors="replace").strip())
