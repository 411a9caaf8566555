"""The room kept aside for a start on a full disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from monitord.journal import Journal, reserve


def test_an_opened_record_keeps_room_aside(tmp_path: Path) -> None:
    """The room is really taken, not only named."""
    Journal.open(tmp_path / "record", site="hill", shape="s").close()
    kept = (tmp_path / "record" / reserve.NAME).stat()
    assert kept.st_size == reserve.SIZE
    assert kept.st_blocks * 512 >= reserve.SIZE


def test_room_is_given_back_once(tmp_path: Path) -> None:
    """Where there is none left, a failed opening stays failed."""
    reserve.keep(tmp_path)
    assert reserve.give_back(tmp_path)
    assert not reserve.give_back(tmp_path)


def test_no_room_is_kept_where_none_can_be_had(tmp_path: Path) -> None:
    """A folder that cannot be written is somebody else's error to tell."""
    reserve.keep(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize(
    ("name", "full"),
    [("SQLITE_IOERR_SHMSIZE", True), ("SQLITE_FULL", True), ("SQLITE_NOTADB", False)],
)
def test_only_a_lack_of_room_is_answered_with_room(name: str, *, full: bool) -> None:
    """A damaged record is not opened twice."""
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorname = name
    assert reserve.may_be_full(error) is full
