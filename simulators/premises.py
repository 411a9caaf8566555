"""The equipment of the station on real sockets, and its faults while it runs.

Owns the wiring of sockets to the plant. Must not know any story.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

from simulators.agents.fault_injection import FaultInjector
from simulators.agents.frames import FrameLine
from simulators.agents.protocol_traits import ModbusTcpTraits, SnmpTraits
from simulators.agents.responder import Objects, SnmpResponder
from simulators.agents.unit import ModbusUnit, Registers
from simulators.clock import PlantClock
from simulators.mibs.kinds import FRAME_KINDS, MODBUS_KINDS, SNMP_KINDS
from simulators.plant.county.layout import Layout
from simulators.plant.county.station import Station
from simulators.plant.county.vocabulary import StationFault

Agent = SnmpResponder | ModbusUnit | FrameLine


class Premises:
    """``agents`` by device id; ``polled`` is set by the first request from outside.

    ``station`` is the present one: each new fault makes a new station, which has the same past.
    """

    def __init__(
        self, layout: Layout, clock: PlantClock, community: str, faults: Iterable[StationFault] = ()
    ) -> None:
        """Raise LayoutError for a fault that is impossible at this station."""
        self.station = Station(layout, faults)
        self.polled = asyncio.Event()
        self._clock = clock
        self._lines: dict[str, FrameLine] = {}
        self.agents: dict[str, Agent] = {
            id_: self._agent(id_, device.kind, community) for id_, device in layout.devices.items()
        }

    async def start(self) -> None:
        """Listen on every device's port. OSError, with the device, where one is taken."""
        for id_, agent in self.agents.items():
            try:
                await agent.start(self.station.layout.devices[id_].port)
            except OSError as error:
                await self.stop()
                raise OSError(f"{id_}: {error}") from error

    async def stop(self) -> None:
        """Close everything; safe to call twice."""
        for agent in self.agents.values():
            await agent.stop()

    async def start_anywhere(self) -> None:
        """Listen on every device's port, or all of them on free ones where one is taken."""
        try:
            await self.start()
        except OSError:
            for agent in self.agents.values():
                await agent.start()

    def ports(self) -> dict[str, int]:
        """Return where each device listens."""
        return {id_: agent.port for id_, agent in self.agents.items()}

    def set_faults(self, faults: Iterable[StationFault]) -> None:
        """Replace all faults so far. Raises LayoutError."""
        self.station = Station(self.station.layout, faults)

    def inject_fault(self, id_: str, fault: str) -> None:
        """Inject this fault into the answers of a device; none for an empty word.

        Raises ValueError for an unknown fault or device, or one that shares its line.
        """
        agent = self.agents.get(id_)
        if agent is None or isinstance(agent, FrameLine):
            raise ValueError(f"{id_!r} is no device of this station that has SNMP or Modbus")
        traits = SnmpTraits() if isinstance(agent, SnmpResponder) else ModbusTcpTraits()
        agent.injector = FaultInjector(fault, traits) if fault else None

    def injected_faults(self) -> dict[str, str]:
        """Return the injected fault of each device that has one, by its id."""
        return {
            id_: agent.injector.fault
            for id_, agent in self.agents.items()
            if not isinstance(agent, FrameLine) and agent.injector
        }

    def _agent(self, id_: str, kind: str, community: str) -> Agent:
        if kind in FRAME_KINDS:
            return self._on_line(id_, kind)
        if kind in SNMP_KINDS:
            return SnmpResponder(partial(self._objects, id_, kind), community)
        layout = MODBUS_KINDS[kind].registers(self.station, id_, 0)
        return ModbusUnit(partial(self._registers, id_, kind), layout)

    def _on_line(self, id_: str, kind: str) -> FrameLine:
        """Add a device to its line, which it may share with others; by default it has its own."""
        device = self.station.layout.devices[id_]
        line = self._lines.setdefault(device.line or id_, FrameLine([]))
        show = partial(self._figures, id_, kind)
        line.devices = [*line.devices, FRAME_KINDS[kind].make(device, show)]
        return line

    def _figures(self, id_: str, kind: str) -> Any:
        self.polled.set()
        now = self._clock.now()
        if not self.station.answers(id_, now):
            return None
        return FRAME_KINDS[kind].figures(self.station, id_, now)

    def _objects(self, id_: str, kind: str) -> Objects | None:
        self.polled.set()
        now = self._clock.now()
        if not self.station.answers(id_, now):
            return None
        return SNMP_KINDS[kind].objects(self.station, id_, now)

    def _registers(self, id_: str, kind: str) -> Registers | None:
        self.polled.set()
        now = self._clock.now()
        if not self.station.answers(id_, now):
            return None
        return MODBUS_KINDS[kind].registers(self.station, id_, now)
