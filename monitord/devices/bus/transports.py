"""The two kinds of line that carry octets: a TCP connection and a serial port.

Neither ever blocks the event loop. Knows no protocol, no deadline and no device behind the line.
"""

from __future__ import annotations

import asyncio
import os
import socket
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import serial

from monitord.devices.bus.settings import Line, SerialLine, TcpLine
from monitord.devices.sockets import SettingsError, connect_socket, wait_writable

_RECEIVE_MAX = 4096
_HELD_MAX = 65_536
_PARITIES = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class Transport(Protocol):
    """One line. All but ``close`` raise OSError where the system does."""

    @property
    def line(self) -> Line: ...

    @property
    def is_open(self) -> bool: ...

    @property
    def is_reopened_on_silence(self) -> bool:
        """Whether silence may mean a dead connection, which opening again repairs."""

    async def open(self) -> None: ...

    async def send(self, octets: bytes) -> None: ...

    def receive(self) -> bytes | None:
        """Return all octets that have come, empty for none; None: the other end closed the line.

        Octets that the event loop has not seen yet are included.
        """

    async def wait(self) -> None:
        """Return when ``receive`` has something to return."""

    def close(self) -> None:
        """Release the line; safe to call twice."""


class _Inflow:
    """Holds the octets that come on a file descriptor until they are received.

    The descriptor is watched as long as it is open: to watch it for each answer costs more than the
    answer. ``take``: returns the octets that have come, empty for none, None at the end.
    """

    def __init__(self, descriptor: int, take: Callable[[], bytes | None]) -> None:
        self._descriptor = descriptor
        self._take = take
        self._held = b""
        self._has_ended = False
        self._error: OSError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._is_watched = False
        self._watch()

    def _watch(self) -> None:
        self._loop.add_reader(self._descriptor, self._arrived)
        self._is_watched = True

    def stop(self) -> None:
        """Stop watching, and wake the task that waits."""
        if self._is_watched:
            self._loop.remove_reader(self._descriptor)
        self._is_watched = False
        self._wake()

    def _arrived(self) -> None:
        try:
            piece = self._take()
        except OSError as error:
            self._error, piece = error, None
        if piece is None:
            self._has_ended = True
        else:
            self._held += piece
        if piece is None or len(self._held) >= _HELD_MAX:
            self.stop()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def receive(self) -> bytes | None:
        if self._held:
            held, self._held = self._held, b""
            if not self._is_watched and not self._has_ended:
                self._watch()
            return held
        if self._error is not None:
            raise self._error
        return None if self._has_ended else self._take()

    async def wait(self) -> None:
        if self._is_watched and not self._held:
            self._waiter = self._loop.create_future()
            await self._waiter


class _Watched:
    """A line that is watched as long as it is open: the common part of both kinds."""

    _inflow: _Inflow | None = None

    def receive(self) -> bytes | None:
        assert self._inflow is not None
        return self._inflow.receive()

    async def wait(self) -> None:
        assert self._inflow is not None
        await self._inflow.wait()

    def _watch_no_more(self) -> None:
        if self._inflow is not None:
            self._inflow.stop()
        self._inflow = None


class TcpTransport(_Watched):
    """A connection to a gateway, a serial server or a device."""

    is_reopened_on_silence = True

    def __init__(self, line: TcpLine) -> None:
        self.line = line
        self._sock: socket.socket | None = None

    @property
    def is_open(self) -> bool:
        return self._sock is not None

    async def open(self) -> None:
        sock = await connect_socket(self.line.address, self.line.port, socket.SOCK_STREAM)
        # A request is one small packet, sent at once.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock

        def take() -> bytes | None:
            try:
                return sock.recv(_RECEIVE_MAX) or None
            except BlockingIOError:
                return b""

        self._inflow = _Inflow(sock.fileno(), take)

    async def send(self, octets: bytes) -> None:
        assert self._sock is not None
        try:
            sent = self._sock.send(octets)
        except BlockingIOError:
            sent = 0
        if sent < len(octets):
            await asyncio.get_running_loop().sock_sendall(self._sock, octets[sent:])

    def close(self) -> None:
        self._watch_no_more()
        if self._sock is not None:
            self._sock.close()
        self._sock = None


class SerialTransport(_Watched):
    """A serial port, opened for exclusive use."""

    is_reopened_on_silence = False

    def __init__(self, line: SerialLine) -> None:
        self.line = line
        self._port: serial.Serial | None = None

    @property
    def is_open(self) -> bool:
        return self._port is not None

    async def open(self) -> None:
        port = _opened(self.line)
        self._port = port
        # With a timeout of 0 this returns what has come; a missing port is an OSError.
        self._inflow = _Inflow(port.fileno(), lambda: port.read(_RECEIVE_MAX))

    async def send(self, octets: bytes) -> None:
        assert self._port is not None
        port = self._port.fileno()
        while octets:
            try:
                octets = octets[os.write(port, octets) :]
            except BlockingIOError:
                await wait_writable(port)

    def close(self) -> None:
        self._watch_no_more()
        port, self._port = self._port, None
        if port is None:
            return
        with suppress(OSError, termios.error):
            # Closing waits for unsent octets, and a blocked port never sends them.
            port.reset_output_buffer()
        port.close()


def _opened(line: SerialLine) -> serial.Serial:
    """Return an open port. Raises OSError; pyserial raises other errors for bad settings."""
    try:
        return serial.Serial(
            line.device,
            line.baud_rate,
            bytesize=line.data_bits,
            parity=_PARITIES[line.parity],
            stopbits=line.stop_bits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
    except (ValueError, termios.error) as error:
        raise SettingsError(str(error)) from error


def open_transport(line: Line) -> Transport:
    """Return the line's transport, not yet open."""
    return TcpTransport(line) if isinstance(line, TcpLine) else SerialTransport(line)
