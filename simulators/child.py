"""A program as a child process that always ends. Owns its start, its output and its end."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

_LAST_LINES = 20
_LINE_BYTES_MAX = 1_048_576
_ENDS_WITHIN_S = 10.0


class Child:
    """One running program. ``last_lines``: the end of what it wrote, on either stream.

    It leads a session of its own, so that Ctrl-C on the terminal reaches it only through ``stop``.
    """

    def __init__(self, process: Process, on_line: Callable[[str], None]) -> None:
        self._process = process
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        assert process.stdout is not None
        assert process.stderr is not None
        self._readers = [
            asyncio.create_task(self._read(process.stdout, on_line)),
            asyncio.create_task(self._read(process.stderr, lambda _line: None)),
        ]

    async def wait(self) -> int:
        """Return its exit code once it has ended and everything it wrote is read."""
        await self._process.wait()
        await asyncio.wait(self._readers, timeout=_ENDS_WITHIN_S)
        return self._process.returncode or 0

    async def stop(self, within_s: float = _ENDS_WITHIN_S) -> int:
        """Ask it to end, force it when it does not within ``within_s``; return its exit code."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
        try:
            async with asyncio.timeout(within_s):
                return await self.wait()
        except TimeoutError:
            return await self._kill()
        finally:
            for reader in self._readers:
                reader.cancel()

    async def _kill(self) -> int:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return await self._process.wait()

    async def _read(self, stream: asyncio.StreamReader, on_line: Callable[[str], None]) -> None:
        async for raw in stream:
            line = raw.decode("utf-8", errors="replace").rstrip()
            self.last_lines.append(line)
            on_line(line)


async def start_child(command: Sequence[str], on_line: Callable[[str], None]) -> Child:
    """Start a program; ``on_line`` gets each line of its standard output. OSError if it cannot."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        limit=_LINE_BYTES_MAX,
        start_new_session=True,
        env=os.environ | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
    )
    return Child(process, on_line)
