"""How fast the daemon itself runs: its ticks and its event loop. Measures; decides nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from monitord.clock import Clock
from monitord.core.model import MINUTE, SECOND

BUCKET = 10 * SECOND
WINDOW = MINUTE
LAG_EVERY = SECOND


class RecentMaximum:
    """A measurement in microseconds: the last, and the greatest of about the last minute.

    A scrape comes every few seconds and would miss what happened in between.
    """

    def __init__(self) -> None:
        self.last = 0
        self._maxima: deque[tuple[int, int]] = deque()

    def record(self, at: int, took: int) -> None:
        """Take a measurement made at site time ``at``."""
        self.last = took
        begun = at // BUCKET
        if self._maxima and self._maxima[-1][0] == begun:
            begun, before = self._maxima.pop()
            took = max(took, before)
        self._maxima.append((begun, took))
        self._forget(at)

    def maximum(self, at: int) -> int:
        """Return the greatest measurement of the minute before ``at``; 0 without one."""
        self._forget(at)
        return max((took for _, took in self._maxima), default=0)

    def _forget(self, at: int) -> None:
        while self._maxima and self._maxima[0][0] * BUCKET < at - WINDOW:
            self._maxima.popleft()


class LoopLag:
    """How much later than asked for the event loop lets a sleeper go on.

    ``runs``: gets a sign of life once a second, with its site time.
    """

    def __init__(self, clock: Clock, runs: Callable[[int], None] | None = None) -> None:
        self.measured = RecentMaximum()
        self._clock = clock
        self._runs = runs

    async def run(self) -> None:
        """Measure once a second until cancelled."""
        while True:
            begun = self._clock.now()
            if self._runs is not None:
                self._runs(begun)
            due = begun + LAG_EVERY
            await self._clock.sleep_until(due)
            now = self._clock.now()
            self.measured.record(now, max(0, now - due))
