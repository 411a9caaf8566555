"""Our own interface without a link is no silent device."""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_network

import pytest

from monitord.names import Address, Names
from monitord.own_interfaces import (
    LINK_OLD_AFTER,
    OLD_AFTER,
    OwnInterfaces,
    Route,
    has_link,
    read_routes,
    routes_4,
    routes_6,
)

ROUTES_4 = """\
Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth1\t0001090A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth2\t0000090A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0
""".splitlines()
ROUTES_6 = [
    "fd000000000000000000000000000000 40 " + "0" * 32 + " 00 " + "0" * 32
    + " 00000100 00000001 00000000 00000001     eth1",
    "0" * 32 + " 00 " + "0" * 32 + " 00 " + "0" * 32
    + " ffffffff 00000001 00000000 00200200       lo",
]  # fmt: skip


class Now:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 1_000_000

    def __call__(self) -> int:
        return self.at


ROUTES = (
    Route(ip_network("0.0.0.0/0"), "eth0", 100),
    Route(ip_network("10.9.1.0/24"), "eth1", 0),
    Route(ip_network("10.9.1.0/24"), "eth2", 20),
    Route(ip_network("fd00::/64"), "eth1", 256),
)
"""A site with the equipment behind eth1 and the office behind eth0."""


def interfaces(*down: str, now: Now | None = None, names: Names | None = None) -> OwnInterfaces:
    """Return the interfaces of a box, of which some have no link."""

    def link(interface: str) -> bool:
        return interface not in down

    found = OwnInterfaces(lambda: ROUTES, link, now=now or Now(), names=names or Names())
    found.look()
    return found


@pytest.mark.parametrize(
    ("host", "down", "found"),
    [
        ("10.9.1.7", ("eth1",), "eth1"),
        ("fd00::7", ("eth1",), "eth1"),
        ("fe80::7%lo", ("lo",), "lo"),
        ("10.9.2.7", ("eth1",), ""),
        ("10.9.2.7", ("eth0",), "eth0"),
        ("10.9.1.7", ("eth0", "eth2"), ""),
        ("10.9.1.7", (), ""),
        ("fd01::7", ("eth0", "eth1"), ""),
        ("127.0.0.1", ("eth0",), ""),
        ("::1", ("eth0",), ""),
        ("", ("eth0",), ""),
        ("a-name-that-was-never-known", ("eth0",), ""),
    ],
)
def test_the_narrowest_route_says_which_interface_leads_to_a_device(
    host: str, down: tuple[str, ...], found: str
) -> None:
    """Of two as narrow the lower metric counts; what no route leads to is not our interface's."""
    assert interfaces(*down).down_towards(host) == found


async def test_a_name_is_behind_a_dead_interface_only_with_all_its_addresses() -> None:
    """One that can be reached is enough."""
    both = ["10.9.1.7", "10.9.2.7"]
    names = Names(lambda _: [Address(socket.AF_INET, ip, ()) for ip in both])
    await names.addresses("transmitter.hill")
    assert interfaces("eth1", names=names).down_towards("transmitter.hill") == ""
    assert interfaces("eth1", "eth0", names=names).down_towards("transmitter.hill") == "eth0"


def test_what_was_read_long_ago_proves_nothing() -> None:
    """A reading that is stalled must not make every silence our own."""
    now = Now()
    found = interfaces("eth1", now=now)
    now.at += OLD_AFTER
    assert found.down_towards("10.9.1.7") == "eth1"
    now.at += 1
    assert found.down_towards("10.9.1.7") == ""


def test_the_link_is_asked_for_again_after_20_ms() -> None:
    """A thousand devices that are silent at once are one question to the kernel."""
    now, asked = Now(), []

    def link(interface: str) -> bool:
        asked.append(interface)
        return len(asked) > 1

    found = OwnInterfaces(lambda: ROUTES, link, now=now)
    found.look()
    assert [found.down_towards("10.9.1.7") for _ in range(1000)] == ["eth1"] * 1000
    assert asked == ["eth1"]
    now.at += LINK_OLD_AFTER + 1
    assert found.down_towards("10.9.1.7") == ""


def test_routes_that_cannot_be_read_prove_nothing() -> None:
    """Silence is the device's as before."""

    def refuse() -> list[Route]:
        raise OSError("no such file")

    found = OwnInterfaces(refuse, lambda _: False)
    found.look()
    assert found.down_towards("10.9.1.7") == ""


def test_routes_are_read_in_a_thread_that_may_be_stalled() -> None:
    """A reading that hangs stops neither start nor end nor question."""
    entered, leave = threading.Event(), threading.Event()

    def hang() -> list[Route]:
        entered.set()
        leave.wait()
        return []

    found = OwnInterfaces(hang)
    found.start()
    assert entered.wait(20)
    assert found.down_towards("10.9.1.7") == ""
    found.stop()
    leave.set()


def test_the_kernels_routes_are_read_in_its_own_order_of_octets() -> None:
    """Both tables of the proc filesystem; a route that leads nowhere is none."""
    assert routes_4(ROUTES_4) == [
        Route(ip_network("0.0.0.0/0"), "eth0", 100),
        Route(ip_network("10.9.1.0/24"), "eth1", 0),
    ]
    assert routes_6(ROUTES_6) == [Route(ip_network("fd00::/64"), "eth1", 256)]


def test_this_system_has_a_loopback_interface_with_a_link() -> None:
    """The real files and flags are read; an interface that is gone is none without a link."""
    assert {route.interface for route in read_routes()} >= {"lo"}
    assert has_link("lo")
    assert has_link("gone7")
