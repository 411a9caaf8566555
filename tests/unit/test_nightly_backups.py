"""The nightly copy of the record: tried before it counts, bounded in number, and no one's wait."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from structlog.testing import capture_logs

from monitord.backup_trial import TRIAL_FOLDER, make
from monitord.config.settings import BackupSettings
from monitord.core.model import HOUR, SECOND
from monitord.journal.backup import verify_file
from monitord.journal.database import NAME
from monitord.nightly_backups import AFTER_START, NightlyBackups
from tests.fixtures.events import behind_its_back
from tests.support.engine_bench import Bench, good

SITE = "hill"
ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = round(datetime(2026, 11, 29, 4, 10, tzinfo=ZONE).timestamp()) * SECOND
DAY = 24 * HOUR


class Nights:
    """A record, and the copies of it; ``wall`` is set by the test."""

    def __init__(self, folder: Path, *, kept: int = 3) -> None:
        self.record, self.copies = folder / "record", folder / "copies"
        self.wall = NIGHT
        self.settings = BackupSettings(self.copies, 4 * 60 + 10, kept)
        self.backups = self.opened()

    def opened(self) -> NightlyBackups:
        """Return what a start opens."""
        return NightlyBackups(
            self.settings, record=self.record, site=SITE, zone=ZONE, wall=lambda: self.wall
        )

    def names(self) -> list[str]:
        """Return what is in the folder of the copies."""
        return sorted(path.name for path in self.copies.iterdir())


async def recorded(folder: Path) -> Bench:
    """Return a running daemon's record with a few events."""
    bench = Bench(folder)
    await bench.start()
    for second in range(1, 4):
        await bench.second(second, good(second))
    return bench


async def test_a_copy_is_made_while_monitord_runs_and_has_the_newest_event(tmp_path: Path) -> None:
    """By a process of its own, of a record that is open and locked."""
    nights = Nights(tmp_path)
    bench = await recorded(nights.record)
    with capture_logs() as logs:
        await nights.backups.make()
    assert [line["event"] for line in logs] == ["backup_made"]
    assert nights.names() == ["record-2026-11-29.sqlite"]
    proven = verify_file(nights.copies / "record-2026-11-29.sqlite")
    assert (proven.problems, proven.head) == ([], bench.journal.head)
    assert (nights.backups.counts.is_ok, nights.backups.counts.made_wall) == (True, NIGHT)
    bench.close()


async def test_only_the_newest_copies_are_kept_and_nothing_else_is_removed(tmp_path: Path) -> None:
    """What a person put there is his."""
    nights = Nights(tmp_path, kept=2)
    bench = await recorded(nights.record)
    nights.copies.mkdir()
    (nights.copies / "record-mine.sqlite").write_text("mine")
    for _ in range(3):
        await nights.backups.make()
        nights.wall += DAY
    assert nights.names() == [
        "record-2026-11-30.sqlite",
        "record-2026-12-01.sqlite",
        "record-mine.sqlite",
    ]
    bench.close()


async def test_the_new_copy_is_kept_though_a_wrong_clock_names_it_as_the_oldest(
    tmp_path: Path,
) -> None:
    """After a flat battery the computer is in 1970; its copy is the newest all the same."""
    nights = Nights(tmp_path, kept=2)
    bench = await recorded(nights.record)
    for wall in (NIGHT, NIGHT + DAY, DAY):
        nights.wall = wall
        await nights.backups.make()
    assert nights.names() == ["record-1970-01-02.sqlite", "record-2026-11-30.sqlite"]
    bench.close()


async def test_a_copy_that_fails_is_reported_and_the_older_ones_stay(tmp_path: Path) -> None:
    """A damaged record must not use up the good copies."""
    nights = Nights(tmp_path, kept=1)
    bench = await recorded(nights.record)
    await nights.backups.make()
    bench.close()
    behind_its_back(nights.record, "UPDATE event SET body = '{}' WHERE number = 2")
    nights.wall += DAY
    with capture_logs() as logs:
        await nights.backups.make()
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("backup_failed", "error")
    assert line["detail"]
    assert nights.names() == ["record-2026-11-29.sqlite"]
    assert (nights.backups.counts.is_ok, nights.backups.counts.made_wall) == (False, NIGHT)


async def test_a_folder_that_cannot_be_written_is_reported_by_its_name(tmp_path: Path) -> None:
    """The disk is not mounted, or a file is in its place."""
    nights = Nights(tmp_path)
    bench = await recorded(nights.record)
    nights.copies.write_text("a file")
    with capture_logs() as logs:
        await nights.backups.make()
    assert str(nights.copies) in logs[0]["detail"]
    bench.close()


async def test_the_trial_finds_a_copy_that_cannot_be_folded(tmp_path: Path) -> None:
    """A chain that is whole proves the rows; only a restored record proves that a start works."""
    bench = await recorded(tmp_path / "record")
    bench.close()
    target = tmp_path / "copies" / "one.sqlite"
    assert make(tmp_path / "record", target, SITE).problem == ""
    assert make(tmp_path / "record", target, "other").problem
    with closing(sqlite3.connect(tmp_path / "record" / NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert make(tmp_path / "record", target, SITE).problem
    assert not (tmp_path / "copies" / TRIAL_FOLDER).exists()


@pytest.mark.parametrize(("age", "jobs"), [(None, 2), (2 * DAY, 2), (HOUR, 1)])
async def test_a_missed_night_is_made_up_for_soon_after_a_start(
    tmp_path: Path, age: int | None, jobs: int
) -> None:
    """A computer that is switched off at night would never make a copy."""
    nights = Nights(tmp_path)
    if age is not None:
        bench = await recorded(nights.record)
        await nights.backups.make()
        bench.close()
        made = (NIGHT - age) / SECOND
        os.utime(nights.copies / "record-2026-11-29.sqlite", (made, made))
    scheduler = AsyncIOScheduler(timezone=ZONE)
    nights.opened().schedule(scheduler)
    found: list[Job] = scheduler.get_jobs()
    assert len(found) == jobs
    cron = str(found[0].trigger)
    assert "hour='4'" in cron
    assert "minute='10'" in cron
    if jobs == 2:
        soon = datetime.fromtimestamp(NIGHT / SECOND, ZONE) + timedelta(microseconds=AFTER_START)
        assert found[1].trigger.run_date == soon
