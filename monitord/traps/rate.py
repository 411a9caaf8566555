"""Limits the rate of traps, and detects repeated and lost ones. Time is handed in; no I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from monitord.traps.decode import Notification
from monitord.traps.model import Oid

SECOND = 1_000_000

REMEMBERED_MAX = 64
INFORM_AGAIN_WITHIN = 60 * SECOND
"""A sender repeats an inform every few seconds until it has a response."""
TRAP_AGAIN_WITHIN = 5 * SECOND
"""A trap may arrive twice, by two paths of a network. An equal one later is a new trap."""
LATE_MAX = 16
"""An event counter up to so much below the newest belongs to a trap that was overtaken."""
LOST_MAX = 10_000
"""An event counter further ahead does not continue the old count: the device has restarted."""
_COUNTERS = 2**32
_OVERTAKING_TICKS = 6000  # a minute of sysUpTime: a trap is not overtaken by more


@dataclass(slots=True)
class TokenBucket:
    """Allows ``burst`` at once and ``per_second`` on average."""

    per_second: int
    burst: int
    _tokens_us: int = -1
    _at: int = 0

    def take(self, now: int) -> bool:
        """Use one token; return False where there is none at site time ``now``."""
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
class Novelty:
    """``is_repeat``: an equal trap came before. ``lost``: traps missing before this one."""

    is_repeat: bool = False
    lost: int = 0


class _Counted(NamedTuple):
    """A trap with an event counter; ``uptime``: of the device, in ticks; ``at``: site time."""

    counter: int
    trap_oid: Oid
    uptime: int
    at: int

    def repeats(self, old: _Counted) -> bool:
        """Return whether it is the same trap, from the same start of the device."""
        is_same = (self.counter, self.trap_oid) == (old.counter, old.trap_oid)
        return is_same and self.at - old.at <= INFORM_AGAIN_WITHIN and self.uptime >= old.uptime

    def is_after_restart(self, old: _Counted) -> bool:
        """Return whether the device has restarted, and with it its counter."""
        return self.uptime + _OVERTAKING_TICKS < old.uptime


@dataclass(slots=True)
class RecentTraps:
    """The latest traps of one device."""

    _seen: deque[tuple[int, object]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    _counted: deque[_Counted] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    _newest: _Counted | None = None

    def note(self, notification: Notification, now: int) -> Novelty:
        """Compare a trap with the latest ones, and keep it."""
        key = _key(notification)
        within = INFORM_AGAIN_WITHIN if notification.is_inform else TRAP_AGAIN_WITHIN
        if any(key == other and now - at <= within for at, other in self._seen):
            return Novelty(is_repeat=True)
        self._seen.append((now, key))
        counter = notification.event_counter
        if counter is None:
            return Novelty()
        return self._count(_Counted(counter, notification.trap_oid, notification.uptime or 0, now))

    def _count(self, new: _Counted) -> Novelty:
        """Compare the device's event counter (IRT eventCounter, a Counter32)."""
        if any(new.repeats(old) for old in self._counted):
            return Novelty(is_repeat=True)
        self._counted.append(new)
        newest, lost = self._newest, 0
        if newest is not None:
            ahead = (new.counter - newest.counter) % _COUNTERS
            if -ahead % _COUNTERS < LATE_MAX and not new.is_after_restart(newest):
                return Novelty()
            # Too far from the newest: the device has restarted, and nothing is lost.
            lost = ahead - 1 if ahead <= LOST_MAX else 0
        self._newest = new
        return Novelty(lost=lost)


def _key(notification: Notification) -> tuple[object, ...]:
    """Return what is equal in two copies of one trap.

    A repeated inform may have a later sysUpTime; a trap has the same.
    """
    time = 0 if notification.is_inform else notification.uptime or 0
    about = notification.request_id, notification.trap_oid, notification.varbinds
    return *about, time, notification.octets
