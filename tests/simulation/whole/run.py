"""The *whole* gear over a drawn site: all is real but sockets, the computer's clock and services.

The configuration is read from YAML, the poller reads Modbus units over lines and SNMP agents over
sockets in memory, answers are decoded, the engine decides and commits, messages are composed and
sent by the dispatcher, files change and are loaded again, and each start continues the record of
the life before. Owns what stays from one life to the next. Judges nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random

from monitord.clock import Clock
from monitord.config import load
from monitord.core.codec import canonical, to_plain
from monitord.devices import buses_of
from monitord.devices.bus.bus import Bus
from monitord.devices.bus.settings import Line, TcpLine
from monitord.devices.datagrams import Peer
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings, Reader
from monitord.devices.snmp import SnmpReader
from monitord.devices.snmp.model import SnmpSource
from monitord.devices.snmp.shared_socket import SnmpSharedSocket
from monitord.record_opening import open_and_fold
from tests.simulation.columns import columns_of
from tests.simulation.meter import METERED, Meter
from tests.simulation.observer.truth import without
from tests.simulation.people import dead_channels
from tests.simulation.plant import SimPlant
from tests.simulation.whole.agents import PlantAgent
from tests.simulation.whole.files import ConfigurationFiles
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.hours import draw_daily
from tests.simulation.whole.life import UNBROKEN, Life, Parts, no_step
from tests.simulation.whole.lines import PlantLine
from tests.simulation.whole.lowered import with_lowered
from tests.simulation.whole.network import Arrive, MemoryNetwork
from tests.simulation.whole.operator import Operator
from tests.simulation.whole.people import WholePeople
from tests.simulation.whole.virtual_clock import WholeClock, WholeLoop
from tests.simulation.whole.weather import draw_weather

SHARED = 0.5
"""How often a life polls its agents through a shared socket, as from 20 polls a second on."""


def run_whole(plant: SimPlant, seed: int, folder: Path, parts: Parts = UNBROKEN) -> WholeHistory:
    """Live through one plant from begin to end, with every end and start of monitord."""
    whole = _Whole(with_lowered(Random(seed ^ 0x103B), plant), folder, seed, parts)
    with asyncio.Runner(loop_factory=WholeLoop) as runner:
        runner.run(whole.live())
    return whole.history


class _Whole:
    """All lives of one history: the ``World`` of each."""

    def __init__(self, plant: SimPlant, folder: Path, seed: int, parts: Parts) -> None:
        self.plant = plant
        self.parts = parts
        self.random = Random(seed ^ 0x3077)
        self.clock = WholeClock(plant.begin, plant.clock)
        daily = draw_daily(Random(seed ^ 0xDA17), plant.facts, plant.clock)
        self.files = ConfigurationFiles(folder, plant.reloads, daily)
        self.weather = draw_weather(Random(seed ^ 0x3EA7), plant)
        self.history = WholeHistory(plant, self.files.adopted, self.weather)
        noted = self.history.note_meter
        self.meter = Meter(plant.power, self.weather.sticks, self.random, noted)
        self.operator = Operator(self.files, self.history, self.clock, Random(seed ^ 0x09E7))
        dead = dead_channels(self.random, plant.begin, plant.end)
        self.people = WholePeople(self.history, self.clock, self.random, dead)
        # Agents have generators of their own: what befalls the lines stays as it is.
        self.lots = Random(seed ^ 0x5047)
        self.devices = {device.id: device for device in plant.devices}
        self.agents = [
            PlantAgent(self.devices[name], starts, Random(f"{name} {seed}"), self.history.drawn)
            for name, starts in self.weather.agent_starts.items()
        ]
        self.network = MemoryNetwork(self._ask)
        self.adoptions = list(plant.clock.adoptions)
        self.left_behind: bytes | None = None

    async def live(self) -> None:
        """Live from one end of monitord to the next start, and so on."""
        plant = self.plant
        for ends_at, back_at, how in plant.restarts:
            if ends_at > self.clock.now():
                await self._one_life(ends_at, is_clean=how == "clean")
                await self.clock.sleep_until(back_at)
                self.history.drawn["restarts"] += 1
        await self._one_life(plant.end, is_clean=True)

    async def _one_life(self, ends_at: int, *, is_clean: bool) -> None:
        begin, history = self.clock.now(), self.history
        self.files.change(begin)
        settings = load(self.files.path)
        opened = open_and_fold(settings.record_folder, site=settings.site, step=no_step)
        if self.left_behind not in (None, canonical(to_plain(opened.durable))):
            history.problems.append(f"the record folds to another state at {begin}")
        life = Life(self, opened, settings)
        try:
            await life.run(ends_at, is_clean=is_clean)
        finally:
            history.up += without((begin, life.engine.finished_at), history.stalls)
            await self.people.dispatcher.close()
            opened.journal.close()
            opened.alive.close()
        self.left_behind = canonical(to_plain(life.situation.durable))
        history.columns |= columns_of(life.situation.durable)

    def open_readers(
        self, settings: Sequence[DeviceSettings], clock: Clock, beside: Iterable[object]
    ) -> dict[str, Reader]:
        """Return readers in memory; those of one line share it."""
        buses = {bus.transport.line: bus for bus in buses_of(beside).values()}
        return {one.id: self._open_reader(one, clock, buses) for one in settings}

    def _open_reader(self, one: DeviceSettings, clock: Clock, buses: dict[Line, Bus]) -> Reader:
        if isinstance(one.source, SnmpSource):
            open_socket = self.network.open_agent_socket
            return SnmpReader(one.source, clock=clock, open_socket=open_socket)
        assert isinstance(one.source, ModbusSource)
        line = one.source.line
        if line not in buses:
            buses[line] = Bus(self._plant_line(line, one), clock)
        return self.parts.reader(one.source, buses[line])

    def _plant_line(self, line: TcpLine, one: DeviceSettings) -> PlantLine:
        # Slow points have a reader of their own, on the same line.
        id_ = one.id.partition(" ")[0]
        return PlantLine(
            line,
            self.devices[id_],
            self.clock,
            self.random,
            is_there=partial(self.files.is_at, id_, line.where),
            drawn=self.history.drawn,
            meter=self.meter if id_ == METERED else None,
        )

    def open_shared_sockets(
        self, devices: Sequence[DeviceSettings], readers: Mapping[str, Reader]
    ) -> list[tuple[SnmpSharedSocket, tuple[str, ...]]]:
        """Return a shared socket of all agents, as many devices have one, or none."""
        agents = [(one, readers[one.id]) for one in devices if isinstance(one.source, SnmpSource)]
        is_shared = self.lots.random() < SHARED
        self.history.drawn["shared_sockets"] += is_shared
        if not is_shared:
            return []
        of_snmp = [reader for _, reader in agents if isinstance(reader, SnmpReader)]
        shared = SnmpSharedSocket(
            [one for one, _ in agents], of_snmp, open_socket=self.network.open_datagrams
        )
        return [(shared, tuple(one.id for one, _ in agents))]

    def _ask(self, datagram: bytes, peer: Peer, arrive: Arrive) -> None:
        """Let a datagram arrive at the agent that has the address now, if one has."""
        for agent in self.agents:
            if self.files.is_at(agent.device.id, str(peer[0])):
                agent.hear(datagram, peer, self.clock.now(), arrive)
