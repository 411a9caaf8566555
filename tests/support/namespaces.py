"""Two network namespaces with a cable between them: the box's side and the equipment's.

Owns the namespaces and the sockets that are opened inside; nothing outside them is touched.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

BOX, EQUIPMENT = "10.199.7.1", "10.199.7.2"
_CLONE_NEWNET = 0x40000000


def _ip(*words: str) -> None:
    subprocess.run(("ip", *words), check=True, capture_output=True, timeout=20)


@dataclass(frozen=True)
class Cable:
    """A cable from the namespace ``box`` to the namespace ``equipment``."""

    box: str
    equipment: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What runs a program on the box's side."""
        return ("ip", "netns", "exec", self.box)

    def pull_out(self) -> None:
        """Take the box's interface its carrier."""
        _ip("-n", self.equipment, "link", "set", "cable", "down")

    def put_in(self) -> None:
        """Give it back."""
        _ip("-n", self.equipment, "link", "set", "cable", "up")

    def switch_off(self) -> None:
        """Let nobody answer at the equipment's address; the switch keeps the link."""
        _ip("-n", self.equipment, "address", "del", f"{EQUIPMENT}/24", "dev", "cable")

    def switch_on(self) -> None:
        """Let the equipment answer again."""
        _ip("-n", self.equipment, "address", "add", f"{EQUIPMENT}/24", "dev", "cable")

    async def opened(self, kind: socket.SocketKind) -> socket.socket:
        """Return a socket on the equipment's side, on a free port; a stream socket listens."""
        return await asyncio.to_thread(_inside, self.equipment, lambda: _bound(kind))


def _bound(kind: socket.SocketKind) -> socket.socket:
    sock = socket.socket(socket.AF_INET, kind)
    sock.bind((EQUIPMENT, 0))
    if kind is socket.SOCK_STREAM:
        sock.listen()
    sock.setblocking(False)
    return sock


def _inside(namespace: str, make: Callable[[], T]) -> T:
    """Return what ``make`` returns in a thread of its own that is in a namespace."""

    def enter() -> T:
        libc = ctypes.CDLL(None, use_errno=True)
        place = os.open(Path("/run/netns") / namespace, os.O_RDONLY)
        try:
            if libc.setns(place, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(place)
        return make()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(enter).result()


@contextmanager
def cable() -> Iterator[Cable]:
    """Make both namespaces and their cable; remove them at the end."""
    ends = [f"monitord-{side}-{os.getpid()}" for side in ("box", "equipment")]
    made = Cable(*ends)
    try:
        for end in ends:
            _ip("netns", "add", end)
        words = ("link", "add", "eth7", "type", "veth", "peer", "name", "cable", "netns", ends[1])
        _ip("-n", ends[0], *words)
        _ip("-n", ends[0], "address", "add", f"{BOX}/24", "dev", "eth7")
        for end, name in ((ends[0], "lo"), (ends[0], "eth7"), (ends[1], "lo")):
            _ip("-n", end, "link", "set", name, "up")
        made.switch_on()
        made.put_in()
        yield made
    finally:
        for end in ends:
            subprocess.run(("ip", "netns", "del", end), check=False, capture_output=True)
