"""Waiting for non-blocking sockets and ports without taking anything out. Knows no protocol."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Final

from monitord.devices.model import ReadError
from monitord.names import NAMES, Address, Names
from monitord.texts.phrases import phrase

DATAGRAM_SIZE_MAX = 65_535


_NO_HOST: Final = frozenset({errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT})
"""Nobody answers at the address: not even the neighbour's own protocol (RFC 826), or a router says
so. A device that is switched off is that; our own side is well."""


class NoHostError(ReadError):
    """Nobody is at the address of a line. The kind is "timeout": the equipment is silent."""


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


async def connect_socket(
    host: str, port: int, kind: socket.SocketKind, names: Names = NAMES
) -> socket.socket:
    """Return a connected non-blocking socket; raises OSError where there is no way.

    Every address of the host is tried. Where the caller ends the wait for one, the next call
    begins with another.
    """
    first_error: OSError | None = None
    for address in await names.addresses(host):
        try:
            return await _connected(address, port, kind)
        except OSError as error:
            names.try_last(host, address)
            first_error = first_error or error
        except asyncio.CancelledError:
            names.try_last(host, address)
            raise
    raise first_error or socket.gaierror(socket.EAI_NONAME, "no address")


async def _connected(address: Address, port: int, kind: socket.SocketKind) -> socket.socket:
    sock = socket.socket(address.family, kind)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address.target(port))
    except (OSError, asyncio.CancelledError):
        sock.close()
        raise
    return sock


def peer_address(sock: socket.socket) -> Address:
    """Return the address to which a socket is connected."""
    ip, _, *rest = sock.getpeername()
    return Address(sock.family, ip, tuple(rest))


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
    text = phrase("device.unreachable", where=where, error=name)
    if error.errno in _NO_HOST:
        return NoHostError("timeout", text)
    return ReadError("unreachable", text)
