"""SNMP and frames with faulty answers in any order: right values or an error, never a wrong value.

A Modbus unit with faults in any order is in test_faulty_modbus_unit.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

import pytest

from monitord.core.model import Value
from monitord.decoding.model import Decoding
from monitord.devices.bus.settings import Manners, TcpLine
from monitord.devices.frames import FrameReader
from monitord.devices.frames.model import FrameSource
from monitord.devices.model import ReadError
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from simulators.agents.fault_injection import ANSWER_FAULTS, BLOCKING, FaultInjector
from simulators.agents.faulty import FaultyAgent, FaultyStream
from simulators.agents.frames import ExampleTransmitter, TransmitterFigures
from simulators.agents.protocol_traits import FrameTraits, SnmpTraits
from tests.support.decoding import DecodedReader, decoded_reader
from tests.support.faulty_devices import ON
from tests.support.frames import plant_point
from tests.support.wire import LOCALHOST

UNIT = 17
READS = 20
SOON_S = 0.2
FALSE = 7777
NAMES = ((1, 3, 6, 1, 4, 1, 99999, 1, 1, 0), (1, 3, 6, 1, 4, 1, 99999, 1, 2, 0))
NUMBER = Decoding("number")
QUICK = [fault for fault in ANSWER_FAULTS if fault not in {*BLOCKING, "late", "storm", "swapped"}]
# An answer without a number looks like the one that is due: see the test of the daemon.
NUMBERED = ("repeated", "behind")


class ChangingFaults(FaultInjector):
    """Injects another fault each time."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.choice = random.Random(self.seed)
        self.choices: list[str] = QUICK
        self.changes = 0

    def change(self) -> None:
        """Choose another fault."""
        self.changes += 1
        self.fault = self.choice.choice(self.choices)


def snmp(injector: ChangingFaults) -> tuple[FaultyAgent, SnmpSource]:
    """Return an agent of two objects."""
    true = {name: ("integer", ON + n) for n, name in enumerate(NAMES)}
    false = dict.fromkeys(NAMES, ("integer", FALSE))
    points = tuple(SnmpPoint(str(name), name, NUMBER) for name in NAMES)
    agent = FaultyAgent(lambda: true, lambda: false, "public", injector)
    return agent, SnmpSource(LOCALHOST, 0, Community(V2C, "public"), points)


def transmitter(injector: ChangingFaults) -> tuple[FaultyStream, FrameSource]:
    """Return a device with frames: 1000 W and 5.2 W are one value of four octets."""
    server = FaultyStream(
        ExampleTransmitter(UNIT, lambda: TransmitterFigures(ON)),
        ExampleTransmitter(UNIT, lambda: TransmitterFigures(FALSE)),
        injector,
    )
    point = plant_point("power", 0x10, UNIT)
    station = (("station", str(UNIT)),)
    line = TcpLine(LOCALHOST, 1)
    return server, FrameSource(line, (point,), station, Manners(quiet=2000))


async def opened(
    protocol: str, injector: ChangingFaults
) -> tuple[FaultyAgent | FaultyStream, DecodedReader]:
    """Return a faulty device that listens, and its reader."""
    if protocol == "snmp":
        agent, source = snmp(injector)
        await agent.start()
        return agent, decoded_reader(SnmpReader, replace(source, port=agent.port))
    server, frames = transmitter(injector)
    await server.start()
    return server, decoded_reader(
        FrameReader, replace(frames, line=TcpLine(LOCALHOST, server.port))
    )


TRUE = {"snmp": (ON, ON + 1), "frame": (ON << 16 | 52,)}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("protocol", TRUE)
async def test_with_random_faults_a_reader_returns_right_values_or_an_error(
    protocol: str, seed: int
) -> None:
    """Half of the answers are faulty, each in another way; every value that is read is true."""
    injector = ChangingFaults(
        "half", SnmpTraits() if protocol == "snmp" else FrameTraits(), seed, share=50
    )
    if protocol == "frame":
        injector.choices = [fault for fault in QUICK if fault not in NUMBERED]
    server, reader = await opened(protocol, injector)
    read: list[tuple[Value, ...]] = []
    try:
        # A busy machine makes answers late: read on until enough of both kinds came.
        while not (read and injector.injected > READS // 5 and injector.changes >= READS):
            injector.change()
            with suppress(ReadError):
                read.append(await reader.read(SOON_S))
    finally:
        await reader.close()
        await server.stop()
    assert set(read) == {TRUE[protocol]}
