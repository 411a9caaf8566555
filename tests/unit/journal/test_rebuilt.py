"""When projections are rebuilt, and how the history is read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitord.history import History
from monitord.journal.database import open_for_reading
from tests.fixtures.events import behind_its_back, marks, opened, piece, recorded


def test_changed_projections_are_rebuilt_at_the_next_start(tmp_path: Path) -> None:
    """An upgrade may change the tables; the events fill them again."""
    recorded(tmp_path, piece(1, 10, ["good"])).close()
    behind_its_back(
        tmp_path,
        "DELETE FROM piece",
        "UPDATE header SET value = 'older' WHERE key = 'projections'",
    )
    with opened(tmp_path), History(tmp_path) as history:
        assert len(history.pieces("fm", 0, 99)) == 1


def test_unchanged_projections_are_not_rebuilt(tmp_path: Path) -> None:
    """A start does not read years of events without need."""
    recorded(tmp_path, piece(1, 10, ["good"])).close()
    behind_its_back(tmp_path, "DELETE FROM piece")
    with opened(tmp_path) as journal, History(tmp_path) as history:
        assert history.pieces("fm", 0, 99) == []
        journal.rebuild()
        assert len(history.pieces("fm", 0, 99)) == 1


def test_the_connection_of_the_history_cannot_write(tmp_path: Path) -> None:
    """A report never changes the record."""
    recorded(tmp_path, piece(1, 10, ["good"])).close()
    with (
        closing(open_for_reading(tmp_path)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly database"),
    ):
        connection.execute("DELETE FROM piece")


def test_the_history_reads_every_event_of_a_long_record(tmp_path: Path) -> None:
    """Events are read in chunks; none is lost between them."""
    with recorded(tmp_path, *marks(1, 4_500)) as history:
        assert [found.number for found in history.all_events()] == [*range(1, 4_501)]
        assert history.site() == "dabie_hill"
