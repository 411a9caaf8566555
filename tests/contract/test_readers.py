"""One suite for every reader: what the poller may rely on whatever the protocol."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from monitord.core.model import Value
from monitord.decoding.model import Decoding
from monitord.devices import READERS, open_reader
from monitord.devices.bus.settings import TcpLine
from monitord.devices.frames.model import FrameSource
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import DeviceSettings, ReadError, Source
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from tests.support.agents import ModbusPlant, SnmpAgent
from tests.support.decoding import decoded_reader
from tests.support.frames import FramePlant, plant_point
from tests.support.wire import LOCALHOST, DatagramServer, StreamServer, free_port

NUMBER = Decoding("number")
SOON_S = 0.2
AMPLE_S = 20.0
BASE = (1, 3, 6, 1, 4, 1, 99999, 1)


class SnmpSide:
    """Points 0, 1, 2 are numbers on an agent."""

    source: type[Source] = SnmpSource
    kind = socket.SOCK_DGRAM

    def __init__(self) -> None:
        self.device = SnmpAgent({})
        self.mute = DatagramServer(lambda _: [])

    def set(self, place: int, value: int | None) -> None:
        self.device.values.pop((*BASE, place), None)
        if value is not None:
            self.device.values[*BASE, place] = value

    def settings(self, port: int, places: tuple[int, ...]) -> Source:
        points = tuple(SnmpPoint(f"p{place}", (*BASE, place), NUMBER) for place in places)
        return SnmpSource(LOCALHOST, port, Community(V2C, "public"), points)

    async def stop(self) -> None:
        self.device.stop()


class ModbusSide:
    """Points 0, 1, 2 are holding registers 0, 10, 20 of a unit."""

    source: type[Source] = ModbusSource
    kind = socket.SOCK_STREAM

    def __init__(self) -> None:
        self.device = ModbusPlant({})
        self.mute = StreamServer(lambda reader, _: _swallow(reader))

    def set(self, place: int, value: int | None) -> None:
        self.device.cells.pop(("holding_register", 10 * place), None)
        if value is not None:
            self.device.set_registers("holding_register", 10 * place, value)

    def settings(self, port: int, places: tuple[int, ...]) -> Source:
        points = tuple(
            ModbusPoint(f"p{place}", "holding_register", 10 * place, "uint16", "big", NUMBER)
            for place in places
        )
        return ModbusSource(LOCALHOST, port, 1, points)

    async def stop(self) -> None:
        await self.device.stop()


class FrameSide:
    """Points 0, 1, 2 are answers to commands 10, 11 and 12 of a device behind a serial server."""

    source: type[Source] = FrameSource
    kind = socket.SOCK_STREAM

    def __init__(self) -> None:
        self.device = FramePlant({})
        self.mute = StreamServer(lambda reader, _: _swallow(reader))

    def set(self, place: int, value: int | None) -> None:
        self.device.values.pop(0x10 + place, None)
        if value is not None:
            self.device.values[0x10 + place] = value

    def settings(self, port: int, places: tuple[int, ...]) -> Source:
        points = tuple(plant_point(f"p{place}", 0x10 + place) for place in places)
        return FrameSource(TcpLine(LOCALHOST, port), points)

    async def stop(self) -> None:
        await self.device.stop()


async def _swallow(reader: Any) -> None:
    while await reader.read(100):
        pass


SIDES = {side.source: side for side in (SnmpSide, ModbusSide, FrameSide)}


@pytest.fixture(params=[pytest.param(source, id=source.__name__) for source in READERS])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Return the served device of one kind of source, values 100, 101, 102."""
    made = SIDES[request.param]()
    for place in range(3):
        made.set(place, 100 + place)
    async with made.device:
        yield made


async def read_once(source: Source, deadline_s: float = AMPLE_S) -> tuple[Value, ...]:
    """Open, read, close."""
    reader = decoded_reader(
        lambda source: open_reader(DeviceSettings("d", "D", 1_000_000, 500_000, source)), source
    )
    try:
        return await reader.read(deadline_s)
    finally:
        await reader.close()


async def test_values_come_in_the_order_of_the_points(side: Any) -> None:
    """The answer's places are the plan's places, whatever the order on the wire."""
    source = side.settings(side.device.port, (2, 0, 1, 0))
    assert await read_once(source) == (102, 100, 101, 100)


async def test_an_absent_object_is_none_and_not_a_failed_read(side: Any) -> None:
    """A missing object is an absent point; the others keep their values."""
    side.set(1, None)
    assert await read_once(side.settings(side.device.port, (0, 1, 2))) == (100, None, 102)


async def test_an_object_that_comes_back_is_read_again(side: Any) -> None:
    """Absence is not remembered."""
    reader = decoded_reader(READERS[side.source], side.settings(side.device.port, (0, 1)))
    side.set(1, None)
    assert await reader.read(AMPLE_S) == (100, None)
    side.set(1, 7)
    assert await reader.read(AMPLE_S) == (100, 7)
    await reader.close()


async def test_an_address_where_nobody_listens_is_a_read_error(side: Any) -> None:
    """A dead address fails the read and names why."""
    with pytest.raises(ReadError) as caught:
        await read_once(side.settings(free_port(side.kind), (0,)))
    assert caught.value.kind == "refused"


async def test_a_device_that_says_nothing_is_a_timeout(side: Any) -> None:
    """The deadline ends the read, and nothing else does."""
    async with side.mute:
        with pytest.raises(ReadError) as caught:
            await read_once(side.settings(side.mute.port, (0,)), SOON_S)
    assert caught.value.kind == "timeout"


async def test_a_device_that_was_away_is_read_again_by_the_same_reader(side: Any) -> None:
    """A reader outlives its device's restart."""
    reader = decoded_reader(READERS[side.source], side.settings(side.device.port, (0,)))
    assert await reader.read(AMPLE_S) == (100,)
    await side.stop()
    with pytest.raises(ReadError):
        await reader.read(SOON_S)
    await side.device.start()
    assert await reader.read(AMPLE_S) == (100,)
    await reader.close()


async def test_a_reader_is_closed_twice_and_before_its_first_read(side: Any) -> None:
    """Closing is safe at any time."""
    reader = decoded_reader(READERS[side.source], side.settings(side.device.port, (0,)))
    await reader.close()
    assert await reader.read(AMPLE_S) == (100,)
    await reader.close()
    await reader.close()


async def test_each_read_sees_the_present_value(side: Any) -> None:
    """Nothing is kept from one read to the next."""
    reader = decoded_reader(READERS[side.source], side.settings(side.device.port, (0,)))
    seen = []
    for value in range(5):
        side.set(0, value)
        seen += await reader.read(AMPLE_S)
    assert seen == [0, 1, 2, 3, 4]
    await reader.close()


def test_the_community_is_in_no_text_of_a_reader() -> None:
    """A repr may end in a log."""
    source = SnmpSource(LOCALHOST, 161, Community(V2C, "s3cret"), (SnmpPoint("p", BASE, NUMBER),))
    reader = READERS[SnmpSource](source)
    held = [repr(getattr(reader, name)) for name in fields_of(reader)]
    assert held
    assert "s3cret" not in "".join([repr(reader), repr(source), *held])


def fields_of(reader: object) -> list[str]:
    """Return the names of what an object holds, by slots or by its dictionary."""
    slots = [name for kind in type(reader).__mro__ for name in getattr(kind, "__slots__", ())]
    return [name for name in (*slots, *getattr(reader, "__dict__", ())) if hasattr(reader, name)]
