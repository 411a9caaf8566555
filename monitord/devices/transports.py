"""The two kinds of line that carry octets: a TCP connection and a serial port.

Neither ever blocks the event loop, and neither takes an octet out unasked: what has come stays in
the system's buffer until ``receive``. Knows no protocol, no deadline and no device behind the line.
"""

from __future__ import annotations

import asyncio
import os
import socket
import termios
from contextlib import suppress
from typing import Protocol

import serial

from monitord.devices.lines import Line, SerialLine, TcpLine
from monitord.devices.sockets import connect_socket, wait_readable, wait_writable

_RECEIVE_MAX = 4096
_PARITIES = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class Transport(Protocol):
    """One line. All but ``close`` raise OSError where the system does."""

    @property
    def line(self) -> Line: ...

    @property
    def is_open(self) -> bool: ...

    @property
    def is_reopened_on_silence(self) -> bool:
        """Whether a line that brings nothing may be a dead connection, which a new one mends."""

    async def open(self) -> None: ...

    async def send(self, octets: bytes) -> None: ...

    def receive(self) -> bytes | None:
        """Return what has come, empty for nothing yet; None: the other end closed the line."""

    async def wait(self) -> None:
        """Return when ``receive`` has something to tell."""

    def close(self) -> None:
        """Release the line; safe to call twice."""


class TcpTransport:
    """A connection to a gateway, a serial server or a device."""

    is_reopened_on_silence = True

    def __init__(self, line: TcpLine) -> None:
        self.line = line
        self.sock: socket.socket | None = None

    @property
    def is_open(self) -> bool:
        return self.sock is not None

    async def open(self) -> None:
        sock = await connect_socket(self.line.address, self.line.port, socket.SOCK_STREAM)
        # A request is one small packet, and waits for no other.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock

    async def send(self, octets: bytes) -> None:
        assert self.sock is not None
        await asyncio.get_running_loop().sock_sendall(self.sock, octets)

    def receive(self) -> bytes | None:
        assert self.sock is not None
        try:
            return self.sock.recv(_RECEIVE_MAX) or None
        except BlockingIOError:
            return b""

    async def wait(self) -> None:
        assert self.sock is not None
        await wait_readable(self.sock)

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
        self.sock = None


class SerialTransport:
    """A serial port, ours alone while it is open."""

    is_reopened_on_silence = False

    def __init__(self, line: SerialLine) -> None:
        self.line = line
        self._port: serial.Serial | None = None

    @property
    def is_open(self) -> bool:
        return self._port is not None

    async def open(self) -> None:
        line = self.line
        self._port = serial.Serial(
            line.device,
            line.baud_rate,
            bytesize=line.data_bits,
            parity=_PARITIES[line.parity],
            stopbits=line.stop_bits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )

    async def send(self, octets: bytes) -> None:
        assert self._port is not None
        port = self._port.fileno()
        while octets:
            try:
                octets = octets[os.write(port, octets) :]
            except BlockingIOError:
                await wait_writable(port)

    def receive(self) -> bytes | None:
        assert self._port is not None
        # With a timeout of 0 this returns what is there; a port that is gone is an OSError.
        return self._port.read(_RECEIVE_MAX)

    async def wait(self) -> None:
        assert self._port is not None
        await wait_readable(self._port.fileno())

    def close(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        with suppress(OSError, termios.error):
            # Closing waits for what is unsent, and a held-up port never sends it.
            port.reset_output_buffer()
        port.close()


def open_transport(line: Line) -> Transport:
    """Return the line's transport, not yet open."""
    return TcpTransport(line) if isinstance(line, TcpLine) else SerialTransport(line)
