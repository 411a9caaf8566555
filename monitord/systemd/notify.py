"""Tells the service manager that the daemon is ready, stopping, alive. Must not decide about work.

The watchdog is fed from the engine's finished tick, and only when polls and deliveries end too:
a daemon whose loop turns while its work stands still is started anew.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

import structlog

from monitord.core.model import SECOND

FED_PER_INTERVAL = 4
"""Feedings in one watchdog interval, so that a late tick does no harm."""
POLLS_GRACE = 5 * SECOND
DELIVERIES_WITHIN = 150 * SECOND
"""Longer than the dispatcher lets any attempt take."""

log = structlog.get_logger(__name__)


class Notifier:
    """Sends to systemd's socket; without one (not started by systemd) it says nothing.

    ``watchdog_every``: microseconds within which systemd wants to hear ``alive``; None: never.
    """

    def __init__(self, address: str = "", watchdog_every: int | None = None) -> None:
        # A leading @ is how an abstract address is written; the kernel wants a zero byte.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._status = ""
        self._failing = False
        self.watchdog_every = watchdog_every if address else None

    @classmethod
    def from_environment(cls, environment: MutableMapping[str, str]) -> Notifier:
        """Take over what systemd handed in; no child of ours shall speak in our name."""
        address = environment.pop("NOTIFY_SOCKET", "")
        every = environment.pop("WATCHDOG_USEC", "")
        pid = environment.pop("WATCHDOG_PID", "")
        is_ours = pid in ("", str(os.getpid()))
        watchdog = int(every) if every.isdecimal() and int(every) > 0 and is_ours else None
        return cls(address if address.startswith(("/", "@")) else "", watchdog)

    def ready(self) -> None:
        """The first tick is done, and devices are being read."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The end was asked for; what is under way is being finished."""
        self._send("STOPPING=1\nSTATUS=stopping")

    def alive(self) -> None:
        """Work has ended since the last time."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``; the same text is sent once."""
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
            # A manager that does not listen is no reason to end the watch; it will start us anew.
            if not self._failing:
                log.warning("service_manager_not_told", detail=error.strerror)
            self._failing = True
        else:
            self._failing = False


@dataclass(frozen=True, slots=True)
class Work:
    """Counts of what has ended since the start, and how many deliveries are under way."""

    polls_ended: int
    deliveries_ended: int
    deliveries_under_way: int


class Watchdog:
    """Feeds systemd's watchdog while work ends.

    ``polls_within``: microseconds in which some poll must end; None without a device.
    """

    def __init__(self, notifier: Notifier, polls_within: int | None) -> None:
        self._notifier = notifier
        self._polls_within = polls_within
        self._work = Work(-1, -1, 0)  # so that the first tick counts as movement
        self._polls_moved_at = 0
        self._deliveries_moved_at = 0
        self._fed_at = 0
        self._starving = ""

    def tick_finished(self, now: int, work: Work) -> None:
        """Take note of a finished tick at site time ``now``; feed when all work moves."""
        every = self._notifier.watchdog_every
        if every is None:
            return
        self._note(now, work)
        starving = self._what_stands_still(now)
        if starving and starving != self._starving:
            log.error("watchdog_not_fed", detail=starving)
        self._starving = starving
        if not starving and now >= self._fed_at + every // FED_PER_INTERVAL:
            self._fed_at = now
            self._notifier.alive()

    def _note(self, now: int, work: Work) -> None:
        if work.polls_ended > self._work.polls_ended:
            self._polls_moved_at = now
        if not work.deliveries_under_way or work.deliveries_ended > self._work.deliveries_ended:
            self._deliveries_moved_at = now
        self._work = work

    def _what_stands_still(self, now: int) -> str:
        """Return which work should have ended since and has not, or nothing."""
        if self._polls_within is not None and now > self._polls_moved_at + self._polls_within:
            return f"no poll has ended for {(now - self._polls_moved_at) // SECOND} s"
        if now > self._deliveries_moved_at + DELIVERIES_WITHIN:
            return f"no delivery has ended for {(now - self._deliveries_moved_at) // SECOND} s"
        return ""
