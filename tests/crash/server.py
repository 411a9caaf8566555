"""``python -m tests.crash.server CONFIG``: imports the daemon once and forks one child a life.

Owns the lives. Takes one order a line from stdin; says the process id, then how the life ended.
Runs no event loop and no thread itself: both would be broken in the children.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Loaded by name at the first use otherwise, which would cost every life a tenth of a second.
import apscheduler.triggers.cron

import monitord.cli.run
from monitord.app import App
from monitord.config import load
from monitord.core.codec import canonical, to_plain
from monitord.logs import set_up_daemon_logs, set_up_logs
from tests.crash.configuration import DOMAIN
from tests.crash.equipment import boottime

SLOW_COMMITS = 4
"""So many commits of a life are slow, the first ones."""
LOOK_UP_S = 10.0
"""How long the system asks a silent name server, twice 5 s (resolv.conf(5))."""
_PARENT_DEATH_SIGNAL = 1
_WARM = (apscheduler.triggers.cron, monitord.cli.run)
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Order:
    """One life. ``step``, ``visit``: where it kills itself, or "" for nowhere.

    ``trace``: file of visited steps; ``log``: what the daemon writes; ``durable``: where its last
    state goes when it ends in order. ``terminal``: its standard output, "" for none. ``commit_s``:
    how long its first commits take longer. ``name_port``: where names are asked for, 0: the system.
    """

    step: str
    visit: int
    trace: str
    log: str
    durable: str
    terminal: str = ""
    commit_s: float = 0.0
    name_port: int = 0

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


class Steps:
    """Notes every visit in a file (which survives the kill), and kills at the one that is meant."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._left = order.visit
        self._commit_s, self._slow = order.commit_s, SLOW_COMMITS
        self._trace = os.open(order.trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.number: Callable[[], int] = lambda: 0

    def visit(self, name: str) -> None:
        """Note time, step and the number of the last event decided; perhaps end here."""
        os.write(self._trace, f"{boottime()} {name} {self.number()}\n".encode())
        if name == "projections_kept" and self._commit_s and self._slow:
            self._slow -= 1
            threading.Event().wait(self._commit_s)  # in the thread of the commit, as a slow disk
        if name == self._order.step:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Serve orders until stdin ends."""
    die_with_parent()
    path = Path(sys.argv[1])
    load(path)
    gc.freeze()
    for line in sys.stdin.buffer:
        order = Order(**json.loads(line))
        child = os.fork()
        if child == 0:
            live(path, order)
        say(pid=child)
        _, status = os.waitpid(child, 0)
        say(ended=os.waitstatus_to_exitcode(status))


def say(**fields: int) -> None:
    """Write one line to the giver of the order."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


def die_with_parent() -> None:
    """Have the kernel end this process when its parent is gone: no daemon is left behind."""
    _LIBC.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def live(path: Path, order: Order) -> None:
    """Be the daemon in this child, and end the process; never returns."""
    code = 1
    try:
        die_with_parent()
        _redirect(order.log, order.terminal)
        if order.name_port:
            ask_for_names(order.name_port)
        if order.terminal:
            set_up_daemon_logs("info", as_json=True, descriptor=2)
        else:
            set_up_logs("info", as_json=True)
        Path(order.durable).write_bytes(asyncio.run(serve(path, order)))
        code = 0
    except Exception:  # noqa: BLE001 - into the life's own log, which is searched for it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _redirect(log: str, terminal: str) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOCTTY)
    screen = os.open(terminal, os.O_WRONLY | os.O_NOCTTY) if terminal else null
    for source, target in ((null, 0), (screen, 1), (out, 2)):
        os.dup2(source, target)


def ask_for_names(port: int) -> None:
    """Have names of ``DOMAIN`` looked up over a real socket that may stay silent, as a DNS does."""
    of_system = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **options: Any) -> Any:
        numeric = options.get("flags", 0) & socket.AI_NUMERICHOST
        if isinstance(host, str) and host.endswith(DOMAIN) and not numeric:
            host = _asked(host, port)
        return of_system(host, *more, **options)

    socket.getaddrinfo = look_up


def _asked(host: str, port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(LOOK_UP_S)
        sock.connect(("127.0.0.1", port))
        sock.send(host.encode())
        try:
            return sock.recv(512).decode().rpartition(" ")[2]
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "the name server is silent") from None


async def serve(path: Path, order: Order) -> bytes:
    """Run the daemon as ``monitord run`` does, with steps; return its last state on SIGTERM."""
    steps = Steps(order)
    app = App(load(path), step=steps.visit)
    steps.number = lambda: app.situation.durable.number
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop)
    await app.run()
    return canonical(to_plain(app.situation.durable))


if __name__ == "__main__":
    main()
