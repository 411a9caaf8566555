"""Host names: looked up by threads of their own; each keeps the addresses that it had last.

A look-up that hangs stops neither polls nor messages. Knows no device and no protocol.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, NamedTuple

import structlog

AT_ONCE_MAX: Final = 16
"""Most look-ups under way; more wait for their turn."""

_log = structlog.get_logger(__name__)


class Address(NamedTuple):
    """One address of a host. ``rest``: what follows the port in IPv6, flow and scope."""

    family: socket.AddressFamily
    ip: str
    rest: tuple[int, ...]

    def target(self, port: int) -> tuple[Any, ...]:
        """Return what a socket of the family connects to."""
        return (self.ip, port, *self.rest)


LookUp = Callable[[str], list[Address]]


def ask_system(host: str) -> list[Address]:
    """Return the addresses that the system knows for a host. Raises ``socket.gaierror``."""
    return _asked(host, 0)


def literal(host: str) -> list[Address]:
    """Return the address that a host is already, with its zone; nothing for a name.

    This never waits.
    """
    try:
        return _asked(host, socket.AI_NUMERICHOST)
    except socket.gaierror:
        return []


def _asked(host: str, flags: int) -> list[Address]:
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM, flags=flags)
    except UnicodeError as error:  # a label that is too long
        raise socket.gaierror(socket.EAI_NONAME, "no name of a host") from error
    found = [Address(info[0], str(info[4][0]), tuple(info[4][2:])) for info in infos]
    return list(dict.fromkeys(found))


class Names:
    """The addresses of host names. Any loop may ask; ``look_up`` runs in threads."""

    def __init__(self, look_up: LookUp = ask_system, *, at_once: int = AT_ONCE_MAX) -> None:
        self._look_up = look_up
        self._at_once = at_once
        self._lock = threading.Lock()
        self._threads = self._idle = self._queued = 0
        self._waiting: queue.SimpleQueue[tuple[str, Future[list[Address]]]] = queue.SimpleQueue()
        self._under_way: dict[str, Future[list[Address]]] = {}
        self._known: dict[str, list[Address]] = {}
        self._unresolved: set[str] = set()

    async def addresses(self, host: str) -> list[Address]:
        """Return the addresses of a host, the one to be tried first in front.

        A name that was known before gives its last addresses at once, while it is looked up again.
        Waits only for one that was never known. Raises ``socket.gaierror``.
        """
        found = literal(host)
        if found:
            return found
        asked = self._ask(host)
        with self._lock:
            known = list(self._known.get(host, ()))
        if known:
            return known
        found = await asyncio.wrap_future(asked)
        return list(found)

    async def fresh(self, host: str) -> list[Address]:
        """Return what a look-up finds now. Raises ``socket.gaierror``; may wait for long."""
        found = literal(host)
        if not found:
            found = await asyncio.wrap_future(self._ask(host))
        return list(found)

    def last(self, host: str) -> list[Address]:
        """Return the addresses that a host had last, nothing for a name that was never known.

        Looks nothing up.
        """
        with self._lock:
            known = list(self._known.get(host, ()))
        return known or literal(host)

    def try_last(self, host: str, address: Address) -> None:
        """Let the next attempt begin with another address: this one gave no answer."""
        with self._lock:
            known = self._known.get(host, [])
            if address in known:
                known.remove(address)
                known.append(address)

    def _ask(self, host: str) -> Future[list[Address]]:
        """Begin a look-up, or return the one under way."""
        with self._lock:
            asked = self._under_way.get(host)
            if asked is not None:
                return asked
            asked = self._under_way[host] = Future()
            # A caller that waits no longer must not cancel it for the others.
            asked.set_running_or_notify_cancel()
            self._waiting.put((host, asked))
            self._queued += 1
            if self._idle < self._queued and self._threads < self._at_once:
                self._threads += 1
                # A look-up that hangs must not hold the end of the program.
                threading.Thread(target=self._work, name="names", daemon=True).start()
        return asked

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            host, asked = self._waiting.get()
            with self._lock:
                self._idle -= 1
                self._queued -= 1
            try:
                found = self._look_up(host)
            except Exception as error:  # noqa: BLE001 - the callers get it
                self._end(host, [], error)
                asked.set_exception(error)
            else:
                self._end(host, found, None)
                asked.set_result(found)

    def _end(self, host: str, found: list[Address], error: Exception | None) -> None:
        with self._lock:
            del self._under_way[host]
            was_known, was_unresolved = host in self._known, host in self._unresolved
            if error is None:
                # The order of the addresses that stay is what was learned of them.
                stay = [one for one in self._known.get(host, ()) if one in found]
                self._known[host] = stay + [one for one in found if one not in stay]
                self._unresolved.discard(host)
            else:
                self._unresolved.add(host)
        if error is not None and not was_unresolved:
            detail = getattr(error, "strerror", None) or type(error).__name__
            _log.warning("name_not_resolved", name=host, detail=detail, keeps_last=was_known)
        elif error is None and was_unresolved:
            _log.info("name_resolved_again", name=host)


NAMES: Final = Names()
"""Of this process: a reload and a reader that is opened again go on with what is known."""
