"""Builds everything, starts it, stops it. Knows no protocol and no rule."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import CollectorRegistry

from monitord.channels import open_channel
from monitord.clock import Anchor, Instant, SystemClock, place_axis, read_instant
from monitord.config.calendar import expand
from monitord.config.explain import explain
from monitord.config.settings import Settings
from monitord.control.commands import Desk
from monitord.control.status import Labels
from monitord.control.transport import Control, ControlError
from monitord.core.apply import apply
from monitord.core.codec import from_plain, shape_hash
from monitord.core.durable import Durable
from monitord.core.events import AttemptBegan
from monitord.core.model import SECOND, CalendarExtended, Started, TrapSeen
from monitord.core.situation import Situation
from monitord.core.view import suspects
from monitord.devices import buses_of, open_readers, open_shared_sockets
from monitord.dispatcher import Attempt, Dispatcher
from monitord.engine import Engine
from monitord.inbox import Inbox
from monitord.journal import Journal, Loaded
from monitord.journal.alive import Alive, AliveFile
from monitord.journal.epochs import epoch_for
from monitord.loop_lag import LoopLag
from monitord.metrics.exposition import Exposition
from monitord.metrics.lines import LineExposition
from monitord.metrics.traps import TrapExposition
from monitord.polling.building import SocketAssignment, split_by_rate
from monitord.polling.poller import Poller
from monitord.systemd.notify import POLLS_GRACE, Notifier, Watchdog, Work
from monitord.texts.compose import compose
from monitord.traps.engine import load_engine
from monitord.traps.receiver import TrapReceiver
from monitord.web import Web

DRAIN_S = 5.0
"""How long attempts under way may take to end when monitord stops."""
REPORTS_MAX = 256
"""What traps said that may wait for one tick of the engine."""
HEALTHY_WITHIN = 15 * SECOND
"""A healthy engine has finished a tick within this time; the clock alone makes it tick sooner."""

log = structlog.get_logger(__name__)


def no_step(name: str) -> None:
    """Pass a named step by. Tests of crashes hand in something that does not."""
    del name


class App:
    """The daemon. ``run`` returns after ``stop`` was asked for and everything has ended."""

    def __init__(
        self,
        settings: Settings,
        step: Callable[[str], None] = no_step,
        notifier: Notifier | None = None,
        handed: Sequence[socket.socket] = (),
    ) -> None:
        self._settings = settings
        self._step = step
        self._notifier = notifier or Notifier()
        self._handed = handed
        self._reports = self._reports_tick = 0
        self._watchdog = Watchdog(self._notifier, _polls_within(settings))
        self._stop = asyncio.Event()
        self._inbox = Inbox()
        self._journal = Journal.open(
            settings.record_folder,
            site=settings.site,
            shape=shape_hash(Durable),
            step=step,
        )
        self._step("opened")
        self._alive_file = AliveFile(settings.record_folder)
        self._last_alive = self._alive_file.read()
        loaded = self._journal.load()
        durable = _fold(loaded)
        self._adopt_epoch(loaded, durable)
        self._clock = SystemClock(_anchor(self._last_alive, durable, read_instant()))
        self._loop_lag = LoopLag(self._clock)
        self.situation = Situation(settings.plan, durable)
        self._zone = ZoneInfo(settings.time_zone)

    def _adopt_epoch(self, loaded: Loaded, durable: Durable) -> None:
        epoch, why = epoch_for(loaded, self._last_alive)
        if why is not None:
            log.error("record_begins_new_epoch", epoch=epoch, why=why)
            self._journal.next_epoch(why, epoch)
            durable.number = 0
        durable.epoch = epoch

    def stop(self) -> None:
        """Ask ``run`` to end in order."""
        self._stop.set()

    async def run(self) -> None:
        """Start, watch, and end in order. Raises ``WebError`` where the port is taken."""
        self._dispatcher = Dispatcher(
            {channel.id: open_channel(channel) for channel in self._settings.channels},
            self._clock,
            self._inbox.put_outcome,
            self._step,
        )
        self._engine = Engine(
            situation=self.situation,
            inbox=self._inbox,
            journal=self._journal,
            alive=self._alive_file,
            clock=self._clock,
            begin=self._begin,
            step=self._step,
            finished=self._tell_manager,
        )
        fast, slow = split_by_rate(self._settings.devices)
        readers = open_readers([*fast, *slow.values()], self._clock)
        shared_sockets = open_shared_sockets(fast, readers)
        self._poller = Poller(
            self._settings.devices,
            readers,
            self._clock,
            self._inbox,
            lanes=[SocketAssignment(*found) for found in shared_sockets],
            slow_readers={id_: readers[device.id] for id_, device in slow.items()},
            suspects=lambda: suspects(self.situation),
        )
        registry = CollectorRegistry()
        registry.register(
            Exposition(
                self.situation,
                self._clock,
                engine=self._engine,
                polls=self._poller,
                loop_lag=self._loop_lag.measured,
                devices=self._settings.devices,
            )
        )
        buses = {where: bus.counts for where, bus in buses_of(readers.values()).items()}
        registry.register(LineExposition([one.counts for one, _ in shared_sockets], buses))
        self._traps = self._open_traps(registry)
        web = Web(
            self._settings.listen_host,
            self._settings.listen_port,
            registry,
            self._is_ready,
            self._is_healthy,
        )
        try:
            await web.start()
            await self._watch()
        finally:
            await web.close()
            await self._dispatcher.close()
            self._journal.close()

    async def _watch(self) -> None:
        self._step("starting")
        await self._engine.tick([self._started(), self._calendar()])
        self._step("started")
        log.info("monitord_started", site=self._settings.site, config=self._settings.config_hash)
        self._warn_of_stale()
        scheduler = self._schedule()
        control = await self._open_control()
        engine = asyncio.create_task(self._engine.run())
        poller = asyncio.create_task(self._poller.run())
        stopping = asyncio.create_task(self._stop.wait())
        loop_lag = asyncio.create_task(self._loop_lag.run())
        traps = asyncio.create_task(self._traps.run()) if self._traps else loop_lag
        tasks = (engine, poller, stopping)
        self._notifier.ready()
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._notifier.stopping()
            await control.close()
            scheduler.shutdown(wait=False)
            self._engine.end()
            for task in (poller, stopping, loop_lag, traps):
                task.cancel()
            ended = await asyncio.gather(
                engine, poller, stopping, loop_lag, traps, return_exceptions=True
            )
        # Whatever ended without being asked has raised: that is ours, and ends the program.
        for error in ended:
            if isinstance(error, Exception):
                raise error
        await self._end()

    def _warn_of_stale(self) -> None:
        for device in explain(self._settings).stale:
            worst, bound = device.age_worst / SECOND, device.bound / SECOND
            log.warning(
                "device_age_over_bound", device=device.settings.id, worst_s=worst, bound_s=bound
            )

    def _open_traps(self, registry: CollectorRegistry) -> TrapReceiver | None:
        """Return what receives traps; nothing is received before it runs."""
        if self._settings.traps is None:
            for sock in self._handed:
                log.warning("socket_for_traps_not_used", hint="the configuration has no traps")
                sock.close()
            return None
        receiver = TrapReceiver(
            self._settings.traps,
            load_engine(self._settings.record_folder, self._clock.now()),
            clock=self._clock,
            poll_now=self._poller.poll_now,
            seen=self._take_report,
            handed=self._handed,
        )
        registry.register(TrapExposition(receiver, self._settings.traps))
        return receiver

    def _take_report(self, report: TrapSeen) -> None:
        """Hand on what a trap said. Where inputs pile up traps go first: a poll says it too."""
        if self._reports_tick != self._engine.ticks:
            self._reports_tick, self._reports = self._engine.ticks, 0
        if self._reports < REPORTS_MAX and self._inbox.has_room(report.device):
            self._reports += 1
            self._inbox.put(report)

    async def _open_control(self) -> Control:
        labels = Labels(self._settings.site, self._settings.names, self._iso)
        desk = Desk(self._engine, self._inbox, self._clock, labels)
        control = Control(self._settings.record_folder, desk.commands)
        try:
            await control.start()
        except ControlError as error:
            # The watch goes on: only the commands on this machine cannot ask it.
            log.error("control_not_available", detail=str(error))  # noqa: TRY400 - for the operator
        return control

    async def _end(self) -> None:
        self._step("stopping")
        left = await self._dispatcher.drain(DRAIN_S)
        if left:
            log.warning("attempts_given_up", count=left)
        await self._engine.stop()
        if lost := len(self._engine.pending):
            log.error("events_not_recorded", count=lost, folder=str(self._settings.record_folder))
        self._step("stopped")
        log.info("monitord_stopped")

    def _started(self) -> Started:
        alive = self._last_alive
        return Started(
            at=self._clock.now(),
            wall=self._clock.wall(),
            boot_id=self._clock.boot_id,
            config_hash=self._settings.config_hash,
            alive_at=alive.site if alive is not None else None,
        )

    def _calendar(self) -> CalendarExtended:
        intervals, known_to = expand(self._settings, self._clock.wall())
        return CalendarExtended(self._clock.now(), intervals, known_to)

    def _schedule(self) -> AsyncIOScheduler:
        # A day missed does no harm: the calendar reaches 400 days ahead.
        scheduler = AsyncIOScheduler(timezone=self._settings.time_zone)
        scheduler.add_job(self._extend_calendar, "cron", hour=12, max_instances=1, coalesce=True)
        scheduler.start()
        return scheduler

    async def _extend_calendar(self) -> None:
        self._inbox.put(self._calendar())

    def _begin(self, person: str, began: AttemptBegan, unrecorded: bool) -> None:
        alert: dict[str, Any] = {**began.alert}
        if unrecorded:
            # A number that is not on disk may be given again: the message carries none.
            alert["alert_id"] = alert["incident"] = None
        language = next(p.language for p in self._settings.people if p.id == person)
        message = compose(
            alert,
            site=self._settings.site,
            names=self._settings.names,
            language=language,
            iso=self._iso,
            unrecorded=unrecorded,
            cards=self._settings.cards,
        )
        self._dispatcher.start(
            Attempt(person, began.incident, began.attempt, began.channel, message)
        )

    def _iso(self, at: int) -> str:
        wall = at + self.situation.durable.clock_offset
        epoch = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
        moment = epoch + timedelta(microseconds=wall)
        return moment.astimezone(self._zone).isoformat(timespec="milliseconds")

    def _tell_manager(self) -> None:
        """Tell the service manager of a finished tick."""
        work = Work(
            polls_ended=self._poller.work_done,
            deliveries_ended=self._dispatcher.moving,
            deliveries_under_way=self._dispatcher.under_way,
        )
        self._watchdog.tick_finished(self._clock.now(), work)
        self._poller.judged()
        if not self._stop.is_set():
            self._notifier.status(self._in_short())

    def _in_short(self) -> str:
        devices = self.situation.devices.values()
        doubtful = self.situation.doubtful.values()
        silent = sum(memory.silent is not None for memory in doubtful)
        text = (
            f"{len(self.situation.programmes)} programmes, {len(devices)} devices"
            f" ({silent} silent), {len(self.situation.durable.incidents)} incidents open"
        )
        pending = len(self._engine.pending)
        return f"{text}, {pending} events wait for the disk" if pending else text

    def _is_ready(self) -> tuple[bool, str]:
        if self.situation.started is None:
            return False, "not started yet"
        silent = [d.id for d in self._settings.devices if self._poller.states[d.id].last is None]
        return not silent, f"no poll has ended yet: {', '.join(silent)}" if silent else "ok"

    def _is_healthy(self) -> tuple[bool, str]:
        age = self._clock.now() - self._engine.finished_at
        if age > HEALTHY_WITHIN:
            return False, f"the last finished tick is {age // SECOND} s old"
        pending = len(self._engine.pending)
        return True, f"ok, but {pending} events wait for the disk" if pending else "ok"


def _fold(loaded: Loaded) -> Durable:
    if loaded.snapshot is not None:
        durable = from_plain(Durable, loaded.snapshot_plain())
    else:
        durable = Durable()
    for event in loaded.events:
        apply(durable, event)
    return durable


def _polls_within(settings: Settings) -> int | None:
    """Return within which time at least one poll must end, None without a device."""
    slots = [device.poll_every + device.deadline for device in settings.devices]
    return min(slots) + POLLS_GRACE if slots else None


def _anchor(alive: Alive | None, durable: Durable, present: Instant) -> Anchor | None:
    """Return the latest pair of site time and clocks that is remembered."""
    if durable.number == 0 and durable.last_at == 0 and alive is None:
        return None
    recorded = Anchor(durable.last_at, Instant("", 0, durable.last_at + durable.clock_offset))
    if alive is None:
        return recorded
    lived = Anchor(alive.site, Instant(alive.boot_id, alive.boottime, alive.wall))
    # Within one boot the alive file's pair is exact, even where a commit came after it.
    is_older = alive.site < durable.last_at and alive.boot_id != present.boot_id
    return recorded if is_older or place_axis(lived, present) < durable.last_at else lived
