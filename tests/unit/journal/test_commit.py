"""Committing: all or nothing, in order, and what a full disk leaves behind."""

from __future__ import annotations

import asyncio
import gc
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitord.core.model import Event
from monitord.history import History
from monitord.journal import CommitFailed, Journal, RecordError
from monitord.journal.database import NAME
from tests.fixtures.events import SHAPE, SITE, behind_its_back, event, marks, opened, piece


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """Let every write beyond ``size`` bytes of any file fail, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def disk_held(journal: Journal) -> Iterator[None]:
    """Keep the journal's thread from working for the length of a block."""
    held = threading.Event()
    journal._executor.submit(held.wait)
    try:
        yield
    finally:
        held.set()


async def begun_and_cancelled(journal: Journal, events: list[Event]) -> asyncio.Task[None]:
    """Return a commit that was cancelled while under way, and has had time to feel it."""
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
    """The record holds the very bytes, whatever signs they are of."""
    odd = event(2, "condition_lost", "fm1.a", was=None, held_to=-5, cause="超时 \"'\\ \u2028 \n 💡")
    given = [event(1), odd, event(3, epoch=1, at=2**62)]
    with opened(tmp_path) as journal:
        await journal.commit(given[:2])
        await journal.commit(given[2:])
        assert journal.head[:2] == (1, 3)
        assert [*journal.load().events] == given
    assert events_in(tmp_path) == given


async def test_a_reader_sees_a_commit_while_the_daemon_runs(tmp_path: Path) -> None:
    """Reports need no stop."""
    with opened(tmp_path) as journal, History(tmp_path) as history:
        await journal.commit(marks(1, 3))
        assert len([*history.all_events()]) == 3
        await journal.commit(marks(4, 5))
        assert len([*history.all_events()]) == 5


async def test_the_sql_runs_in_the_journals_own_thread(tmp_path: Path) -> None:
    """The event loop is never held by the disk."""
    with opened(tmp_path) as journal:
        name = journal._read(lambda _: threading.current_thread().name)
        assert name.startswith("journal")
        await journal.commit(marks(1, 1))


@pytest.mark.parametrize("number", [1, 3, 5])
def test_events_that_do_not_follow_the_head_are_refused(tmp_path: Path, number: int) -> None:
    """Numbers have no gap within an epoch and none is used twice."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        with pytest.raises(ValueError, match="where 1/4 must follow"):
            journal.commit_sync([event(number)])
        assert len([*journal.load().events]) == 3


def test_events_of_an_epoch_that_was_not_begun_are_refused(tmp_path: Path) -> None:
    """Only ``next_epoch`` begins one, with its citation."""
    with opened(tmp_path) as journal, pytest.raises(ValueError, match="where 1/1 must follow"):
        journal.commit_sync(marks(1, 1, epoch=2))


def test_an_empty_commit_does_nothing(tmp_path: Path) -> None:
    """A tick without events costs no disk access."""
    with opened(tmp_path) as journal:
        before = journal.head
        journal.commit_sync([])
        assert journal.head == before


def test_a_commit_that_finds_the_database_full_leaves_nothing_of_it(tmp_path: Path) -> None:
    """Half a batch would be an outage without its message."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        pages = journal._read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
        journal._read(lambda c: c.execute(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(CommitFailed, match=f"{NAME}: the disk is full; free some space"):
            journal.commit_sync([piece(4, 0, ["good"]), *marks(5, 900)])
        assert journal.head.number == 3
        assert len(events_in(tmp_path)) == 3
        journal._read(lambda c: c.execute("PRAGMA max_page_count = 1000000"))
        journal.commit_sync([piece(4, 0, ["good"]), *marks(5, 900)])
        assert journal.verify() == []
    assert len(events_in(tmp_path)) == 900


def test_a_commit_whose_writes_fail_leaves_nothing_and_works_again(tmp_path: Path) -> None:
    """When the disk is back the same events are committed, without a new start."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        size = (tmp_path / f"{NAME}-wal").stat().st_size
        with files_no_longer_than(size + 100):
            for _ in range(3):
                with pytest.raises(CommitFailed, match="the disk reports an error or is full"):
                    journal.commit_sync(marks(4, 900))
        assert events_in(tmp_path) == marks(1, 3)
        journal.commit_sync(marks(4, 900))
        assert journal.verify() == []
    assert events_in(tmp_path) == marks(1, 900)


def test_a_disk_without_room_for_a_new_record_is_told_and_tried_again(tmp_path: Path) -> None:
    """A first start on a full disk begins nothing that a later one would trip over."""
    with files_no_longer_than(5000), pytest.raises(RecordError, match="is full"):
        Journal.open(tmp_path, site=SITE, shape=SHAPE)
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 1))
        assert journal.verify() == []


async def test_a_cancelled_commit_ends_before_the_cancellation_is_felt(tmp_path: Path) -> None:
    """Whoever is cancelled can trust ``head`` about what became of the commit."""
    with opened(tmp_path) as journal:
        with disk_held(journal):
            commit = await begun_and_cancelled(journal, marks(1, 4))
            assert not commit.done()
        with pytest.raises(asyncio.CancelledError):
            await commit
        assert journal.head.number == 4


async def test_a_cancelled_commit_that_fails_is_not_told_as_a_crash(tmp_path: Path) -> None:
    """The head tells what became of it; a traceback from the loop would only frighten."""
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    with opened(tmp_path) as journal:
        with disk_held(journal):
            commit = await begun_and_cancelled(journal, marks(7, 7))
        with pytest.raises(asyncio.CancelledError):
            await commit
        assert journal.head.number == 0
    del commit
    gc.collect()
    assert told == []


def test_nobody_rewrites_or_deletes_a_row_by_accident(tmp_path: Path) -> None:
    """The table itself refuses."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        for statement in ("UPDATE event SET at = 1", "DELETE FROM event"):
            with pytest.raises(RecordError, match="the record is never rewritten"):
                journal._read(lambda c, statement=statement: c.execute(statement))


def test_a_snapshot_is_where_folding_begins(tmp_path: Path) -> None:
    """A start reads the snapshot and what follows it, and nothing else."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3), (1, 3, b'{"number":3}'))
        journal.commit_sync(marks(4, 5))
    with opened(tmp_path) as journal:
        loaded = journal.load()
        assert loaded.snapshot == b'{"number":3}'
        assert loaded.snapshot_plain() == {"number": 3}
        assert [*loaded.events] == marks(4, 5)


def test_loading_ends_at_the_head_it_names(tmp_path: Path) -> None:
    """What is committed while the events are still being read is not folded twice."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3))
        loaded = journal.load()
        journal.commit_sync(marks(4, 5))
        assert [*loaded.events] == marks(1, 3)


def test_a_snapshot_of_another_shape_is_refolded(tmp_path: Path) -> None:
    """After an upgrade the durable state may have other fields; the events tell all."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 3), (1, 3, b"{}"))
    with opened(tmp_path, shape="shape-2") as journal:
        loaded = journal.load()
        assert (loaded.snapshot, [*loaded.events]) == (None, marks(1, 3))


def test_the_newest_two_snapshots_are_kept(tmp_path: Path) -> None:
    """The one before stands in when the newest is damaged; older ones only take room."""
    with opened(tmp_path) as journal:
        for number in (1, 2, 3):
            journal.commit_sync([event(number)], (1, number, b'{"number":%d}' % number))
    behind_its_back(tmp_path, "UPDATE snapshot SET body = x'00' WHERE number = 3")
    with opened(tmp_path) as journal:
        loaded = journal.load()
        assert (loaded.snapshot, [*loaded.events]) == (b'{"number":2}', [event(3)])
        assert journal.verify() == ["snapshot 1/3: its body is not what was recorded"]
        rows = journal._read(lambda c: c.execute("SELECT count(*) FROM snapshot").fetchone())
        assert rows == (2,)


def test_a_snapshot_of_another_history_is_refolded(tmp_path: Path) -> None:
    """A table copied from elsewhere must not replace what the events say."""
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
    """An orderly end after a failed start closes what is closed."""
    journal = Journal.open(tmp_path, site=SITE, shape=SHAPE)
    journal.close()
    journal.close()
