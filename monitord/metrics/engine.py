"""The daemon's own work: ticks, event loop, events that wait for the disk, messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from functools import partial
from typing import Protocol

from prometheus_client.core import Metric

from monitord import __version__
from monitord.alarm_load import AlarmLoad
from monitord.core.model import MINUTE
from monitord.core.situation import Situation
from monitord.core.view import undelivered_by_person
from monitord.logs import lines_lost
from monitord.loop_lag import RecentMaximum
from monitord.metrics.families import Sample
from monitord.metrics.names import FAMILIES

STALE_AFTER = 24 * 60 * MINUTE
"""An incident that is open for longer is one that nobody acts on (ISA-18.2: stale alarm)."""


class RecordCounts(Protocol):
    """``replaced``: how often the file was; ``lost``: events that are in no record."""

    @property
    def replaced(self) -> int: ...

    @property
    def lost(self) -> int: ...


class BackupCounts(Protocol):
    """``made_wall``: wall time of the newest good copy, 0 without one; ``is_ok``: of the last."""

    made_wall: int
    is_ok: bool


class EngineCounts(Protocol):
    """What the engine counts. ``finished_at``: site time of the last finished tick."""

    ticks: int
    took: RecentMaximum
    finished_at: int
    confirmed: dict[str, int]
    alarm_load: AlarmLoad

    @property
    def pending(self) -> Sized: ...

    @property
    def recording(self) -> RecordCounts: ...


class ConfigCounts(Protocol):
    """``hash``: of the configuration that counts since wall time ``adopted_wall``."""

    hash: str
    adopted_wall: int

    @property
    def is_ok(self) -> bool: ...


def build_metric() -> Metric:
    """Return the version that runs."""
    return FAMILIES["monitord_build_info"].metric([((__version__,), 1)])


def name_metrics(names: Mapping[str, str]) -> Iterator[Metric]:
    """Yield the names of programmes and devices. ``names``: by ``kind/id``."""
    for kind in ("programme", "device"):
        start = f"{kind}/"
        found = [
            (key.removeprefix(start), name) for key, name in names.items() if key.startswith(start)
        ]
        yield FAMILIES[f"monitord_{kind}_info"].sliced(partial(_named, found))


def _named(found: Sequence[tuple[str, str]]) -> Iterator[Sample]:
    return ((labels, 1) for labels in found)


def config_metrics(config: ConfigCounts) -> Iterator[Metric]:
    """Yield which configuration counts, and whether the files are it."""
    yield FAMILIES["monitord_config_reload_ok"].metric([((), float(config.is_ok))])
    adopted = FAMILIES["monitord_config_reload_success_timestamp_seconds"]
    yield adopted.metric([((), config.adopted_wall / 1e6)])
    yield FAMILIES["monitord_config_info"].metric([((config.hash,), 1)])


def delivery_metrics(situation: Situation, confirmed: Mapping[str, int]) -> Iterator[Metric]:
    """Yield messages by person. ``confirmed``: since the start."""
    owed = undelivered_by_person(situation)
    yield FAMILIES["monitord_deliveries_owed"].metric([((p,), n) for p, n in owed.items()])
    yield FAMILIES["monitord_deliveries_confirmed_total"].metric(
        [((person,), confirmed.get(person, 0)) for person in owed]
    )


def alarm_metrics(situation: Situation, load: AlarmLoad, now: int) -> Iterator[Metric]:
    """Yield EEMUA 191's measures of our own alarms. ``now``: site time in microseconds."""
    loads = [(person, load.of(person, now)) for person in situation.people]
    yield FAMILIES["monitord_alarms_recent"].metric(((p,), len(one.alarms)) for p, one in loads)
    yield FAMILIES["monitord_alarm_flood_seconds_total"].metric(
        ((person,), one.flood / 1e6) for person, one in loads
    )
    yield FAMILIES["monitord_alarms_chattering"].metric(
        ((person,), one.chattering()) for person, one in loads
    )
    opened = (incident.opened_at for incident in situation.durable.incidents.values())
    stale = sum(now - at > STALE_AFTER for at in opened)
    yield FAMILIES["monitord_incidents_stale"].metric([((), stale)])


def engine_metrics(
    engine: EngineCounts, loop_lag: RecentMaximum, *, polls_skipped: int, now: int
) -> Iterator[Metric]:
    """Yield the daemon's own work. ``now``: site time in microseconds."""
    yield FAMILIES["monitord_events_pending"].metric([((), len(engine.pending))])
    yield FAMILIES["monitord_polls_skipped_total"].metric([((), polls_skipped)])
    record = engine.recording
    yield FAMILIES["monitord_record_replaced_total"].metric([((), record.replaced)])
    yield FAMILIES["monitord_events_lost_total"].metric([((), record.lost)])
    yield FAMILIES["monitord_log_lines_lost_total"].metric([((), lines_lost())])
    yield FAMILIES["monitord_ticks_total"].metric([((), engine.ticks)])
    yield FAMILIES["monitord_tick_seconds"].metric(_last_and_max_s(engine.took, now))
    yield FAMILIES["monitord_loop_lag_seconds"].metric(_last_and_max_s(loop_lag, now))


def backup_metrics(backups: BackupCounts | None) -> Iterator[Metric]:
    """Yield how the nightly copies of the record fare; without samples where none are made."""
    made = [] if backups is None or not backups.made_wall else [((), backups.made_wall / 1e6)]
    is_ok = [] if backups is None else [((), float(backups.is_ok))]
    yield FAMILIES["monitord_backup_timestamp_seconds"].metric(made)
    yield FAMILIES["monitord_backup_ok"].metric(is_ok)


def _last_and_max_s(measured: RecentMaximum, now: int) -> list[Sample]:
    return [(("last",), measured.last / 1e6), (("max",), measured.maximum(now) / 1e6)]
