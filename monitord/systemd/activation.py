"""Socket activation: uses the sockets that systemd opened before it started the daemon.

systemd may open a port below 1024, so that the daemon needs no capability for it; see
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


def inherited_sockets(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the datagram sockets of ``LISTEN_FDS``; any other socket is closed and logged.

    The variables are removed, so that no child process uses them.
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
    """Close sockets that systemd opened for traps; log ``hint``, the reason."""
    for sock in sockets:
        log.warning("socket_for_traps_not_used", hint=hint)
        sock.close()
