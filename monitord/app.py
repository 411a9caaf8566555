"""Builds the parts of the daemon, connects them, starts and stops them. Wiring only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import structlog

from monitord import startup
from monitord.channels import open_channel
from monitord.config.settings import Settings
from monitord.control.commands import ControlCommands
from monitord.control.reloads import ReloadCommand
from monitord.control.server import open_control
from monitord.control.status import LISTED_MAX
from monitord.core.situation import Situation
from monitord.decoding.charsets import load_charsets
from monitord.dispatcher import Dispatcher
from monitord.engine import Engine
from monitord.garbage import leave_out_what_is_in_use
from monitord.health import polls_within
from monitord.history import read_decided, read_unsettled
from monitord.inbox import Inbox
from monitord.loop_lag import LoopLag
from monitord.nightly_backups import open_backups
from monitord.outbox import Outbox
from monitord.recording import Recording
from monitord.reloading import ConfigFiles, ConfigState, reload_when_asked
from monitord.running_parts import open_parts
from monitord.systemd.notify import Notifier, Watchdog

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
        *,
        files: ConfigFiles | None = None,
        mistakes: Mapping[str, list[str]] | None = None,
    ) -> None:
        self._settings = settings
        self._files = files or ConfigFiles(Path(), lambda: settings)
        self._step = step
        self._notifier = notifier or Notifier()
        self._inherited = inherited
        self._watchdog = Watchdog(self._notifier, polls_within(settings.devices))
        self._stop = asyncio.Event()
        self._reloads: asyncio.Event | None = None
        self._record_replaced = asyncio.Event()
        self._inbox = Inbox()
        load_charsets()
        self._record = startup.open_record(settings, step)
        self._clock = self._record.clock
        self._loop_lag = LoopLag(self._clock, self._inbox.runs)
        self.situation = Situation(settings.plan, self._record.durable)
        wall = self._clock.wall()
        self.config = ConfigState(settings.config_hash, wall, dict(mistakes or {}))
        self._backups = open_backups(settings, self._clock.wall)

    def reload(self) -> None:
        """Ask for a reload; before ``run`` watches it is forgotten: the files were just read."""
        if self._reloads is not None:
            self._reloads.set()

    def stop(self) -> None:
        """Ask ``run`` to end in order."""
        self._stop.set()

    async def run(self) -> None:
        """Start, watch, and end in order. Raises ``WebError`` where the port is taken."""
        settings, clock = self._settings, self._clock
        channels = {channel.id: open_channel(channel) for channel in settings.channels}
        self._dispatcher = Dispatcher(channels, clock, self._inbox.put, self._step)
        outbox = Outbox(settings, self._dispatcher, self._record.iso)
        self._engine = Engine(
            situation=self.situation,
            inbox=self._inbox,
            recording=Recording(
                self.situation,
                self._record.journal,
                self._step,
                new_file=self._record_replaced.set,
                put=self._inbox.put,
            ),
            alive=self._record.alive_file,
            clock=clock,
            quality=self._record.reader,
            outbox=outbox,
            recorded_until=self._record.known_until or self._record.durable.last_at,
            step=self._step,
            finished=self._tick_finished,
            clock_turned=self._clock_turned,
        )
        self._parts, self._health = open_parts(
            self.situation,
            settings=settings,
            inbox=self._inbox,
            record=self._record,
            dispatcher=self._dispatcher,
            outbox=outbox,
            watchdog=self._watchdog,
            engine=self._engine,
            loop_lag=self._loop_lag.measured,
            config=self.config,
            backups=self._backups.counts if self._backups else None,
            inherited=self._inherited,
        )
        self._poller = self._parts.polling.poller
        try:
            await self._parts.web.start()
            self._parts.interfaces.start()
            await self._watch()
        finally:
            self._parts.interfaces.stop()
            await self._parts.web.close()
            await self._dispatcher.close()
            self._record.journal.close()
            self._record.alive_file.close()

    async def _watch(self) -> None:
        self._step("starting")
        settings = self._settings
        refused = bool(self.config.mistakes)
        first = startup.first_inputs(settings, self._record, config_refused=refused)
        await self._engine.tick(first)
        self._step("started")
        clock = self._record.quality.kernel.value
        log.info("monitord_started", site=settings.site, config=settings.config_hash, clock=clock)
        startup.warn_of_settings(settings)
        parts = self._parts
        calendars = self._record.calendars
        scheduler = calendars.schedule(lambda: parts.settings, self._inbox.put)
        if self._backups is not None:
            self._backups.schedule(scheduler)
        reloader = parts.reloader(self._engine, self.config, self._files, self._step)
        commands = ControlCommands(
            self._engine,
            self._inbox,
            self._clock,
            parts.labels,
            partial(read_unsettled, settings.record_folder),
            decided=partial(read_decided, settings.record_folder, LISTED_MAX),
            iso_wall=self._record.iso_wall,
            refused=lambda: (self.config.mistakes, calendars.refused),
        ).by_name | {"reload": ReloadCommand(reloader).reload}
        control = await open_control(settings.record_folder, commands)
        engine = asyncio.create_task(self._engine.run())
        poller = asyncio.create_task(self._poller.run())
        stopping = asyncio.create_task(self._stop.wait())
        self._reloads = asyncio.Event()
        reloads = reload_when_asked(reloader, self._reloads, self._notifier)
        beside = [
            asyncio.create_task(self._loop_lag.run()),
            asyncio.create_task(reloads),
            asyncio.create_task(control.reopen_after(self._record_replaced)),
        ]
        if parts.traps is not None:
            beside.append(asyncio.create_task(parts.traps[0].run()))
        leave_out_what_is_in_use()
        self._notifier.ready()
        try:
            await asyncio.wait((engine, poller, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._notifier.stopping()
            await control.close()
            await reloader.close()
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

    def _clock_turned(self) -> None:
        # What is expected must be known around the time that is in use now.
        self._inbox.put(self._record.calendars.now(self._parts.settings))

    def _tick_finished(self) -> None:
        self._poller.answers_evaluated()
        self._watchdog.tick_finished(self._clock.now(), self._health.work())
        if not self._stop.is_set():
            self._notifier.status(self._health.summary())
