"""A site of transmitters with injected faults, each of one kind and protocol. Owns no test.

Each has a programme of its own, ``over_`` and its id: on the air at 1000 W, off it at 0 W.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from simulators.agents.fault_injection import FaultInjector
from simulators.agents.faulty import Cells, FaultyAgent, FaultyStream, ModbusDevice
from simulators.agents.frames import ExampleTransmitter, TransmitterFigures
from simulators.agents.protocol_traits import (
    FrameTraits,
    ModbusRtuTraits,
    ModbusTcpTraits,
    SnmpTraits,
)
from simulators.agents.responder import Objects
from tests.support.daemon import COMMUNITY, POWER, Section, programme, transmitter
from tests.support.wire import LOCALHOST

ON, OFF = 1000, 0
PROTOCOLS = ("snmp", "tcp", "rtu", "frame")
LATE_S = 0.7
"""Behind the deadline of a poll every half second."""
POLL_EVERY = "500ms"
BLIND_SOON = {"open_after": "1s", "clear_after": "1s", "severity": "major"}
_TRAITS = {
    "snmp": SnmpTraits(),
    "tcp": ModbusTcpTraits(),
    "rtu": ModbusRtuTraits(),
    "frame": FrameTraits(),
}
_RADIATING = {
    "radiating": {
        "layer": "emission",
        "reason": "no_carrier",
        "true_when": "forward_power_w >= 100",
    }
}


def objects(power: int) -> Objects:
    """Return the objects of an agent."""
    return {POWER: ("integer", power)}


def cells(power: int) -> Cells:
    """Return the cells of a unit: its power, and two registers in another block."""
    return {(3, 0): power, (3, 100): 230, (3, 101): 50}


@dataclass
class FaultyTransmitter:
    """One transmitter. ``power``: the true power in W; the false one is the other of on and off."""

    protocol: str
    injector: FaultInjector
    number: int
    power: int = ON
    server: FaultyAgent | FaultyStream = field(init=False)

    def __post_init__(self) -> None:
        if self.protocol == "snmp":
            self.server = FaultyAgent(
                lambda: objects(self.power),
                lambda: objects(self.false_power),
                COMMUNITY,
                self.injector,
            )
        elif self.protocol == "frame":
            self.server = FaultyStream(
                ExampleTransmitter(self.number, lambda: TransmitterFigures(self.power)),
                ExampleTransmitter(self.number, lambda: TransmitterFigures(self.false_power)),
                self.injector,
            )
        else:
            self.server = FaultyStream(
                ModbusDevice(self.protocol, self.number, lambda: cells(self.power)),
                ModbusDevice(self.protocol, self.number, lambda: cells(self.false_power)),
                self.injector,
            )

    @property
    def false_power(self) -> int:
        return OFF if self.power == ON else ON

    @property
    def id(self) -> str:
        behind = "_and_truth" if self.injector.truth_behind else ""
        return f"{self.protocol}_{self.injector.fault}{self.number}{behind}"

    def device(self) -> Section:
        """Return its section of the YAML."""
        if self.protocol == "snmp":
            return transmitter(self.server.port, name=self.id, poll_every=POLL_EVERY)
        own: dict[str, Any] = {"name": self.id, "poll_every": POLL_EVERY}
        where = {"address": LOCALHOST, "port": self.server.port}
        if self.protocol == "frame":
            own |= {"profile": "example-frame-transmitter", "nominal": {"forward_power_w": ON}}
            return own | {"frame": where | {"station": self.number}}
        registers = {"table": "holding_register", "type": "uint16"}
        points = {
            "forward_power_w": registers | {"wire_address": 0, "unit": "W"},
            "mains_v": registers | {"wire_address": 100, "unit": "V"},
            "mains_hz": registers | {"wire_address": 101, "unit": "Hz"},
        }
        unit = where | {"unit_id": self.number, "framing": self.protocol}
        return own | {"modbus": unit, "points": points, "conditions": _RADIATING}

    def programme(self) -> Section:
        """Return its programme."""
        return programme(f"{self.id}.radiating", name=self.id, blind=BLIND_SOON)


def faulty_transmitter(protocol: str, fault: str, number: int, **how: Any) -> FaultyTransmitter:
    """Return a transmitter. ``number``: its unit or station, and the seed of its faults."""
    return FaultyTransmitter(
        protocol, FaultInjector(fault, _TRAITS[protocol], number, late_s=LATE_S, **how), number
    )


@asynccontextmanager
async def started(
    transmitters: Iterable[FaultyTransmitter],
) -> AsyncIterator[list[FaultyTransmitter]]:
    """Start them on free ports; those of one protocol that swap answers are pairs."""
    chosen = list(transmitters)
    for protocol in PROTOCOLS:
        pair = [
            one.injector
            for one in chosen
            if (one.protocol, one.injector.fault) == (protocol, "swapped")
        ]
        for one, other in zip(pair, [*pair[1:], *pair[:1]], strict=True):
            one.partner = other
    try:
        for one in chosen:
            await one.server.start()
        yield chosen
    finally:
        for one in chosen:
            await one.server.stop()
