"""Opening a record: what is created, what is refused, and that nothing is overwritten."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitord.history import History
from monitord.journal import Journal, RecordError
from monitord.journal.database import LOCK_NAME, NAME, open_for_writing
from tests.fixtures.events import SHAPE, SITE, behind_its_back, marks, opened

NOBODY = 65534


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Return a folder that other users can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(action: Callable[[], str]) -> str:
    """Return what ``action`` returns in a child without any right to write."""
    if os.getuid() != 0:
        return action()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(NOBODY)
            text = action()
        except Exception as error:  # noqa: BLE001 - reported to the parent
            text = repr(error)
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read().decode()


def refusal(folder: Path, *, site: str = SITE) -> str:
    """Return the error text of an attempt to open, or "opened"."""
    try:
        Journal.open(folder, site=site, shape=SHAPE).close()
    except RecordError as error:
        return str(error)
    return "opened"


def test_a_missing_folder_is_created_with_an_empty_record(tmp_path: Path) -> None:
    """A first start needs nothing but the parent folder."""
    with opened(tmp_path / "record") as journal:
        loaded = journal.load()
        found = (loaded.epoch, loaded.number, loaded.last_at, loaded.snapshot, [*loaded.events])
    assert found == (1, 0, 0, None, [])


def test_the_record_syncs_every_commit_and_lets_others_read(tmp_path: Path) -> None:
    """Only synchronous FULL survives a power cut; WAL lets others read meanwhile."""
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with closing(open_for_writing(tmp_path, site=SITE)) as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert found == ["wal", 2, 1, 5000]


def test_a_missing_parent_folder_is_refused(tmp_path: Path) -> None:
    """A mistyped path must not create folders."""
    folder = tmp_path / "no" / "record"
    assert refusal(folder) == f"{folder}: its parent folder does not exist; create it"
    assert not folder.parent.exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """The file is not changed."""
    path = tmp_path / "record"
    path.write_text("mine")
    assert "is not a folder" in refusal(path)
    assert path.read_text() == "mine"


def test_a_folder_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    """The error has the path and what to check, not only SQLite's "unable to open"."""
    (tmp_path / NAME).mkdir()
    assert refusal(tmp_path).startswith(f"{tmp_path / NAME}: it cannot be opened; check its owner")


def test_a_folder_without_the_right_to_write_is_refused(public_folder: Path) -> None:
    """The error comes at the start and not at the first outage."""
    public_folder.chmod(0o555)
    text = as_nobody(lambda: refusal(public_folder))
    assert text == f"{public_folder}: cannot be written (Permission denied)"


def test_a_database_without_the_right_to_write_is_refused(public_folder: Path) -> None:
    """A file that root restored into a writable folder is found at the start too."""
    with opened(public_folder) as journal:
        journal.commit_sync(marks(1, 2))
    public_folder.chmod(0o777)
    (public_folder / LOCK_NAME).chmod(0o666)
    (public_folder / NAME).chmod(0o444)
    assert f"{public_folder / NAME}: it cannot be" in as_nobody(lambda: refusal(public_folder))


def test_a_reader_without_the_right_to_write_reads_a_record_at_rest(public_folder: Path) -> None:
    """Any user who may read the file may print reports."""
    with opened(public_folder) as journal:
        journal.commit_sync(marks(1, 7))
    public_folder.chmod(0o555)

    def count() -> str:
        with History(public_folder) as history:
            return str(len([*history.all_events()]))

    assert as_nobody(count) == "7"


def test_a_second_daemon_is_refused_with_the_process_that_has_the_record(tmp_path: Path) -> None:
    """Two writers would use the same numbers twice."""
    with opened(tmp_path):
        assert f"is in use by process {os.getpid()}; end that first" in refusal(tmp_path)
    assert refusal(tmp_path) == "opened"


def test_a_lock_file_left_by_a_killed_daemon_does_not_lock(tmp_path: Path) -> None:
    """The kernel has the lock; the file alone locks nothing."""
    (tmp_path / LOCK_NAME).write_text("4711\n")
    assert refusal(tmp_path) == "opened"


def test_another_sites_record_is_refused(tmp_path: Path) -> None:
    """A copied configuration must not write into another site's record."""
    with opened(tmp_path, site="north"):
        pass
    assert "is the record of site 'north', not of 'south'" in refusal(tmp_path, site="south")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A downgrade must not write into a record that it does not understand."""
    with opened(tmp_path):
        pass
    behind_its_back(tmp_path, "PRAGMA user_version = 99")
    assert "has schema 99, this monitord knows up to 1" in refusal(tmp_path)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A wrong folder is reported before a table is created in it."""
    with closing(sqlite3.connect(tmp_path / NAME)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    before = (tmp_path / NAME).read_bytes()
    assert "is another program's database" in refusal(tmp_path)
    assert (tmp_path / NAME).read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    """A person must examine the damage; the file is not changed."""
    (tmp_path / NAME).write_bytes(b"garbage " * 1000)
    assert "it is not a database; move it aside or restore a backup" in refusal(tmp_path)
    assert (tmp_path / NAME).read_bytes() == b"garbage " * 1000


def test_a_truncated_database_is_refused_or_found_broken(tmp_path: Path) -> None:
    """Half a file is never accepted as a shorter record."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 2000))
    path = tmp_path / NAME
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(RecordError, match="it is damaged"), opened(tmp_path) as journal:
        list(journal.load().events)


def test_an_empty_file_left_by_a_kill_at_the_first_start_becomes_a_record(tmp_path: Path) -> None:
    """The schema is created in one transaction: before it there is nothing to lose."""
    (tmp_path / NAME).touch()
    assert refusal(tmp_path) == "opened"


def test_a_record_that_was_never_begun_cannot_be_read(tmp_path: Path) -> None:
    """A reader creates no record."""
    with pytest.raises(RecordError, match="there is no record yet"):
        History(tmp_path)
    assert not (tmp_path / NAME).exists()
