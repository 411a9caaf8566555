"""UDP in memory: the sockets that monitord's SNMP opens, on virtual time.

A socket holds what came until it is read, as the kernel's does, and is readable for ``select`` and
``epoll``. Knows no protocol; what answers is given to it.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable
from typing import cast

from monitord.devices.datagrams import DatagramSocket, Peer, PeerError
from monitord.devices.snmp.agent_socket import AgentSocket
from monitord.names import Address, Names

ROOM = 64
"""Peers that a shared socket has room for: two sockets are never needed."""

Arrive = Callable[[bytes, Peer], None]
Ask = Callable[[bytes, Peer, Arrive], None]
"""Takes a datagram for a peer, and how each answer arrives, from where."""


class MemoryPort:
    """A ``socket.socket`` of datagrams. ``peer``: the only one whose datagrams it takes."""

    def __init__(self, ask: Ask, peer: Peer | None = None) -> None:
        self._ask = ask
        self._peer = peer
        self._arrived: deque[tuple[bytes, Peer]] = deque()
        self._signal = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        return self._signal

    def sendto(self, datagram: bytes, peer: Peer) -> int:
        self._ask(datagram, peer, self._arrive)
        return len(datagram)

    def recvfrom(self, size: int) -> tuple[bytes, Peer]:
        if not self._arrived:
            raise BlockingIOError
        datagram, peer = self._arrived.popleft()
        if not self._arrived:
            os.eventfd_read(self._signal)
        return datagram[:size], peer

    def close(self) -> None:
        if self._signal >= 0:
            os.close(self._signal)
        self._signal = -1

    def _arrive(self, datagram: bytes, source: Peer) -> None:
        """Let a datagram arrive, if the port is still open to its source."""
        if self._signal < 0 or self._peer not in (None, source):
            return
        if not self._arrived:
            os.eventfd_write(self._signal, 1)
        self._arrived.append((datagram, source))


class MemoryAgentSocket(AgentSocket):
    """The socket of one reader to one agent."""

    def __init__(self, ask: Ask, host: str, port: int, *, is_open: bool) -> None:
        self.address = Address(socket.AF_INET, host, ())
        self.peer = (host, port)
        self.is_open = is_open
        self._port = MemoryPort(ask, None if is_open else self.peer)
        self.sock = cast(socket.socket, self._port)

    def send(self, datagram: bytes) -> None:
        self._port.sendto(datagram, self.peer)

    def receive(self, size: int) -> tuple[bytes, str]:
        datagram, source = self._port.recvfrom(size)
        return datagram, "" if source == self.peer else str(source[0])


class MemoryDatagrams(DatagramSocket):
    """A shared socket."""

    def __init__(self, ask: Ask) -> None:
        self.family = socket.AF_INET
        self.sock = cast(socket.socket, MemoryPort(ask))
        self.room = ROOM

    def error(self) -> PeerError | None:
        return None


class MemoryNetwork:
    """Opens sockets in memory. ``ask``: gets each datagram that is sent."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def open_agent_socket(
        self, host: str, port: int, names: Names, *, is_open: bool
    ) -> MemoryAgentSocket:
        """Return a socket to one agent; ``host`` is an address."""
        del names
        return MemoryAgentSocket(self._ask, host, port, is_open=is_open)

    def open_datagrams(self, family: socket.AddressFamily) -> MemoryDatagrams:
        """Return a socket to many."""
        assert family == socket.AF_INET
        return MemoryDatagrams(self._ask)
