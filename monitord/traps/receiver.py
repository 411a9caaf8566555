"""Receives traps and informs: opens sockets, reads a bounded number at a time, sends replies.

No datagram and no network error ends it: it opens its socket again after a while, and the daemon
goes on.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import structlog

from monitord.clock import Clock
from monitord.core.model import MINUTE, SECOND, TrapSeen
from monitord.devices.sockets import wait_readable
from monitord.names import NAMES
from monitord.traps.filter import DROPPED, TrapFilter, TrapOutcome
from monitord.traps.message import SIZE_MAX
from monitord.traps.model import TrapDevice, TrapSettings
from monitord.traps.usm import OwnEngine

DRAIN_MAX = 64
"""Datagrams read in one go; then polls have their turn."""
DECODED_MAX = 8
"""Of these, how many may be decoded: about ten milliseconds."""
STALE_MAX = 100_000
"""Datagrams from before the start that are dropped: their age is unknown."""
RECEIVE_BUFFER = 1 << 20
TRY_AGAIN_AFTER = 10 * SECOND
NAMES_EVERY = 5 * MINUTE
NAME_WITHIN_S = 5.0

_SO_RXQ_OVFL: Final = 40  # asm-generic/socket.h; the module socket does not name it
_ANCILLARY_SIZE = 64
_MAPPED = "::ffff:"

_log = structlog.get_logger(__name__)


class TrapReceiver:
    """Passes datagrams to its ``filter`` and acts on the outcomes.

    ``poll_now`` is called with the id of each device that sent an accepted trap, once for all read
    in one go; ``seen`` with the conditions that traps state. ``handed``: sockets that the service
    manager opened, instead of our own.
    """

    def __init__(
        self,
        settings: TrapSettings,
        engine: OwnEngine,
        *,
        clock: Clock,
        poll_now: Callable[[str], None],
        seen: Callable[[TrapSeen], None],
        handed: Sequence[socket.socket] = (),
    ) -> None:
        self.filter = TrapFilter(engine)
        self.kernel_dropped = 0
        self.is_listening = False
        self.port = 0
        self._settings = settings
        self._clock = clock
        self._poll_now = poll_now
        self._seen = seen
        self._handed = tuple(handed)
        self._drops: dict[int, int] = {}
        self._resolving: asyncio.Task[None] | None = None
        self._known: dict[str, frozenset[str]] = {}

    def replace(self, settings: TrapSettings) -> None:
        """Accept the traps of these devices from now on; address and port stay."""
        self._settings = settings
        # Kept in the attribute: nothing else refers to the task.
        self._resolving = asyncio.get_running_loop().create_task(self._resolve())

    async def run(self) -> None:
        """Receive until cancelled; then close the sockets."""
        try:
            while True:
                try:
                    await self._listen()
                except Exception as error:  # noqa: BLE001 - traps must not end with one error
                    _log.error("traps_not_received", detail=_names(error))
                await self._clock.sleep_until(self._clock.now() + TRY_AGAIN_AFTER)
        finally:
            for sock in self._handed:
                sock.close()

    async def _listen(self) -> None:
        await self._resolve()
        own = () if self._handed else (await self._opened(),)
        for sock in own:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            for sock in (*self._handed, *own):
                self._prepare(sock)
                self.port = sock.getsockname()[1]
            self.is_listening = True
            _log.info("traps_listening", port=self.port, handed_in=bool(self._handed))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._resolve_again())
                for sock in (*self._handed, *own):
                    tasks.create_task(self._receive(sock))
        finally:
            self.is_listening = False
            for sock in own:
                sock.close()

    async def _opened(self) -> socket.socket:
        """Return a socket bound to the configured address; retry until it succeeds."""
        failing = False
        while True:
            try:
                return await _bound(self._settings.address, self._settings.port)
            except OSError as error:
                if not failing:
                    _log.error(  # for the operator; polling goes on
                        "traps_cannot_be_received",
                        address=self._settings.address,
                        port=self._settings.port,
                        detail=error.strerror or type(error).__name__,
                    )
                failing = True
            await self._clock.sleep_until(self._clock.now() + TRY_AGAIN_AFTER)

    def _prepare(self, sock: socket.socket) -> None:
        """Set the socket up and drop its datagrams: their age is unknown."""
        sock.setblocking(False)
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        except OSError as error:
            _log.debug("kernel_drops_not_told", detail=error.strerror)
        for _ in range(STALE_MAX):
            try:
                sock.recv(1)
            except OSError:
                return

    async def _receive(self, sock: socket.socket) -> None:
        while True:
            await wait_readable(sock)
            if not self._drain(sock):
                await self._clock.sleep_until(self._clock.now() + SECOND)

    def _drain(self, sock: socket.socket) -> bool:
        """Read a bounded number of datagrams; return False where the socket fails."""
        poll: dict[str, None] = {}
        decoded = 0
        try:
            for _ in range(DRAIN_MAX):
                outcome = self._receive_one(sock)
                poll |= dict.fromkeys(outcome.poll)
                decoded += outcome is not DROPPED
                if decoded >= DECODED_MAX:
                    break
        except (BlockingIOError, ConnectionError):
            pass  # no more datagrams, or the port of an earlier reply is closed
        except OSError as error:
            _log.warning("trap_socket_failed", detail=error.strerror)
            return False
        finally:
            self._poll(poll)
        return True

    def _poll(self, devices: Iterable[str]) -> None:
        for device in devices:
            try:
                self._poll_now(device)
            except Exception as error:  # noqa: BLE001 - the next trap is handled all the same
                _log.error("trap_polls_nothing", device=device, detail=type(error).__name__)

    def _receive_one(self, sock: socket.socket) -> TrapOutcome:
        """Read and handle one datagram. Raises OSError where there is none."""
        datagram, ancillary, _, source = sock.recvmsg(SIZE_MAX + 1, _ANCILLARY_SIZE)
        self._note_drops(sock, ancillary)
        address = _plain_address(source[0])
        try:
            outcome = self.filter.handle(datagram, address, self._clock.now())
            for seen in outcome.seen:
                self._seen(seen)
        except Exception as error:  # noqa: BLE001 - one datagram must not stop the others
            self.filter.count_failure(address)
            _log.debug("trap_not_judged", detail=type(error).__name__)
            return TrapOutcome()
        if outcome.reply is not None:
            _send(sock, outcome.reply, source)
        return outcome

    def _note_drops(self, sock: socket.socket, ancillary: list[tuple[int, int, bytes]]) -> None:
        """Count the datagrams that the kernel dropped for lack of room (SO_RXQ_OVFL)."""
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, _SO_RXQ_OVFL):
                total = int.from_bytes(content[:4], sys.byteorder)
                self.kernel_dropped += (total - self._drops.get(sock.fileno(), 0)) % 2**32
                self._drops[sock.fileno()] = total

    async def _resolve_again(self) -> None:
        """Resolve host names again from time to time."""
        while True:
            await self._clock.sleep_until(self._clock.now() + NAMES_EVERY)
            if any(not _is_ip(device.address) for device in self._settings.devices):
                await self._resolve()

    async def _resolve(self) -> None:
        """Update the filter's addresses. A name that does not resolve keeps its last ones."""
        hosts = list(dict.fromkeys(device.address for device in self._settings.devices))
        found = await asyncio.gather(*map(_addresses, hosts))
        self._known |= {host: at for host, at in zip(hosts, found, strict=True) if at}
        devices_at: defaultdict[str, list[TrapDevice]] = defaultdict(list)
        for device in self._settings.devices:
            for address in self._known.get(device.address, ()):
                devices_at[address].append(device)
        self.filter.accept_from(devices_at)


async def _addresses(host: str) -> frozenset[str]:
    """Return the IP addresses of a host, none where it does not resolve in time."""
    if _is_ip(host):
        return frozenset({host})
    try:
        async with asyncio.timeout(NAME_WITHIN_S):
            found = await NAMES.fresh(host)
    except OSError as error:  # a timeout is one too
        detail = getattr(error, "strerror", None) or type(error).__name__
        _log.warning("trap_sender_not_resolved", address=host, detail=detail)
        return frozenset()
    return frozenset(_plain_address(one.ip) for one in found)


async def _bound(address: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    infos = await loop.getaddrinfo(address, port, type=socket.SOCK_DGRAM)
    family, kind, protocol, _, target = infos[0]
    sock = socket.socket(family, kind, protocol)
    try:
        if family == socket.AF_INET6:
            # :: accepts IPv4 too, whatever the system default is.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(target)
    except OSError:
        sock.close()
        raise
    return sock


def _send(sock: socket.socket, reply: bytes, source: Any) -> None:
    """Send a reply; where that fails, the sender repeats its inform."""
    try:
        sock.sendto(reply, source)
    except OSError as error:
        _log.debug("trap_answer_not_sent", detail=error.strerror)


def _names(error: Exception) -> str:
    """Return the types of an error. Its text stays out: it may quote a datagram."""
    inner = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
    return ", ".join(type(one).__name__ for one in inner)


def _plain_address(address: str) -> str:
    """Return an address without zone, an IPv4-mapped IPv6 address as IPv4."""
    return address.removeprefix(_MAPPED).partition("%")[0]


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
