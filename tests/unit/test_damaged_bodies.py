"""Every text of JSON in a record is damaged in turn; every query over it is asked."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitord.core.codec import shape_hash
from monitord.core.durable import Durable
from monitord.history import History, decided
from monitord.journal import RecordError
from monitord.journal.database import NAME
from tests.unit.cli.commands import monitord
from tests.unit.config.samples import write
from tests.unit.test_damaged_start import lived

EVER = 10**18
DAMAGED = [
    "",
    '[["on_air"]]',
    '["other"]',
    "{",
    "null",
    "5",
    '"on_air"',
    "[]",
    "[[]]",
    "[1, 2]",
    "{}",
    '{"state": {}}',
]

QUERIES: dict[str, Callable[[History], object]] = {
    "pieces": lambda history: history.pieces("fm", 0, EVER),
    "incidents": lambda history: history.incidents(),
    "outages": lambda history: history.outages(0, EVER),
    "acknowledgements": lambda history: [
        history.acknowledgements(one.id) for one in history.incidents()
    ],
    "deliveries": lambda history: [history.deliveries(one.id) for one in history.incidents()],
    "impacts": lambda history: [history.impacts(one.id) for one in history.incidents()],
    "calendar": lambda history: history.calendar("fm", 0, EVER),
    "hours": lambda history: history.hours("fm"),
    "eras": lambda history: history.eras(),
    "clock_offsets": lambda history: history.clock_offsets(),
    "corrections": lambda history: history.corrections(),
    "epochs": lambda history: history.epochs(),
    "present": lambda history: [*history.present(shape_hash(Durable))[2]],
    "all_events": lambda history: list(history.all_events()),
    "decided": lambda history: decided(history, 100),
    "verify": lambda history: history.verify(),
}


def texts_of_json(path: Path) -> list[tuple[str, str]]:
    """Return every (table, column) that holds an object or a list."""
    found = []
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        for (table,) in tables:
            for _, column, *_rest in connection.execute(f"PRAGMA table_info({table})").fetchall():
                query = f'SELECT "{column}" FROM {table} WHERE substr("{column}", 1, 1) IN (?, ?)'
                if connection.execute(query, ("{", "[")).fetchone():
                    found.append((table, column))
    return found


def failure_of(query: Callable[[History], object], history: History) -> Exception | None:
    try:
        query(history)
    except Exception as error:  # noqa: BLE001 - whatever it is, the test names it
        return error
    return None


@pytest.mark.parametrize("damaged", DAMAGED)
async def test_every_query_answers_or_says_that_the_record_is_damaged(
    tmp_path: Path, damaged: str
) -> None:
    """Whichever of its texts no longer has the form that was written."""
    life = await lived(tmp_path / "record")
    columns = texts_of_json(life.folder / NAME)
    assert ("event", "body") in columns
    assert len(columns) > 4
    for table, column in columns:
        folder = tmp_path / f"{table}_{column}"
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        with closing(sqlite3.connect(folder / NAME)) as connection, connection:
            connection.execute(f'UPDATE {table} SET "{column}" = ?', (damaged,))
        with History(folder) as history:
            for name, query in QUERIES.items():
                error = failure_of(query, history)
                is_said = isinstance(error, RecordError) and error.is_damage
                assert error is None or is_said, (table, column, name, error)


@pytest.mark.parametrize("damaged", DAMAGED)
async def test_a_statement_of_such_a_record_is_made_or_refused_in_words(
    tmp_path: Path, damaged: str
) -> None:
    """No command that reads the record ends with a traceback."""
    life = await lived(tmp_path / "life")
    path = write(tmp_path)
    text = path.read_text("utf-8").replace("/var/lib/monitord", "record")
    path.write_text(text.replace("id: dabie_hill", "id: hill"), "utf-8")
    for table, column in texts_of_json(life.folder / NAME):
        folder = tmp_path / "record"
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        with closing(sqlite3.connect(folder / NAME)) as connection, connection:
            connection.execute(f'UPDATE {table} SET "{column}" = ?', (damaged,))
        for command in (
            ["incidents"],
            ["status"],
            ["report", "--from", "2023-11-01", "--to", "2023-12-31"],
        ):
            printed = await asyncio.to_thread(monitord, *command, path)
            assert printed.code in (0, 3), (table, column, command)
            assert "Error" not in printed.err, (table, column, command)
        shutil.rmtree(folder)
