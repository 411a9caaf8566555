"""When devices are read, and what is made of readings that end badly; on a clock of our own."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from monitord.core.model import SECOND, Answer, Silence
from monitord.devices.decode import Raw
from monitord.devices.model import Decoding, DeviceSettings, ReadError
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from monitord.poller import Poller, next_slot, spread

START = 1_000 * SECOND


class HandClock:
    """Time that moves when the test says so, from one sleeper to the next."""

    def __init__(self) -> None:
        self._now = START
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return self._now

    def wall(self) -> int:
        return self._now

    async def sleep_until(self, at: int) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (at, id(future), future))
        await future

    async def advance(self, to: int) -> None:
        """Let everything happen that is due before or at ``to``."""
        await settle()
        while self._sleepers and self._sleepers[0][0] <= to:
            at, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, at)
            if not future.done():
                future.set_result(None)
            await settle()
        self._now = max(self._now, to)


async def settle() -> None:
    """Let every task run until it waits for the clock."""
    for _ in range(20):
        await asyncio.sleep(0)


class ScriptedReader:
    """Does what its script says for each read in turn; the last line of it for ever."""

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


def device(name: str, every_s: float = 1) -> DeviceSettings:
    point = SnmpPoint("power_w", (1, 3), Decoding("number", "W"))
    source = SnmpSource("127.0.0.1", 161, Community(V2C, "public"), (point,))
    return DeviceSettings(name, name, round(every_s * SECOND), SECOND // 2, source)


class Bench:
    """A poller on a hand clock, with what came out of it."""

    def __init__(self, devices: Sequence[DeviceSettings], **readers: ScriptedReader) -> None:
        self.clock = HandClock()
        self.inbox: list[Answer | Silence] = []
        self.full: set[str] = set()
        self.readers = readers
        self.poller = Poller(devices, readers, self.clock, self)
        self._task: asyncio.Task[None] | None = None

    def put_many(self, items: Sequence[Answer | Silence]) -> None:
        self.inbox += items

    def has_room(self, device: str) -> bool:
        return device not in self.full

    async def run_to(self, seconds: float) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self.poller.run())
        await self.clock.advance(START + round(seconds * SECOND))

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

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


async def test_polls_stand_at_their_slots_however_long_each_takes() -> None:
    """Due times come from the start, not from the end of the poll before."""
    bench = slow_bench(0.3, 0.1, 0.9, 0.2)
    await bench.run_to(4)
    assert bench.sent_s("a") == [0, 1, 2, 3]
    await bench.stop()


async def test_a_slot_that_passed_is_skipped_and_not_made_up_for() -> None:
    """After a read of 2.5 slots the next is at the fourth slot, and no reads stand in a queue."""
    bench = slow_bench(2.5, 0.1)
    await bench.run_to(6.5)
    assert bench.sent_s("a") == [0, 3, 4, 5, 6]
    assert bench.poller.states["a"].slots_skipped == 2
    assert bench.readers["a"].outstanding_max == 1
    await bench.stop()


async def test_an_answer_is_stamped_before_sending_and_after_decoding() -> None:
    """sent_at and at hold the read between them."""
    bench = slow_bench(0.25)
    await bench.run_to(1)
    assert bench.inbox[0] == Answer("a", START, START + SECOND // 4, (1,))
    assert bench.poller.states["a"].took == SECOND // 4
    await bench.stop()


async def test_a_silence_is_stamped_when_the_read_ended() -> None:
    """The kind is the error's."""
    bench = Bench([device("a")], a=ScriptedReader(deaf))
    await bench.run_to(0)
    assert bench.inbox == [Silence("a", "timeout", START, START)]
    assert bench.poller.states["a"].last == bench.inbox[0]
    await bench.stop()


async def test_every_end_of_a_poll_counts_for_the_watchdog() -> None:
    """A timeout is an end."""
    bench = Bench([device("a"), device("b")], a=ScriptedReader(good), b=ScriptedReader(deaf))
    await bench.run_to(2.9)
    assert bench.poller.polls_ended == len(bench.inbox) == 6
    await bench.stop()


async def test_one_readers_mistake_silences_its_device_alone() -> None:
    """An exception nobody foresaw is a bad answer of that device, told without its text."""
    bench = Bench([device("a"), device("b")], a=ScriptedReader(broken), b=ScriptedReader(good))
    with capture_logs() as logs:
        await bench.run_to(2.9)
    kinds = {one.device: type(one) for one in bench.inbox}
    assert kinds == {"a": Silence, "b": Answer}
    assert {one.kind for one in bench.inbox if isinstance(one, Silence)} == {"bad_answer"}
    assert "KeyError at broken" in logs[0]["detail"]
    assert "public" not in str(logs)
    await bench.stop()


async def test_a_lasting_failure_is_told_once_and_its_end_once() -> None:
    """First failure WARNING, repeats DEBUG, recovery INFO."""
    bench = Bench([device("a")], a=ScriptedReader(good, deaf, deaf, deaf, good, good))
    with capture_logs() as logs:
        await bench.run_to(5)
    assert [line["log_level"] for line in logs] == ["warning", "debug", "debug", "info"]
    assert logs[-1]["polls_silent"] == 3
    await bench.stop()


async def test_cancelling_ends_the_reads_and_closes_every_reader() -> None:
    """Nothing stays behind, whatever was under way."""
    bench = slow_bench(100)
    await bench.run_to(1)
    assert bench.readers["a"].outstanding == 1
    await bench.stop()
    assert bench.readers["a"].outstanding == 0
    assert bench.readers["a"].closed == 1
    assert bench.inbox == []


async def test_a_poller_without_devices_runs_until_it_is_cancelled() -> None:
    """A site may have none yet."""
    bench = Bench([])
    await bench.run_to(10)
    assert bench._task is not None
    assert not bench._task.done()
    await bench.stop()


def test_devices_of_equal_slots_stand_evenly_in_them() -> None:
    """Four devices a second are read every 250 ms, not together."""
    devices = [device("a"), device("b"), device("slow", 5), device("c"), device("d")]
    offsets = {one.id: offset / SECOND for one, offset in spread(devices)}
    assert offsets == {"a": 0, "b": 0.25, "c": 0.5, "d": 0.75, "slow": 0}


@pytest.mark.parametrize(
    ("slot", "elapsed", "following"),
    [(0, 3, 1), (0, 10, 1), (0, 11, 2), (4, 45, 5), (4, 50, 5), (4, 99, 10)],
)
def test_the_next_slot_is_the_first_that_is_not_past(
    slot: int, elapsed: int, following: int
) -> None:
    """A slot that is due this very moment is still to be read."""
    assert next_slot(slot, elapsed, 10) == following


async def test_polls_are_counted_by_how_they_ended_with_their_time() -> None:
    """The sum over all ends is the number of polls, and no kind of failure is lost."""
    bench = Bench([device("a")], a=ScriptedReader(good, deaf, broken, good))
    await bench.run_to(3.5)
    state = bench.poller.states["a"]
    assert state.results == {"answer": 2, "timeout": 1, "bad_answer": 1}
    await bench.stop()
    slow = slow_bench(0.3, 0.2)
    await slow.run_to(1.9)
    assert slow.poller.states["a"].took_total == SECOND // 2
    await slow.stop()
