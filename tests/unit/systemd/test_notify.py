"""Notifications to systemd on a real socket, and when the watchdog is not notified."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitord.core.model import SECOND
from monitord.systemd.notify import DELIVERIES_WITHIN, Notifier, Watchdog, Work

EVERY = 8 * SECOND
POLLS_WITHIN = 10 * SECOND
T0 = 1_000 * SECOND


class Manager:
    """systemd's end: a datagram socket at ``address``, as in ``NOTIFY_SOCKET``."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        self._sock.setblocking(False)

    def received(self) -> list[str]:
        """Return the messages since the last time."""
        messages: list[str] = []
        try:
            while True:
                messages.append(self._sock.recv(4096).decode())
        except BlockingIOError:
            return messages

    def close(self) -> None:
        self._sock.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    abstract = f"@monitord-test-{os.getpid()}"
    found = Manager(abstract if request.param == "abstract" else str(tmp_path / "notify"))
    yield found
    found.close()


def test_the_manager_receives_ready_status_alive_and_stopping(manager: Manager) -> None:
    """They have the form of sd_notify(3), on a path and on an abstract address."""
    notifier = Notifier(manager.address)
    notifier.ready()
    notifier.status("1 programme,\n2 devices")
    notifier.status("1 programme,\n2 devices")
    notifier.alive()
    notifier.stopping()
    assert manager.received() == [
        "READY=1",
        "STATUS=1 programme, 2 devices",
        "WATCHDOG=1",
        "STOPPING=1\nSTATUS=stopping",
    ]


def test_the_variables_of_systemd_are_read_and_removed(manager: Manager) -> None:
    """A child process with the address could send notifications of the daemon."""
    environment = {
        "NOTIFY_SOCKET": manager.address,
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": str(os.getpid()),
        "LANG": "C",
    }
    notifier = Notifier.from_environment(environment)
    notifier.ready()
    assert environment == {"LANG": "C"}
    assert notifier.watchdog_every == 30 * SECOND
    assert manager.received() == ["READY=1"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "30000000"},
        {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "0"},
        {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"},
    ],
)
def test_without_a_watchdog_for_this_process_none_is_notified(environment: dict[str, str]) -> None:
    """Started by hand, without WatchdogSec, or with the watchdog of another process."""
    assert Notifier.from_environment(environment).watchdog_every is None


def test_a_manager_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    """Monitoring goes on without notifications."""
    notifier = Notifier(str(tmp_path / "nobody"))
    notifier.ready()
    notifier.alive()


class WatchdogBench:
    """A watchdog and the manager's socket; times are seconds since the start."""

    def __init__(self, manager: Manager, polls_within: int | None) -> None:
        self.manager = manager
        self.watchdog = Watchdog(Notifier(manager.address, EVERY), polls_within)

    def tick(self, second: int, *, polls: int, ended: int = 0, under_way: int = 0) -> bool:
        """Finish a tick; return whether the watchdog was notified."""
        self.watchdog.tick_finished(T0 + second * SECOND, Work(polls, ended, under_way))
        return self.manager.received() == ["WATCHDOG=1"]


@pytest.fixture
def bench(manager: Manager) -> WatchdogBench:
    return WatchdogBench(manager, POLLS_WITHIN)


def test_the_watchdog_is_notified_while_ticks_and_polls_end(bench: WatchdogBench) -> None:
    """Four times in its interval, however many ticks there are."""
    notified = [bench.tick(second, polls=second) for second in range(8)]
    assert notified == [True, False, True, False, True, False, True, False]


def test_the_watchdog_is_not_notified_when_no_poll_ends(bench: WatchdogBench) -> None:
    """A loop that runs while no device is polled monitors nothing."""
    notified = [second for second in range(0, 40, 2) if bench.tick(second, polls=1)]
    assert notified == [0, 2, 4, 6, 8, 10]
    assert bench.tick(41, polls=2)


def test_a_site_without_devices_has_no_polls_to_wait_for(manager: Manager) -> None:
    """Without devices the daemon is not restarted again and again."""
    bench = WatchdogBench(manager, None)
    assert all(bench.tick(second, polls=0) for second in range(0, 1_000, 10))


def test_the_watchdog_is_not_notified_when_no_delivery_ends(bench: WatchdogBench) -> None:
    """A message is under way, and its attempt never ends."""
    last = DELIVERIES_WITHIN // SECOND
    assert bench.tick(0, polls=0, under_way=1)
    assert bench.tick(last, polls=1, under_way=1)
    assert not bench.tick(last + 2, polls=2, under_way=1)
    assert bench.tick(last + 4, polls=3, ended=1, under_way=1)


def test_deliveries_that_end_now_and_then_are_enough(bench: WatchdogBench) -> None:
    """A slow channel causes no restart."""
    seconds = range(0, 1_000, 100)
    assert all(bench.tick(s, polls=s + 1, ended=s, under_way=4) for s in seconds)
