"""The open file of a record, and the one thread of its SQL: opened, checked, replaced, closed.

Knows the file's last event and no other.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from monitord.core.model import Stream
from monitord.journal import events as rows
from monitord.journal.database import open_for_reading, prepare_folder
from monitord.journal.ends import Ends
from monitord.journal.errors import (
    REFUSED,
    SQL_FAILED,
    RecordError,
    RecordLost,
    database_error,
    failed_commit,
)
from monitord.journal.events import Head
from monitord.journal.place import Place
from monitord.journal.writing import Step, roll_back

T = TypeVar("T")


def no_step(name: str) -> None:
    """Ignore a named step."""
    del name


class RecordFile:
    """``waits_for``: why the file is not open for writing; None where it is."""

    def __init__(self, place: Place, shape: str, step: Step) -> None:
        self._place = place
        self._path = place.path
        self._shape = shape
        self._step = step
        self._ends = Ends()
        self._reading: sqlite3.Connection | None = None
        self.waits_for: RecordError | None = None
        self._closed = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="journal")

    @classmethod
    def open(cls, folder: Path, *, site: str, shape: str, step: Step = no_step) -> Self:
        """Open or create the record of ``site``; ``shape``: of the snapshots it may use.

        Raises ``RecordError``, and then changes nothing that it found.
        """
        return cls._opened(folder, site, shape, step, cls._open)

    @classmethod
    def open_or_wait(cls, folder: Path, *, site: str, shape: str, step: Step = no_step) -> Self:
        """Do the same, but refuse only what no later commit can cure.

        Otherwise ``waits_for`` names what is wrong; ``load`` reads what can be read, and a commit
        raises ``RecordLost`` until ``replace`` has opened a file.
        """
        return cls._opened(folder, site, shape, step, cls._open_or_read)

    @classmethod
    def _opened(
        cls, folder: Path, site: str, shape: str, step: Step, way: Callable[[Self], None]
    ) -> Self:
        prepare_folder(folder)
        with ExitStack() as stack:
            journal = cls(Place(folder, site), shape, step)
            stack.callback(journal.close)
            journal._executor.submit(way, journal).result()
            stack.pop_all()
        return journal

    def _open(self) -> None:
        self._place.open()
        self._read_ends()

    def _open_or_read(self) -> None:
        try:
            self._open()
        except RecordError as error:
            if error.code in REFUSED:
                raise
            self.waits_for = error
            if not error.is_damage:
                with suppress(RecordError):
                    self._reading = open_for_reading(self._place.path.parent)
                    self._read_ends()

    def _read_ends(self) -> bool:
        try:
            return self._ends.found(
                rows.read_head(self._connection), rows.read_epochs(self._connection)
            )
        except SQL_FAILED as error:
            raise database_error(self._path, error) from error

    @property
    def _connection(self) -> sqlite3.Connection:
        connection = self._place.connection or self._reading
        if connection is None:
            raise RecordError("not_open", self._path)
        return connection

    @property
    def head(self) -> Head:
        """The site's last event on disk; after ``next_epoch`` the place before its first event."""
        return self._ends.heads[Stream.SITE]

    def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._executor.submit(lambda: query(self._connection)).result()
        except SQL_FAILED as error:
            raise database_error(self._path, error) from error

    async def check_place(self) -> None:
        """Raise ``RecordLost`` if the open file is no longer the one at its path."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._check_place)

    def _check_place(self) -> None:
        if self._place.connection is None:
            raise RecordLost(str(RecordError("not_open", self._path)), "closed")
        if (what := self._place.moved()) is not None:
            raise RecordLost(what, "moved")

    async def replace(self, sort: str) -> bool:
        """Put the file at the path aside and open another one; see ``Place.replace``.

        Return whether the new one has all events up to ``head``. If not, nothing can be committed
        before ``next_epoch``. Raises ``RecordError``; may then be called again.
        """
        replace = partial(self._replace, sort)
        return await asyncio.get_running_loop().run_in_executor(self._executor, replace)

    def replace_sync(self, sort: str) -> bool:
        """Do the same and wait in this thread, at a start."""
        return self._executor.submit(self._replace, sort).result()

    def _replace(self, sort: str) -> bool:
        self._place.replace(sort)
        if self._reading is not None:
            self._reading.close()
            self._reading = None
        return self._read_ends()

    def _undo(self) -> None:
        try:
            roll_back(self._connection)
        except SQL_FAILED as error:
            raise failed_commit(self._path, error) from error

    def close(self) -> None:
        """Close the database, end the thread, release the lock. May be called twice."""
        if not self._closed:
            self._closed = True
            self._executor.submit(self._close).result()
            self._executor.shutdown()

    def _close(self) -> None:
        if self._reading is not None:
            self._reading.close()
        self._place.close()
