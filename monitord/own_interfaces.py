"""Whether the network interface of our own that leads to a device has a link. Owns one thread.

A device whose requests cannot leave is not silent: its cable may be out of our own switch. The
kernel takes such a request and drops it, so that only the interface shows it. The thread reads
routes, which may take long; knows no device and no protocol.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from monitord.clock import monotonic
from monitord.names import NAMES, Address, Names

SECOND: Final = 1_000_000
READ_EVERY_S: Final = 2.0
OLD_AFTER: Final = 10 * SECOND
"""Routes that were read longer ago prove nothing: the thread may be stalled."""
LINK_OLD_AFTER: Final = SECOND // 50
"""Of all devices that are silent at once the first asks the kernel for the link."""

_GET_FLAGS: Final = 0x8913
_RUNNING: Final = 0x40
"""SIOCGIFFLAGS and IFF_RUNNING of netdevice(7): the interface is up and has a carrier."""
_REJECTS: Final = 0x200
"""RTF_REJECT of route(8): a route that leads nowhere."""
_NAME_SIZE, _REQUEST_SIZE = 16, 40

_log = structlog.get_logger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Route(NamedTuple):
    """Which interface leads to a network; of two that are as narrow the lower metric counts."""

    network: Network
    interface: str
    metric: int


def read_routes() -> list[Route]:
    """Return the routes of this network namespace. Raises OSError."""
    return [*routes_4(_lines("/proc/net/route")), *routes_6(_lines("/proc/net/ipv6_route"))]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("ascii").splitlines()
    except FileNotFoundError:  # a kernel without IPv6
        return []


def routes_4(lines: Iterable[str]) -> list[Route]:
    """Return the routes in ``/proc/net/route``: a title, then numbers in the host's byte order."""
    found = []
    for line in [*lines][1:]:
        interface, target, _, flags, _, _, metric, mask, *_ = line.split()
        if int(flags, 16) & _REJECTS:
            continue
        address, bits = (struct.pack("=I", int(field, 16)) for field in (target, mask))
        size = int.from_bytes(bits, "big").bit_count()
        network = ipaddress.IPv4Network((int.from_bytes(address, "big"), size))
        found.append(Route(network, interface, int(metric)))
    return found


def routes_6(lines: Iterable[str]) -> list[Route]:
    """Return the routes in ``/proc/net/ipv6_route``: numbers in hexadecimal digits."""
    found = []
    for line in lines:
        target, size, _, _, _, metric, _, _, flags, interface = line.split()
        if int(flags, 16) & _REJECTS:
            continue
        network = ipaddress.IPv6Network((int(target, 16), int(size, 16)))
        found.append(Route(network, interface, int(metric, 16)))
    return found


def has_link(interface: str) -> bool:
    """Return whether an interface is up and has a carrier; True where it is gone meanwhile.

    The kernel answers from memory, without a wait for the driver.
    """
    request = interface.encode()[: _NAME_SIZE - 1].ljust(_REQUEST_SIZE, b"\0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            answer = fcntl.ioctl(sock, _GET_FLAGS, request)
        except OSError:
            return True
    flags: int = struct.unpack_from("h", answer, _NAME_SIZE)[0]
    return bool(flags & _RUNNING)


class OwnInterfaces:
    """Our own interfaces by the devices that they lead to.

    ``read``: reads the routes, in the thread; ``link``: says whether an interface has a link;
    ``now``: a clock in microseconds. Before ``start`` no route is known.
    """

    def __init__(
        self,
        read: Callable[[], Sequence[Route]] = read_routes,
        link: Callable[[str], bool] = has_link,
        *,
        now: Callable[[], int] = monotonic,
        names: Names = NAMES,
    ) -> None:
        self._read, self._link = read, link
        self._now = now
        self._names = names
        self._routes: tuple[int, Sequence[Route]] = (0, ())
        self._links: dict[str, tuple[int, bool]] = {}
        self._stopped = threading.Event()

    def start(self) -> None:
        """Read the routes now, and again and again in a thread."""
        # A reading that hangs must not hold the end of the program.
        threading.Thread(target=self._run, name="own_interfaces", daemon=True).start()

    def stop(self) -> None:
        """End the thread after its present reading."""
        self._stopped.set()

    def look(self) -> None:
        """Read the routes once."""
        try:
            self._routes = (self._now(), self._read())
        except (OSError, ValueError) as error:
            _log.debug("routes_unread", detail=str(error))
            self._routes = (0, ())

    def down_towards(self, host: str) -> str:
        """Return our interface that leads to a host and has no link; "" where none is known.

        ``host``: a name or an address as it is configured, "" for a device of no network.
        """
        read_at, routes = self._routes
        if not host or not routes or self._now() - read_at > OLD_AFTER:
            return ""
        found = {_interface(routes, address) for address in self._names.last(host)}
        # A name may have several addresses: one that can be reached is enough.
        if "" in found or any(map(self._has_link, found)):
            return ""
        return min(found, default="")

    def _has_link(self, interface: str) -> bool:
        now = self._now()
        asked_at, before = self._links.get(interface, (0, True))
        if now - asked_at <= LINK_OLD_AFTER:
            return before
        found = self._link(interface)
        self._links[interface] = (now, found)
        if before and not found:
            _log.warning("own_interface_without_link", interface=interface)
        elif found and not before:
            _log.info("own_interface_has_link", interface=interface)
        return found

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(READ_EVERY_S)


def _interface(routes: Iterable[Route], address: Address) -> str:
    """Return the interface of the narrowest route to an address, "" where there is none."""
    target = ipaddress.ip_address(address.ip.partition("%")[0])
    if target.is_loopback:
        return ""
    if zone := address.rest[-1] if address.rest else 0:
        return _name_of(zone)
    fitting = [one for one in routes if target in one.network]
    best = min(fitting, key=lambda one: (-one.network.prefixlen, one.metric), default=None)
    return "" if best is None else best.interface


def _name_of(number: int) -> str:
    try:
        return socket.if_indextoname(number)
    except OSError:
        return ""
