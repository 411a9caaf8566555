"""Signs that polling overloads a device: slower answers than at first, or restarts.

Reads no clock. A device with one of these signs is polled more rarely, and a remark reports it.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low
from typing import Final

from monitord.core.model import MINUTE, SECOND, Value
from monitord.decoding.restarts import ran_on

BASELINE_ANSWERS = 20
"""The median of so many first answers is the usual response time."""
SLOW_FACTOR, SLOW_EXCESS = 4, 100_000
"""A device is slow when its mean exceeds the usual time both by this factor and by so many
microseconds."""
RECOVERED_FACTOR, RECOVERED_EXCESS = 2, 50_000
"""It is slow no longer when the mean is at or below one of these."""
_MEAN_PARTS = 8
"""Each answer changes the mean by an eighth of the difference."""
REST_AFTER_RESTART = MINUTE
"""After n restarts a device is spared for n times this. Microseconds."""
RESTARTS_MAX = 10
SAME_RESTART_WITHIN = 10 * SECOND
"""Two signs of a restart within this time are signs of the same restart. Microseconds."""
SPARED_SLOT_STEP = 2
"""A spared device is polled in every second slot, which its continuity bound allows."""
_WRAP: Final = 2**32 * 10_000
"""Hundredths of a second in 32 bits (SNMP TimeTicks) wrap at so many microseconds: no restart."""


class ResponseTime:
    """The response time of one device. ``usual``: microseconds, None before it is known."""

    __slots__ = (
        "_first",
        "_mean",
        "is_slow",
        "usual",
    )

    def __init__(self) -> None:
        self.is_slow = False
        self.usual: int | None = None
        self._first: list[int] = []
        self._mean = 0

    def record(self, took: int) -> bool:
        """Record an answer that took so many microseconds; return whether it turns slow now."""
        if self.usual is None:
            self._first.append(took)
            if len(self._first) == BASELINE_ANSWERS:
                self.usual = self._mean = median_low(self._first)
                self._first = []
            return False
        self._mean += (took - self._mean) // _MEAN_PARTS
        was = self.is_slow
        factor, excess = (RECOVERED_FACTOR, RECOVERED_EXCESS) if was else (SLOW_FACTOR, SLOW_EXCESS)
        self.is_slow = self._mean > max(self.usual * factor, self.usual + excess)
        return self.is_slow and not was

    def described(self) -> str:
        """Return the mean and the usual response time in milliseconds, as text."""
        return f"{self._mean / 1000:.0f} ms, {(self.usual or 0) / 1000:.0f} ms at first"


class RestartDetector:
    """Restarts of one device. ``place``: of the point that counts seconds since its start."""

    __slots__ = (
        "_last",
        "_place",
        "_restarted_at",
        "_restarts",
        "_spared_until",
    )

    def __init__(self, place: int | None) -> None:
        self._place = place
        self._last: tuple[int, int] | None = None
        self._restarts = 0
        self._restarted_at = 0
        self._spared_until = 0

    def record(self, values: Sequence[Value], at: int) -> bool:
        """Record an answer's values; return whether they show a restart since the one before.

        ``at``: site time in microseconds.
        """
        value = None if self._place is None else values[self._place]
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        before, self._last = self._last, (round(value * SECOND), at)
        if before is None:
            return False
        last, last_at = before
        if ran_on(last, self._last[0], max(0, at - last_at), _WRAP) is not False:
            return False
        self.restarted(at)
        return True

    def restarted(self, at: int) -> None:
        """Spare the device after a restart at site time ``at``. One restart has several signs."""
        if self._restarts and at - self._restarted_at < SAME_RESTART_WITHIN:
            return
        self._restarted_at = at
        self._restarts = min(self._restarts + 1, RESTARTS_MAX)
        self._spared_until = at + REST_AFTER_RESTART * self._restarts

    def is_spared(self, now: int) -> bool:
        """Return whether the device restarted recently."""
        return now < self._spared_until
