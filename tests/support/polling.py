"""A poller on a clock of our own, with readers that do what a script says. Owns no rule."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

from monitord.core.model import SECOND, Answer, Silence
from monitord.decoding.model import Decoding
from monitord.decoding.rules import Raw
from monitord.devices.model import DeviceSettings, ReadError
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from monitord.polling.building import SocketAssignment
from monitord.polling.poller import Poller, PollStatus
from tests.support.shared_sockets import FakeSharedSocket, Member

START = 1_000 * SECOND


class HandClock:
    """Time that moves when the test says so, from one sleeper to the next."""

    def __init__(self) -> None:
        self._now = START
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self.wakes: list[int] = []

    def now(self) -> int:
        return self._now

    def wall(self) -> int:
        return self._now

    async def sleep_until(self, at: int) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (at, next(self._order), future))
        await future

    def jump(self, to: int) -> None:
        """Let time pass in which nobody could run."""
        self._now = max(self._now, to)

    async def advance(self, to: int) -> None:
        """Let everything happen that is due before or at ``to``."""
        await settle()
        while self._sleepers and self._sleepers[0][0] <= to:
            at, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._now = max(self._now, at)
                self.wakes.append(self._now)
                future.set_result(None)
                await settle()
        self._now = max(self._now, to)


async def settle() -> None:
    """Let every task run until it waits for the clock."""
    for _ in range(20):
        await asyncio.sleep(0)


class ScriptedReader:
    """Does what its script says for each read in turn; the last line of it for ever."""

    proven_from: int | None = None
    took: int | None = None

    def __init__(self, *script: Callable[[], Awaitable[tuple[Raw, ...]]]) -> None:
        self.script = list(script)
        self.reads = 0
        self.deadlines: list[float] = []
        self.outstanding = 0
        self.outstanding_max = 0
        self.closed = 0

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        self.deadlines.append(deadline_s)
        step = self.script[min(self.reads, len(self.script) - 1)]
        self.reads += 1
        self.outstanding += 1
        self.outstanding_max = max(self.outstanding, self.outstanding_max)
        try:
            return await step()
        finally:
            self.outstanding -= 1

    async def close(self) -> None:
        self.closed += 1


class TimedReader:
    """Answers after ``latency`` microseconds, or never where that is None.

    ``keeps_deadline``: or it takes its time whatever it was given.
    ``reads``: (asked, deadline) of each read, in microseconds.
    """

    proven_from = took = None

    def __init__(self, latency: int | None = 10_000, raws: tuple[Raw, ...] = (1,)) -> None:
        self.latency = latency
        self.raws = raws
        self.keeps_deadline = True
        self.clock: HandClock | None = None
        self.reads: list[tuple[int, int]] = []
        self.outstanding = 0
        self.outstanding_max = 0
        self.closed = 0
        self.noticed: list[tuple[str, str]] = []

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        assert self.clock is not None
        asked, deadline = self.clock.now(), round(deadline_s * SECOND)
        self.reads.append((asked, deadline))
        self.outstanding += 1
        self.outstanding_max = max(self.outstanding, self.outstanding_max)
        try:
            latency = deadline if self.latency is None else self.latency
            taken = min(latency, deadline) if self.keeps_deadline else latency
            await self.clock.sleep_until(asked + taken)
            if self.latency is None or (latency >= deadline and self.keeps_deadline):
                raise ReadError("timeout", "gave no answer")
            return self.raws
        finally:
            self.outstanding -= 1

    async def close(self) -> None:
        self.closed += 1

    def take_remarks(self) -> list[tuple[str, str]]:
        noticed, self.noticed = self.noticed, []
        return noticed

    def asked_s(self) -> list[float]:
        """Return when it was asked, in seconds since the start."""
        return [(asked - START) / SECOND for asked, _ in self.reads]


class BusReader(TimedReader):
    """One that shares its line: first come, first served, and waiting is part of the deadline."""

    def __init__(self, line: Line, latency: int | None = 10_000) -> None:
        super().__init__(latency)
        self._line = line

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        assert self.clock is not None
        until = self.clock.now() + round(deadline_s * SECOND)
        if not await self._line.turn(self.clock, until):
            raise ReadError("timeout", "was not asked")
        try:
            return await super().read_raw((until - self.clock.now()) / SECOND)
        finally:
            self._line.free()


class Line:
    """Whose turn it is."""

    def __init__(self) -> None:
        self._is_taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def turn(self, clock: HandClock, until: int) -> bool:
        """Return whether the turn came before ``until``."""
        if not self._is_taken:
            self._is_taken = True
            return True
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        late = asyncio.ensure_future(clock.sleep_until(until))
        try:
            await asyncio.wait((mine, late), return_when=asyncio.FIRST_COMPLETED)
        finally:
            late.cancel()
        if mine.done():
            return True
        self._waiting.remove(mine)
        return False

    def free(self) -> None:
        """Give the turn to who has waited longest."""
        self._is_taken = bool(self._waiting)
        if self._waiting:
            self._waiting.popleft().set_result(None)


def device(name: str, every_s: float = 1, **more: Any) -> DeviceSettings:
    """Return an SNMP device of one point; half a second is its deadline."""
    point = SnmpPoint("power_w", (1, 3), Decoding("number", "W"))
    source = SnmpSource("127.0.0.1", 161, Community(V2C, "public"), (point,))
    settings = DeviceSettings(name, name, round(every_s * SECOND), SECOND // 2, source)
    return replace(settings, **more)


class Bench:
    """A poller on a hand clock, with what came out of it."""

    def __init__(
        self,
        devices: Sequence[DeviceSettings],
        more: Mapping[str, Any] | None = None,
        **readers: Any,
    ) -> None:
        self.clock = HandClock()
        self.devices = devices
        for reader in (*readers.values(), *(more or {}).get("slow_readers", {}).values()):
            if isinstance(reader, TimedReader):
                reader.clock = self.clock
        self.inbox: list[Answer | Silence] = []
        self.full: set[str] = set()
        self.readers: dict[str, Any] = readers
        self.lanes = [one.socket for one in (more or {}).get("assignments", ())]
        self.poller = Poller(devices, readers, self.clock, self, **(more or {}))
        self._task: asyncio.Task[None] | None = None

    def put_many(self, items: Sequence[Answer | Silence]) -> None:
        self.inbox += items

    def has_room(self, device: str) -> bool:
        return device not in self.full

    async def run_to(self, seconds: float) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self.poller.run())
        await self.clock.advance(START + round(seconds * SECOND))

    @property
    def is_running(self) -> bool:
        """Whether the poller was started and has not ended."""
        return self._task is not None and not self._task.done()

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def lane(self, number: int = 0) -> FakeSharedSocket:
        """Return the shared socket of that number."""
        lane = self.lanes[number]
        assert isinstance(lane, FakeSharedSocket)
        return lane

    def state(self, name: str) -> PollStatus:
        return self.poller.statuses[name]

    def sent_s(self, name: str) -> list[float]:
        return [(one.sent_at - START) / SECOND for one in self.inbox if one.device == name]


async def good() -> tuple[Raw, ...]:
    return (1,)


async def deaf() -> tuple[Raw, ...]:
    raise ReadError("timeout", "gave no answer")


async def broken() -> tuple[Raw, ...]:
    secret = "public"
    raise KeyError(secret)


def lasting(bench: list[Bench], seconds: float) -> Callable[[], Awaitable[tuple[Raw, ...]]]:
    """Return a read that takes so long."""

    async def read() -> tuple[Raw, ...]:
        clock = bench[0].clock
        await clock.sleep_until(clock.now() + round(seconds * SECOND))
        return (1,)

    return read


def slow_bench(*seconds: float) -> Bench:
    """Return a bench of one device whose reads take the given times, the last one ever after."""
    itself: list[Bench] = []
    reader = ScriptedReader(*(lasting(itself, each) for each in seconds))
    itself.append(Bench([device("a")], a=reader))
    return itself[0]


def lane_bench(members: Mapping[str, Member], **more: Any) -> Bench:
    """Return a bench with all devices on one shared socket; each reader answers at once."""
    lane = SocketAssignment(FakeSharedSocket(list(members.values())), tuple(members))
    readers = {name: TimedReader(0) for name in members}
    devices = more.pop("devices", None) or [device(name) for name in members]
    return Bench(devices, {"assignments": [lane], **more}, **readers)
