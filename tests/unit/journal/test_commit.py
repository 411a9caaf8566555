"""A commit: all or nothing, in order, also on a full disk."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitord.core.model import Event
from monitord.history import History
from monitord.journal import CommitFailed, Journal, RecordError
from monitord.journal.database import NAME
from monitord.journal.errors import database_error
from tests.fixtures.events import (
    SHAPE,
    SITE,
    behind_its_back,
    event,
    full_disk,
    marks,
    opened,
    rows_in,
)


class HeldDisk:
    """A step of the commit that waits, in the journal's thread, until the block ends."""

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()
        self.threads: set[str] = set()

    def step(self, name: str) -> None:
        """Wait while the disk is held; ``name``: the step of the commit."""
        del name
        self.threads.add(threading.current_thread().name)
        self._free.wait()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the disk for the length of a block."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()


async def begun_and_cancelled(journal: Journal, events: list[Event]) -> asyncio.Task[None]:
    """Return a commit that was cancelled while under way."""
    commit = asyncio.ensure_future(journal.commit(events))
    for _ in range(3):
        await asyncio.sleep(0)
        if not commit.cancelling():
            commit.cancel()
    return commit


def events_in(folder: Path) -> list[Event]:
    """Return what another process would read."""
    with History(folder) as history:
        return [*history.all_events()]


async def test_committed_events_come_back_exactly_and_in_order(tmp_path: Path) -> None:
    """The record has exactly the committed bytes, whatever characters they are."""
    odd = event(2, "condition_lost", "fm1.a", was=None, held_to=-5, cause="超时 \"'\\ \u2028 \n 💡")
    given = [event(1), odd, event(3, epoch=1, at=2**62)]
    with opened(tmp_path) as journal:
        await journal.commit(given[:2])
        await journal.commit(given[2:])
        assert journal.head[:2] == (1, 3)
        assert [*journal.load().events] == given
    assert events_in(tmp_path) == given


async def test_the_sql_runs_in_the_journals_own_thread(tmp_path: Path) -> None:
    """The event loop never waits for the disk."""
    disk = HeldDisk()
    with opened(tmp_path, step=disk.step) as journal:
        await journal.commit(marks(1, 1))
    assert [name.startswith("journal") for name in disk.threads] == [True]


@pytest.mark.parametrize(("epoch", "number"), [(1, 1), (1, 3), (1, 5), (2, 1)])
def test_events_that_do_not_follow_the_head_are_refused(
    tmp_path: Path, epoch: int, number: int
) -> None:
    """No gap, no number twice, and only ``next_epoch`` begins an epoch; no event is no change."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        before = journal.head
        with pytest.raises(ValueError, match="where 1/4 must follow"):
            journal.commit_sync(marks(number, number, epoch=epoch))
        journal.commit_sync([])
        assert journal.head == before
        assert len([*journal.load().events]) == 3


def test_a_commit_whose_writes_fail_leaves_nothing_and_works_again(tmp_path: Path) -> None:
    """When the disk has space again the same events are committed, without a restart."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        size = (tmp_path / f"{NAME}-wal").stat().st_size
        with full_disk(size + 100):
            for _ in range(3):
                with pytest.raises(CommitFailed, match="the disk reports an error or is full"):
                    journal.commit_sync(marks(4, 900))
        assert events_in(tmp_path) == marks(1, 3)
        journal.commit_sync(marks(4, 900))
        assert journal.verify() == []
    assert events_in(tmp_path) == marks(1, 900)


def test_the_advice_for_a_full_database_is_to_free_space(tmp_path: Path) -> None:
    """SQLite reports a full disk in several ways; this one names it."""
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        connection.execute("CREATE TABLE filler (content BLOB)")
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("INSERT INTO filler VALUES (zeroblob(100000))")
    assert str(database_error(tmp_path / NAME, full.value)).startswith(
        f"{tmp_path / NAME}: the disk is full; free some space"
    )


def test_a_disk_without_room_for_a_new_record_is_reported_and_may_be_retried(
    tmp_path: Path,
) -> None:
    """A first start on a full disk leaves nothing that stops a later start."""
    with full_disk(5000), pytest.raises(RecordError, match="is full"):
        Journal.open(tmp_path, site=SITE, shape=SHAPE)
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 1))
        assert journal.verify() == []


async def test_a_cancelled_commit_ends_before_its_cancellation(tmp_path: Path) -> None:
    """A cancelled caller can rely on ``head``: it includes the commit."""
    disk = HeldDisk()
    with opened(tmp_path, step=disk.step) as journal:
        with disk.held():
            commit = await begun_and_cancelled(journal, marks(1, 4))
            assert not commit.done()
        with pytest.raises(asyncio.CancelledError):
            await commit
        assert journal.head.number == 4


async def test_a_cancelled_commit_that_fails_logs_no_traceback(tmp_path: Path) -> None:
    """The head shows that nothing of it is on disk; the event loop reports no lost error."""
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    disk = HeldDisk()
    with opened(tmp_path, step=disk.step) as journal:
        with disk.held():
            sound = asyncio.ensure_future(journal.commit(marks(1, 1)))
            commit = await begun_and_cancelled(journal, marks(7, 7))
        with pytest.raises(asyncio.CancelledError):
            await commit
        await sound
        assert journal.head.number == 1
    del commit
    gc.collect()
    assert reported == []


@pytest.mark.parametrize("statement", ["UPDATE event SET at = 1", "DELETE FROM event"])
def test_the_table_refuses_to_change_or_delete_an_event(tmp_path: Path, statement: str) -> None:
    """A mistake in a statement, ours or another program's, changes no event."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        with pytest.raises(sqlite3.IntegrityError, match="the record is never rewritten"):
            rows_in(tmp_path, statement)
        assert [*journal.load().events] == marks(1, 3)


def test_a_snapshot_is_where_folding_begins(tmp_path: Path) -> None:
    """A start reads the snapshot and the events after it, and nothing else."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3), (1, 3, b'{"number":3}'))
        journal.commit_sync(marks(4, 5))
    with opened(tmp_path) as journal:
        loaded = journal.load()
        assert loaded.snapshot == b'{"number":3}'
        assert loaded.snapshot_plain() == {"number": 3}
        assert [*loaded.events] == marks(4, 5)


def test_loading_ends_at_the_head_it_names(tmp_path: Path) -> None:
    """Events committed while a start reads are not folded twice."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        loaded = journal.load()
        journal.commit_sync(marks(4, 5))
        assert [*loaded.events] == marks(1, 3)


def test_the_newest_two_snapshots_are_kept(tmp_path: Path) -> None:
    """The one before is used when the newest is damaged; older ones only use space."""
    with opened(tmp_path) as journal:
        for number in (1, 2, 3):
            journal.commit_sync([event(number)], (1, number, b'{"number":%d}' % number))
    behind_its_back(tmp_path, "UPDATE snapshot SET body = x'00' WHERE number = 3")
    with opened(tmp_path) as journal:
        loaded = journal.load()
        assert (loaded.snapshot, [*loaded.events]) == (b'{"number":2}', [event(3)])
        assert journal.verify() == ["snapshot 1/3: its body is not what was recorded"]
    assert rows_in(tmp_path, "SELECT count(*) FROM snapshot") == [(2,)]


def test_a_snapshot_of_another_history_is_refolded(tmp_path: Path) -> None:
    """A table copied from another record must not replace the events."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3), (1, 3, b"{}"))
    behind_its_back(tmp_path, "UPDATE snapshot SET chain = 'ab'")
    with opened(tmp_path) as journal:
        loaded = journal.load()
        assert (loaded.snapshot, [*loaded.events]) == (None, marks(1, 3))
        assert journal.verify() == ["snapshot 1/3: it belongs to another history"]


def test_a_snapshot_that_is_not_of_the_head_is_refused(tmp_path: Path) -> None:
    """A snapshot ahead of its events would hide them from every later start."""
    with opened(tmp_path) as journal, pytest.raises(ValueError, match="where the head is 1/2"):
        journal.commit_sync(marks(1, 2), (1, 3, b"{}"))


def test_a_journal_may_be_closed_twice(tmp_path: Path) -> None:
    """A stop after a failed start closes it again."""
    journal = Journal.open(tmp_path, site=SITE, shape=SHAPE)
    journal.close()
    journal.close()
