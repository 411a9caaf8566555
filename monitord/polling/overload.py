"""Whether a device bears being device: slower than at first, or restarted since. Reads no clock.

Rule 8: what slows or restarts after we begin is asked less often, and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low

from monitord.core.model import MINUTE, SECOND, Value

FIRST = 20
"""Answers from which its usual response time is taken (their median)."""
SLOW_TIMES, SLOW_MORE = 4, 100_000
"""It slows when the mean is over so many times the usual, and over it by so many microseconds."""
WELL_TIMES, WELL_MORE = 2, 50_000
"""It is well again below these."""
_WEIGHT = 8
"""The mean follows with an eighth of each answer."""
REST = MINUTE
"""After a restart it is spared so long, after n restarts n times."""
RESTS_MAX = 10
ONE_RESTART = 10 * SECOND
"""What is seen of a restart within so long of another sight of one is the same."""
GENTLE_SLOTS = 2
"""A device that is spared is asked in every second slot: within the continuity bound still."""
_WRAP_NEAR_S = 42_949_000
"""Hundredths of a second in 32 bits wrap at 42,949,672.96 s: that is no restart."""


class ResponseTime:
    """The response times of one device."""

    def __init__(self) -> None:
        self.is_slow = False
        self.usual: int | None = None
        self._first: list[int] = []
        self._mean = 0

    def record(self, took: int) -> bool:
        """Take an answer's microseconds; return whether the device begins to be slow with it."""
        if self.usual is None:
            self._first.append(took)
            if len(self._first) == FIRST:
                self.usual = self._mean = median_low(self._first)
                self._first = []
            return False
        self._mean += (took - self._mean) // _WEIGHT
        was = self.is_slow
        times, more = (WELL_TIMES, WELL_MORE) if was else (SLOW_TIMES, SLOW_MORE)
        self.is_slow = self._mean > max(self.usual * times, self.usual + more)
        return self.is_slow and not was

    def described(self) -> str:
        """Say how slow, in milliseconds."""
        return f"{self._mean / 1000:.0f} ms, {(self.usual or 0) / 1000:.0f} ms at first"


class Uptime:
    """Restarts, seen where a point counts the time since the start. ``place``: which, or None."""

    def __init__(self, place: int | None) -> None:
        self._place = place
        self._last: float | None = None
        self._restarts = 0
        self._restarted_at = 0
        self._spared_until = 0

    def record(self, values: Sequence[Value], at: int) -> bool:
        """Take an answer's values; return whether they show a restart since the one before."""
        value = None if self._place is None else values[self._place]
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        last, self._last = self._last, value
        if last is None or value >= last or last > _WRAP_NEAR_S:
            return False
        self.restarted(at)
        return True

    def restarted(self, at: int) -> None:
        """Spare the device from now on for a while; one restart may be seen in several ways."""
        if self._restarts and at - self._restarted_at < ONE_RESTART:
            return
        self._restarted_at = at
        self._restarts = min(self._restarts + 1, RESTS_MAX)
        self._spared_until = at + REST * self._restarts

    def is_spared(self, now: int) -> bool:
        """Return whether the device has restarted lately."""
        return now < self._spared_until
