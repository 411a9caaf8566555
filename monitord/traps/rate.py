"""How many traps are taken, and which of them were taken before. Time is handed in; no I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from monitord.decoding.rules import Raw
from monitord.traps.decode import Notification
from monitord.traps.model import Oid

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
_OVERTAKING_TICKS = 6000  # a minute of sysUpTime: nothing is overtaken by more


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


class _Counted(NamedTuple):
    """A trap by the number its device gave it; ``uptime``: of the device, ``at``: site time."""

    counter: int
    trap_oid: Oid
    uptime: int
    at: int

    def is_again(self, old: _Counted) -> bool:
        """Return whether it is one from before, of the same start of the device."""
        is_same = (self.counter, self.trap_oid) == (old.counter, old.trap_oid)
        return is_same and self.at - old.at <= INFORM_AGAIN_WITHIN and self.uptime >= old.uptime

    def is_after_restart(self, old: _Counted) -> bool:
        """Return whether the device has begun to count time, and with it traps, anew."""
        return self.uptime + _OVERTAKING_TICKS < old.uptime


@dataclass(slots=True)
class Memory:
    """What one device has sent of late."""

    _seen: deque[tuple[int, object]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    _counted: deque[_Counted] = field(default_factory=lambda: deque(maxlen=REMEMBERED_MAX))
    _newest: _Counted | None = None

    def judge(self, notification: Notification, now: int) -> Judged:
        """Return what is known of a trap, and remember it."""
        mark = _mark(notification)
        within = INFORM_AGAIN_WITHIN if notification.is_inform else TRAP_AGAIN_WITHIN
        if any(mark == other and now - at <= within for at, other in self._seen):
            return Judged(is_again=True)
        self._seen.append((now, mark))
        counter = notification.event_counter
        if counter is None:
            return Judged()
        return self._count(_Counted(counter, notification.trap_oid, notification.uptime or 0, now))

    def _count(self, new: _Counted) -> Judged:
        """Follow the device's own count of its traps (IRT eventCounter, a Counter32)."""
        if any(new.is_again(old) for old in self._counted):
            return Judged(is_again=True)
        self._counted.append(new)
        newest, lost = self._newest, 0
        if newest is not None:
            ahead = (new.counter - newest.counter) % _COUNTERS
            if -ahead % _COUNTERS < LATE_MAX and not new.is_after_restart(newest):
                return Judged()
            # Too far from what it was, it has started again and counts anew.
            lost = ahead - 1 if ahead <= LOST_MAX else 0
        self._newest = new
        return Judged(lost=lost)


def _mark(notification: Notification) -> tuple[int | None, Oid, tuple[tuple[Oid, Raw], ...], int]:
    """Return what two sendings of the same have in common.

    An inform sent again may carry a later sysUpTime; a trap's own time is part of it.
    """
    time = 0 if notification.is_inform else notification.uptime or 0
    return notification.request_id, notification.trap_oid, notification.varbinds, time
