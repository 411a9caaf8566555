"""The order in which the daemon's families are exposed. Knows no metric and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitord.clock import Clock
from monitord.core.situation import Situation
from monitord.devices.model import DeviceSettings
from monitord.loop_lag import RecentMaximum
from monitord.metrics.devices import device_metrics, poll_metrics
from monitord.metrics.engine import (
    BackupCounts,
    ConfigCounts,
    EngineCounts,
    alarm_metrics,
    backup_metrics,
    build_metric,
    config_metrics,
    delivery_metrics,
    engine_metrics,
    name_metrics,
)
from monitord.metrics.points import PointMetrics
from monitord.metrics.programmes import ProgrammeTotals, programme_metrics
from monitord.polling.poller import PollStatus


class PollCounts(Protocol):
    """What the poller counts, by device and for all."""

    @property
    def statuses(self) -> Mapping[str, PollStatus]: ...

    @property
    def polls_skipped(self) -> int: ...


class Exposition(Collector):
    """A collector over the live Situation and the counts of engine and poller.

    ``devices``: whose points are shown, and in which unit. ``names``: labels by ``kind/id``.
    """

    def __init__(
        self,
        situation: Situation,
        clock: Clock,
        *,
        engine: EngineCounts,
        polls: PollCounts,
        loop_lag: RecentMaximum,
        config: ConfigCounts,
        backups: BackupCounts | None = None,
        devices: Sequence[DeviceSettings] = (),
        names: Mapping[str, str] | None = None,
    ) -> None:
        self._situation = situation
        self._totals = ProgrammeTotals(situation, clock.now())
        self._clock = clock
        self._engine = engine
        self._polls = polls
        self._loop_lag = loop_lag
        self._config = config
        self._backups = backups
        self.replace(devices, names or {})

    def replace(self, devices: Sequence[DeviceSettings], names: Mapping[str, str]) -> None:
        """Show the points of these devices, and these names, from now on."""
        self._points = PointMetrics(devices)
        self._names = names

    def collect(self) -> Iterable[Metric]:
        """Yield every family; before the engine has started only the version."""
        yield build_metric()
        situation, engine, polls = self._situation, self._engine, self._polls
        if not situation.started:
            return
        now = self._clock.now()
        yield from name_metrics(self._names)
        yield from programme_metrics(situation, now=now)
        yield from self._totals.metrics(
            alive_at=engine.finished_at, recorded=not len(engine.pending)
        )
        yield from device_metrics(situation)
        yield from poll_metrics(polls.statuses, now)
        yield from self._points.metrics(situation)
        yield from config_metrics(self._config)
        yield from backup_metrics(self._backups)
        yield from delivery_metrics(situation, engine.confirmed)
        yield from alarm_metrics(situation, engine.alarm_load, now)
        skipped = polls.polls_skipped
        yield from engine_metrics(engine, self._loop_lag, polls_skipped=skipped, now=now)
