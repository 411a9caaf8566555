"""One life of monitord in the whole gear: the daemon's own parts, wired as ``app`` wires them.

Real are the poller, the engine, the record, what a reload prepares and swaps, the outbox, the
dispatcher and the control commands. Judges nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from prometheus_client import CollectorRegistry

from monitord import startup
from monitord.config import load
from monitord.config.settings import ChannelSettings, Settings
from monitord.control.reloads import ReloadCommand
from monitord.core.decision_bodies import AdoptClock
from monitord.core.model import Decision, Input, Started, TrapSeen
from monitord.core.situation import Situation
from monitord.devices.modbus import ModbusReader
from monitord.dispatcher import Dispatcher
from monitord.engine import Engine
from monitord.health import polls_within
from monitord.loop_lag import LoopLag
from monitord.metrics.page import MetricsPage
from monitord.outbox import Outbox
from monitord.polling.opening import OpenReaders, OpenSharedSockets
from monitord.record_opening import Continued
from monitord.reloading import ConfigFiles, ConfigState, reload_when_asked
from monitord.running_parts import Edges, open_parts
from monitord.systemd.notify import Notifier, Watchdog
from monitord.traps.reports import ReportQuota
from tests.simulation.facts import HOUR, SECOND
from tests.simulation.whole.files import ConfigurationFiles
from tests.simulation.whole.history import NotedInbox, NotedRecording, Scrape, WholeHistory
from tests.simulation.whole.operator import Operator
from tests.simulation.whole.people import WholeChannel, WholePeople
from tests.simulation.whole.virtual_clock import WholeClock, WholeLoop
from tests.simulation.whole.weather import Weather


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of monitord that a test may replace by a broken one."""

    reader: type[ModbusReader] = ModbusReader
    dispatcher: type[Dispatcher] = Dispatcher


UNBROKEN = Parts()
ANSWERED_WITHIN = 2 * SECOND
"""A command without an answer for so long is given again."""
WATCHDOG_EVERY = 30 * SECOND
SCRAPED_EVERY = 30 * SECOND + 170_000
"""Not a multiple of any slot: scrapes fall anywhere between two polls."""
DRAIN_S = 10.0
"""Longest time that an end in order waits for messages under way."""


def no_step(name: str) -> None:
    """Ignore a named step."""
    del name


class NotedNotifier(Notifier):
    """The service manager of one life: it would kill a daemon whose notice comes too late."""

    def __init__(self, history: WholeHistory, clock: WholeClock) -> None:
        super().__init__()
        self.watchdog_every = WATCHDOG_EVERY
        self._history = history
        self._clock = clock
        self._heard_at = clock.now()

    def alive(self) -> None:
        now = self._clock.now()
        if now > self._heard_at + WATCHDOG_EVERY:
            self._history.problems.append(f"the watchdog was not fed from {self._heard_at} on")
        self._heard_at = now
        self._history.drawn["watchdog_fed"] += 1


class World(Protocol):
    """What stays from one life to the next, see ``run``. ``adoptions``: (at, how wrong)."""

    @property
    def history(self) -> WholeHistory: ...
    @property
    def clock(self) -> WholeClock: ...
    @property
    def people(self) -> WholePeople: ...
    @property
    def parts(self) -> Parts: ...
    @property
    def files(self) -> ConfigurationFiles: ...
    @property
    def operator(self) -> Operator: ...
    @property
    def weather(self) -> Weather: ...
    @property
    def adoptions(self) -> list[tuple[int, int]]: ...
    @property
    def open_readers(self) -> OpenReaders: ...
    @property
    def open_shared_sockets(self) -> OpenSharedSockets: ...


class Life:
    """Built on an opened record; ``run`` watches until its end."""

    def __init__(self, world: World, opened: Continued, settings: Settings) -> None:
        self.world, self.opened = world, opened
        self.clock, history, people = world.clock, world.history, world.people
        quality = self.clock.read(self.clock.now())
        self.record = startup.continue_by(opened, settings, self.clock, self.clock, quality)
        self.situation = Situation(settings.plan, self.record.durable)
        self.inbox = NotedInbox(history)
        self.lag = LoopLag(self.clock, self.inbox.runs)
        self.config = ConfigState(settings.config_hash, self.clock.wall(), {})
        self.notifier = NotedNotifier(history, self.clock)
        self.watchdog = Watchdog(self.notifier, polls_within(settings.devices))
        channels = {channel.id: self._channel(channel) for channel in settings.channels}
        people.dispatcher = world.parts.dispatcher(channels, self.clock, self.inbox.put, no_step)
        people.outbox = Outbox(settings, people, self.record.iso)
        self.engine = Engine(
            situation=self.situation,
            inbox=self.inbox,
            recording=NotedRecording(
                history, self.situation, opened.journal, world.files.adopt, self.inbox.put
            ),
            alive=opened.alive,
            recorded_until=self.record.known_until or self.record.durable.last_at,
            clock=self.clock,
            quality=self.clock,
            outbox=people,
            step=no_step,
            finished=self._tick_finished,
            clock_turned=self._clock_turned,
        )
        self.running, self.health = open_parts(
            self.situation,
            settings=settings,
            inbox=self.inbox,
            record=self.record,
            dispatcher=people.dispatcher,
            outbox=people.outbox,
            watchdog=self.watchdog,
            engine=self.engine,
            loop_lag=self.lag.measured,
            config=self.config,
            backups=None,
            inherited=(),
            edges=Edges(world.open_readers, self._channel, world.open_shared_sockets),
        )
        path = world.files.path
        config_files = ConfigFiles(path, lambda: load(path))
        self.reloader = self.running.reloader(self.engine, self.config, config_files, no_step)

    def _channel(self, settings: ChannelSettings) -> WholeChannel:
        del settings
        return WholeChannel(self.world.people)

    def _tick_finished(self) -> None:
        self.running.polling.poller.answers_evaluated()
        self.watchdog.tick_finished(self.clock.now(), self.health.work())

    def _clock_turned(self) -> None:
        self.inbox.put(self.record.calendars.now(self.running.settings))

    async def run(self, ends_at: int, *, is_clean: bool) -> None:
        """Start, watch until ``ends_at``, and end: in order, or at once as by a kill."""
        await self.engine.tick(self._first_inputs())
        engine = asyncio.create_task(self.engine.run())
        poller = asyncio.create_task(self.running.polling.poller.run())
        ending = asyncio.create_task(self.clock.sleep_until(ends_at))
        beside = [asyncio.create_task(one) for one in self._beside()]
        watched = [ending, poller, engine, *beside[:1]]
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        await self.reloader.close()
        if is_clean:
            self.engine.end()
        else:
            engine.cancel()
        for task in (poller, ending, *beside):
            task.cancel()
        ended = await asyncio.gather(engine, poller, ending, *beside, return_exceptions=True)
        self._note_errors(ended)
        if is_clean:
            await self.world.people.dispatcher.drain(DRAIN_S)
            await self.engine.stop()

    def _beside(self) -> list[Coroutine[Any, Any, None]]:
        asked = asyncio.Event()
        command = ReloadCommand(self.reloader)
        return [
            self.lag.run(),
            reload_when_asked(self.reloader, asked, self.notifier),
            self.world.operator.work(asked.set, command.reload),
            self._adopt(),
            self._stop_the_loop(),
            self._report(),
            self._scrape(),
        ]

    def _note_errors(self, ended: Sequence[object]) -> None:
        broken = [error for error in ended if isinstance(error, Exception)]
        self.world.history.problems += [f"it broke: {error!r}" for error in broken]

    def _first_inputs(self) -> list[Input]:
        """Return the first inputs, of a program that was installed before the history begins."""
        started, *others = startup.first_inputs(self.running.settings, self.record)
        assert isinstance(started, Started)
        return [replace(started, built=self.world.history.plant.begin - HOUR), *others]

    async def _adopt(self) -> None:
        """Pass on what a person says of the time; again after a start, where it had no answer."""
        adoptions = self.world.adoptions
        for at, wrong in tuple(adoptions):
            await self.clock.sleep_until(at)
            now = self.clock.now()
            self.inbox.put(Decision(now, f"adopt-{at}", "desk", "command", AdoptClock(now + wrong)))
            await self.clock.sleep_until(now + ANSWERED_WITHIN)
            adoptions.remove((at, wrong))

    async def _stop_the_loop(self) -> None:
        """Stop the loop now and then, as a machine does that is suspended or overloaded."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WholeLoop)
        for begin, end in self.world.weather.stalls:
            if begin > self.clock.now():
                await self.clock.sleep_until(begin)
                loop.stop_for((end - self.clock.now()) / SECOND)
                self.world.history.stalls.append((begin, self.clock.now()))

    async def _scrape(self) -> None:
        """Ask for the metrics now and then, at the pace of the site."""
        registry, history = CollectorRegistry(), self.world.history
        registry.register(self.running.exposition)
        page = MetricsPage(registry, self.clock.now)
        history.lives.append(self.clock.now())
        while True:
            await self.clock.sleep_until(self.clock.now() + SCRAPED_EVERY)
            at, before = self.clock.now(), len(history.events)
            text = (await page.text()).decode()
            if self.clock.now() == at:
                history.scrapes.append(Scrape(at, text, before, len(history.events)))

    async def _report(self) -> None:
        """Let devices report by themselves, as ``running_parts`` passes their traps on."""
        quota = ReportQuota(self.inbox, lambda: self.engine.ticks)
        for one in self.world.weather.reports:
            if one.at > self.clock.now():
                await self.clock.sleep_until(one.at)
                quota.put(TrapSeen(one.device, self.clock.now(), None, one.condition, one.value))
                self.running.polling.poller.poll_now(one.device)
                self.world.history.drawn["traps"] += 1
