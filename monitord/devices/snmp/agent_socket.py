"""The UDP socket to one agent: connected, or open to what comes from elsewhere.

A connected socket is the safe one: the kernel drops datagrams of other sources. Some agents answer
from another of their addresses; such an answer is seen on an open socket only.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Protocol

from monitord.devices.sockets import connect_socket, peer_address
from monitord.names import Address, Names


class AgentSocket:
    """See the module. ``is_open``: to other sources."""

    def __init__(self, connected: socket.socket, *, is_open: bool) -> None:
        self.address: Address = peer_address(connected)
        self.peer = connected.getpeername()
        self.is_open = is_open
        self.sock = connected
        if is_open:
            # A socket without a peer: what the system refuses leaves none of the two open.
            with connected:
                self.sock = socket.socket(connected.family, socket.SOCK_DGRAM)
            self.sock.setblocking(False)

    def send(self, datagram: bytes) -> None:
        """Send to the agent."""
        if self.is_open:
            self.sock.sendto(datagram, self.peer)
        else:
            self.sock.send(datagram)

    def receive(self, size: int) -> tuple[bytes, str]:
        """Return a datagram and the IP address it came from; "" where the kernel assures it."""
        if not self.is_open:
            return self.sock.recv(size), ""
        datagram, source = self.sock.recvfrom(size)
        return datagram, "" if source[:2] == self.peer[:2] else plain_ip(source[0])

    def close(self) -> None:
        """Release it; safe to call twice."""
        self.sock.close()


class OpenAgentSocket(Protocol):
    """Opens the socket to an agent; see ``open_agent_socket``."""

    async def __call__(
        self, host: str, port: int, names: Names, *, is_open: bool
    ) -> AgentSocket: ...


async def open_agent_socket(host: str, port: int, names: Names, *, is_open: bool) -> AgentSocket:
    """Return a socket to the agent. Raises OSError."""
    connected = await connect_socket(host, port, socket.SOCK_DGRAM, names)
    return AgentSocket(connected, is_open=is_open)


def plain_ip(text: str) -> str:
    """Return an address without its zone, one of IPv4 in IPv6 as IPv4."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
