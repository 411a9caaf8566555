"""Agents and the webhook's receiver at the other end of a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from simulators.agents.responder import HOST, SnmpResponder
from simulators.agents.sink import WebhookSink
from simulators.agents.unit import ModbusUnit, Registers

REGISTERS = Registers(holding_registers={3: 65535})


def read_request(number: int) -> bytes:
    """Return a read of register 3 with this transaction id."""
    return number.to_bytes(2, "big") + bytes.fromhex("0000 0006 01 03 0003 0001")


async def test_a_silent_unit_accepts_the_connection_and_answers_again_later() -> None:
    """A request during the silence gets no answer; a stop closes both connections."""
    shown: list[Registers | None] = [None]
    polled = asyncio.Event()

    def show() -> Registers | None:
        polled.set()
        return shown[0]

    unit = ModbusUnit(show, REGISTERS)
    await unit.start()
    silent, answered = [await asyncio.open_connection(HOST, unit.port) for _ in range(2)]
    silent[1].write(read_request(7))
    await polled.wait()
    shown[0] = REGISTERS
    answered[1].write(read_request(8))
    assert await answered[0].readexactly(11) == bytes.fromhex("0008 0000 0005 01 03 02 ffff")
    await unit.stop()
    for reader, writer in (silent, answered):
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "device",
    [SnmpResponder(dict, "public"), ModbusUnit(lambda: REGISTERS, REGISTERS)],
    ids=["snmp", "modbus"],
)
async def test_a_stopped_device_leaves_its_port_free(device: SnmpResponder | ModbusUnit) -> None:
    """Stopping twice is safe, and the same device may listen there again."""
    await device.start()
    port = device.port
    await device.stop()
    await device.stop()
    await device.start(port)
    assert device.port == port
    await device.stop()


@pytest.fixture
async def sink() -> AsyncIterator[WebhookSink]:
    sink = WebhookSink()
    await sink.start()
    yield sink
    await sink.stop()


async def test_the_sink_keeps_messages_in_order_and_refuses_what_is_none(sink: WebhookSink) -> None:
    """Every accepted message is there, as the JSON it was; the sender of another gets an error."""
    bodies = ('{"event": "opened"}', "not json", "[1]", "", '{"event": "recovered"}')
    async with aiohttp.ClientSession() as session:
        statuses = [(await session.post(sink.url, data=body)).status for body in bodies]
    assert statuses == [200, 400, 400, 400, 200]
    assert [message["event"] for message in sink.messages] == ["opened", "recovered"]
