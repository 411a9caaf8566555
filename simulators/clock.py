"""The only reader of clocks in the simulators: the loop's clock as plant time.

Owns nothing else; the plant itself is a function of the time it is given.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class PlantClock:
    """Plant time in microseconds: 0 until ``begin``, then it runs with the loop's clock."""

    def __init__(self, time_zone: str) -> None:
        self._zone = ZoneInfo(time_zone)
        self._loop = asyncio.get_running_loop()
        self._began_s: float | None = None

    def begin(self) -> None:
        """Let time run from 0."""
        self._began_s = self._loop.time()

    def now(self) -> int:
        """Return plant time."""
        if self._began_s is None:
            return 0
        return round((self._loop.time() - self._began_s) * 1_000_000)

    def label(self) -> str:
        """Return the time of day at the site, HH:MM:SS."""
        return datetime.now(UTC).astimezone(self._zone).strftime("%H:%M:%S")

    async def sleep_until(self, at: int) -> None:
        """Sleep until plant time ``at``; it must run."""
        assert self._began_s is not None, "sleeping for a time that does not run"
        await asyncio.sleep(max(0, at - self.now()) / 1_000_000)

    async def pause(self, seconds: float) -> None:
        """Sleep so long, whether or not plant time runs."""
        await asyncio.sleep(seconds)
