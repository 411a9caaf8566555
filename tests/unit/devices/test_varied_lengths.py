"""A Modbus unit that is read in lengths by turns, on a line in memory and in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from monitord.decoding.model import Decoding
from monitord.devices.bus.bus import Bus
from monitord.devices.bus.settings import TcpLine
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.blocks import Block, plan_blocks
from monitord.devices.modbus.lengths import lengths_of
from monitord.devices.modbus.model import ModbusPoint, ModbusSource, RequestLimits
from monitord.devices.model import ReadError
from simulators.agents.faulty import ModbusDevice
from tests.support.virtual_time import BufferedLine, LoopClock, in_virtual_time

UNIT = 7
H = "holding_register"
NUMBER = Decoding("number")
POINTS = (
    ModbusPoint("a", H, 0, "uint16", "big", NUMBER),
    ModbusPoint("b", H, 100, "float32", "big", NUMBER),
)
SPARE = RequestLimits(spare_registers=7)
SOURCE = ModbusSource("127.0.0.1", 502, UNIT, POINTS[:1], "rtu", limits=SPARE)
ANSWER_S = 0.02
framings = pytest.mark.parametrize("framing", ["rtu", "ascii"])
Say = Callable[[bytes, list[bytes]], list[bytes]]


class Unit(BufferedLine):
    """A unit whose register 0 counts its requests. ``say``: from its answers to what it sends.

    ``say`` gets the answer and all answers before it. ``has``: registers from 0, and from 100, on.
    """

    def __init__(self, framing: str, say: Say, has: int = 40) -> None:
        super().__init__(TcpLine("127.0.0.1", 502))
        self.heard: list[bytes] = []
        self.slow_s = ANSWER_S
        self.sent_at: list[int] = []
        self._say, self._has = say, has
        self._device = ModbusDevice(framing, UNIT, self._cells)
        self._answers: list[bytes] = []

    def _cells(self) -> dict[tuple[int, int], int]:
        cells = {(3, first + n): 0 for first in (0, 100) for n in range(self._has)}
        return cells | {(3, 0): len(self.heard)}

    async def send(self, octets: bytes) -> None:
        self.heard.append(octets)
        self.sent_at.append(LoopClock().now())
        found = self._device.answer_to(octets)
        assert found is not None
        for one in self._say(found[1], self._answers):
            asyncio.get_running_loop().call_later(self.slow_s, self.take, one)
        self._answers.append(found[1])


def honest(answer: bytes, before: list[bytes]) -> list[bytes]:
    """Answer as asked."""
    del before
    return [answer]


def late_by(depth: int) -> Say:
    """Return what a unit says that is always so many answers late."""
    return lambda _, before: before[-depth:][:1] if len(before) >= depth else []


def reader_of(unit: Unit, source: ModbusSource) -> ModbusReader:
    """Return a reader of the unit."""
    return ModbusReader(source, Bus(unit, LoopClock()))


def kinds(reader: ModbusReader) -> set[str]:
    """Return the kinds of the remarks so far."""
    return {remark.kind for remark in reader.take_remarks()}


async def until_followed(reader: ModbusReader) -> None:
    """Read in vain until the reader has learnt how late the unit always is."""
    for _ in range(10):
        with suppress(ReadError):
            await reader.read_raw(0.8)
            break
    assert "answers_behind" in kinds(reader)


@framings
@in_virtual_time
async def test_each_read_has_the_length_that_was_asked_longest_ago(framing: str) -> None:
    """Eight lengths come round; the spare registers are in no value."""
    unit = Unit(framing, honest)
    reader = reader_of(unit, replace(SOURCE, framing=framing))
    values = [(await reader.read_raw(1.0))[0] for _ in range(16)]
    assert values == list(range(1, 17))
    assert len(set(unit.heard[:8])) == 8
    assert unit.heard[:8] == unit.heard[8:]


@framings
@in_virtual_time
async def test_a_late_answer_is_dropped_and_the_block_asked_again(framing: str) -> None:
    """Where the old code took it for the new one, the value is now that of its own request."""

    def once_late(answer: bytes, before: list[bytes]) -> list[bytes]:
        return before[-1:] if len(before) == 3 else [answer]

    unit = Unit(framing, once_late)
    reader = reader_of(unit, replace(SOURCE, framing=framing))
    values = [(await reader.read_raw(1.0))[0] for _ in range(5)]
    assert values == [1, 2, 3, 5, 6]
    assert reader.bus.counts.late_answers == 1
    assert kinds(reader) == {"late_answer"}


@in_virtual_time
async def test_an_old_answer_ahead_of_the_true_one_costs_nothing() -> None:
    """Both come at once; the length shows which is which, and no second request is sent."""
    unit = Unit("rtu", lambda answer, before: [*before[-1:], answer])
    reader = reader_of(unit, SOURCE)
    assert [(await reader.read_raw(1.0))[0] for _ in range(9)] == list(range(1, 10))
    assert len(unit.heard) == 9
    assert reader.bus.counts.late_answers == 8


@in_virtual_time
async def test_the_evidence_of_an_answer_is_its_own_request() -> None:
    """Once a second, no length comes round within the longest delay."""
    unit = Unit("rtu", honest)
    reader = reader_of(unit, SOURCE)
    for _ in range(20):
        await asyncio.sleep(1)
        await reader.read_raw(1.0)
        assert reader.proven_from == unit.sent_at[-1]


@in_virtual_time
async def test_a_length_that_comes_round_soon_may_be_of_its_request_before() -> None:
    """Eight lengths, ten reads a second."""
    unit = Unit("rtu", honest)
    reader = reader_of(unit, SOURCE)
    for _ in range(20):
        await asyncio.sleep(0.1)
        await reader.read_raw(1.0)
    assert reader.proven_from == unit.sent_at[-9]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2])
@in_virtual_time
async def test_a_unit_that_is_always_late_is_followed_after_twenty_answers(
    depth: int, count: int
) -> None:
    """Its values are true, and their evidence begins at the request that they answer."""
    unit = Unit("rtu", late_by(depth))
    reader = reader_of(unit, replace(SOURCE, points=POINTS[:count]))
    await until_followed(reader)
    assert len(unit.heard) >= 20
    for _ in range(5):
        await asyncio.sleep(1)
        value = (await reader.read_raw(0.8))[0]
        assert isinstance(value, int)
        assert len(unit.heard) - (1 + depth) * count <= value <= len(unit.heard) - depth
        assert reader.proven_from is not None
        assert reader.proven_from <= unit.sent_at[value - 1]


@in_virtual_time
async def test_a_unit_that_is_late_no_more_is_accepted_at_once() -> None:
    """The first answer in time ends what was learnt."""
    is_late = True

    def sometimes(answer: bytes, before: list[bytes]) -> list[bytes]:
        return before[-1:] if is_late else [answer]

    unit = Unit("rtu", sometimes)
    reader = reader_of(unit, SOURCE)
    await until_followed(reader)
    assert (await reader.read_raw(0.8))[0] == len(unit.heard) - 1
    is_late = False
    assert (await reader.read_raw(0.8))[0] == len(unit.heard)


@in_virtual_time
async def test_a_unit_later_than_three_answers_is_not_followed() -> None:
    """It stays silent: better no value than one that old."""
    unit = Unit("rtu", late_by(4))
    reader = reader_of(unit, SOURCE)
    for _ in range(20):
        with pytest.raises(ReadError):
            await reader.read_raw(0.8)


@in_virtual_time
async def test_a_length_that_the_unit_refuses_is_not_asked_again() -> None:
    """Four registers exist: lengths of one to four come round, and a remark says why."""
    unit = Unit("rtu", honest, has=4)
    reader = reader_of(unit, SOURCE)
    for _ in range(20):
        assert (await reader.read_raw(1.0))[0] == len(unit.heard)
    assert len(unit.heard) == 21
    assert len(set(unit.heard)) == 5
    assert kinds(reader) == {"unreadable"}


@in_virtual_time
async def test_a_lost_answer_is_asked_for_again_within_the_read() -> None:
    """The unit is alone on its line: it has the whole time of the read."""
    unit = Unit("rtu", lambda answer, before: [answer] if len(before) != 3 else [])
    reader = reader_of(unit, SOURCE)
    assert [(await reader.read_raw(0.8))[0] for _ in range(5)] == [1, 2, 3, 5, 6]


@in_virtual_time
async def test_on_a_shared_line_a_lost_answer_is_not_asked_for_again() -> None:
    """The time belongs to the neighbours; the next round has its turn."""
    unit = Unit("rtu", lambda answer, before: [answer] if len(before) != 3 else [])
    reader = reader_of(unit, SOURCE)
    ModbusReader(replace(SOURCE, unit_id=UNIT + 1), reader.bus)
    for _ in range(3):
        await reader.read_raw(0.8)
    with pytest.raises(ReadError):
        await reader.read_raw(0.8)
    assert len(unit.heard) == 4
    assert (await reader.read_raw(0.8))[0] == 5


@in_virtual_time
async def test_another_answer_makes_no_unit_of_a_shared_line_dead() -> None:
    """It answers, if not what was asked: it is not set aside."""
    unit = Unit("rtu", late_by(1))
    reader = reader_of(unit, SOURCE)
    ModbusReader(replace(SOURCE, unit_id=UNIT + 1), reader.bus)
    for _ in range(2):
        with pytest.raises(ReadError):
            await reader.read_raw(0.3)
    heard = len(unit.heard)
    with pytest.raises(ReadError):
        await reader.read_raw(0.3)
    assert len(unit.heard) > heard


@in_virtual_time
async def test_a_unit_that_turns_slower_is_waited_for_longer() -> None:
    """Its answers come after the wait that it used to need; the read learns it."""
    unit = Unit("rtu", honest)
    reader = reader_of(unit, SOURCE)
    for _ in range(10):
        await reader.read_raw(0.8)
    unit.slow_s = 0.4
    answered = 0
    for _ in range(10):
        await asyncio.sleep(0.5)
        try:
            await reader.read_raw(0.8)
        except ReadError:
            continue
        answered += 1
    assert answered >= 7


def test_a_request_keeps_room_for_spare_registers() -> None:
    """A block that fills a request could not vary: it is read in two."""
    points = [replace(POINTS[0], id=f"p{n}", wire_address=n) for n in range(125)]
    whole, spare = (RequestLimits(spare_registers=n) for n in (0, 7))
    assert [one.count for one in plan_blocks(points, whole)] == [125]
    assert [one.count for one in plan_blocks(points, spare)] == [118, 7]


@pytest.mark.parametrize(
    ("block", "limits", "framing", "counts"),
    [
        (Block(H, 0, 2, ()), SPARE, "rtu", range(2, 10)),
        (Block(H, 0, 2, ()), SPARE, "tcp", range(2, 3)),
        (Block(H, 0, 2, ()), RequestLimits(), "rtu", range(2, 3)),
        (Block(H, 0, 2, (), is_fixed=True), SPARE, "rtu", range(2, 3)),
        (Block(H, 0, 2, ()), replace(SPARE, one_point_per_request=True), "rtu", range(2, 3)),
        (Block(H, 65_530, 2, ()), SPARE, "ascii", range(2, 7)),
        (Block(H, 0, 2, ()), replace(SPARE, registers_max=4), "ascii", range(2, 5)),
        (Block("coil", 0, 2, ()), SPARE, "ascii", range(2, 3)),
    ],
)
def test_a_block_varies_as_far_as_unit_table_and_framing_allow(
    block: Block, limits: RequestLimits, framing: str, counts: range
) -> None:
    """Numbers make it needless; fixed blocks, bits and the last addresses have no room."""
    assert lengths_of(block, limits, framing) == counts
