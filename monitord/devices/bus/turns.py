"""Whose turn it is on a line. First come, first served; dead devices wait. Sends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from monitord.core.model import SECOND
from monitord.devices.bus.counts import LineCounts
from monitord.devices.bus.fairness import DEAD_AFTER, LineShare, pause_after
from monitord.devices.model import ReadError
from monitord.texts.phrases import Phrase, phrase

_log = structlog.get_logger(__name__)


class Turns:
    """The turns of one line. ``where``: the line for people; ``now``: the time of deadlines.

    A read of several requests waits for a turn for each of them.
    """

    def __init__(self, where: str, now: Callable[[], int], counts: LineCounts) -> None:
        self.shares: dict[str, LineShare] = {}
        """By the name of the device."""
        self._where = where
        self._now = now
        self._counts = counts
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def is_taken(self) -> bool:
        """Return whether a request is under way."""
        return self._turn.locked()

    def refuse_dead(self, name: str, share: LineShare) -> None:
        """Raise ReadError("timeout") for a dead device that gets no turn yet."""
        wait = share.not_before - self._now()
        if wait > 0:
            seconds = f"{wait / SECOND:.3g}"
            reason = phrase("bus.dead", failures=share.failures, seconds=seconds)
            raise self._not_asked(name, reason)

    async def take(self, name: str, share: LineShare, deadline: int) -> None:
        """Return when the device has its turn; the caller must ``release`` it.

        Raises ReadError("timeout") if the deadline leaves no time for an answer.
        """
        if not self._waiting and not self._turn.locked():
            await self._turn.acquire()
            return
        ahead = self._waiting + self._turn.locked()
        began = self._now()
        self._waiting += 1
        try:
            async with asyncio.timeout(max(0, deadline - began) / SECOND):
                await self._turn.acquire()
        except TimeoutError:
            waited = (self._now() - began) / SECOND
            reason = phrase("bus.waited", seconds=f"{waited:.3g}", others=ahead)
            raise self._not_asked(name, reason) from None
        finally:
            self._waiting -= 1
        if deadline - self._now() < share.took:
            self._turn.release()
            raise self._not_asked(name, phrase("bus.no_time", others=ahead))

    def release(self) -> None:
        """End the turn."""
        self._turn.release()

    def note_failure(self, name: str, share: LineShare, cost: int) -> None:
        """Count a failure that held the line for ``cost`` microseconds.

        A dead device gets a pause if a device of the line is alive.
        """
        share.failures += 1
        dead = sum(other.failures >= DEAD_AFTER for other in self.shares.values())
        if dead < len(self.shares) and (pause := pause_after(share.failures, cost, dead)):
            share.not_before = self._now() + pause
        if share.failures == DEAD_AFTER and len(self.shares) > 1:
            _log.warning("bus_device_dead", bus=self._where, device=name)

    def note_answer(self, name: str, share: LineShare) -> None:
        """Forget the failures of a device that answers."""
        if share.failures >= DEAD_AFTER and len(self.shares) > 1:
            _log.info("bus_device_alive", bus=self._where, device=name)
        share.failures = share.not_before = 0

    def _not_asked(self, name: str, reason: Phrase) -> ReadError:
        self._counts.not_asked += 1
        text = phrase("bus.not_asked", where=self._where, device=name, reason=reason)
        return ReadError("timeout", text)
