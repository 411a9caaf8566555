"""The record's folder is removed between any two calls of the system while it is opened."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from monitord.core.codec import shape_hash
from monitord.core.durable import Durable
from monitord.journal import Journal, RecordError
from monitord.journal.database import NAME
from monitord.record_opening import open_and_fold
from tests.unit.test_damaged_start import lived

SITE = "hill"
CALLS_MAX = 60
"""More than any opening makes."""


class Remover:
    """Removes a folder at one call that names it. Python cannot take a hook away: it rests."""

    def __init__(self) -> None:
        self._folder = Path()
        self._left: int | None = None
        self.connections: list[sqlite3.Connection] = []
        """All that were opened, by any code, since this was emptied."""
        sys.addaudithook(self._called)

    @contextmanager
    def at_call(self, number: int, folder: Path) -> Iterator[Callable[[], bool]]:
        """Remove ``folder`` at the call with this number from 0; yield whether it came to that."""
        self._folder, self._left = folder, number
        try:
            yield lambda: self._left is None
        finally:
            self._left = None

    def _called(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "sqlite3.connect/handle" and isinstance(arguments[0], sqlite3.Connection):
            self.connections.append(arguments[0])
        if self._left is None or not any(str(self._folder) in str(one) for one in arguments):
            return
        self._left -= 1
        if self._left < 0:
            self._left = None
            with suppress(FileNotFoundError):
                away = self._folder.rename(self._folder.with_name("away"))
                shutil.rmtree(away)


REMOVER = Remover()


def all_are_closed(connections: list[sqlite3.Connection]) -> bool:
    """Return whether none of the connections can be used any more."""
    for connection in connections:
        try:
            connection.total_changes  # noqa: B018 - one that is closed refuses it
        except sqlite3.ProgrammingError:
            continue
        return False
    return True


def nothing(folder: Path) -> None:
    shutil.rmtree(folder)


def whole(folder: Path) -> None:
    assert (folder / NAME).exists()


def damaged(folder: Path) -> None:
    (folder / NAME).write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("begin", [nothing, whole, damaged])
async def test_a_folder_removed_while_it_is_opened_ends_no_start(
    tmp_path: Path, begin: Callable[[Path], None]
) -> None:
    """At whichever call: the start goes on, and later commits open another file."""
    life = await lived(tmp_path / "record")
    opened = 0
    for call in range(CALLS_MAX):
        folder = tmp_path / f"at_{call}"
        REMOVER.connections.clear()
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        begin(folder)
        with REMOVER.at_call(call, folder) as removed:
            found = open_and_fold(folder, site=SITE, step=lambda name: None)
            came_to_it = removed()
        found.journal.close()
        found.alive.close()
        assert all_are_closed(REMOVER.connections), call
        opened += len(REMOVER.connections)
        if not came_to_it:
            break
    assert 5 < call < CALLS_MAX - 1
    assert opened > 0


@pytest.mark.parametrize("sort", ["moved", "damaged"])
async def test_a_folder_removed_while_its_file_is_replaced_is_a_failed_commit(
    tmp_path: Path, sort: str
) -> None:
    """The next attempt succeeds: the daemon asks again with its next commit."""
    life = await lived(tmp_path / "record")
    failed = opened = 0
    for call in range(CALLS_MAX):
        folder = tmp_path / f"at_{call}"
        REMOVER.connections.clear()
        shutil.copytree(life.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        journal = Journal.open(folder, site=SITE, shape=shape_hash(Durable))
        (folder / NAME).replace(folder / "elsewhere")
        with REMOVER.at_call(call, folder) as removed:
            try:
                journal.replace_sync(sort)
            except RecordError:
                failed += 1
            came_to_it = removed()
        journal.replace_sync(sort)
        journal.close()
        assert all_are_closed(REMOVER.connections), call
        opened += len(REMOVER.connections)
        if not came_to_it:
            break
    assert failed > 0
    assert 5 < call < CALLS_MAX - 1
    assert opened > 0
