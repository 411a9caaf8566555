"""The *whole* gear over a drawn site: all is real but sockets, the computer's clock and services.

The configuration is read from YAML, the poller reads Modbus units over lines in memory, answers are
decoded, the engine decides and commits, messages are composed and sent by the dispatcher, and each
start continues the record of the life before. Owns that wiring. Judges nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from monitord import startup
from monitord.clock import iso_time
from monitord.config import load
from monitord.config.settings import Settings
from monitord.core.calendar import wall_at
from monitord.core.codec import canonical, to_plain
from monitord.core.decision_bodies import AdoptClock
from monitord.core.model import Decision, Started
from monitord.core.situation import Situation
from monitord.core.view import suspects
from monitord.devices.bus.bus import Bus
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusSource
from monitord.dispatcher import Dispatcher
from monitord.engine import CLOCK_EVERY, Engine
from monitord.outbox import Outbox
from monitord.polling.poller import Poller
from monitord.record_opening import Continued, alive_at, open_and_fold
from simulators.plant.signals import either, pulses
from tests.simulation.facts import SECOND, Facts
from tests.simulation.people import dead_channels
from tests.simulation.plant import SimPlant
from tests.simulation.whole.history import NotedInbox, NotedRecording, WholeHistory
from tests.simulation.whole.lines import PlantLine
from tests.simulation.whole.people import WholeChannel, WholePeople
from tests.simulation.whole.site import site_yaml
from tests.simulation.whole.virtual_clock import WholeClock, WholeLoop


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of monitord that a test may replace by a broken one."""

    reader: type[ModbusReader] = ModbusReader
    dispatcher: type[Dispatcher] = Dispatcher


UNBROKEN = Parts()
ANSWERED_WITHIN = 2 * SECOND
"""A command without an answer for so long is given again."""
DRAIN_S = 10.0
"""Longest time that an end in order waits for messages under way."""


def facts_of(plant: SimPlant) -> Facts:
    """Return the truth of a plant as this poller can see it, without reloads.

    A device that was silent is asked again after up to a quarter of its silence, 30 s at most
    (docs/polling.md); the clock is read every 10 s.
    """
    silent = {}
    for device in plant.devices:
        times = device.silent.times
        ends = zip(times[::2], times[1::2], strict=False)
        waits = pulses((b, b + min((b - a) // 4, 30 * SECOND) + device.slot) for a, b in ends)
        silent[device.id] = either(device.silent, waits)
    return replace(plant.facts_under(()), silent=silent, clock_read_every=CLOCK_EVERY)


def run_whole(plant: SimPlant, seed: int, folder: Path, parts: Parts = UNBROKEN) -> WholeHistory:
    """Live through one plant from begin to end, with every end and start of monitord."""
    path = folder / "monitord.yaml"
    path.write_text(site_yaml(folder / "record"), encoding="utf-8")
    slots = {device.id: device.slot for device in plant.devices}
    history = WholeHistory(facts_of(plant), slots)
    with asyncio.Runner(loop_factory=WholeLoop) as runner:
        runner.run(_Whole(plant, load(path), history, seed, parts).live())
    boots, steps = len(plant.clock.boots), plant.clock.steps
    changeovers = plant.facts.changeovers
    history.drawn |= {"changeovers": changeovers, "boots": boots, "clock_steps": steps}
    return history


def _no_step(name: str) -> None:
    del name


class _Whole:
    """All lives of one history."""

    def __init__(
        self,
        plant: SimPlant,
        settings: Settings,
        history: WholeHistory,
        seed: int,
        parts: Parts,
    ) -> None:
        self.plant = plant
        self.settings = settings
        self.history = history
        self.parts = parts
        self.random = Random(seed ^ 0x3077)
        self.clock = WholeClock(plant.begin, plant.clock)
        dead = dead_channels(self.random, plant.begin, plant.end)
        self.people = WholePeople(history, self.clock, self.random, dead)
        self.adoptions = list(plant.clock.adoptions)
        self.left_behind: bytes | None = None

    async def live(self) -> None:
        """Live from one end of monitord to the next start, and so on."""
        plant, restarts = self.plant, 0
        for ends_at, back_at, how in plant.restarts:
            if ends_at > self.clock.now():
                await self._one_life(ends_at, is_clean=how == "clean")
                await self.clock.sleep_until(back_at)
                restarts += 1
        await self._one_life(plant.end, is_clean=True)
        self.history.drawn["restarts"] = restarts

    async def _one_life(self, ends_at: int, *, is_clean: bool) -> None:
        begin, history = self.clock.now(), self.history
        opened = open_and_fold(self.settings.record_folder, site=self.settings.site, step=_no_step)
        if self.left_behind not in (None, canonical(to_plain(opened.durable))):
            history.problems.append(f"the record folds to another state at {begin}")
        life = _Life(self, opened)
        try:
            await life.run(ends_at, is_clean=is_clean)
        finally:
            history.up.append((begin, life.engine.finished_at))
            await self.people.dispatcher.close()
            opened.journal.close()
            opened.alive.close()
        self.left_behind = canonical(to_plain(life.situation.durable))

    def readers(self) -> dict[str, ModbusReader]:
        """Return the readers of one life, each with a line of its own."""
        devices = {device.id: device for device in self.plant.devices}
        readers = {}
        for one in self.settings.devices:
            assert isinstance(one.source, ModbusSource)
            line = PlantLine(one.source.line, devices[one.id], self.clock, self.random)
            readers[one.id] = self.parts.reader(one.source, Bus(line, self.clock))
        return readers


class _Life:
    """One life of monitord."""

    def __init__(self, whole: _Whole, opened: Continued) -> None:
        self.whole, self.opened = whole, opened
        self.clock, people, settings = whole.clock, whole.people, whole.settings
        durable = opened.durable
        self.situation = Situation(settings.plan, durable)
        self.inbox = NotedInbox(whole.history)
        channels = {channel.id: WholeChannel(people) for channel in settings.channels}
        people.dispatcher = whole.parts.dispatcher(channels, self.clock, self.inbox.put, _no_step)
        zone = ZoneInfo(settings.time_zone)
        people.outbox = Outbox(settings, people, lambda at: iso_time(wall_at(durable, at), zone))
        self.poller = Poller(
            settings.devices,
            whole.readers(),
            self.clock,
            self.inbox,
            suspects=lambda: suspects(self.situation),
        )
        self.engine = Engine(
            situation=self.situation,
            inbox=self.inbox,
            recording=NotedRecording(whole.history, self.situation, opened.journal),
            alive=opened.alive,
            clock=self.clock,
            quality=self.clock,
            outbox=people,
            step=_no_step,
            finished=self.poller.answers_evaluated,
            clock_turned=self._clock_turned,
        )

    def _clock_turned(self) -> None:
        offset = self.situation.durable.clock_offset
        self.inbox.put(startup.calendar(self.whole.settings, self.clock, offset))

    async def run(self, ends_at: int, *, is_clean: bool) -> None:
        """Start, watch until ``ends_at``, and end: in order, or at once as by a kill."""
        settings = self.whole.settings
        await self.engine.tick([self._started(), startup.calendar(settings, self.clock)])
        poller = asyncio.create_task(self.poller.run())
        engine = asyncio.create_task(self.engine.run())
        beside = [
            asyncio.create_task(self.clock.sleep_until(ends_at)),
            asyncio.create_task(self._adopt()),
        ]
        await asyncio.wait([beside[0], poller, engine], return_when=asyncio.FIRST_COMPLETED)
        if is_clean:
            self.engine.end()
        else:
            engine.cancel()
        for task in (poller, *beside):
            task.cancel()
        ended = await asyncio.gather(engine, poller, *beside, return_exceptions=True)
        self._note_errors(ended)
        if is_clean:
            await self.whole.people.dispatcher.drain(DRAIN_S)
            await self.engine.stop()

    def _note_errors(self, ended: Sequence[object]) -> None:
        broken = [error for error in ended if isinstance(error, Exception)]
        self.whole.history.problems += [f"it broke: {error!r}" for error in broken]

    def _started(self) -> Started:
        """Return the start, as ``startup.first_inputs`` makes it of the computer's own clock."""
        opened, clock = self.opened, self.clock
        return Started(
            at=clock.now(),
            wall=clock.wall(),
            boot_id=clock.boot_id,
            config_hash=self.whole.settings.config_hash,
            alive_at=alive_at(opened.alive.found, opened.durable, opened.base),
            quality=clock.read(clock.now()),
            built=self.whole.plant.begin - 3600 * SECOND,
            base=opened.base,
            booted_at=clock.boot.booted,
        )

    async def _adopt(self) -> None:
        """Pass on what a person says of the time; again after a start, where it had no answer."""
        for at, wrong in tuple(self.whole.adoptions):
            await self.clock.sleep_until(at)
            now = self.clock.now()
            self.inbox.put(Decision(now, f"adopt-{at}", "desk", "command", AdoptClock(now + wrong)))
            await self.clock.sleep_until(now + ANSWERED_WITHIN)
            self.whole.adoptions.remove((at, wrong))
