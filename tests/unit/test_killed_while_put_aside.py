"""A process is killed at any call of the system while it puts a record aside and begins another."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitord.core.codec import shape_hash, to_plain
from monitord.core.durable import Durable
from monitord.journal import Journal
from monitord.journal.aside import COPY, NOTE
from monitord.journal.database import NAME
from monitord.record_opening import Continued, open_and_fold
from tests.unit.test_damaged_start import lived

SITE = "hill"
KILLED = 9
CALLS_MAX = 120
"""More than any of it makes."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.unit.test_killed_while_put_aside"])


def damage(folder: Path) -> None:
    """Damage the record's header; its events and its snapshot can still be read."""
    with closing(sqlite3.connect(folder / NAME)) as connection:
        connection.execute("PRAGMA user_version = 5000")


def started(folder: Path) -> Continued:
    return open_and_fold(folder, site=SITE, step=lambda name: None)


def start_on_damaged(folder: Path, from_here: Callable[[], None]) -> None:
    damage(folder)
    from_here()
    started(folder)


def replace_removed(folder: Path, from_here: Callable[[], None]) -> None:
    journal = Journal.open(folder, site=SITE, shape=shape_hash(Durable))
    (folder / NAME).unlink()
    from_here()
    journal.replace_sync("moved")


def replace_replaced(folder: Path, from_here: Callable[[], None]) -> None:
    journal = Journal.open(folder, site=SITE, shape=shape_hash(Durable))
    shutil.copy(folder / NAME, folder / "another")
    (folder / "another").rename(folder / NAME)
    from_here()
    journal.replace_sync("moved")


def replace_damaged(folder: Path, from_here: Callable[[], None]) -> None:
    journal = Journal.open(folder, site=SITE, shape=shape_hash(Durable))
    from_here()
    journal.replace_sync("damaged")


WAYS = [start_on_damaged, replace_removed, replace_replaced, replace_damaged]


def go(way: int, folder: Path, call: int) -> None:
    """Go one way; end the process, with nothing tidied up, at this call that names the folder."""
    left = [sys.maxsize]

    def called(event: str, arguments: tuple[object, ...]) -> None:
        if any(str(folder) in str(one) for one in arguments):
            left[0] -= 1
            if left[0] < 0:
                os._exit(KILLED)

    def from_here() -> None:
        left[0] = call

    sys.addaudithook(called)
    WAYS[way](folder, from_here)
    os._exit(0)


def is_killed(way: int, folder: Path, call: int) -> bool:
    process = PROCESSES.Process(target=go, args=(way, folder, call))
    process.start()
    process.join()
    assert process.exitcode in (0, KILLED)
    return process.exitcode == KILLED


def content(plain: Any) -> dict[str, Any]:
    """Return a state but for the place of its next event."""
    return {name: value for name, value in plain.items() if name not in ("epoch", "number")}


@pytest.mark.parametrize("way", range(len(WAYS)), ids=lambda way: WAYS[way].__name__)
async def test_the_next_start_continues_what_was_to_be_kept(tmp_path: Path, way: int) -> None:
    """The whole state is that of the run that was killed."""
    life = await lived(tmp_path / "record")
    for call in range(CALLS_MAX):
        folder = tmp_path / f"at_{call}"
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        killed = is_killed(way, folder, call)
        # Of a file that was removed nothing can be kept before it is copied.
        is_there = WAYS[way] is not replace_removed or any(
            path.name in (NAME, COPY) for path in folder.iterdir()
        )
        found = started(folder)
        found.journal.close()
        found.alive.close()
        if is_there:
            assert content(to_plain(found.durable)) == content(life.durable), call
        shutil.rmtree(folder)
        if not killed:
            break
    assert 5 < call < CALLS_MAX - 1


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\xff\x00",
        b"record.sqlite 1\n",
        b"../record.damaged-20261129T114500Z.sqlite 1\n",
        b"x",
    ],
)
async def test_a_note_that_means_no_file_here_moves_nothing(tmp_path: Path, note: bytes) -> None:
    """Nor one about another file than the one at the path."""
    life = await lived(tmp_path / "record")
    for content_of_note in (note, b"record.damaged-20261129T114500Z.sqlite 1\n"):
        (life.folder / NOTE).write_bytes(content_of_note)
        found = started(life.folder)
        found.journal.close()
        found.alive.close()
        assert (found.base, to_plain(found.durable)) == (None, life.durable)
        assert not (life.folder / NOTE).exists()
        assert list(life.folder.glob("*damaged*")) == []


async def test_a_record_of_another_run_is_not_continued(tmp_path: Path) -> None:
    """Only the one that the last run wrote: a person may have begun again since."""
    life = await lived(tmp_path / "record")
    shutil.copy(life.folder / NAME, life.folder / "record.damaged-20261129T114500Z.sqlite")
    other = await lived(tmp_path / "other")
    (other.folder / "alive").replace(life.folder / "alive")
    (life.folder / NAME).unlink()
    found = started(life.folder)
    found.journal.close()
    found.alive.close()
    assert found.durable.incidents == {}
