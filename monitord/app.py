"""Builds the parts of the daemon, connects them, starts and stops them. Wiring only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from prometheus_client import CollectorRegistry

from monitord import startup
from monitord.channels import open_channel
from monitord.config.settings import Settings
from monitord.control.commands import ControlCommands
from monitord.control.server import open_control
from monitord.control.status import Labels
from monitord.core.situation import Situation
from monitord.core.view import suspects
from monitord.dispatcher import Dispatcher
from monitord.engine import Engine
from monitord.health import Health, polls_within
from monitord.history import read_unsettled
from monitord.inbox import Inbox
from monitord.loop_lag import LoopLag
from monitord.metrics.exposition import Exposition
from monitord.metrics.lines import LineExposition
from monitord.metrics.traps import TrapExposition
from monitord.outbox import Outbox
from monitord.polling.opening import open_polling
from monitord.systemd.activation import close_unused
from monitord.systemd.notify import Notifier, Watchdog
from monitord.traps.engine import load_engine
from monitord.traps.receiver import TrapReceiver
from monitord.traps.reports import ReportQuota
from monitord.web import Web

DRAIN_S = 5.0
"""How long attempts under way may take to end when monitord stops."""

log = structlog.get_logger(__name__)


def no_step(name: str) -> None:
    """Ignore a named step. Tests of crashes hand in a function that ends the process there."""
    del name


class App:
    """The daemon. ``run`` returns after ``stop`` was called and everything has ended.

    ``step`` is called with the name of each step of start, tick and stop. ``inherited``: sockets
    that the service manager opened. Raises ``RecordError`` where the record cannot be opened.
    """

    def __init__(
        self,
        settings: Settings,
        step: Callable[[str], None] = no_step,
        notifier: Notifier | None = None,
        inherited: Sequence[socket.socket] = (),
    ) -> None:
        self._settings = settings
        self._step = step
        self._notifier = notifier or Notifier()
        self._inherited = inherited
        self._watchdog = Watchdog(self._notifier, polls_within(settings.devices))
        self._stop = asyncio.Event()
        self._inbox = Inbox()
        self._record = startup.open_record(settings, step)
        self._clock = self._record.clock
        self._loop_lag = LoopLag(self._clock)
        self.situation = Situation(settings.plan, self._record.durable)

    def stop(self) -> None:
        """Ask ``run`` to end in order."""
        self._stop.set()

    async def run(self) -> None:
        """Start, watch, and end in order. Raises ``WebError`` where the port is taken."""
        settings, clock = self._settings, self._clock
        channels = {channel.id: open_channel(channel) for channel in settings.channels}
        self._dispatcher = Dispatcher(channels, clock, self._inbox.put, self._step)
        self._engine = Engine(
            situation=self.situation,
            inbox=self._inbox,
            journal=self._record.journal,
            alive=self._record.alive_file,
            clock=clock,
            quality=self._record.reader,
            outbox=Outbox(settings, self._dispatcher, self._record.iso),
            step=self._step,
            finished=self._tick_finished,
        )
        polling = open_polling(
            settings.devices, clock, self._inbox, suspects=lambda: suspects(self.situation)
        )
        self._poller = polling.poller
        registry = CollectorRegistry()
        registry.register(
            Exposition(
                self.situation,
                clock,
                engine=self._engine,
                polls=self._poller,
                loop_lag=self._loop_lag.measured,
                devices=settings.devices,
            )
        )
        registry.register(LineExposition(polling.shared_sockets, polling.buses))
        self._traps = self._open_traps(registry)
        self._health = Health(
            self.situation,
            clock,
            engine=self._engine,
            polls=self._poller,
            deliveries=self._dispatcher,
        )
        web = Web(
            settings.listen_host,
            settings.listen_port,
            registry,
            self._health.ready,
            self._health.healthy,
        )
        try:
            await web.start()
            await self._watch()
        finally:
            await web.close()
            await self._dispatcher.close()
            self._record.journal.close()

    async def _watch(self) -> None:
        self._step("starting")
        settings = self._settings
        await self._engine.tick(startup.first_inputs(settings, self._record))
        self._step("started")
        clock = self._record.quality.kernel.value
        log.info("monitord_started", site=settings.site, config=settings.config_hash, clock=clock)
        startup.warn_of_slow_devices(settings)
        scheduler = startup.schedule_calendar(settings, self._clock, self._inbox.put)
        labels = Labels(settings.site, settings.names, self._record.iso)
        commands = ControlCommands(
            self._engine,
            self._inbox,
            self._clock,
            labels,
            partial(read_unsettled, settings.record_folder),
        )
        control = await open_control(settings.record_folder, commands.by_name)
        engine = asyncio.create_task(self._engine.run())
        poller = asyncio.create_task(self._poller.run())
        stopping = asyncio.create_task(self._stop.wait())
        beside = [asyncio.create_task(self._loop_lag.run())]
        if self._traps is not None:
            beside.append(asyncio.create_task(self._traps.run()))
        self._notifier.ready()
        try:
            await asyncio.wait((engine, poller, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._notifier.stopping()
            await control.close()
            scheduler.shutdown(wait=False)
            self._engine.end()
            for task in (poller, stopping, *beside):
                task.cancel()
            ended = await asyncio.gather(engine, poller, stopping, *beside, return_exceptions=True)
        # A task that ended without being asked has raised: a defect of ours ends the program.
        for error in ended:
            if isinstance(error, Exception):
                raise error
        await self._end()

    async def _end(self) -> None:
        self._step("stopping")
        if left := await self._dispatcher.drain(DRAIN_S):
            log.warning("attempts_given_up", count=left)
        await self._engine.stop()
        if lost := len(self._engine.pending):
            log.error("events_not_recorded", count=lost, folder=str(self._settings.record_folder))
        self._step("stopped")
        log.info("monitord_stopped")

    def _tick_finished(self) -> None:
        self._poller.answers_evaluated()
        self._watchdog.tick_finished(self._clock.now(), self._health.work())
        if not self._stop.is_set():
            self._notifier.status(self._health.summary())

    def _open_traps(self, registry: CollectorRegistry) -> TrapReceiver | None:
        settings = self._settings.traps
        if settings is None:
            close_unused(self._inherited, "the configuration has no traps")
            return None
        receiver = TrapReceiver(
            settings,
            load_engine(self._settings.record_folder, self._clock.now()),
            clock=self._clock,
            poll_now=self._poller.poll_now,
            seen=ReportQuota(self._inbox, lambda: self._engine.ticks).put,
            handed=self._inherited,
        )
        registry.register(TrapExposition(receiver, settings))
        return receiver
