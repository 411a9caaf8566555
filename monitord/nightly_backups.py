"""Copies the record once a night and tries the copy; keeps the newest ones. Decides nothing.

A night that is missed does no harm: the next start makes the copy soon. Nothing waits for it.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.base import BaseScheduler

from monitord.config.settings import BackupSettings, Settings
from monitord.core.model import HOUR, MINUTE, SECOND

LATE_AFTER: Final = 25 * HOUR
"""At a start a newest copy that is older is no more the one of the last night."""
AFTER_START: Final = 10 * MINUTE
"""A start has other work first."""
WITHIN_S: Final = 3600.0
NAME: Final = re.compile(r"record-\d{4}-\d{2}-\d{2}\.sqlite")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class BackupCounts:
    """``made_wall``: wall time of the newest good copy, 0 where there is none. ``is_ok``: whether
    the last one succeeded.
    """

    made_wall: int = 0
    is_ok: bool = True


def open_backups(settings: Settings, wall: Callable[[], int]) -> NightlyBackups | None:
    """Return what makes the copies that are configured; None where none are."""
    if settings.backups is None:
        return None
    return NightlyBackups(
        settings.backups,
        record=settings.record_folder,
        site=settings.site,
        zone=ZoneInfo(settings.time_zone),
        wall=wall,
    )


class NightlyBackups:
    """``wall``: wall time in microseconds. One copy at a time."""

    def __init__(
        self,
        settings: BackupSettings,
        *,
        record: Path,
        site: str,
        zone: ZoneInfo,
        wall: Callable[[], int],
    ) -> None:
        self.counts = BackupCounts()
        self._settings = settings
        self._record, self._site, self._zone = record, site, zone
        self._wall = wall
        self.counts.made_wall = max(
            (round(path.stat().st_mtime * SECOND) for path in self._copies()), default=0
        )

    def schedule(self, scheduler: BaseScheduler) -> None:
        """Make a copy at the configured time of each day, and soon where one was missed."""
        hour, minute = divmod(self._settings.at_min, 60)
        options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        scheduler.add_job(self.make, "cron", hour=hour, minute=minute, **options)
        if self._wall() - self.counts.made_wall > LATE_AFTER:
            soon = datetime.fromtimestamp((self._wall() + AFTER_START) / SECOND, self._zone)
            scheduler.add_job(self.make, "date", run_date=soon, **options)

    async def make(self) -> None:
        """Make one copy, try it, and remove the oldest ones."""
        day = datetime.fromtimestamp(self._wall() / SECOND, self._zone).date()
        target = self._settings.folder / f"record-{day.isoformat()}.sqlite"
        problem = await self._run(target)
        self.counts.is_ok = not problem
        if problem:
            log.error("backup_failed", file=str(target), detail=problem)
            return
        self.counts.made_wall = self._wall()
        log.info("backup_made", file=str(target))
        # The new copy is the newest, even where a wrong clock gave it an old name.
        older = sorted(path for path in self._copies() if path != target)
        for path in older[: max(0, len(older) + 1 - self._settings.kept)]:
            self._remove(path)

    async def _run(self, target: Path) -> str:
        """Return what went wrong, "" where nothing did."""
        command = (sys.executable, "-m", "monitord.backup_trial")
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                str(self._record),
                str(target),
                self._site,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            return error.strerror or type(error).__name__
        try:
            async with asyncio.timeout(WITHIN_S):
                printed, _ = await process.communicate()
        except TimeoutError:
            return f"it was not ready within {WITHIN_S:g} s"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            return str(json.loads(printed)["problem"])
        except (ValueError, KeyError):
            return f"it ended with {process.returncode}"

    def _copies(self) -> list[Path]:
        try:
            return [one for one in self._settings.folder.iterdir() if NAME.fullmatch(one.name)]
        except OSError:
            return []

    def _remove(self, path: Path) -> None:
        try:
            path.unlink()
        except OSError as error:
            log.warning("backup_not_removed", file=str(path), detail=error.strerror)
