"""Takes over sockets that the service manager opened before it started us. Owns that protocol.

A port below 1024 is then opened by systemd, and the daemon itself needs no right for it; see
``sd_listen_fds(3)``. Must not decide what a socket is for.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, MutableMapping

import structlog

FIRST_FD = 3
SOCKETS_MAX = 16

log = structlog.get_logger(__name__)


def take_sockets(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the datagram sockets that were handed in; no child of ours shall find them.

    Anything else that was handed in is closed, and told.
    """
    pid = environment.pop("LISTEN_PID", "")
    count = environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdecimal():
        return []
    fds = range(FIRST_FD, FIRST_FD + min(int(count), SOCKETS_MAX))
    return [sock for fd in fds if (sock := _datagram_socket(fd)) is not None]


def _datagram_socket(fd: int) -> socket.socket | None:
    try:
        sock = socket.socket(fileno=fd)
    except OSError as error:
        log.warning("handed_socket_refused", fd=fd, detail=error.strerror)
        return None
    is_internet = sock.family in (socket.AF_INET, socket.AF_INET6)
    if not is_internet or sock.type != socket.SOCK_DGRAM:
        log.warning("handed_socket_refused", fd=fd, detail="no datagram socket of the internet")
        sock.close()
        return None
    sock.set_inheritable(False)
    return sock


def close_unused(sockets: Iterable[socket.socket], hint: str) -> None:
    """Close sockets that were handed in for traps, and log why none is received: ``hint``."""
    for sock in sockets:
        log.warning("socket_for_traps_not_used", hint=hint)
        sock.close()
