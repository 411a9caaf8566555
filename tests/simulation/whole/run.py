"""The *whole* gear over a drawn site: all is real but sockets, the computer's clock and services.

The configuration is read from YAML, the poller reads Modbus units over lines in memory, answers are
decoded, the engine decides and commits, messages are composed and sent by the dispatcher, files
change and are loaded again, and each start continues the record of the life before. Owns what stays
from one life to the next. Judges nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from random import Random

from monitord.clock import Clock
from monitord.config import load
from monitord.core.codec import canonical, to_plain
from monitord.devices import buses_of
from monitord.devices.bus.bus import Bus
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings, Reader
from monitord.record_opening import open_and_fold
from tests.simulation.observer.truth import without
from tests.simulation.people import dead_channels
from tests.simulation.plant import SimPlant
from tests.simulation.whole.files import ConfigurationFiles
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.life import UNBROKEN, Life, Parts, no_step
from tests.simulation.whole.lines import PlantLine
from tests.simulation.whole.meter import METERED, Meter
from tests.simulation.whole.operator import Operator
from tests.simulation.whole.people import WholePeople
from tests.simulation.whole.virtual_clock import WholeClock, WholeLoop
from tests.simulation.whole.weather import draw_weather


def run_whole(plant: SimPlant, seed: int, folder: Path, parts: Parts = UNBROKEN) -> WholeHistory:
    """Live through one plant from begin to end, with every end and start of monitord."""
    whole = _Whole(plant, folder, seed, parts)
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
        self.files = ConfigurationFiles(folder, plant.reloads)
        self.weather = draw_weather(Random(seed ^ 0x3EA7), plant)
        self.history = WholeHistory(plant, self.files.adopted, self.weather)
        self.meter = Meter(self.weather.sticks, self.random, self.history.note_meter)
        self.operator = Operator(self.files, self.history, self.clock, Random(seed ^ 0x09E7))
        dead = dead_channels(self.random, plant.begin, plant.end)
        self.people = WholePeople(self.history, self.clock, self.random, dead)
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

    def open_readers(
        self, settings: Sequence[DeviceSettings], clock: Clock, beside: Iterable[object]
    ) -> dict[str, Reader]:
        """Return readers over lines in memory; those of one line share it."""
        devices = {device.id: device for device in self.plant.devices}
        buses = {bus.transport.line: bus for bus in buses_of(beside).values()}
        readers: dict[str, Reader] = {}
        for one in settings:
            assert isinstance(one.source, ModbusSource)
            # Slow points have a reader of their own, on the same line.
            line, id_ = one.source.line, one.id.partition(" ")[0]
            if line not in buses:
                is_there = partial(self.files.is_at, id_, line.where)
                plant_line = PlantLine(
                    line,
                    devices[id_],
                    self.clock,
                    self.random,
                    is_there=is_there,
                    drawn=self.history.drawn,
                    meter=self.meter if id_ == METERED else None,
                )
                buses[line] = Bus(plant_line, clock)
            readers[one.id] = self.parts.reader(one.source, buses[line])
        return readers
