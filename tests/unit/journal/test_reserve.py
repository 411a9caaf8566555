"""The space reserved for a start on a full disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitord.journal import Journal, reserve


def test_an_opened_record_reserves_space(tmp_path: Path) -> None:
    """The space is allocated, not only the file created."""
    Journal.open(tmp_path / "record", site="hill", shape="s").close()
    kept = (tmp_path / "record" / reserve.NAME).stat()
    assert kept.st_size == reserve.SIZE
    assert kept.st_blocks * 512 >= reserve.SIZE


def test_reserved_space_is_freed_once(tmp_path: Path) -> None:
    """If none is left, a failed opening remains failed."""
    reserve.keep(tmp_path)
    assert reserve.give_back(tmp_path)
    assert not reserve.give_back(tmp_path)


def test_no_space_is_reserved_where_the_folder_cannot_be_written(tmp_path: Path) -> None:
    """Opening the database reports that folder; the reserve raises nothing."""
    reserve.keep(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize(
    ("name", "full"),
    [("SQLITE_IOERR_SHMSIZE", True), ("SQLITE_FULL", True), ("SQLITE_NOTADB", False)],
)
def test_only_a_full_disk_frees_the_reserved_space(name: str, *, full: bool) -> None:
    """A damaged record is not opened a second time."""
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorname = name
    assert reserve.may_be_full(error) is full
