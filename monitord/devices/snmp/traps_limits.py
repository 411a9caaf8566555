"""How many traps are taken, and which of them were taken before. Time is handed in; no I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from monitord.devices.decode import Raw
from monitord.devices.snmp.traps_decode import Notification
from monitord.devices.snmp.traps_model import Oid

SECOND = 1_000_000

REMEMBERED_MAX = 64
INFORM_AGAIN_WITHIN = 60 * SECOND
"""A sender repeats an inform every few seconds until it is answered."""
TRAP_AGAIN_WITHIN = 5 * SECOND
"""A trap comes twice over two ways of a network. One that says the same later is a new one."""
LATE_MAX = 16
"""So far behind the newest, an event counter is that of a trap overtaken on its way."""
LOST_MAX = 10_000
"""Further ahead, the device does not count on from where it was."""
_COUNTERS = 2**32


@dataclass(slots=True)
class TokenBucket:
    """At most ``burst`` at once, and ``per_second`` in the long run."""

    per_second: int
    burst: int
    _tokens_us: int = -1
    _at: int = 0

    def take(self, now: int) -> bool:
        """Return whether one more may pass at site time ``now``."""
        full = self.burst * SECOND
        if self._tokens_us < 0:
            self._tokens_us, self._at = full, now
        gained = max(0, now - self._at) * self.per_second
        self._tokens_us, self._at = min(full, self._tokens_us + gained), now
        if self._tokens_us < SECOND:
            return False
        self._tokens_us -= SECOND
        return True


@dataclass(frozen=True, slots=True)
class Judged:
    """``is_again``: the same was taken before. ``lost``: traps that never came before this one."""

    is_again: bool = False
    lost: int = 0


@dataclass(slots=True)
class Memory:
    """What one device has sent of late."""

    _seen: deque[tuple[int, object]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    _counters: deque[tuple[int, Oid]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    _newest: int | None = None

    def judge(self, notification: Notification, now: int) -> Judged:
        """Return what is known of a trap, and remember it."""
        mark = _mark(notification)
        within = INFORM_AGAIN_WITHIN if notification.is_inform else TRAP_AGAIN_WITHIN
        if any(mark == other and now - at <= within for at, other in self._seen):
            return Judged(is_again=True)
        self._seen.append((now, mark))
        counter = notification.event_counter
        return Judged() if counter is None else self._count(counter, notification.trap_oid)

    def _count(self, counter: int, trap_oid: Oid) -> Judged:
        """Follow the device's own count of its traps (IRT eventCounter, a Counter32)."""
        if (counter, trap_oid) in self._counters:
            return Judged(is_again=True)
        ahead = 1 if self._newest is None else (counter - self._newest) % _COUNTERS
        behind = -ahead % _COUNTERS
        if behind < LATE_MAX:
            self._counters.append((counter, trap_oid))
            return Judged()
        if ahead > LOST_MAX:
            # It has started again and counts anew: an old number is another trap now.
            self._counters.clear()
            ahead = 1
        self._counters.append((counter, trap_oid))
        self._newest = counter
        return Judged(lost=ahead - 1)


def _mark(notification: Notification) -> tuple[int | None, Oid, tuple[tuple[Oid, Raw], ...], int]:
    """Return what two sendings of the same have in common.

    An inform sent again may carry a later sysUpTime; a trap's own time is part of it.
    """
    time = 0 if notification.is_inform else notification.uptime or 0
    return notification.request_id, notification.trap_oid, notification.varbinds, time
