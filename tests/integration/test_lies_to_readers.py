"""Readers under lies that come in any order: right values or an error, and never a wrong value."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from monitord.core.model import Value
from monitord.decoding.model import Decoding
from monitord.devices.bus.settings import Manners, TcpLine
from monitord.devices.frames import FrameReader
from monitord.devices.frames.model import FrameSource
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from simulators.agents.fault_injection import LIES, STEADY, Liar
from simulators.agents.frames import ExampleTransmitter, TransmitterFigures
from simulators.agents.lying import LyingAgent, LyingStream, ModbusSpeaker
from simulators.agents.protocol_traits import (
    FrameTongue,
    ModbusRtuTongue,
    ModbusTcpTongue,
    SnmpTongue,
)
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.frames import plant_point
from tests.support.liars import ON, PROTOCOLS, cells
from tests.support.wire import LOCALHOST

UNIT = 17
READS = 20
SOON_S = 0.2
FALSE = 7777
NAMES = ((1, 3, 6, 1, 4, 1, 99999, 1, 1, 0), (1, 3, 6, 1, 4, 1, 99999, 1, 2, 0))
NUMBER = Decoding("number")
QUICK = [lie for lie in LIES if lie not in {*STEADY, "late", "storm", "swapped"}]
# What has no number cannot be told from the answer that is due: see the test of the daemon.
NUMBERED = ("repeated", "behind")


class ManyWays(Liar):
    """Lies in another way each time."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.choice = random.Random(self.seed)
        self.ways: list[str] = QUICK

    def change(self) -> None:
        """Take another way from now on."""
        self.lie = self.choice.choice(self.ways)


def snmp(liar: ManyWays) -> tuple[LyingAgent, SnmpSource]:
    """Return an agent of two objects."""
    true = {name: ("integer", ON + n) for n, name in enumerate(NAMES)}
    false = dict.fromkeys(NAMES, ("integer", FALSE))
    points = tuple(SnmpPoint(str(name), name, NUMBER) for name in NAMES)
    agent = LyingAgent(lambda: true, lambda: false, "public", liar)
    return agent, SnmpSource(LOCALHOST, 0, Community(V2C, "public"), points)


def stream(framing: str, liar: ManyWays) -> LyingStream:
    """Return a unit of two blocks of different sizes, or a device with frames."""
    if framing == "frame":
        return LyingStream(
            ExampleTransmitter(UNIT, lambda: TransmitterFigures(ON)),
            ExampleTransmitter(UNIT, lambda: TransmitterFigures(FALSE)),
            liar,
        )
    false = dict.fromkeys(cells(0), FALSE)
    return LyingStream(
        ModbusSpeaker(framing, UNIT, lambda: cells(ON)),
        ModbusSpeaker(framing, UNIT, lambda: false),
        liar,
    )


TONGUES = {"tcp": ModbusTcpTongue(), "rtu": ModbusRtuTongue(), "frame": FrameTongue()}


async def opened(protocol: str, liar: ManyWays) -> tuple[LyingAgent | LyingStream, DecodedReader]:
    """Return a lying device that listens, and its reader."""
    if protocol == "snmp":
        agent, source = snmp(liar)
        await agent.start()
        security, points = source.security, source.points
        return agent, decoded_reader(
            SnmpReader, SnmpSource(LOCALHOST, agent.port, security, points)
        )
    server = stream(protocol, liar)
    await server.start()
    manners = Manners(quiet=2000, numbered=protocol == "tcp")
    if protocol == "frame":
        point = plant_point("power", 0x10, UNIT)
        line = TcpLine(LOCALHOST, server.port)
        return server, decoded_reader(
            FrameReader, FrameSource(line, (point,), (("station", str(UNIT)),), manners)
        )
    points_ = tuple(
        ModbusPoint(str(address), "holding_register", address, "uint16", "big", NUMBER)
        for _, address in cells(ON)
    )
    modbus = ModbusSource(LOCALHOST, server.port, UNIT, points_, protocol, manners=manners)
    return server, decoded_reader(ModbusReader, modbus)


TRUE = {
    "snmp": (ON, ON + 1),
    "tcp": tuple(cells(ON).values()),
    "rtu": tuple(cells(ON).values()),
    # Forward and reflected power are the first four octets of data: 1000 W, 5.2 W.
    "frame": (ON << 16 | 52,),
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_under_random_lies_a_reader_returns_right_values_or_an_error(
    protocol: str, seed: int
) -> None:
    """Half of the answers are lies, each of another kind; what is read is true."""
    tongue = SnmpTongue() if protocol == "snmp" else TONGUES[protocol]
    liar = ManyWays("half", tongue, seed, share=50)
    if protocol in {"rtu", "frame"}:
        liar.ways = [lie for lie in QUICK if lie not in NUMBERED]
    server, reader = await opened(protocol, liar)
    read: list[tuple[Value, ...]] = []
    try:
        for _ in range(READS):
            liar.change()
            with suppress(ReadError):
                read.append(await reader.read(SOON_S))
    finally:
        await reader.close()
        await server.stop()
    assert set(read) == {TRUE[protocol]}
    assert liar.told > READS // 5
