"""The UDP sockets of the SNMP shared socket, and which members use which socket."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator

from monitord.devices.datagrams import DatagramSocket, Peer
from monitord.devices.snmp.members import Member

OpenSocket = Callable[[socket.AddressFamily], DatagramSocket]

_ERRORS_MAX = 1024


class MemberSocket:
    """One UDP socket with its members, by address and port.

    Members with the same address and port are chained by ``next_at_peer``.
    """

    def __init__(self, datagrams: DatagramSocket) -> None:
        self.datagrams = datagrams
        self.members: dict[Peer, Member] = {}
        self.count = 0

    def has_room(self, member: Member) -> bool:
        """Return whether the receive buffer holds one more answer without a loss.

        Members with the same address and port are distinguished by their request ids. A v3 datagram
        does not show the id, so each v3 member of one address needs its own socket.
        """
        if self.count >= self.datagrams.room:
            return False
        other = self.members.get(member.peer)
        return other is None or (other.wire is None and member.wire is None)

    def add(self, member: Member) -> None:
        """Add a member whose ``peer`` is set."""
        member.sendto = self.datagrams.sock.sendto
        member.next_at_peer = self.members.get(member.peer)
        self.members[member.peer] = member
        self.count += 1

    def remove(self, member: Member) -> None:
        """Remove a member; others with its address and port stay."""
        others = [one for one in self.at_peer(member.peer) if one is not member]
        self.count -= len(others) + 1
        del self.members[member.peer]
        for one in reversed(others):
            self.add(one)
        member.sendto = member.next_at_peer = None

    def at_peer(self, peer: Peer) -> list[Member]:
        """Return the members with this address and port."""
        found, chain = self.members.get(peer), []
        while found is not None:
            chain.append(found)
            found = found.next_at_peer
        return chain

    def member_of(self, datagram: bytes, peer: Peer) -> Member:
        """Return whose request id the datagram holds, of several members with this peer."""
        members = self.at_peer(peer)
        for member in members:
            if member.request_id is not None and member.request_id in datagram:
                return member
        return members[0]

    def errors(self) -> Iterator[tuple[Member, OSError]]:
        """Empty the kernel's error queue; yield each error with the members it concerns."""
        for _ in range(_ERRORS_MAX):
            found = self.datagrams.error()
            if found is None:
                return
            for member in self.at_peer(found.peer):
                yield member, found.error


class MemberSockets:
    """Opens sockets as members need them. ``open_socket``: returns one for an address family.

    ``by_fd``: the sockets by file descriptor. ``poll``: ``epoll.poll`` over all of them.
    """

    def __init__(self, open_socket: OpenSocket) -> None:
        self.by_fd: dict[int, MemberSocket] = {}
        self._open_socket = open_socket
        self._socket_of: dict[int, MemberSocket] = {}
        self._epoll = select.epoll()
        self.poll = self._epoll.poll

    def add(self, member: Member, family: socket.AddressFamily) -> None:
        """Give a member a socket with room. Raises OSError where none can be opened."""
        one = self._with_room(member, family)
        one.add(member)
        self._socket_of[member.number] = one

    def remove(self, member: Member) -> None:
        """Take a member off its socket; safe where it has none."""
        one = self._socket_of.pop(member.number, None)
        if one is not None:
            one.remove(member)

    def of(self, member: Member) -> MemberSocket:
        """Return the socket of a member that has one."""
        return self._socket_of[member.number]

    def fileno(self) -> int:
        """Return a file descriptor that is readable while any of the sockets is."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Release the sockets; safe to call twice."""
        for one in self.by_fd.values():
            one.datagrams.close()
        self._epoll.close()

    def _with_room(self, member: Member, family: socket.AddressFamily) -> MemberSocket:
        for one in self.by_fd.values():
            if one.datagrams.family == family and one.has_room(member):
                return one
        one = MemberSocket(self._open_socket(family))
        number = one.datagrams.sock.fileno()
        self.by_fd[number] = one
        self._epoll.register(number, select.EPOLLIN)
        return one
