"""Virtual time of the whole gear: one loop over all lives, and the clocks of the computer on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from monitord.clock import Instant
from monitord.core.clock_quality import ClockQuality
from tests.simulation.clocks import ClockLife
from tests.simulation.facts import SECOND, BootFacts
from tests.support.virtual_time import VirtualLoop

T = TypeVar("T")


class WholeLoop(VirtualLoop):
    """A loop in virtual time on which the work of a thread takes none."""

    def stop_for(self, seconds: float) -> None:
        """Let time go on while nothing runs: every timer of it fires late, in its order."""
        self._selector_of_time.now_s += seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Wait for the thread: no time passes meanwhile."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(
                func(*args) if executor is None else executor.submit(func, *args).result()
            )
        except Exception as error:  # noqa: BLE001  # it belongs to the caller
            done.set_exception(error)
        return done


class WholeClock:
    """Site time, wall time and the boot's clock, all from the loop's time.

    ``life``: what the wall clock shows, and how good the kernel calls it.
    """

    def __init__(self, begin: int, life: ClockLife) -> None:
        self._begin = begin
        self._life = life

    @property
    def boot(self) -> BootFacts:
        """The last boot before now."""
        return [boot for boot in self._life.boots if boot.started <= self.now()][-1]

    @property
    def boot_id(self) -> str:
        return f"boot-{self._life.boots.index(self.boot)}"

    @property
    def booted_at(self) -> int:
        return self.boot.booted

    def now(self) -> int:
        return self._begin + round(asyncio.get_running_loop().time() * SECOND)

    def wall(self) -> int:
        now = self.now()
        return now + self._life.at(now).error

    def instant(self) -> Instant:
        return Instant(self.boot_id, self.now(), self.wall())

    def site_time(self, instant: Instant) -> int:
        return instant.boottime

    def read(self, at: int) -> ClockQuality:
        """Return how good the wall clock is at a moment of the boot's clock."""
        return self._life.at(at).quality

    async def sleep_until(self, at: int) -> None:
        await asyncio.sleep(max(0, at - self.now()) / SECOND)
