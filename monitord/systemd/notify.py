"""Notifies systemd that the daemon is ready, alive and stopping; see ``sd_notify(3)``.

The watchdog is notified after a finished tick of the engine, and only while polls and deliveries
end too: systemd restarts a daemon whose loop runs without finishing work.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

import structlog

from monitord.core.model import SECOND

NOTIFIED_PER_INTERVAL = 4
"""Notifications in one watchdog interval, so that a late tick causes no restart."""
POLLS_GRACE = 5 * SECOND
DELIVERIES_WITHIN = 150 * SECOND
"""Longer than the dispatcher allows an attempt to take."""

log = structlog.get_logger(__name__)


class Notifier:
    """Sends to systemd's socket; without ``address`` (not started by systemd) it sends nothing.

    ``watchdog_every``: the interval in microseconds within which systemd expects ``alive``; None
    without a watchdog.
    """

    def __init__(self, address: str = "", watchdog_every: int | None = None) -> None:
        # A leading @ means an abstract address; the kernel expects a zero byte.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._status = ""
        self._failing = False
        self.watchdog_every = watchdog_every if address else None

    @classmethod
    def from_environment(cls, environment: MutableMapping[str, str]) -> Notifier:
        """Return the notifier of ``NOTIFY_SOCKET``. No child process finds the variables after."""
        address = environment.pop("NOTIFY_SOCKET", "")
        every = environment.pop("WATCHDOG_USEC", "")
        pid = environment.pop("WATCHDOG_PID", "")
        is_ours = pid in ("", str(os.getpid()))
        watchdog = int(every) if every.isdecimal() and int(every) > 0 and is_ours else None
        return cls(address if address.startswith(("/", "@")) else "", watchdog)

    def ready(self) -> None:
        """Notify that the first tick is finished and devices are polled."""
        self._send("READY=1")

    def reloading(self, at: int) -> None:
        """Notify that the configuration is read again; ``ready`` ends that.

        ``at``: CLOCK_MONOTONIC in microseconds, by which systemd knows which reload ends.
        """
        self._send(f"RELOADING=1\nMONOTONIC_USEC={at}")

    def stopping(self) -> None:
        """Notify that the daemon finishes its work and ends."""
        self._send("STOPPING=1\nSTATUS=stopping")

    def alive(self) -> None:
        """Notify the watchdog."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Set the line of ``systemctl status``; an unchanged text is not sent again."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={' '.join(text.split())}")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)
                sock.sendto(message.encode(), self._address)
        except OSError as error:
            # Monitoring goes on without a manager; its watchdog may restart the daemon.
            if not self._failing:
                log.warning("service_manager_not_told", detail=error.strerror)
            self._failing = True
        else:
            self._failing = False


@dataclass(frozen=True, slots=True)
class Work:
    """Polls and deliveries that have ended since the start, and deliveries under way."""

    polls_ended: int
    deliveries_ended: int
    deliveries_under_way: int


class Watchdog:
    """Notifies systemd's watchdog while work ends.

    ``polls_within``: microseconds in which at least one poll must end; None without a device.
    """

    def __init__(self, notifier: Notifier, polls_within: int | None) -> None:
        self._notifier = notifier
        self._polls_within = polls_within
        self._work = Work(-1, -1, 0)  # so that the first tick counts as progress
        self._polls_ended_at = 0
        self._deliveries_ended_at = 0
        self._notified_at = 0
        self._stalled = ""

    def expect_polls_within(self, polls_within: int | None) -> None:
        """Expect the polls of other devices from now on."""
        self._polls_within = polls_within

    def tick_finished(self, now: int, work: Work) -> None:
        """Record a finished tick at site time ``now``; notify systemd while all work ends."""
        every = self._notifier.watchdog_every
        if every is None:
            return
        self._record(now, work)
        stalled = self._stalled_work(now)
        if stalled and stalled != self._stalled:
            log.error("watchdog_not_fed", detail=stalled)
        self._stalled = stalled
        if not stalled and now >= self._notified_at + every // NOTIFIED_PER_INTERVAL:
            self._notified_at = now
            self._notifier.alive()

    def _record(self, now: int, work: Work) -> None:
        if work.polls_ended > self._work.polls_ended:
            self._polls_ended_at = now
        if not work.deliveries_under_way or work.deliveries_ended > self._work.deliveries_ended:
            self._deliveries_ended_at = now
        self._work = work

    def _stalled_work(self, now: int) -> str:
        """Return the work that should have ended by now, in words; empty if all goes on."""
        if self._polls_within is not None and now > self._polls_ended_at + self._polls_within:
            return f"no poll has ended for {(now - self._polls_ended_at) // SECOND} s"
        if now > self._deliveries_ended_at + DELIVERIES_WITHIN:
            return f"no delivery has ended for {(now - self._deliveries_ended_at) // SECOND} s"
        return ""
