"""Sockets that the service manager hands in, in a process of its own: the numbers are fixed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from monitord.systemd.activation import inherited_sockets

SHOW = """
import os, sys
from monitord.systemd.activation import inherited_sockets
os.environ["LISTEN_PID"] = sys.argv[1] if sys.argv[1] != "own" else str(os.getpid())
found = inherited_sockets(os.environ)
left = [name for name in os.environ if name.startswith("LISTEN_")]
print([(sock.fileno(), sock.getsockname()[1], sock.get_inheritable()) for sock in found], left)
"""


def shown(pid: str, count: str, *kinds: socket.SocketKind) -> tuple[str, list[int]]:
    """Pass sockets of these kinds to a child; return its output and their ports."""
    sockets = []
    for kind in kinds:
        sock = socket.socket(socket.AF_INET, kind)
        sock.bind(("127.0.0.1", 0))
        sockets.append(sock)
    places = [sock.fileno() for sock in sockets]
    # The shell puts them where the protocol wants them: at 3 and up.
    moves = " ".join(f"{3 + n}<&{place}" for n, place in enumerate(places))
    command = f'exec "$0" "$@" {moves}'
    run = subprocess.run(
        ("bash", "-c", command, sys.executable, "-c", SHOW, pid),
        env=os.environ | {"LISTEN_FDS": count, "LISTEN_FDNAMES": "traps"},
        pass_fds=places,
        capture_output=True,
        text=True,
        check=True,
    )
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return run.stdout.splitlines()[-1], ports


def test_datagram_sockets_are_returned_and_no_child_inherits_them() -> None:
    """They begin at descriptor 3; neither they nor the variables reach a child process."""
    said, (first, second) = shown("own", "2", socket.SOCK_DGRAM, socket.SOCK_DGRAM)
    assert said == f"[(3, {first}, False), (4, {second}, False)] []"


def test_sockets_for_another_process_are_left_alone() -> None:
    """The variables may be of a parent process."""
    assert shown("1", "1", socket.SOCK_DGRAM)[0] == "[] []"


def test_a_socket_of_another_kind_is_closed() -> None:
    """A listening stream socket receives no trap."""
    assert shown("own", "1", socket.SOCK_STREAM)[0] == "[] []"


@pytest.mark.parametrize("count", ["", "0", "-1", "two"])
def test_without_inherited_sockets_none_is_returned(count: str) -> None:
    """The daemon was started by hand."""
    environment = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": count}
    with capture_logs() as logs:
        assert inherited_sockets(environment) == []
    assert (environment, logs) == ({}, [])
