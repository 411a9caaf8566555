"""The parts of the running daemon that follow the settings. Owns their order; builds none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from monitord.channels import Channel, open_channel
from monitord.clock import Clock
from monitord.config.settings import ChannelSettings, Settings
from monitord.control.labels import Labels
from monitord.core.situation import Situation
from monitord.core.view import suspects
from monitord.devices import open_readers, open_shared_sockets
from monitord.dispatcher import Dispatcher
from monitord.engine import Engine
from monitord.health import Health, polls_within
from monitord.inbox import Inbox
from monitord.loop_lag import RecentMaximum
from monitord.metrics.engine import BackupCounts
from monitord.metrics.exposition import Exposition
from monitord.metrics.lines import LineExposition
from monitord.metrics.traps import TrapExposition
from monitord.outbox import Outbox
from monitord.own_interfaces import OwnInterfaces
from monitord.polling.opening import (
    OpenedPolling,
    OpenReaders,
    OpenSharedSockets,
    PreparedPolling,
    line_counts,
    open_polling,
    prepare_polling,
)
from monitord.reloading import Adopting, ConfigFiles, ConfigState, Reloader
from monitord.startup import OpenedRecord
from monitord.systemd.notify import Watchdog
from monitord.trap_port import open_traps
from monitord.traps.receiver import TrapReceiver
from monitord.traps.reports import ReportQuota
from monitord.web import Web, WebError


@dataclass(frozen=True, slots=True)
class Edges:
    """What opens the ways to devices and to people: sockets, or what stays in memory."""

    readers: OpenReaders = open_readers
    channel: Callable[[ChannelSettings], Channel] = open_channel
    sockets: OpenSharedSockets = open_shared_sockets


NETWORK = Edges()


@dataclass(frozen=True, slots=True)
class PreparedParts:
    """What was opened for other settings. ``web``: None where the address stays."""

    polling: PreparedPolling
    channels: dict[str, Channel]
    web: Web | None

    async def discard(self) -> None:
        """Close all of it."""
        self.polling.close()
        for channel in self.channels.values():
            await channel.close()
        if self.web is not None:
            await self.web.close()


@dataclass(slots=True)
class RunningParts:
    """See the module. ``web``: the pages as they are served now; ``open_web``: builds others."""

    settings: Settings
    clock: Clock
    inbox: Inbox
    record: OpenedRecord
    polling: OpenedPolling
    interfaces: OwnInterfaces
    dispatcher: Dispatcher
    outbox: Outbox
    exposition: Exposition
    watchdog: Watchdog
    labels: Labels
    web: Web
    open_web: Callable[[Settings], Web]
    edges: Edges = NETWORK
    traps: tuple[TrapReceiver, TrapExposition] | None = None
    _closing: set[asyncio.Task[None]] | None = None

    def reloader(
        self,
        engine: Adopting,
        state: ConfigState,
        files: ConfigFiles,
        step: Callable[[str], None],
    ) -> Reloader:
        """Return what changes the settings of these parts."""
        return Reloader(
            self.settings,
            state,
            files,
            parts=self,
            engine=engine,
            journal=self.record.journal,
            clock=self.clock,
            hours=self.record.calendars,
            put=self.inbox.put,
            step=step,
        )

    async def prepare(self, settings: Settings, changed: frozenset[str]) -> PreparedParts:
        """Open what is new. Raises ``WebError`` or ``OSError``, and then keeps nothing open."""
        before = {channel.id: channel for channel in self.settings.channels}
        polling = prepare_polling(self.polling, settings.devices, changed, self.clock)
        channels = {
            channel.id: self.edges.channel(channel)
            for channel in settings.channels
            if before.get(channel.id) != channel
        }
        is_moved = _address(settings) != _address(self.settings)
        prepared = PreparedParts(polling, channels, self.open_web(settings) if is_moved else None)
        if prepared.web is not None:
            try:
                await prepared.web.start()
            except WebError:
                await prepared.discard()
                raise
        return prepared

    def swap(self, settings: Settings, prepared: PreparedParts, gone: frozenset[str]) -> None:
        """Follow these settings from now on; nothing here waits or fails."""
        self.inbox.drop(gone)
        self.polling.replace(prepared.polling)
        self.dispatcher.replace(prepared.channels, [one.id for one in settings.channels])
        self.outbox.replace(settings)
        self.exposition.replace(settings.devices, settings.names)
        self.watchdog.expect_polls_within(polls_within(settings.devices))
        self.labels.replace(settings.site, settings.names)
        self.record.zone = ZoneInfo(settings.time_zone)
        if self.traps is not None and settings.traps is not None:
            receiver, exposition = self.traps
            receiver.replace(settings.traps)
            exposition.replace(settings.traps)
        if prepared.web is not None:
            self._close_later(self.web)
            self.web = prepared.web
        self.settings = settings

    def _close_later(self, web: Web) -> None:
        # The task is kept: nothing else refers to it.
        task = asyncio.get_running_loop().create_task(web.close())
        self._closing = {task}
        task.add_done_callback(self._closing.discard)


def _address(settings: Settings) -> tuple[str, int]:
    return settings.listen_host, settings.listen_port


def open_parts(
    situation: Situation,
    *,
    settings: Settings,
    inbox: Inbox,
    record: OpenedRecord,
    dispatcher: Dispatcher,
    outbox: Outbox,
    watchdog: Watchdog,
    engine: Engine,
    loop_lag: RecentMaximum,
    config: ConfigState,
    backups: BackupCounts | None,
    inherited: Sequence[socket.socket],
    edges: Edges = NETWORK,
) -> tuple[RunningParts, Health]:
    """Open the poller, traps and pages of ``settings``; nothing is sent or served yet."""
    clock = record.clock
    interfaces = OwnInterfaces()
    polling = open_polling(
        settings.devices,
        clock,
        inbox,
        suspects=lambda: suspects(situation),
        readers=edges.readers,
        sockets=edges.sockets,
        down_towards=interfaces.down_towards,
    )
    poller = polling.poller
    registry = CollectorRegistry()
    exposition = Exposition(
        situation,
        clock,
        engine=engine,
        polls=poller,
        loop_lag=loop_lag,
        config=config,
        backups=backups,
        devices=settings.devices,
        names=settings.names,
    )
    registry.register(exposition)
    registry.register(LineExposition(polling.shared_sockets, lambda: line_counts(poller)))
    seen = ReportQuota(inbox, lambda: engine.ticks).put
    traps = open_traps(
        settings, registry, clock=clock, poll_now=poller.poll_now, seen=seen, inherited=inherited
    )
    health = Health(situation, clock, engine=engine, polls=poller, deliveries=dispatcher)

    def open_web(new: Settings) -> Web:
        return Web(new.listen_host, new.listen_port, registry, health.ready, health.healthy)

    parts = RunningParts(
        settings=settings,
        clock=clock,
        inbox=inbox,
        record=record,
        polling=polling,
        interfaces=interfaces,
        dispatcher=dispatcher,
        outbox=outbox,
        exposition=exposition,
        watchdog=watchdog,
        labels=Labels(settings.site, settings.names, record.iso),
        web=open_web(settings),
        open_web=open_web,
        edges=edges,
        traps=traps,
    )
    return parts, health
