"""What the service manager hears, on a real socket, and when the watchdog is left to starve."""

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
    """systemd's end: a datagram socket at ``address``, as it stands in ``NOTIFY_SOCKET``."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        self._sock.setblocking(False)

    def heard(self) -> list[str]:
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


def test_the_manager_hears_ready_status_alive_and_stopping(manager: Manager) -> None:
    """The four words arrive in systemd's own writing, on a path and on an abstract address."""
    notifier = Notifier(manager.address)
    notifier.ready()
    notifier.status("1 programmes,\n2 devices")
    notifier.status("1 programmes,\n2 devices")
    notifier.alive()
    notifier.stopping()
    assert manager.heard() == [
        "READY=1",
        "STATUS=1 programmes, 2 devices",
        "WATCHDOG=1",
        "STOPPING=1\nSTATUS=stopping",
    ]


def test_what_systemd_hands_in_is_taken_over_and_not_left_for_children(manager: Manager) -> None:
    """A child that inherited the address could speak in the daemon's name."""
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
    assert manager.heard() == ["READY=1"]


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
def test_without_a_watchdog_for_this_process_none_is_fed(environment: dict[str, str]) -> None:
    """By hand, without WatchdogSec, or with the watchdog of another process."""
    assert Notifier.from_environment(environment).watchdog_every is None


def test_a_manager_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    """The watch goes on; telling about it is not worth dying for."""
    notifier = Notifier(str(tmp_path / "nobody"))
    notifier.ready()
    notifier.alive()


class Dog:
    """A watchdog and the manager's ear, in seconds since the start."""

    def __init__(self, manager: Manager, polls_within: int | None) -> None:
        self.manager = manager
        self.watchdog = Watchdog(Notifier(manager.address, EVERY), polls_within)

    def tick(self, second: int, *, polls: int, ended: int = 0, under_way: int = 0) -> bool:
        """Finish a tick; return whether the watchdog was fed."""
        self.watchdog.tick_finished(T0 + second * SECOND, Work(polls, ended, under_way))
        return self.manager.heard() == ["WATCHDOG=1"]


@pytest.fixture
def dog(manager: Manager) -> Dog:
    return Dog(manager, POLLS_WITHIN)


def test_finished_ticks_and_polls_feed_the_watchdog(dog: Dog) -> None:
    """Four times in its interval, however many ticks there are."""
    fed = [dog.tick(second, polls=second) for second in range(8)]
    assert fed == [True, False, True, False, True, False, True, False]


def test_the_watchdog_starves_when_no_poll_ends(dog: Dog) -> None:
    """A loop that turns while nothing is read any more watches nothing."""
    fed = [second for second in range(0, 40, 2) if dog.tick(second, polls=1)]
    assert fed == [0, 2, 4, 6, 8, 10]
    assert dog.tick(41, polls=2)


def test_a_site_without_devices_has_no_polls_to_wait_for(manager: Manager) -> None:
    """Nothing to read is no reason to start anew for ever."""
    dog = Dog(manager, None)
    assert all(dog.tick(second, polls=0) for second in range(0, 1_000, 10))


def test_the_watchdog_starves_when_deliveries_stand_still(dog: Dog) -> None:
    """People are owed a message, one is under way, and none ever ends."""
    last = DELIVERIES_WITHIN // SECOND
    assert dog.tick(0, polls=0, under_way=1)
    assert dog.tick(last, polls=1, under_way=1)
    assert not dog.tick(last + 2, polls=2, under_way=1)
    assert dog.tick(last + 4, polls=3, ended=1, under_way=1)


def test_deliveries_that_end_now_and_then_are_enough(dog: Dog) -> None:
    """A slow channel is no hanging daemon."""
    seconds = range(0, 1_000, 100)
    assert all(dog.tick(s, polls=s + 1, ended=s, under_way=4) for s in seconds)
