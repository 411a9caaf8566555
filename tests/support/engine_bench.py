"""An engine on a record of its own, with clocks that a test moves and an outbox that is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from monitord.clock import Instant
from monitord.core.clock_quality import ClockQuality
from monitord.core.message_events import AttemptBegan
from monitord.core.model import SECOND, Answer, Event, Input, Started
from monitord.core.situation import Situation
from monitord.engine import Engine
from monitord.inbox import Inbox
from monitord.journal.pending import LIMIT
from monitord.record_opening import alive_at, open_and_fold
from monitord.recording import LATE_AFTER_S, Recording
from tests.support.calendars import given
from tests.support.seam import ALWAYS, OFFSET, T0, fm_site


class HandClock:
    """Clocks that a test moves together."""

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return self.at + OFFSET

    def instant(self) -> Instant:
        return Instant("boot", self.at - T0 + 10**12, self.wall())

    def site_time(self, instant: Instant) -> int:
        return instant.boottime + T0 - 10**12

    async def sleep_until(self, at: int) -> None:
        raise AssertionError(f"nobody sleeps here, not until {at}")


class HeldOutbox:
    """Keeps the attempts that the engine begins, and sends nothing."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, AttemptBegan, bool]] = []

    def begin(self, person: str, began: AttemptBegan, *, recorded: bool) -> None:
        self.begun.append((person, began, recorded))


class Bench:
    """An engine on a record of its own, started at ``T0``."""

    def __init__(
        self, folder: Path, *, pending_max: int = LIMIT, late_after_s: float = LATE_AFTER_S
    ) -> None:
        self.clock, self.inbox = HandClock(), Inbox()
        self.unrecorded: list[int] = []
        self.in_commit: Callable[[str], None] = lambda name: None
        found = open_and_fold(folder, site="hill", step=self._in_commit)
        self.continued = found
        self.journal = found.journal
        self.folder = folder
        self.outbox = HeldOutbox()
        situation = Situation(fm_site().plan, found.durable)
        self.engine = Engine(
            situation=situation,
            inbox=self.inbox,
            recording=Recording(
                situation,
                self.journal,
                self._step,
                put=self.inbox.put,
                pending_max=pending_max,
                late_after_s=late_after_s,
            ),
            alive=found.alive,
            clock=self.clock,
            quality=GoodQuality(),
            outbox=self.outbox,
            recorded_until=found.durable.last_at,
            step=self._step,
        )

    def _in_commit(self, name: str) -> None:
        self.in_commit(name)

    def _step(self, name: str) -> None:
        if name == "commit_begun":
            self.unrecorded.append(self.engine.unrecorded)

    async def start(self, second: int = 0) -> None:
        at = T0 + second * SECOND
        self.clock.at = at
        found = self.continued
        until = alive_at(found.alive.found, found.durable, found.base)
        started = Started(at, at + OFFSET, "boot", "config", until, base=found.base)
        calendar = given(at, {"fm": ALWAYS})
        await self.engine.tick([started, calendar])

    def close(self) -> None:
        self.journal.close()
        self.continued.alive.close()

    async def second(self, number: int, inputs: Sequence[Input]) -> None:
        """Tick at the end of a second with these inputs."""
        for one in inputs:
            self.inbox.put(one)
        self.clock.at = T0 + number * SECOND
        await self.engine.tick()

    def wait_for_tick(self, seconds: int, at: int) -> None:
        """Let good answers of so many seconds wait until ``at``."""
        self.inbox.put_many([one for second in range(1, seconds + 1) for one in good(second)])
        self.clock.at = at

    def events(self) -> Sequence[Event]:
        return list(self.journal.load().events)


class GoodQuality:
    """A synchronised kernel."""

    def read(self, at: int) -> ClockQuality:
        del at
        return ClockQuality()


def good(second: int) -> list[Input]:
    """Return a good answer of each device."""
    at = T0 + second * SECOND
    return [Answer("fm1", at - 9, at, (True, False, False)), Answer("io", at - 9, at, (False,))]


def off_air(second: int) -> list[Input]:
    """Return an answer of each device while the transmitter is off."""
    at = T0 + second * SECOND
    return [Answer("fm1", at - 9, at, (False, True, False)), Answer("io", at - 9, at, (False,))]
