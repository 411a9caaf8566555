"""Wakes on input or on the next due, advances the core, commits, publishes. Decides nothing.

The order is a guarantee: an event is on disk before its message is sent, or the message is marked
unrecorded. The alive file is written after each finished tick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from monitord.alarm_load import AlarmLoad
from monitord.clock import Instant
from monitord.core.apply import body_of
from monitord.core.clock_events import ClockTurned
from monitord.core.clock_quality import ClockQuality
from monitord.core.codec import to_plain
from monitord.core.events import ConditionLost
from monitord.core.message_events import AttemptBegan, AttemptEnded
from monitord.core.model import SECOND, ClockRead, Event, Input, Stopping
from monitord.core.pipeline import advance
from monitord.core.situation import Situation
from monitord.inbox import Inbox
from monitord.journal.alive import Alive
from monitord.journal.alive_writer import AliveWriter
from monitord.journal.pending import Pending
from monitord.loop_lag import RecentMaximum
from monitord.recording import Recording

CLOCK_EVERY = 10 * SECOND
IDLE_MAX = 5 * SECOND
"""Longest time between two ticks; an idle tick shows that the engine works."""
RETRY_EVERY = SECOND
INPUTS_MAX = 500
"""Most inputs of one tick: one slot of ten thousand devices. More wait for the next tick."""
INPUTS_MIN = 50
TICK_LONG, TICK_SHORT = 100_000, 25_000
"""Microseconds. A tick blocks the loop: after a longer one the next takes half as many inputs,
after a shorter one twice as many. The decisions are the same for every division."""

log = structlog.get_logger(__name__)


class EngineClock(Protocol):
    """Site time, wall time and all clocks at once."""

    def now(self) -> int: ...

    def wall(self) -> int: ...

    def instant(self) -> Instant: ...

    def site_time(self, instant: Instant) -> int: ...

    async def sleep_until(self, at: int) -> None: ...


class ReadsQuality(Protocol):
    """Reads how good the wall clock is; never blocks."""

    def read(self, at: int) -> ClockQuality: ...


class Attempts(Protocol):
    """Where attempts begin; the outbox."""

    def begin(self, person: str, began: AttemptBegan, *, recorded: bool) -> None:
        """Begin an attempt. ``recorded``: its event is on disk."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """Another configuration that waits for its tick: its inputs at a moment, and the swap."""

    inputs: Callable[[int], Sequence[Input]]
    swap: Callable[[], None]
    done: asyncio.Future[None]


class Engine:
    """One tick after another; the only owner of the Situation.

    ``recorded_until``: up to when the last run is known to have watched, as its record says.
    """

    def __init__(
        self,
        *,
        situation: Situation,
        inbox: Inbox,
        recording: Recording,
        alive: AliveWriter,
        clock: EngineClock,
        quality: ReadsQuality,
        outbox: Attempts,
        recorded_until: int,
        step: Callable[[str], None],
        finished: Callable[[], None] = lambda: None,
        clock_turned: Callable[[], None] = lambda: None,
    ) -> None:
        self.situation = situation
        self.recording = recording
        self.ticks = 0
        self.took = RecentMaximum()
        self.finished_at = clock.now()
        self.confirmed: dict[str, int] = {}
        self.alarm_load = AlarmLoad()
        self._inbox = inbox
        self._alive = alive
        self._clock = clock
        self._quality = quality
        self._outbox = outbox
        self._step = step
        self._finished = finished
        self._clock_turned = clock_turned
        self._ending = asyncio.Event()
        self._ticked = asyncio.Event()
        self._clock_read_at = 0
        self._recorded_until = recorded_until
        self._inputs_max = INPUTS_MAX
        self._adoption: Adoption | None = None

    async def run(self) -> None:
        """Tick until ``end`` is called; a tick that has begun is always finished."""
        while not self._ending.is_set():
            await self._wake()
            await self.tick()

    def end(self) -> None:
        """Let ``run`` return after the present tick."""
        self._ending.set()

    @property
    def pending(self) -> Pending:
        """Events decided and not on disk."""
        return self.recording.pending

    @property
    def unrecorded(self) -> int:
        """How many events wait for a disk that does not take them; a commit under way is none."""
        return len(self.pending) if self.recording.failing else 0

    async def adopt(
        self, inputs: Callable[[int], Sequence[Input]], swap: Callable[[], None]
    ) -> None:
        """Evaluate these inputs in a tick of their own, and swap once they are committed.

        ``inputs``: from the site time of that tick. ``swap``: before any message of the tick is
        composed. Returns after that.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._adoption = Adoption(inputs, swap, done)
        self._inbox.wake()
        await done

    async def tick(self, extra: Sequence[Input] = ()) -> None:
        """Take the waiting inputs, evaluate them, commit the events, then begin the attempts."""
        begun = self._clock.now()
        self._inbox.looked_at(begun)
        adoption, self._adoption = self._adoption, None
        inputs = self._inbox.drain(None if extra or adoption else self._inputs_max)
        instant, now = self._moment(inputs)
        inputs += extra if adoption is None else adoption.inputs(now)
        if now >= self._clock_read_at + CLOCK_EVERY:
            self._clock_read_at = now
            inputs.append(ClockRead(now, instant.wall, self._quality.read(instant.boottime)))
        self._step("inbox_drained")
        events = advance(self.situation, inputs, now).events
        self._step("advanced")
        recorded = await self.recording.commit(events, now)
        if recorded:
            self._recorded_until = now
        self._step("committed" if recorded else "commit_failed")
        if adoption is not None:
            adoption.swap()
            if not adoption.done.done():  # at the end of the daemon nobody waits any more
                adoption.done.set_result(None)
            self._step("swapped")
        await self._write_alive(now, instant)
        self._step("alive_written")
        self._publish(events, recorded=recorded)
        self.ticks += 1
        self.finished_at = now
        ended = self._clock.now()
        self.took.record(ended, ended - begun)
        self._adapt_inputs_max(ended - begun)
        self._finished()
        self._ticked.set()
        self._ticked = asyncio.Event()

    def _adapt_inputs_max(self, took: int) -> None:
        if took > TICK_LONG:
            self._inputs_max = max(INPUTS_MIN, self._inputs_max // 2)
        elif took < TICK_SHORT:
            self._inputs_max = min(INPUTS_MAX, self._inputs_max * 2)

    def _moment(self, inputs: Sequence[Input]) -> tuple[Instant, int]:
        """Return every clock at the end of this tick's time, and that site time.

        While more inputs wait it is the time of the last one taken: a waiting input may still
        change what falls due later.
        """
        # Two readings of the clock could lie apart by the time of another process.
        instant = self._clock.instant()
        now = self._clock.site_time(instant)
        if not len(self._inbox):
            return instant, now
        judged = max([self.situation.clock, *(item.at for item in inputs)])
        late = max(0, now - judged)
        earlier = replace(instant, boottime=instant.boottime - late, wall=instant.wall - late)
        return earlier, now - late

    async def after_tick(self) -> None:
        """Wait for the end of the present tick, or of the next one."""
        await self._ticked.wait()

    async def stop(self) -> None:
        """Record how far everything is settled, with a snapshot for a quick next start.

        A configuration that waits for its tick is not adopted: its parts have ended already.
        """
        self._adoption = None
        self.recording.snapshot_next()
        await self.tick([Stopping(self._clock.now())])

    async def _wake(self) -> None:
        wakes: list[asyncio.Task[object]] = [
            asyncio.create_task(self._inbox.arrival()),
            asyncio.create_task(self._ending.wait()),
            asyncio.create_task(self._clock.sleep_until(self._next_due())),
        ]
        try:
            await asyncio.wait(wakes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wake in wakes:
                wake.cancel()

    def _next_due(self) -> int:
        due = self.situation.dues.first()
        idle = self.finished_at + (RETRY_EVERY if len(self.pending) else IDLE_MAX)
        return idle if due is None else min(due[0], idle)

    async def _write_alive(self, now: int, instant: Instant) -> None:
        # Site time and clocks are of one moment: a start continues the axis from this pair.
        head = self.recording.head
        await self._alive.write(
            Alive(
                boot_id=instant.boot_id,
                boottime=instant.boottime,
                site=now,
                wall=instant.wall,
                epoch=head.epoch,
                number=head.number,
                head=head.chain,
                recorded_until=self._recorded_until,
            )
        )

    def _publish(self, events: Sequence[Event], *, recorded: bool) -> None:
        for event in events:
            if event.kind not in _PUBLISHED:
                continue
            match body_of(event):
                case AttemptBegan() as began:
                    self.alarm_load.begin(event.subject, began.incident, began.alert["told"])
                    self._outbox.begin(event.subject, began, recorded=recorded)
                case AttemptEnded() as ended:
                    self._count(event, ended)
                case ConditionLost() if event.subject not in self.situation.watchers:
                    # No programme uses it, and the poller logs the silent device itself.
                    pass
                case ClockTurned() as turned:
                    log.warning(event.kind, **to_plain(turned))
                    self._clock_turned()
                case body:
                    log.info(event.kind, subject=event.subject, **to_plain(body))

    def _count(self, event: Event, ended: AttemptEnded) -> None:
        person = event.subject
        if ended.delivered:
            self.confirmed[person] = self.confirmed.get(person, 0) + 1
        self.alarm_load.end(person, ended.incident, delivered=ended.delivered, at=event.at)


_LOGGED = ("incident_opened", "incident_moved", "incident_closed", "clock_turned", "own_lateness")
_PUBLISHED = frozenset((*_LOGGED, "condition_lost", "attempt_began", "attempt_ended"))
