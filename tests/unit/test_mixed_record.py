"""A record beside the log of another one, as a restored copy over a killed daemon's is."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitord.core.base import fold
from monitord.core.codec import to_plain
from monitord.history import History
from monitord.journal.backup import back_up
from monitord.journal.database import NAME
from tests.support.engine_bench import Bench, good, off_air

LOG = f"{NAME}-wal"
OLD, NEW, KILLED = 12, 40, 60
"""Seconds from the first start: to the copy, to the last start, to the kill."""


async def live(folder: Path, first: int, last: int) -> Bench:
    """Watch from one second to another, with outages of three seconds in every ten."""
    bench = Bench(folder)
    await bench.start(first)
    for second in range(first + 1, last):
        await bench.second(second, off_air(second) if second % 10 in (7, 8, 9) else good(second))
    return bench


async def lived(folder: Path, first: int, last: int) -> None:
    bench = await live(folder, first, last)
    await bench.engine.stop()
    bench.close()


def killed(folder: Path, first: int, last: int) -> None:
    """Live in another process that kills itself, and leaves its log."""
    command = (sys.executable, "-m", __name__, str(folder), str(first), str(last))
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert (folder / LOG).stat().st_size > 0


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an older copy, and the record of a daemon that lived on."""
    folder = tmp_path_factory.mktemp("records")
    asyncio.run(lived(folder / "record", 0, OLD))
    back_up(folder / "record", folder / "older.sqlite")
    asyncio.run(lived(folder / "record", OLD, NEW))
    return folder


@pytest.fixture
def record(records: Path, tmp_path: Path) -> Path:
    """Return a record whose daemon was killed; the older copy is beside its folder."""
    shutil.copytree(records, tmp_path, dirs_exist_ok=True)
    killed(tmp_path / "record", NEW, KILLED)
    return tmp_path / "record"


def replaced(record: Path) -> None:
    shutil.copy(record.parent / "older.sqlite", record / "copied")
    (record / "copied").replace(record / NAME)


def overwritten(record: Path) -> None:
    (record / NAME).write_bytes((record.parent / "older.sqlite").read_bytes())


def with_its_times(record: Path) -> None:
    before = (record / NAME).stat()
    replaced(record)
    os.utime(record / NAME, ns=(before.st_atime_ns, before.st_mtime_ns))


def another_log(record: Path) -> None:
    other = record.parent / "other"
    killed(other, 0, OLD)
    shutil.copy(other / LOG, record / "copied")
    (record / "copied").replace(record / LOG)


def state_of(bench: Bench) -> object:
    loaded = bench.journal.load()
    return to_plain(fold(loaded.generation, loaded.snapshot_plain(), loaded.events))


def logs_aside(record: Path) -> list[Path]:
    return list(record.glob("record.log-*-wal"))


MIXED = [replaced, overwritten, with_its_times, another_log]


@pytest.mark.parametrize("mixed", MIXED)
async def test_a_log_is_not_used_with_another_record(
    record: Path, mixed: Callable[[Path], None]
) -> None:
    """The record is continued as it is without it, in a new epoch; the log is kept beside it."""
    mixed(record)
    alone = record.parent / "alone"
    alone.mkdir()
    shutil.copy(record / NAME, alone)
    bench = Bench(alone)
    expected = state_of(bench)
    epoch = bench.journal.head.epoch
    bench.close()
    bench = Bench(record)
    assert state_of(bench) == expected
    assert bench.continued.base is not None
    assert bench.continued.durable.epoch > epoch
    await bench.start(KILLED + 10)
    await bench.second(KILLED + 11, good(KILLED + 11))
    assert bench.engine.unrecorded == 0
    bench.close()
    with History(record) as history:
        assert history.verify() == []
    assert len(logs_aside(record)) == 1


def nothing(record: Path) -> None:
    assert (record / LOG).exists()


def carried(record: Path) -> None:
    shutil.copytree(record, record.with_name("carried"))
    shutil.rmtree(record)
    record.with_name("carried").rename(record)


def without_the_note(record: Path) -> None:
    (record / "record.pair").unlink()


def a_pipe(record: Path) -> None:
    (record / "record.pair").unlink()
    os.mkfifo(record / "record.pair")


@pytest.mark.parametrize("happened", [nothing, carried, without_the_note, a_pipe])
async def test_a_log_of_the_same_record_loses_nothing(
    record: Path, happened: Callable[[Path], None]
) -> None:
    """Wherever both were carried to: all that was committed before the kill is continued."""
    with History(record) as history:
        events = list(history.all_events())
    happened(record)
    bench = Bench(record)
    assert bench.continued.base is None
    assert bench.journal.head[:2] == (events[-1].epoch, events[-1].number)
    bench.close()
    with History(record) as history:
        assert history.verify() == []
        assert list(history.all_events()) == events


async def _live_and_die(folder: Path, first: int, last: int) -> None:
    await live(folder, first, last)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(_live_and_die(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
