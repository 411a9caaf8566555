"""Whatever the record's files look like at a start: the site is watched, losses are reported."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from monitord.core.base import fold
from monitord.core.codec import to_plain
from monitord.core.model import Event
from monitord.history import History
from monitord.journal import RecordError
from monitord.journal.database import NAME
from monitord.record_opening import open_and_fold
from tests.fixtures.events import behind_its_back
from tests.support.engine_bench import Bench, good, off_air

PAGE = 4096
LIVED = 60
"""Seconds of the first life."""
GOES_ON = 70
EPOCH, NUMBER = 0, 1
OVERWRITTEN, OCTETS = 100, 64
ENDS = ("min", "max")
"""Of a table: its first row and its last."""


class Life:
    """A record with closed and open incidents, and what it held when its daemon stopped."""

    def __init__(self, folder: Path, bench: Bench) -> None:
        self.folder = folder
        self.durable = to_plain(bench.engine.situation.durable)
        self.ids = set(bench.engine.situation.durable.incidents)
        with History(folder) as history:
            self.events = list(history.all_events())


async def lived(folder: Path) -> Life:
    """Live for a minute, with an outage that is over and one that is not."""
    bench = Bench(folder)
    await bench.start()
    for second in range(1, LIVED):
        is_off = 5 < second < 20 or second > 50
        await bench.second(second, off_air(second) if is_off else good(second))
    await bench.engine.stop()
    life = Life(folder, bench)
    bench.close()
    return life


async def watched_again(life: Life) -> Bench:
    """Start on the record and watch for some seconds, until all of it is on disk."""
    bench = Bench(life.folder)
    await bench.start(GOES_ON)
    for second in range(GOES_ON + 1, GOES_ON + 8):
        await bench.second(second, good(second))
    assert bench.engine.unrecorded == 0
    return bench


def state_on_disk(bench: Bench) -> object:
    loaded = bench.journal.load()
    return to_plain(fold(loaded.generation, loaded.snapshot_plain(), loaded.events))


def new_events(life: Life, folder: Path) -> list[Event]:
    """Return what was recorded after the first life; no number of it is one of that life's."""
    with History(folder) as history:
        events = list(history.all_events())
    old = {(event.epoch, event.number): event for event in life.events}
    assert [event for event in events if old.get((event.epoch, event.number), event) != event] == []
    return [event for event in events if (event.epoch, event.number) not in old]


def harms(bench: Bench) -> list[str]:
    """Return what the record says of its own file, for which people get a message."""
    events = bench.journal.load().events
    return [json.loads(e.body)["harm"] for e in events if e.kind == "record_replaced"]


def zero(page: bytes) -> bytes:
    return bytes(len(page))


def flip(page: bytes) -> bytes:
    return bytes(octet ^ 0xFF for octet in page)


def flip_middle(page: bytes) -> bytes:
    middle = len(page) // 2
    return page[:middle] + flip(page[middle : middle + 64]) + page[middle + 64 :]


@pytest.mark.parametrize("change", [zero, flip, flip_middle])
async def test_each_page_damaged_in_turn_ends_no_watch(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    """The state is what it was, or the start reports how much was lost."""
    life = await lived(tmp_path / "record")
    whole = (life.folder / NAME).read_bytes()
    lost = 0
    for page in range(len(whole) // PAGE):
        folder = tmp_path / f"page_{page}"
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        start = page * PAGE
        changed = whole[:start] + change(whole[start : start + PAGE]) + whole[start + PAGE :]
        (folder / NAME).write_bytes(changed)
        copied = Life.__new__(Life)
        copied.folder = folder
        bench = await watched_again(copied)
        base = bench.continued.base
        lost += base is not None
        if base is None and not bench.engine.recording.replaced:
            assert bench.engine.situation.durable.epoch == life.durable["epoch"]
        else:
            # Found by the start, or only by its first commit.
            assert base is None or base.lost != 0 or base.number == life.durable["number"]
            assert harms(bench) == ["damaged"]
            assert bench.engine.situation.durable.epoch > life.durable["epoch"]
            assert len(list(folder.glob("record.damaged-*.sqlite"))) == 1
            assert state_on_disk(bench) == to_plain(bench.engine.situation.durable)
        bench.close()
        shutil.rmtree(folder)
    assert lost > 0


TYPED = [(name, end) for name in ("header", "epochs", "event", "snapshot") for end in ENDS]


@pytest.mark.parametrize(("table", "end"), TYPED)
async def test_a_value_of_another_type_ends_no_watch(tmp_path: Path, table: str, end: str) -> None:
    """In each column of the first and of the last row: SQLite reads it without a word."""
    life = await lived(tmp_path / "record")
    for column in columns_of(life.folder, table):
        for number, value in enumerate(("x'ff00'", "7.5", "'text'")):
            folder = tmp_path / f"{column}_{number}"
            shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
            with suppress(sqlite3.IntegrityError):  # a row's number takes no other type
                put_another_type(folder, table, column, f"{end}|{value}")
            with suppress(RecordError), History(folder) as history:
                history.verify()
            found = open_and_fold(folder, site="hill", step=lambda name: None)
            found.journal.close()
            found.alive.close()


def columns_of(folder: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(folder / NAME)) as connection:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def put_another_type(folder: Path, table: str, column: str, put: str) -> None:
    """Overwrite a value of the first row or of the last one, past the types of the table."""
    end, value = put.split("|")
    key = "key" if table == "header" else "rowid"
    turn = "UPDATE sqlite_master SET sql = replace(sql, '{}', '{}') WHERE name = '" + table + "'"
    for statement in (
        "DROP TRIGGER event_is_never_rewritten; PRAGMA writable_schema = ON;"
        + turn.format(") STRICT", ") /*S*/"),
        f"UPDATE {table} SET {column} = {value} WHERE {key} = (SELECT {end}({key}) FROM {table});",
        "PRAGMA writable_schema = ON;" + turn.format(") /*S*/", ") STRICT"),
    ):
        with closing(sqlite3.connect(folder / NAME, isolation_level=None)) as connection:
            connection.executescript(statement)


@pytest.mark.parametrize("seed", range(4))
async def test_octets_damaged_at_random_end_no_watch(tmp_path: Path, seed: int) -> None:
    """Those of the tables' own definitions, too, which SQLite quotes in its errors."""
    life = await lived(tmp_path / "record")
    whole = (life.folder / NAME).read_bytes()
    random = Random(seed)
    for number in range(OVERWRITTEN):
        folder = tmp_path / f"record_{number}"
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        start = random.randrange(random.choice((3 * PAGE, len(whole) - OCTETS)))
        overwritten = random.randbytes(random.choice((1, 2, OCTETS)))
        changed = whole[:start] + overwritten + whole[start + len(overwritten) :]
        (folder / NAME).write_bytes(changed)
        found = open_and_fold(folder, site="hill", step=lambda name: None)
        found.journal.close()
        found.alive.close()
        with suppress(RecordError), History(folder) as history:
            history.verify()
        shutil.rmtree(folder)


@pytest.mark.parametrize("share", [0, 1, 2, 30, 60])
async def test_a_truncated_record_ends_no_watch(tmp_path: Path, share: int) -> None:
    """Numbers go on above those of the lost events, which the alive file knows."""
    life = await lived(tmp_path / "record")
    path = life.folder / NAME
    os.truncate(path, path.stat().st_size * share // 100)
    bench = await watched_again(life)
    assert bench.continued.base is not None
    assert bench.continued.base.lost != 0
    assert harms(bench) in (["damaged"], ["incomplete"])
    assert state_on_disk(bench) == to_plain(bench.engine.situation.durable)
    bench.close()
    assert {event.epoch for event in new_events(life, life.folder)} == {life.durable["epoch"] + 1}


HEADERS = [
    "PRAGMA application_id = 7",
    "PRAGMA user_version = 16777218",
    "UPDATE header SET value = 'hall' WHERE key = 'site'",
    "DELETE FROM header",
]


@pytest.mark.parametrize("statement", HEADERS)
async def test_a_damaged_header_loses_no_event(tmp_path: Path, statement: str) -> None:
    """The file is put aside; its newest snapshot and all events after it are continued."""
    life = await lived(tmp_path / "record")
    behind_its_back(life.folder, statement)
    bench = await watched_again(life)
    base = bench.continued.base
    assert base is not None
    assert (base.epoch, base.number) == (life.durable["epoch"], life.durable["number"])
    assert life.ids <= set(bench.engine.situation.durable.incidents)
    bench.close()


async def test_dropped_tables_are_folded_again_at_the_next_commit(tmp_path: Path) -> None:
    """They hold nothing that the events do not have: no new epoch."""
    life = await lived(tmp_path / "record")
    behind_its_back(life.folder, "DROP VIEW span", "DROP TABLE piece", "DROP TABLE incident")
    bench = await watched_again(life)
    assert bench.continued.base is None
    assert harms(bench) == []
    bench.close()
    with History(life.folder) as history:
        assert history.verify() == []
        assert life.ids <= {one.id for one in history.incidents()}


async def test_a_record_that_cannot_be_written_is_continued_once_it_can(tmp_path: Path) -> None:
    """A folder is in its place: events wait, and no number comes twice when the file is back."""
    life = await lived(tmp_path / "record")
    whole = (life.folder / NAME).read_bytes()
    (life.folder / NAME).unlink()
    (life.folder / NAME).mkdir()
    bench = Bench(life.folder)
    await bench.start(GOES_ON)
    await bench.second(GOES_ON + 1, good(GOES_ON + 1))
    assert bench.engine.unrecorded > 0
    (life.folder / NAME).rmdir()
    (life.folder / NAME).write_bytes(whole)
    await bench.second(GOES_ON + 2, good(GOES_ON + 2))
    await bench.second(GOES_ON + 3, good(GOES_ON + 3))
    assert bench.engine.unrecorded == 0
    assert state_on_disk(bench) == to_plain(bench.engine.situation.durable)
    bench.close()
    with History(life.folder) as history:
        assert history.verify() == []
    assert min(event.epoch for event in new_events(life, life.folder)) > life.durable["epoch"]


async def test_two_daemons_never_share_a_record(tmp_path: Path) -> None:
    """The second is refused, whatever the file looks like."""
    bench = Bench(tmp_path / "record")
    (bench.folder / "record.lock").unlink()
    with pytest.raises(RecordError, match="in use"):
        open_and_fold(bench.folder, site="hill", step=lambda name: None)
    bench.close()
