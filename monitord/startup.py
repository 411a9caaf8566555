"""What happens once at a start: open the record, fold it, choose the epoch, place site time.

A start is a reload: everything the core needs comes from the record and the configuration.
Decides nothing about the site.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from monitord.calendars import Calendars
from monitord.clock import (
    Anchor,
    Instant,
    SiteClock,
    SystemClock,
    iso_time,
    place_axis,
    read_instant,
    read_stretch,
)
from monitord.clock_quality import QualityReader
from monitord.config.content import content_of, parts_in
from monitord.config.explain import explain
from monitord.config.fingerprint import part_digests
from monitord.config.settings import Settings
from monitord.core.calendar import wall_at
from monitord.core.clock_quality import ClockQuality
from monitord.core.differences import Differences, differences
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Base, Input, Started
from monitord.engine import ReadsQuality
from monitord.journal import CommitFailed, Journal
from monitord.journal.alive import Alive
from monitord.journal.alive_writer import AliveWriter
from monitord.journal.errors import RecordError
from monitord.record_opening import Continued, alive_at, open_and_fold

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class OpenedRecord:
    """The record after its start: locked, folded into ``durable``, with the clock it continues.

    ``alive``: the last life's last sign, None at the first start. ``quality``: how good the wall
    clock was at the start; ``reader`` reads it from then on. ``base``: of a new epoch.
    ``content``: hash of the stored files of the configuration; ``differences``: to the one before,
    None: the same, or not known.
    """

    journal: Journal
    alive_file: AliveWriter
    alive: Alive | None
    durable: Durable
    clock: SiteClock
    zone: ZoneInfo
    reader: ReadsQuality
    quality: ClockQuality
    base: Base | None
    calendars: Calendars
    content: str = ""
    differences: Differences | None = None

    @property
    def known_until(self) -> int | None:
        """Site time until when the last run is known to have watched; None: not known."""
        return alive_at(self.alive, self.durable, self.base)

    def iso_wall(self, wall: int) -> str:
        """Return wall time in microseconds as ISO 8601 text of local time."""
        return iso_time(wall, self.zone)

    def iso(self, at: int) -> str:
        """Return site time as ISO 8601 text of local time, by what is known now of its clock."""
        return iso_time(wall_at(self.durable, at), self.zone)


def open_record(settings: Settings, step: Callable[[str], None]) -> OpenedRecord:
    """Open and fold the record of ``settings``. Raises ``RecordError``.

    ``step`` is called with ``opened`` as soon as the record is locked.
    """
    found = open_and_fold(settings.record_folder, site=settings.site, step=step)
    clock = SystemClock(anchor(found.alive.found, found.durable, read_instant()))
    reader = QualityReader(settings.clock, read_stretch)
    # Before the event loop runs: a battery clock on a slow bus blocks its reader.
    instant = clock.instant()
    quality = reader.at_start(instant.boottime, instant.wall)
    return continue_by(found, settings, clock, reader, quality)


def continue_by(
    found: Continued,
    settings: Settings,
    clock: SiteClock,
    reader: ReadsQuality,
    quality: ClockQuality,
) -> OpenedRecord:
    """Return the record as this life continues it, with the files of ``settings`` in it.

    ``quality``: how good the wall clock is now.
    """
    record = OpenedRecord(
        journal=found.journal,
        alive_file=found.alive,
        alive=found.alive.found,
        durable=found.durable,
        clock=clock,
        zone=ZoneInfo(settings.time_zone),
        reader=reader,
        quality=quality,
        base=found.base,
        calendars=Calendars(found.durable, clock),
    )
    _store_content(record, settings)
    return record


def _store_content(record: OpenedRecord, settings: Settings) -> None:
    """Keep the files of the configuration, and compare them with those that counted before."""
    content = content_of(settings)
    try:
        record.journal.store_content_sync(content.items)
    except CommitFailed as error:
        log.error("config_not_stored", detail=str(error))  # noqa: TRY400 - for the operator
        return
    record.content = content.hash
    before = record.durable.config_content
    if before and before != content.hash:
        try:
            manifest = record.journal.manifest(before)
        except RecordError:
            manifest = None
        if manifest is not None:
            record.differences = differences(parts_in(manifest), dict(part_digests(settings)))


def anchor(alive: Alive | None, durable: Durable, present: Instant) -> Anchor | None:
    """Return the latest remembered pair of site time and clocks; None at the first start."""
    if durable.number == 0 and durable.last_at == 0 and alive is None:
        return None
    recorded = Anchor(durable.last_at, Instant("", 0, durable.last_at + durable.clock_offset))
    if alive is None:
        return recorded
    lived = Anchor(alive.site, Instant(alive.boot_id, alive.boottime, alive.wall))
    # Within one boot the alive file's pair is exact, even where a commit came after it.
    is_older = alive.site < durable.last_at and alive.boot_id != present.boot_id
    return recorded if is_older or place_axis(lived, present) < durable.last_at else lived


def first_inputs(
    settings: Settings, opened: OpenedRecord, *, config_refused: bool = False
) -> list[Input]:
    """Return what the first tick of a life evaluates: the start itself and the calendar.

    ``config_refused``: the files have mistakes, and ``settings`` are older.
    """
    started = Started(
        at=opened.clock.now(),
        wall=opened.clock.wall(),
        boot_id=opened.clock.boot_id,
        config_hash=settings.config_hash,
        alive_at=opened.known_until,
        config_content=opened.content,
        differences=opened.differences,
        quality=opened.quality,
        built=_built(),
        base=opened.base,
        booted_at=opened.clock.booted_at,
        config_refused=config_refused,
    )
    return [started, opened.calendars.at_start(settings)]


def _built() -> int:
    """Return the wall time at which this program was installed, in microseconds."""
    return Path(__file__).stat().st_mtime_ns // 1000


def warn_of_settings(settings: Settings) -> None:
    """Log each device whose answers may become older than the continuity bound, and each file with
    a secret that every user may read.
    """
    for name in settings.open_secrets:
        log.warning("secret_file_open", file=name)
    for device in explain(settings).stale:
        worst, bound = device.age_worst / SECOND, device.bound / SECOND
        log.warning(
            "device_age_over_bound", device=device.settings.id, worst_s=worst, bound_s=bound
        )
