"""The two devices of the small site on real sockets: an SNMP agent and a Modbus input module.

Owns their wiring to the plant. Must not know the story.
"""

from __future__ import annotations

import asyncio

from simulators.agents.responder import Objects, SnmpResponder
from simulators.agents.unit import ModbusUnit, Registers
from simulators.clock import PlantClock
from simulators.plant.site import Site


class Equipment:
    """``snmp``: the agent of fm1; ``modbus``: the room's inputs; both show the plant at clock time.

    ``polled`` is set by the first request from outside.
    """

    def __init__(self, site: Site, clock: PlantClock, community: str) -> None:
        self._site = site
        self._clock = clock
        self.polled = asyncio.Event()
        self.snmp = SnmpResponder(self._objects, community)
        self.modbus = ModbusUnit(self._inputs, _registers(site.room_inputs(0)))

    async def start(self, snmp_port: int = 0, modbus_port: int = 0) -> None:
        """Listen on 127.0.0.1; ``port`` of each is its number. OSError when a port is taken."""
        await self.snmp.start(snmp_port)
        try:
            await self.modbus.start(modbus_port)
        except OSError:
            await self.snmp.stop()
            raise

    async def stop(self) -> None:
        """Close both; safe to call twice."""
        await self.snmp.stop()
        await self.modbus.stop()

    def _objects(self) -> Objects | None:
        self.polled.set()
        return self._site.objects("fm1", self._clock.now())

    def _inputs(self) -> Registers | None:
        self.polled.set()
        now = self._clock.now()
        return _registers(self._site.room_inputs(now)) if self._site.room_answers.at(now) else None


def _registers(inputs: list[bool]) -> Registers:
    return Registers(discrete_inputs=dict(enumerate(inputs)))
