"""What happens to the record's file ends no watch, loses nothing silently and repeats no number."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import pytest

from monitord.core.base import fold
from monitord.core.codec import to_plain
from monitord.history import History
from monitord.journal.database import NAME
from tests.fixtures.events import behind_its_back, full_disk
from tests.support.engine_bench import Bench, good, off_air


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Return an engine that has seen four good seconds and an outage that is open."""
    bench = Bench(tmp_path / "record")
    await bench.start()
    for second in range(1, 8):
        await bench.second(second, good(second) if second < 4 else off_air(second))
    assert bench.engine.situation.durable.incidents
    yield bench
    bench.close()


def on_disk(bench: Bench) -> object:
    """Return the state that a start would fold, after the record was found sound."""
    with History(bench.folder) as history:
        assert history.verify() == []
    loaded = bench.journal.load()
    return to_plain(fold(loaded.generation, loaded.snapshot_plain(), loaded.events))


def harms(bench: Bench) -> list[tuple[str, int]]:
    """Return what the record says of its own file: which harm, and how many events are lost."""
    found = [json.loads(e.body) for e in bench.events() if e.kind == "record_replaced"]
    return [(body["harm"], body["lost"]) for body in found]


def state(bench: Bench) -> object:
    return to_plain(bench.engine.situation.durable)


def put_aside(bench: Bench, sort: str) -> list[Path]:
    return sorted(bench.folder.glob(f"record.{sort}-*.sqlite"))


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def remove_file(folder: Path) -> None:
    (folder / NAME).unlink()


def remove_log(folder: Path) -> None:
    (folder / f"{NAME}-wal").unlink()


def swap(folder: Path) -> None:
    (folder / "other").write_bytes(b"another file")
    (folder / "other").rename(folder / NAME)


@pytest.mark.parametrize("away", [remove, remove_file, remove_log, swap])
async def test_a_record_that_is_gone_from_its_path_is_copied_back(
    bench: Bench, away: Callable[[Path], None]
) -> None:
    """The open file still has everything: the same epoch goes on, at the same path."""
    epoch = bench.engine.situation.durable.epoch
    away(bench.folder)
    await bench.second(8, good(8))
    await bench.second(9, good(9))
    assert bench.engine.unrecorded == 0
    assert bench.engine.recording.replaced == 1
    assert bench.engine.situation.durable.epoch == epoch
    assert on_disk(bench) == state(bench)
    assert (bench.folder / "alive").exists()
    assert len(put_aside(bench, "moved")) == (away is not remove and away is not remove_file)
    assert harms(bench) == [("moved", 0)]


async def test_an_idle_daemon_finds_a_removed_record_within_a_minute(bench: Bench) -> None:
    """Without an event there is no commit; the next outage must not be the one that finds it."""
    remove(bench.folder)
    for second in range(10, 75):
        await bench.second(second, off_air(second))
    assert (bench.folder / NAME).exists()
    assert on_disk(bench) == state(bench)


def find_damage(bench: Bench, *, times: int) -> None:
    """Let SQLite find a damaged page in the next commits."""
    left = [times]

    def corrupt(name: str) -> None:
        if name == "events_inserted" and left[0]:
            left[0] -= 1
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorname = "SQLITE_CORRUPT"
            raise error

    bench.in_commit = corrupt


async def test_a_damaged_record_is_put_aside_and_a_new_epoch_begins_with_the_state(
    bench: Bench,
) -> None:
    """The outage that is open stays open under its id; no number comes twice."""
    durable = bench.engine.situation.durable
    epoch, incidents = durable.epoch, dict(durable.incidents)
    find_damage(bench, times=1)
    await bench.second(8, good(8))
    assert len(put_aside(bench, "damaged")) == 1
    assert bench.engine.unrecorded == 0
    assert durable.epoch == epoch + 1
    assert on_disk(bench) == state(bench)
    with History(bench.folder) as history:
        first = next(iter(history.all_events()))
        listed = {one.id for one in history.incidents(10)}
    assert (first.kind, first.epoch, first.number) == ("base_adopted", epoch + 1, 1)
    await bench.second(9, good(9))
    ((harm, lost),) = harms(bench)
    assert (harm, lost > 0) == ("damaged", True)
    assert set(incidents) <= listed


async def test_the_state_goes_on_though_the_new_file_is_damaged_too(bench: Bench) -> None:
    """A disk that damages every file is not filled with them: one a minute at most."""
    find_damage(bench, times=1_000)
    for second in range(8, 40):
        await bench.second(second, good(second) if second % 2 else off_air(second))
    assert len(put_aside(bench, "damaged")) == 1
    assert bench.engine.unrecorded > 0


async def test_dropped_tables_of_the_present_are_folded_again(bench: Bench) -> None:
    """They hold nothing that the events do not have."""
    behind_its_back(bench.folder, "DROP TABLE incident", "DELETE FROM piece", "DROP TABLE outage")
    for second in range(8, 100):
        await bench.second(second, good(second))
    assert not bench.engine.situation.durable.incidents
    assert harms(bench) == []
    assert (bench.engine.recording.replaced, bench.engine.unrecorded) == (0, 0)
    with History(bench.folder) as history:
        assert [one.closed_at is not None for one in history.incidents(10)] == [True]
    assert on_disk(bench) == state(bench)


async def test_where_no_file_can_be_made_events_wait(bench: Bench, tmp_path: Path) -> None:
    """A file is in the place of the folder: monitoring goes on, and later all of it is recorded."""
    bench.folder.rename(tmp_path / "away")
    bench.folder.write_text("in the way")
    await bench.second(8, good(8))
    assert bench.engine.unrecorded > 0
    bench.folder.unlink()
    await bench.second(9, off_air(9))
    await bench.second(10, off_air(10))
    assert bench.engine.unrecorded == 0
    assert on_disk(bench) == state(bench)


async def test_more_events_than_may_wait_begin_a_new_epoch(tmp_path: Path) -> None:
    """Memory is bounded; what was lost is counted, and the state is whole."""
    bench = Bench(tmp_path / "record", pending_max=6)
    await bench.start()
    epoch = bench.engine.situation.durable.epoch
    with full_disk():
        for second in range(1, 8):
            await bench.second(second, good(second) if second % 2 else off_air(second))
    assert len(bench.engine.pending) == 6
    await bench.second(8, good(8))
    assert bench.engine.unrecorded == 0
    assert bench.engine.recording.lost > 0
    assert bench.engine.situation.durable.epoch == epoch + 1
    assert on_disk(bench) == state(bench)
    await bench.second(9, good(9))
    assert harms(bench) == [("incomplete", bench.engine.recording.lost)]
    bench.close()


async def test_a_disk_that_does_not_answer_keeps_no_message_waiting(tmp_path: Path) -> None:
    """The tick goes on, its message is marked; when the disk answers, all of it is recorded."""
    bench = Bench(tmp_path / "record", late_after_s=0.01)
    await bench.start()
    stalled, going_on, finished = threading.Event(), threading.Event(), threading.Event()

    def stall(name: str) -> None:
        if name == "events_inserted":
            stalled.set()
            going_on.wait()
        if name == "transaction_ended":
            finished.set()

    for second in range(1, 4):
        await bench.second(second, good(second))
    bench.in_commit = stall
    for second in range(4, 12):
        await bench.second(second, off_air(second))
    assert stalled.is_set()
    assert [recorded for _, _, recorded in bench.outbox.begun] == [False]
    assert bench.engine.unrecorded > 0
    going_on.set()
    await asyncio.to_thread(finished.wait)
    for second in count(12):
        await bench.second(second, off_air(second))
        if not bench.engine.unrecorded:
            break
    assert bench.engine.unrecorded == 0
    assert on_disk(bench) == state(bench)
    bench.close()
