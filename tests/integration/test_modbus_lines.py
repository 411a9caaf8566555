"""Modbus over RTU and ASCII, on serial ports and through serial servers, one unit and several."""

from __future__ import annotations

import asyncio
import shutil
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pymodbus.constants import ExcCodes

from monitord.clock import SystemClock
from monitord.core.model import SECOND
from monitord.decoding.model import Decoding
from monitord.devices.bus.bus import Bus, Buses
from monitord.devices.bus.settings import Manners, SerialLine, TcpLine
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusPoint, ModbusSource, RequestLimits
from monitord.devices.model import DeviceSettings, ReadError
from tests.support.agents import ModbusPlant
from tests.support.decoding import DecodedReader, decoded_reader, open_decoded_readers
from tests.support.modbus import rtu_frame
from tests.support.wire import LOCALHOST, StreamServer

NUMBER = Decoding("number")
AMPLE_S = 20.0
SOON_S = 0.3
UNIT = 17
FRAMINGS = ("rtu", "ascii")


def holding(*addresses: int) -> tuple[ModbusPoint, ...]:
    return tuple(
        ModbusPoint(f"r{address}", "holding_register", address, "uint16", "big", NUMBER)
        for address in addresses
    )


ALL_TABLES = (
    ModbusPoint("coil", "coil", 9, "bit", "big", NUMBER),
    ModbusPoint("input", "discrete_input", 0, "bit", "big", NUMBER),
    ModbusPoint("float", "holding_register", 1, "float32", "big", NUMBER),
    ModbusPoint("swapped", "holding_register", 3, "float32", "little", NUMBER, byte_order="little"),
    ModbusPoint("pair", "input_register", 2, "uint32", "little", NUMBER),
    ModbusPoint("low", "input_register", 4, "int8_low", "big", NUMBER),
)
ALL_VALUES = (1, 1, 123456.0, 123456.0, 65538, -2)


def put_all_tables(plant: ModbusPlant) -> None:
    """Write what ``ALL_VALUES`` says, worked out by hand: 123456.0 is 47F12000."""
    plant.cells |= {("coil", 9): 1, ("discrete_input", 0): 1}
    plant.set_registers("holding_register", 1, 0x47F1, 0x2000, 0x0020, 0xF147)
    plant.set_registers("input_register", 2, 0x0002, 0x0001, 0x01FE)


@pytest.mark.parametrize("framing", ["tcp", *FRAMINGS])
async def test_all_tables_come_over_a_connection(framing: str) -> None:
    """TCP, and RTU and ASCII through a serial server, from pymodbus's own server, read by read."""
    server = "socket" if framing == "tcp" else framing
    async with ModbusPlant({}, unit_id=UNIT, framing=server) as plant:
        put_all_tables(plant)
        reader = decoded_reader(
            ModbusReader, ModbusSource(LOCALHOST, plant.port, UNIT, ALL_TABLES, framing)
        )
        for _ in range(3):
            assert await reader.read(AMPLE_S) == ALL_VALUES
        await reader.close()


@asynccontextmanager
async def serial_ports(folder: Path) -> AsyncIterator[tuple[Path, Path]]:
    """Give the two ends of a serial line made of pseudo terminals."""
    socat = shutil.which("socat")
    assert socat is not None
    ends = folder / "near", folder / "far"
    addresses = [f"pty,rawer,link={end}" for end in ends]
    process = await asyncio.create_subprocess_exec(socat, *addresses)
    try:
        async with asyncio.timeout(AMPLE_S):
            while not all(end.exists() for end in ends):  # noqa: ASYNC110 - socat gives no signal
                await asyncio.sleep(0.01)
        yield ends
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.needs_socat
@pytest.mark.parametrize("framing", FRAMINGS)
async def test_all_tables_come_over_a_serial_port(framing: str, tmp_path: Path) -> None:
    """From pymodbus's own serial server on the other end of the line."""
    async with (
        serial_ports(tmp_path) as (near, far),
        ModbusPlant({}, unit_id=UNIT, framing=framing, serial_port=str(far)) as plant,
    ):
        put_all_tables(plant)
        line = SerialLine(str(near), 19200, parity="even")
        reader = decoded_reader(ModbusReader, ModbusSource("", 0, UNIT, ALL_TABLES, framing, line))
        for _ in range(3):
            assert await reader.read(AMPLE_S) == ALL_VALUES
        await reader.close()


@pytest.mark.needs_socat
@pytest.mark.needs_mbpoll
async def test_mbpoll_reads_the_same_from_the_same_port(tmp_path: Path) -> None:
    """An independent client on the line before us agrees on addresses and values."""
    async with (
        serial_ports(tmp_path) as (near, far),
        ModbusPlant({}, unit_id=UNIT, framing="rtu", serial_port=str(far)) as plant,
    ):
        plant.set_registers("holding_register", 300, 4711)
        mbpoll = await asyncio.create_subprocess_exec(
            *("mbpoll", "-m", "rtu", "-a", str(UNIT), "-b", "19200", "-P", "none"),
            *("-t", "4", "-0", "-r", "300", "-c", "1", "-1", "-q", str(near)),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await mbpoll.communicate()
        assert b"[300]: \t4711" in said
        line = SerialLine(str(near), 19200)
        reader = decoded_reader(ModbusReader, ModbusSource("", 0, UNIT, holding(300), "rtu", line))
        assert await reader.read(AMPLE_S) == (4711,)
        await reader.close()


Say = Callable[[int, int, int], list[bytes] | Awaitable[list[bytes]]]
"""From unit, address and count to what is said in answer. A count of -1: of another table."""


def registers_pdu(address: int, count: int, shift: int = 0) -> bytes:
    """ModbusAnswer a read of holding registers: each says its address, plus ``shift``."""
    return struct.pack(
        f">BB{count}H", 3, 2 * count, *(n + shift for n in range(address, address + count))
    )


def true_answer(unit: int, address: int, count: int, shift: int = 0) -> bytes:
    """ModbusAnswer as a unit of holding registers alone: of another table it has none."""
    if count < 0:
        return rtu_frame(unit, b"\x84\x01")
    return rtu_frame(unit, registers_pdu(address, count, shift))


class Rs485:
    """A serial server with units on its line: answers RTU requests with what ``say`` returns."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.heard: list[tuple[int, int, int]] = []
        self.has_heard = asyncio.Event()
        self.server = StreamServer(self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await reader.readexactly(8)
            unit, function, address, count = struct.unpack(">BBHH", request[:6])
            self.heard.append((unit, address, count))
            self.has_heard.set()
            said = self.say(unit, address, count if function == 3 else -1)
            for piece in said if isinstance(said, list) else await said:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)


@asynccontextmanager
async def on_a_line(
    say: Say, *sources: tuple[int, tuple[int, ...]]
) -> AsyncIterator[tuple[Rs485, list[DecodedReader]]]:
    """Give readers of units with holding registers, all on one line."""
    line = Rs485(say)
    async with line.server:
        bus = Buses(SystemClock(None)).at(TcpLine(LOCALHOST, line.server.port))
        readers = [
            decoded_reader(
                ModbusReader,
                ModbusSource(
                    LOCALHOST,
                    line.server.port,
                    unit,
                    holding(*addresses),
                    "rtu",
                    manners=Manners(quiet=20_000),
                ),
                bus,
            )
            for unit, addresses in sources
        ]
        try:
            yield line, readers
        finally:
            for reader in readers:
                await reader.close()


async def test_an_answer_octet_by_octet_behind_noise_is_put_together() -> None:
    """Half frames before it and single octets of it do not matter."""

    def say(unit: int, address: int, count: int) -> list[bytes]:
        answer = true_answer(unit, address, count)
        return [answer[:4], b"\xff", rtu_frame(unit + 1, b"\x03\x02\0\0")] + [
            answer[at : at + 1] for at in range(len(answer))
        ]

    async with on_a_line(say, (UNIT, (5, 6))) as (_, (reader,)):
        for _ in range(3):
            assert await reader.read(AMPLE_S) == (5, 6)


async def test_a_late_answer_of_the_same_shape_is_never_the_next_ones() -> None:
    """Registers 100 and 200 are asked in turn, and every first answer comes a request late."""
    held: list[bytes] = []

    def say(unit: int, address: int, count: int) -> list[bytes]:
        held.append(true_answer(unit, address, count))
        return [] if len(held) == 1 else held[-2:] if len(held) == 2 else held[-1:]

    async with on_a_line(say, (UNIT, (100, 200))) as (line, (reader,)):
        with pytest.raises(ReadError, match="timeout"):
            await reader.read(SOON_S)
        assert await reader.read(AMPLE_S) == (100, 200)
        assert await reader.read(AMPLE_S) == (100, 200)
    # The second is the probe: of a table that the unit does not have.
    assert [address for _, address, _ in line.heard] == [100, 100, 100, 200, 100, 200]


async def test_units_that_always_answer_late_never_give_another_registers_value() -> None:
    """Out of step for ever is the classic fault; here it is silence."""
    addresses = ((100, 200), (100, 101, 200, 201), (100, 200, 201, 300))
    # All at once: nearly every read ends at its deadline.
    await asyncio.gather(*(read_late(by, of) for by in (1, 2, 3) for of in addresses))


async def read_late(late_by: int, addresses: tuple[int, ...]) -> None:
    """Read a unit whose every answer comes so many requests late."""
    held = [b""] * late_by

    def say(unit: int, address: int, count: int) -> list[bytes]:
        held.append(true_answer(unit, address, count))
        return [held[-1 - late_by]]

    async with on_a_line(say, (UNIT, addresses)) as (_, (reader,)):
        for _ in range(8):
            try:
                assert await reader.read(SOON_S / 3) == addresses
            except ReadError as error:
                assert error.kind == "timeout"  # noqa: PT017 - most reads end so, none must


async def test_a_unit_that_dies_does_not_keep_the_line_for_its_whole_deadline() -> None:
    """It answered at once so far: a neighbour with a shorter deadline still gets its turn."""
    mute = False

    def say(unit: int, address: int, count: int) -> list[bytes]:
        return [] if mute and unit == 1 else [true_answer(unit, address, count)]

    async with on_a_line(say, (1, (5,)), (2, (6,))) as (line, (dying, living)):
        assert await dying.read(AMPLE_S) == (5,)
        mute = True
        silent = asyncio.create_task(dying.read(AMPLE_S))
        while len(line.heard) < 2:
            await line.has_heard.wait()
            line.has_heard.clear()
        assert await living.read(AMPLE_S / 2) == (6,)
        with pytest.raises(ReadError, match="timeout"):
            await silent


async def test_a_long_answer_is_given_its_time_whatever_a_short_one_took() -> None:
    """Patience is by query: the second block takes longer than ten times the first."""

    async def slow(unit: int, address: int, count: int) -> list[bytes]:
        if address >= 100:
            await asyncio.sleep(2 * SOON_S)
        return [true_answer(unit, address, count)]

    async with on_a_line(slow, (1, (5, 100)), (2, (6,))) as (_, (long, short)):
        assert await short.read(AMPLE_S) == (6,)
        assert await long.read(AMPLE_S) == (5, 100)
        assert await long.read(AMPLE_S) == (5, 100)


async def test_a_units_pieces_queue_fairly_between_its_neighbours() -> None:
    """A read of many requests does not hold the line until it is through."""

    def say(unit: int, address: int, count: int) -> list[bytes]:
        return [true_answer(unit, address, count)]

    async with on_a_line(say, (1, tuple(range(0, 40, 2))), (2, (5,))) as (line, (many, single)):
        await asyncio.gather(many.read(AMPLE_S), single.read(AMPLE_S))
    assert [unit for unit, _, _ in line.heard].index(2) <= 1


async def test_a_gateways_word_for_a_dead_unit_costs_no_connection() -> None:
    """Exceptions 10 and 11 are about the unit behind the gateway."""
    plant = ModbusPlant({("holding_register", 5): 7})
    plant.refuse_with = ExcCodes.GATEWAY_NO_RESPONSE
    async with plant:
        reader = decoded_reader(ModbusReader, ModbusSource(LOCALHOST, plant.port, 1, holding(5)))
        with pytest.raises(ReadError, match="exception: the gateway answers with exception 11"):
            await reader.read(AMPLE_S)
        plant.refuse_with = None
        assert await reader.read(AMPLE_S) == (7,)
        assert reader.bus.counts.connections == 1
        await reader.close()


@pytest.mark.parametrize("code", [ExcCodes.ACKNOWLEDGE, ExcCodes.DEVICE_BUSY])
async def test_a_busy_unit_is_asked_once_more(code: ExcCodes) -> None:
    """A moment later it has time."""
    plant = ModbusPlant({("holding_register", 5): 7})
    plant.refuse_with = code
    answer = plant.async_getValues

    async def busy_once(*asked: int) -> object:
        found = await answer(*asked)
        plant.refuse_with = None
        return found

    plant.async_getValues = busy_once  # type: ignore[method-assign,assignment]
    async with plant:
        reader = decoded_reader(ModbusReader, ModbusSource(LOCALHOST, plant.port, 1, holding(5)))
        assert await reader.read(AMPLE_S) == (7,)
        assert len(plant.requests) == 2
        await reader.close()


async def test_a_hole_that_a_unit_refuses_is_asked_around_from_then_on() -> None:
    """Even after its connection was lost: what was learned is kept."""
    plant = ModbusPlant({("holding_register", n): n for n in (0, 3, 6)})
    limits = RequestLimits(holes_max=5)
    async with plant:
        source = ModbusSource(LOCALHOST, plant.port, 1, holding(0, 3, 6), limits=limits)
        reader = decoded_reader(ModbusReader, source)
        for number in (4, 3):
            plant.requests.clear()
            assert await reader.read(AMPLE_S) == (0, 3, 6)
            assert len(plant.requests) == number
        await plant.stop()
        with pytest.raises(ReadError):
            await reader.read(SOON_S)
        await plant.start()
        plant.requests.clear()
        assert await reader.read(AMPLE_S) == (0, 3, 6)
        # The block at which the connection was lost is asked last.
        assert sorted(plant.requests) == [("holding_register", n, 1) for n in (0, 3, 6)]
        await reader.close()


async def test_a_block_that_is_refused_whole_is_not_asked_for_in_parts() -> None:
    """Its points are absent, those of other tables are there."""
    plant = ModbusPlant({("holding_register", 1): 1, ("input_register", 0): 9})
    limits = RequestLimits(blocks=(("holding_register", 0, 4),))
    points = (*holding(0, 1), ModbusPoint("i", "input_register", 0, "uint16", "big", NUMBER))
    async with plant:
        reader = decoded_reader(
            ModbusReader, ModbusSource(LOCALHOST, plant.port, 1, points, limits=limits)
        )
        assert await reader.read(AMPLE_S) == (None, None, 9)
        assert plant.requests == [("holding_register", 0, 4), ("input_register", 0, 1)]
        await reader.close()


async def test_registers_that_are_missing_are_logged_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not at every poll, and not never: the profile or the firmware is another one."""
    plant = ModbusPlant({("holding_register", 0): 1})
    async with plant:
        reader = decoded_reader(ModbusReader, ModbusSource(LOCALHOST, plant.port, 1, holding(0, 7)))
        for _ in range(3):
            assert await reader.read(AMPLE_S) == (1, None)
        await reader.close()
    said = capsys.readouterr().out
    assert said.count("modbus_points_missing") == 1
    assert "r7" in said
    assert f"{LOCALHOST}:{plant.port} unit 1" in said


async def test_devices_of_one_line_are_opened_on_one_bus() -> None:
    """Two units behind a gateway share its one connection; a unit elsewhere has its own."""
    async with (
        ModbusPlant({("holding_register", 5): 7}) as plant,
        ModbusPlant({("holding_register", 5): 8}) as other,
    ):
        sources = {
            "a": ModbusSource(LOCALHOST, plant.port, 1, holding(5)),
            "b": ModbusSource(LOCALHOST, plant.port, 1, holding(5)),
            "c": ModbusSource(LOCALHOST, other.port, 1, holding(5)),
        }
        devices = [DeviceSettings(id_, id_, SECOND, SECOND, one) for id_, one in sources.items()]
        readers = open_decoded_readers(devices)
        assert list(readers) == ["a", "b", "c"]
        found = await asyncio.gather(*(one.read(AMPLE_S) for one in readers.values()))
        assert found == [(7,), (7,), (8,)]
        buses: list[Bus] = [one.bus for one in readers.values()]
        assert buses[0] is buses[1]
        assert buses[2] is not buses[0]
        assert [bus.counts.connections for bus in buses] == [1, 1, 1]
        for one in readers.values():
            await one.close()
