"""One line for several devices: turns, pauses, and resynchronisation after a fault."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import tty
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

import pytest

from monitord.clock import SystemClock
from monitord.core.model import SECOND
from monitord.devices.bus.bus import Bus, Buses, BusMember
from monitord.devices.bus.exchange import GatewayTimeoutError
from monitord.devices.bus.fairness import DEAD_AFTER, DEAD_SHARE_PERCENT, LineShare, pause_after
from monitord.devices.bus.settings import Manners, SerialLine, TcpLine
from monitord.devices.bus.transports import open_transport
from monitord.devices.model import ReadError
from tests.support.virtual_time import LoopClock, MemoryLine, in_virtual_time
from tests.support.wire import LOCALHOST, free_port

AMPLE = 20 * SECOND
SOON = SECOND // 5
QUIET = 20_000
PLAIN = Manners(quiet=QUIET)
NUMBERED = Manners(numbered=True)

Say = Callable[[str], str]


def until_semicolon(received: bytes) -> tuple[str, int] | None:
    """Take ``text;``, whatever it says."""
    text, mark, _ = received.partition(b";")
    return (text.decode(), len(text) + 1) if mark else None


@asynccontextmanager
async def far_end(say: Say) -> AsyncIterator[tuple[MemoryLine, Bus]]:
    """Give the far end of a line and the bus that leads to it."""
    far = MemoryLine(say)
    bus = Bus(far, LoopClock())
    yield far, bus
    for member in bus.members:
        member.close()


async def ask(member: BusMember, question: str, within: int = AMPLE) -> str:
    """Ask one question that ends in a semicolon."""
    deadline = member.bus.now() + within
    return await member.exchange(f"{question};".encode(), until_semicolon, deadline)


async def silence(member: BusMember, question: str, within: int = SOON) -> ReadError:
    """Ask in vain."""
    with pytest.raises(ReadError) as caught:
        await ask(member, question, within)
    return caught.value


def rounded(times: Iterable[int]) -> list[int]:
    """Return times in whole milliseconds, as microseconds."""
    return [round(at, -3) for at in times]


@in_virtual_time
async def test_one_request_is_under_way_at_a_time_and_first_come_is_first_served() -> None:
    """A line carries one request; ten devices that ask at once each get their own answer."""
    async with far_end(lambda question: f"{question}!;") as (far, bus):
        members = [bus.join(f"unit {n}", PLAIN) for n in range(10)]
        answers = await asyncio.gather(*(ask(one, f"q{n}") for n, one in enumerate(members)))
        assert answers == [f"q{n}!" for n in range(10)]
        assert far.heard == [f"q{n}" for n in range(10)]
        assert far.opened == 1


@in_virtual_time
async def test_a_device_whose_turn_does_not_come_says_that_it_waited_for_the_bus() -> None:
    """Its silence is not its own, and the request is never sent."""
    async with far_end(lambda question: "" if question == "mute" else "yes;") as (far, bus):
        slow, quick = bus.join("unit 1", PLAIN), bus.join("unit 2", PLAIN)
        first = asyncio.create_task(silence(slow, "mute", 3 * SOON))
        await asyncio.sleep(0)
        error = await silence(quick, "q", SOON)
        assert (error.kind, "waited" in error.detail, "for the bus" in error.detail) == (
            "timeout",
            True,
            True,
        )
        assert (await first).kind == "timeout"
        assert await ask(quick, "again") == "yes"
        assert far.heard == ["mute", "again"]


def one_late() -> Say:
    """Return a far end that gives its first answer only before its second."""
    held: list[str] = []

    def say(question: str) -> str:
        held.append(f"{question}!;")
        return "" if len(held) == 1 else "".join(held) if len(held) == 2 else held[-1]

    return say


@in_virtual_time
async def test_the_late_answer_of_a_device_is_thrown_away() -> None:
    """Without numbers the first answer after a lost one could be the lost one; it is not used."""
    async with far_end(one_late()) as (far, bus):
        member = bus.join("unit 1", PLAIN)
        await silence(member, "old")
        assert await ask(member, "new") == "new!"
        assert far.heard == ["old", "new", "new"]
        assert bus.counts.unasked_octets == len("new!;")


@in_virtual_time
async def test_two_readers_of_one_device_share_its_late_answer() -> None:
    """The late answer to one of them is not the other's."""
    held: list[str] = []

    def say(question: str) -> str:
        held.append(f"{question}!;")
        return "" if len(held) == 1 else held[-2] if len(held) == 2 else held[-1]

    async with far_end(say) as (far, bus):
        fast, slow = bus.join("unit 1", PLAIN), bus.join("unit 1", PLAIN)
        await silence(fast, "fast")
        assert await ask(slow, "slow") == "slow!"
        assert far.heard == ["fast", "slow", "slow"]


@in_virtual_time
async def test_a_probe_shows_when_the_late_answers_have_gone_by() -> None:
    """Devices answer in order: what comes before the probe's answer is to earlier questions."""

    def say(question: str) -> str:
        return {"old": "", "probe": "old!;old!;probe!;", "new": "new!;"}[question]

    def take_probe(received: bytes) -> tuple[str, int] | None:
        at = received.find(b"probe!;")
        return None if at < 0 else ("probe", at + 7)

    async with far_end(say) as (far, bus):
        member = bus.join("unit 1", PLAIN)
        await silence(member, "old")
        probe = b"probe;", take_probe
        deadline = bus.now() + AMPLE
        assert await member.exchange(b"new;", until_semicolon, deadline, probe) == "new!"
        assert await member.exchange(b"new;", until_semicolon, deadline, probe) == "new!"
        assert far.heard == ["old", "probe", "new", "new"]


@in_virtual_time
async def test_octets_that_nobody_asked_for_are_drained_and_counted() -> None:
    """Neither a second master's traffic nor what follows an answer is the next answer."""
    async with far_end(lambda question: f"{question}!;x;") as (far, bus):
        member = bus.join("unit 1", PLAIN)
        assert [await ask(member, name) for name in "ab"] == ["a!", "b!"]
        far.come("y!;")
        assert await ask(member, "c") == "c!"
        assert bus.counts.unasked_octets == 3 * len("x;") + len("y!;")
        assert far.opened == 1


@pytest.mark.parametrize(
    ("manners", "heard"), [(NUMBERED, ["mute", "q"]), (PLAIN, ["mute", "mute", "q", "q"])]
)
async def test_a_silent_connection_is_opened_again(manners: Manners, heard: list[str]) -> None:
    """At once where answers have numbers; else after two, as a serial server may have restarted."""
    async with far_end(lambda question: "" if question == "mute" else "yes;") as (far, bus):
        member = bus.join("unit 1", manners)
        for _ in range(heard.count("mute")):
            await silence(member, "mute")
        assert await ask(member, "q") == "yes"
        assert (far.heard, far.opened) == (heard, 2)


@in_virtual_time
async def test_a_line_is_quiet_for_20_ms_after_a_fault_before_the_next_request() -> None:
    """Late octets of unit 1 are no answer to unit 2, and each of them prolongs the wait."""

    def reject(received: bytes) -> None:
        raise ReadError("bad_answer", received.decode())

    async with far_end(lambda question: "noise" if question == "bad" else "yes;") as (far, bus):
        one, other = bus.join("unit 1", PLAIN), bus.join("unit 2", PLAIN)
        began = bus.now()
        with pytest.raises(ReadError):
            await one.exchange(b"bad;", reject, began + AMPLE)
        far.come("late;", 0.010)
        far.come("er;", 0.025)
        assert await ask(other, "q") == "yes"
        assert rounded(at - began for at in far.sent_at) == [0, 45_000]
        assert bus.counts.unasked_octets == len("late;er;")


@in_virtual_time
async def test_a_babbling_line_ends_at_the_deadline_and_its_octets_are_bounded() -> None:
    """Whatever a line says, a read ends, and memory does not grow."""
    async with far_end(lambda _: "x" * 100_000) as (_, bus):
        member = bus.join("unit 1", PLAIN)
        error = await silence(member, "q", AMPLE)
        assert (error.kind, "no answer in them" in error.detail) == ("bad_answer", True)


@in_virtual_time
async def test_a_babbling_connection_is_closed_and_the_next_one_carries_nothing_of_it() -> None:
    """Octets without end end with their connection; a noisy answer alone closes nothing."""
    for octets, stays in ((100_000, False), (1_000, True)):
        async with far_end(lambda _, octets=octets: "x" * octets) as (_, bus):
            await silence(bus.join("unit 1", PLAIN), "q", AMPLE)
            assert bus.transport.is_open is stays


@in_virtual_time
async def test_a_read_that_is_cancelled_leaves_the_line_usable() -> None:
    """Its answer, when it comes, is nobody's."""
    async with far_end(lambda question: "" if question == "mute" else f"{question}!;") as (
        far,
        bus,
    ):
        one, other = bus.join("unit 1", PLAIN), bus.join("unit 2", PLAIN)
        task = asyncio.create_task(ask(one, "mute"))
        await asyncio.sleep(0.01)
        assert far.heard == ["mute"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        far.come("mute!;")
        assert await ask(other, "q") == "q!"
        assert bus.counts.unasked_octets == len("mute!;")


@in_virtual_time
async def test_the_last_device_to_leave_closes_the_line() -> None:
    """A neighbour's end is not the line's."""
    async with far_end(lambda question: f"{question}!;") as (far, bus):
        one, other = bus.join("unit 1", PLAIN), bus.join("unit 2", PLAIN)
        await ask(one, "a")
        await ask(other, "b")
        one.close()
        assert bus.transport.is_open
        assert await ask(other, "c") == "c!"
        other.close()
        assert not bus.transport.is_open
        assert await ask(one, "d") == "d!"
        assert far.opened == 2


@in_virtual_time
async def test_a_device_may_want_its_connection_closed_after_each_read() -> None:
    """Some gateways serve one client at a time."""
    async with far_end(lambda question: f"{question}!;") as (far, bus):
        member = bus.join("unit 1", Manners(close_after_read=True))
        for _ in range(2):

            async def read(_: int) -> tuple[str, str]:
                return await ask(member, "a"), await ask(member, "b")

            assert await member.read_within(1, read) == ("a!", "b!")
        assert far.opened == 2


@in_virtual_time
async def test_pauses_are_kept_after_connecting_and_between_requests() -> None:
    """Some devices lose what is sent to them too soon: 30 ms after connecting, then 20 ms."""
    async with far_end(lambda question: f"{question}!;") as (far, bus):
        began = bus.now()
        manners = Manners(pause_after_connect=30_000, pause_between_requests=20_000)
        member = bus.join("unit 1", manners)
        assert [await ask(member, name) for name in "abc"] == ["a!", "b!", "c!"]
        assert rounded(at - began for at in far.sent_at) == [30_000, 50_000, 70_000]


@in_virtual_time
async def test_a_gateway_that_says_nobody_is_there_keeps_its_connection() -> None:
    """The line is in step; only the device behind it counts as silent."""

    def take(received: bytes) -> tuple[str, int] | None:
        if received == b"nobody;":
            raise GatewayTimeoutError("exception", "nobody there")
        return until_semicolon(received)

    numbers = itertools.count(1)  # of two numbered answers none is like the other
    async with far_end(lambda q: "nobody;" if q == "dead" else f"yes {next(numbers)};") as (
        far,
        bus,
    ):
        dead, living = bus.join("unit 1", NUMBERED), bus.join("unit 2", NUMBERED)
        for number in range(1, 1 + DEAD_AFTER):
            with pytest.raises(GatewayTimeoutError):
                await dead.exchange(b"dead;", take, bus.now() + AMPLE)
            assert await ask(living, "q") == f"yes {number}"
        error = await silence(dead, "dead")
        assert "was not asked: silent 2 times in a row" in error.detail
        assert far.opened == 1


@in_virtual_time
async def test_a_dead_device_is_set_aside_and_its_neighbours_keep_their_turns() -> None:
    """After two lost requests it costs them nothing until it is due again, and then it is back."""
    mute = True

    def say(question: str) -> str:
        return "" if question == "dead" and mute else f"{question}!;"

    async with far_end(say) as (far, bus):
        dead, living = bus.join("unit 1", PLAIN), bus.join("unit 2", PLAIN)
        await ask(living, "q")
        for _ in range(DEAD_AFTER):
            await silence(dead, "dead")
        sent = len(far.heard)
        for _ in range(5):
            error = await silence(dead, "dead")
            assert "asked again in" in error.detail
            assert await ask(living, "q") == "q!"
        assert far.heard[sent:] == ["q"] * 5
        mute = False
        await bus.clock.sleep_until(dead.share.not_before)
        assert await ask(dead, "dead") == "dead!"
        assert await ask(dead, "dead") == "dead!"


@in_virtual_time
async def test_a_device_alone_on_its_line_is_asked_every_time() -> None:
    """It costs nobody anything, and its return must be seen at once."""
    async with far_end(lambda _: "") as (_, bus):
        member = bus.join("unit 1", PLAIN)
        for _ in range(DEAD_AFTER + 2):
            await silence(member, "q")
        assert (bus.counts.requests, bus.counts.not_asked) == (DEAD_AFTER + 2, 0)


@pytest.mark.parametrize("dead", [1, 2, 5, 30])
@pytest.mark.parametrize("cost", [20_000, 500_000, 3 * SECOND])
def test_dead_devices_together_stay_within_their_share(dead: int, cost: int) -> None:
    """Each holds the line for its cost and then pauses; the sum is at most the share."""
    for failures in range(DEAD_AFTER, 30):
        pause = pause_after(failures, cost, dead)
        assert dead * cost * 100 <= DEAD_SHARE_PERCENT * (cost + pause)


@pytest.mark.parametrize(
    ("failures", "pause_s"), [(1, 0), (2, 0.5), (3, 1), (4, 2), (5, 4), (6, 8), (7, 10), (40, 10)]
)
def test_the_pause_of_a_dead_device_doubles_up_to_ten_seconds(
    failures: int, pause_s: float
) -> None:
    """After a request that cost 1 ms: the fair share asks for less than that."""
    assert pause_after(failures, 1000, 1) == round(pause_s * SECOND)


def test_a_dead_device_pauses_nine_times_the_time_that_it_held_the_line() -> None:
    """One dead device may take 10 %: 3 s on the line, then 27 s without a turn. Two: 57 s."""
    assert pause_after(DEAD_AFTER, 3 * SECOND, 1) == 27 * SECOND
    assert pause_after(DEAD_AFTER, 3 * SECOND, 2) == 57 * SECOND


def test_patience_is_that_of_the_question_and_bounded_below() -> None:
    """Ten times the usual, at least 0.3 s; what is not known gets the whole deadline."""
    share = LineShare()
    assert share.patience("long") is None
    share.note_took("short", 1000)
    share.note_took("long", 400_000)
    assert (share.patience("short"), share.patience("long")) == (300_000, 4 * SECOND)
    for _ in range(100):
        share.note_took("long", 100_000)
    assert share.patience("long") == SECOND
    for number in range(3000):
        share.note_took(number, 1)
    assert len(share.usual) <= 1024


def test_a_request_that_is_sent_again_waits_for_its_usual_time_and_a_new_one_for_longer() -> None:
    """Four times its own, at least 150 ms; without one ten times the longest, at least 0.3 s."""
    share = LineShare()
    assert share.brief_patience("a") is None
    share.note_took("a", 20_000)
    assert share.brief_patience("a") == 150_000
    assert share.brief_patience("b") == 300_000
    share.note_took("a", 100_000)
    assert share.brief_patience("a") == 400_000
    assert share.brief_patience("b") == 1_000_000


async def test_devices_of_one_line_share_its_bus() -> None:
    """The same address and port, or the same serial port, is one line."""
    buses = Buses()
    port = free_port(socket.SOCK_STREAM)
    assert buses.at(TcpLine(LOCALHOST, port)) is buses.at(TcpLine(LOCALHOST, port))
    assert buses.at(TcpLine(LOCALHOST, port)) is not buses.at(TcpLine("127.0.0.2", port))
    assert buses.at(SerialLine("/dev/ttyS9")) is buses.at(SerialLine("/dev/ttyS9"))
    with pytest.raises(ValueError, match="/dev/ttyS9 is set up twice, and differently"):
        buses.at(SerialLine("/dev/ttyS9", baud_rate=19200))


async def test_nobody_listening_is_refused() -> None:
    """It is the line that is refused, and no device counts as dead for it."""
    port = free_port(socket.SOCK_STREAM)
    bus = Bus(open_transport(TcpLine(LOCALHOST, port)), SystemClock(None))
    one, _ = bus.join("unit 1", PLAIN), bus.join("unit 2", PLAIN)
    for _ in range(2 * DEAD_AFTER):
        assert (await silence(one, "q")).kind == "refused"
    assert one.share.failures == 0


def test_a_character_on_the_wire_takes_its_bits() -> None:
    """8N1 is ten bits, 8E1 eleven."""
    assert SerialLine("/dev/ttyS0", 9600).character == 1042
    assert SerialLine("/dev/ttyS0", 19200, parity="even").character == 573


class FarPort:
    """The far end of a serial line, on a pseudo terminal: answers each ``question;``."""

    def __init__(self, say: Say) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.device = os.ttyname(slave)
        self._slave = slave
        self._say = say
        os.set_blocking(self.master, False)
        asyncio.get_running_loop().add_reader(self.master, self._hear)

    def _hear(self) -> None:
        for question in os.read(self.master, 4096).decode().split(";")[:-1]:
            os.write(self.master, self._say(question).encode())

    def close(self) -> None:
        """Unplug the port."""
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        os.close(self._slave)


async def test_a_serial_port_carries_requests_and_late_answers_are_thrown_away() -> None:
    """A port has no connection to open again: it is drained until it is quiet."""
    far = FarPort(one_late())
    bus = Bus(open_transport(SerialLine(far.device, 19200, parity="even")), SystemClock(None))
    member = bus.join("unit 1", PLAIN)
    await silence(member, "old")
    assert await ask(member, "new") == "new!"
    assert await ask(member, "newer") == "newer!"
    member.close()
    far.close()


async def test_a_serial_port_that_is_unplugged_fails_the_read_and_is_opened_again() -> None:
    """A USB adapter may go and come; the error names the port."""
    far = FarPort(lambda question: f"{question}!;")
    bus = Bus(open_transport(SerialLine(far.device)), SystemClock(None))
    member = bus.join("unit 1", PLAIN)
    assert await ask(member, "q") == "q!"
    far.close()
    error = await silence(member, "q", AMPLE)
    assert error.kind in ("unreachable", "bad_answer")
    assert far.device in str(error) or "closed" in str(error)
    assert not bus.transport.is_open


async def test_a_serial_port_in_use_is_an_error_and_not_shared() -> None:
    """Two programs on one port would take each other's answers."""
    far = FarPort(lambda question: f"{question}!;")
    one = Bus(open_transport(SerialLine(far.device)), SystemClock(None))
    two = Bus(open_transport(SerialLine(far.device)), SystemClock(None))
    member = one.join("unit 1", PLAIN)
    assert await ask(member, "q") == "q!"
    error = await silence(two.join("unit 1", PLAIN), "q")
    assert error.kind == "unreachable"
    member.close()
    far.close()
