"""The site's two devices on real sockets: the transmitter's agent and the room's input module.

Owns their wiring to the plant. Must not know the story.
"""

from __future__ import annotations

import asyncio

from simulators.agents.modbus import ModbusAgent, Tables
from simulators.agents.snmp import Objects, SnmpAgent
from simulators.clock import PlantClock
from simulators.plant.site import Site


class Equipment:
    """``snmp`` speaks for fm1, ``modbus`` for the room's inputs, both at the clock's present.

    ``polled`` is set by the first question from outside.
    """

    def __init__(self, site: Site, clock: PlantClock, community: str) -> None:
        self._site = site
        self._clock = clock
        self.polled = asyncio.Event()
        self.snmp = SnmpAgent(self._objects, community)
        self.modbus = ModbusAgent(Tables(discrete_inputs=self._inputs))

    async def start(self, snmp_port: int = 0, modbus_port: int = 0) -> None:
        """Listen on 127.0.0.1; the agents' ``port`` say where."""
        await self.snmp.start(snmp_port)
        try:
            await self.modbus.start(modbus_port)
        except RuntimeError:
            await self.snmp.stop()
            raise
        self.modbus.is_silent = lambda: not self._site.room_answers.at(self._clock.now())
        self.polled.clear()  # the module's size was asked from inside

    async def stop(self) -> None:
        """Close both; safe to call twice."""
        await self.snmp.stop()
        await self.modbus.stop()

    def _objects(self) -> Objects | None:
        self.polled.set()
        return self._site.objects("fm1", self._clock.now())

    def _inputs(self) -> list[bool]:
        self.polled.set()
        return self._site.room_inputs(self._clock.now())
