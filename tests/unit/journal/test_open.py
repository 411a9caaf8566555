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
from monitord.journal.database import NAME, open_for_writing
from monitord.journal.lock import NAME as LOCK_NAME
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


def another_program(path: Path) -> None:
    """Make the database of another program."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")


@pytest.mark.parametrize(
    ("place", "make", "text"),
    [
        ("", lambda path: path.write_text("mine"), "is not a folder"),
        (NAME, Path.mkdir, f"{NAME}: it cannot be opened; check its owner"),
        (NAME, another_program, "is another program's database"),
        (
            NAME,
            lambda path: path.write_bytes(b"garbage " * 1000),
            "it is not a database; move it aside or restore a backup",
        ),
    ],
    ids=["file-for-folder", "folder-for-file", "another-program", "no-database"],
)
def test_what_is_no_record_is_refused_and_kept(
    tmp_path: Path, place: str, make: Callable[[Path], object], text: str
) -> None:
    """A person must examine what is in the way; it is not changed."""
    path = tmp_path / "record" / place
    path.parent.mkdir(exist_ok=True)
    make(path)
    before = path.read_bytes() if path.is_file() else None
    assert text in refusal(tmp_path / "record")
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize(("name", "content"), [(LOCK_NAME, "4711\n"), (NAME, "")])
def test_what_a_killed_daemon_leaves_hinders_no_start(
    tmp_path: Path, name: str, content: str
) -> None:
    """The kernel has the lock, not the file; a schema is created in one transaction."""
    (tmp_path / name).write_text(content)
    assert refusal(tmp_path) == "opened"


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
    assert "has schema 99, this monitord knows up to 2" in refusal(tmp_path)


def test_a_truncated_database_is_refused_or_found_broken(tmp_path: Path) -> None:
    """Half a file is never accepted as a shorter record."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 2000))
    path = tmp_path / NAME
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(RecordError, match="it is damaged"), opened(tmp_path) as journal:
        list(journal.load().events)


def test_a_record_that_was_never_begun_cannot_be_read(tmp_path: Path) -> None:
    """A reader creates no record."""
    with pytest.raises(RecordError, match="there is no record yet"):
        History(tmp_path)
    assert not (tmp_path / NAME).exists()
