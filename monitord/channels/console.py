"""The terminal as a channel: one block of lines for each message.

Must not block the event loop while the terminal is not read, and must not retry.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from monitord.channels.model import Channel, DeliveryError, Message
from monitord.config.settings import ChannelSettings

# A writable pipe accepts PIPE_BUF (4096) bytes without blocking; a letter has up to 4 in UTF-8.
LETTERS_AT_ONCE_MAX = 1000


class ConsoleChannel:
    """Writes to a text stream. ``deadline_s``: maximum wait until the stream is read."""

    def __init__(self, stream: TextIO, deadline_s: float) -> None:
        self._stream = stream
        self._deadline_s = deadline_s
        self._turn = asyncio.Lock()  # the blocks of two messages do not mix

    async def send(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._deadline_s), self._turn:
                await self._write(_block(message))
        except TimeoutError as error:
            detail = f"nobody has read the console for {self._deadline_s:g} s"
            raise DeliveryError(detail, permanent=False) from error
        except (OSError, ValueError) as error:  # ValueError: a closed stream
            detail = f"console cannot be written: {_why(error)}"
            raise DeliveryError(detail, permanent=False) from error

    async def close(self) -> None:
        """Do nothing: the stream belongs to the process."""

    async def _write(self, text: str) -> None:
        encoded = _encodable(text, self._stream.encoding)
        if (terminal := _open_terminal(self._stream)) is not None:
            try:
                await _write_terminal(terminal, encoded.encode(self._stream.encoding))
            finally:
                os.close(terminal)
            return
        for piece in _pieces(encoded):
            await _wait_until_writable(self._stream)
            self._stream.write(piece)
            self._stream.flush()


def open_console(settings: ChannelSettings) -> Channel:
    """Return the channel to this process's standard output."""
    return ConsoleChannel(sys.stdout, settings.deadline / 1_000_000)


def _block(message: Message) -> str:
    first, *rest = (_one_line(line) for line in message.text.split("\n"))
    return "".join(f"{line}\n" for line in (first, *(f"    {line}" for line in rest if line)))


def _one_line(text: str) -> str:
    # A control character in a configured name must not move the terminal's cursor.
    return "".join(letter if letter.isprintable() else " " for letter in text).rstrip()


def _encodable(text: str, encoding: str | None) -> str:
    """Return ``text`` with an escape code for every letter that the terminal cannot print."""
    known = encoding or "utf-8"
    return text.encode(known, errors="backslashreplace").decode(known)


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), LETTERS_AT_ONCE_MAX):
        yield text[start : start + LETTERS_AT_ONCE_MAX]


def _open_terminal(stream: TextIO) -> int | None:
    """Return a descriptor of the stream's terminal that never blocks; None if it has none.

    A terminal is writable as soon as one letter fits, and then blocks at the others (a slow serial
    line, Ctrl-S). Its own descriptor is shared with the shell, whose mode must not change.
    """
    try:
        if not stream.isatty():
            return None
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return os.open(os.ttyname(stream.fileno()), flags)
    except OSError:
        return None


async def _write_terminal(terminal: int, octets: bytes) -> None:
    while octets:
        await _wait_until_ready(os.dup(terminal))
        with contextlib.suppress(BlockingIOError):
            octets = octets[os.write(terminal, octets) :]


async def _wait_until_writable(stream: TextIO) -> None:
    try:
        # A copy of the descriptor: the loop may already watch the stream's own.
        watched = os.dup(stream.fileno())
    except OSError:  # io.UnsupportedOperation: a stream in memory is always writable
        return
    await _wait_until_ready(watched)


async def _wait_until_ready(watched: int) -> None:
    """Wait until ``watched`` is writable, and close it."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_writer(watched, ready.set)
    except PermissionError:  # a regular file cannot be watched and is always writable
        os.close(watched)
        return
    try:
        await ready.wait()
    finally:
        loop.remove_writer(watched)
        os.close(watched)


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "it is closed"
