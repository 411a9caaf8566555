"""A UDP socket for many peers, and its errors. Knows no protocol.

The socket is not connected, so a datagram is assigned to its peer by its source address. Linux's
error queue (IP_RECVERR, ip(7)) names the peer whose port is closed; without it a socket that is not
connected gets no such error.
"""

from __future__ import annotations

import socket
import struct
from typing import Any, Final, NamedTuple

# As getaddrinfo, recvfrom and sendto have it: (host, port), for IPv6 also flow and scope.
Peer = tuple[Any, ...]

# Linux's numbers, which Python's socket module does not name.
_SO_RCVBUFFORCE: Final = 33
_RECVERR: Final = {
    socket.AF_INET: (socket.IPPROTO_IP, 11),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 25),
}
_RECEIVE_BUFFER: Final = 8 << 20
# What the kernel bills for one datagram of up to a frame is two to four KiB, whatever its length.
_BILLED_PER_DATAGRAM: Final = 4096
_ERROR_HEAD: Final = struct.Struct("=I")
_CONTROL_SIZE: Final = 512


class PeerError(NamedTuple):
    """What the network said of a datagram that was sent to ``peer``."""

    peer: Peer
    error: OSError


class DatagramSocket:
    """Non-blocking, with as large a receive buffer as is allowed.

    ``room``: how many peers may answer at once without one answer being lost here.
    """

    def __init__(self, family: socket.AddressFamily) -> None:
        """Open it on a port of the kernel's choice. Raises OSError."""
        self.family = family
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
        except PermissionError:
            # Without CAP_NET_ADMIN as much as net.core.rmem_max allows.
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        level, option = _RECVERR[family]
        self.sock.setsockopt(level, option, 1)
        granted = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        self.room = max(1, granted // _BILLED_PER_DATAGRAM)

    def error(self) -> PeerError | None:
        """Take one error out of the kernel's queue; None when there is none.

        While one is queued, the next call on the socket fails with it, whomever it speaks to.
        """
        try:
            _, ancillary, _, peer = self.sock.recvmsg(0, _CONTROL_SIZE, socket.MSG_ERRQUEUE)
        except OSError:
            return None
        for level, option, content in ancillary:
            if (level, option) == _RECVERR[self.family] and len(content) >= _ERROR_HEAD.size:
                number = _ERROR_HEAD.unpack_from(content)[0]
                return PeerError(peer, OSError(number, "told by the network"))
        return PeerError(peer, OSError(0, "told by the network"))

    def close(self) -> None:
        """Release it; safe to call twice."""
        self.sock.close()
