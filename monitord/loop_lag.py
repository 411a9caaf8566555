"""How fast the daemon itself runs: its ticks and its event loop. Measures; decides nothing."""

from __future__ import annotations

from collections import deque

from monitord.clock import Clock
from monitord.core.model import MINUTE, SECOND

BUCKET = 10 * SECOND
WINDOW = MINUTE
LAG_EVERY = SECOND


class Recent:
    """A measurement in microseconds: the last, and the greatest of about the last minute.

    A scrape comes every few seconds and would miss what happened in between.
    """

    def __init__(self) -> None:
        self.last = 0
        self._greatest: deque[tuple[int, int]] = deque()

    def note(self, at: int, took: int) -> None:
        """Take a measurement made at site time ``at``."""
        self.last = took
        begun = at // BUCKET
        if self._greatest and self._greatest[-1][0] == begun:
            begun, before = self._greatest.pop()
            took = max(took, before)
        self._greatest.append((begun, took))
        self._forget(at)

    def greatest(self, at: int) -> int:
        """Return the greatest measurement of the minute before ``at``; 0 without one."""
        self._forget(at)
        return max((took for _, took in self._greatest), default=0)

    def _forget(self, at: int) -> None:
        while self._greatest and self._greatest[0][0] * BUCKET < at - WINDOW:
            self._greatest.popleft()


class LoopLag:
    """How much later than asked for the event loop lets a sleeper go on."""

    def __init__(self, clock: Clock) -> None:
        self.measured = Recent()
        self._clock = clock

    async def run(self) -> None:
        """Measure once a second until cancelled."""
        while True:
            due = self._clock.now() + LAG_EVERY
            await self._clock.sleep_until(due)
            now = self._clock.now()
            self.measured.note(now, max(0, now - due))
