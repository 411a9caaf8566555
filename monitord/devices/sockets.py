"""Waiting for non-blocking sockets and ports without taking anything out. Knows no protocol."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

from monitord.devices.model import ReadError
from monitord.texts.phrases import phrase

DATAGRAM_SIZE_MAX = 65_535


class SettingsError(OSError):
    """A port that rejects its settings; the text names the setting."""


async def wait_readable(sock: socket.socket) -> None:
    """Return when ``sock`` has something to read, and leave it there.

    ``loop.sock_recv`` removes the octets before the waiting task runs again: a deadline in between
    loses an answer that had come. Here it remains in the socket for a last look.
    """
    loop = asyncio.get_running_loop()
    readable = loop.create_future()
    loop.add_reader(sock, lambda: None if readable.done() else readable.set_result(None))
    try:
        await readable
    finally:
        loop.remove_reader(sock)


async def wait_writable(port: int) -> None:
    """Return when the file descriptor takes more octets."""
    loop = asyncio.get_running_loop()
    writable = loop.create_future()
    loop.add_writer(port, lambda: None if writable.done() else writable.set_result(None))
    try:
        await writable
    finally:
        loop.remove_writer(port)


def _literal(address: str, port: int, kind: socket.SocketKind) -> list[Any]:
    """Return what getaddrinfo returns for an IP address, with its zone; nothing for a name.

    This never waits: look-ups of names that hang fill the loop's threads.
    """
    try:
        return socket.getaddrinfo(address, port, type=kind, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return []


async def connect_socket(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """Return a connected non-blocking socket; raises OSError where there is no way."""
    loop = asyncio.get_running_loop()
    try:
        infos = _literal(address, port, kind) or await loop.getaddrinfo(address, port, type=kind)
    except UnicodeError as error:  # a label too long
        raise socket.gaierror(socket.EAI_NONAME, "no name of a host") from error
    family, kind, protocol, _, target = infos[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, target)
    except (OSError, asyncio.CancelledError):
        sock.close()
        raise
    return sock


def read_error(error: OSError, address: str, port: int) -> ReadError:
    """Name what the network said, for the person who owns the device."""
    return line_error(error, f"{address}:{port}")


def line_error(error: OSError, where: str) -> ReadError:
    """Name what the system said of a line, for the person who owns it."""
    if isinstance(error, ConnectionRefusedError):
        return ReadError("refused", phrase("device.refused", where=where))
    if isinstance(error, ConnectionError):
        return ReadError("bad_answer", phrase("device.broken_off", where=where))
    if isinstance(error, socket.gaierror):
        return ReadError("unreachable", phrase("device.unknown_name", where=where))
    if isinstance(error, SettingsError):
        return ReadError("unreachable", phrase("device.settings", where=where, error=error))
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return ReadError("unreachable", phrase("device.unreachable", where=where, error=name))
