"""How long things took, on a clock of our own."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import suppress

from monitord.core.model import SECOND
from monitord.loop_lag import LoopLag, RecentMaximum

T0 = 1_000 * SECOND


class LateClock:
    """A clock whose sleepers go on ``late`` microseconds after they asked to, at once."""

    def __init__(self, *late: int) -> None:
        self._now = T0
        self._late = list(late)
        self.slept = asyncio.Event()

    def now(self) -> int:
        return self._now

    def wall(self) -> int:
        return self._now

    async def sleep_until(self, at: int) -> None:
        if not self._late:
            self.slept.set()
            await asyncio.Event().wait()
        self._now = at + self._late.pop(0)


async def test_the_loop_lag_is_what_a_sleeper_waits_too_long() -> None:
    """On time is 0; a loop that was held for 3 s shows them."""
    clock = LateClock(0, 3 * SECOND, SECOND // 4)
    lag = LoopLag(clock)
    task = asyncio.create_task(lag.run())
    await clock.slept.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert lag.measured.last == SECOND // 4
    assert lag.measured.maximum(clock.now()) == 3 * SECOND


def test_the_greatest_is_forgotten_after_a_minute() -> None:
    """An old stall does not stay on the display for ever."""
    recent = RecentMaximum()
    recent.record(T0, 9)
    recent.record(T0 + 50 * SECOND, 4)
    assert recent.maximum(T0 + 55 * SECOND) == 9
    assert recent.maximum(T0 + 75 * SECOND) == 4
    assert recent.maximum(T0 + 500 * SECOND) == 0
    assert recent.last == 4


def test_a_smaller_measurement_does_not_hide_a_greater_one() -> None:
    """Within the same few seconds too, whichever came first."""
    recent = RecentMaximum()
    for took in (2, 9, 4):
        recent.record(T0, took)
    assert (recent.last, recent.maximum(T0)) == (4, 9)


def test_what_is_kept_is_bounded() -> None:
    """A year of ticks takes no more room than a minute of them."""

    def octets_after(seconds: int) -> int:
        recent = RecentMaximum()
        for second in range(seconds):
            recent.record(T0 + second * SECOND, second)
        return len(pickle.dumps(recent))

    assert octets_after(10_000) < 1.5 * octets_after(60)
