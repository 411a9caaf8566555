"""The daemon's side of the record: open, load, commit, verify. Owns the one thread of its SQL.

Decides nothing: the core decided and numbered what is committed.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from monitord.core.apply import GENERATION
from monitord.core.model import Event, Stream
from monitord.journal import content, projections
from monitord.journal import events as rows
from monitord.journal.chain import SITE, ChainCheck, Stored, event_of
from monitord.journal.database import prepare_folder
from monitord.journal.ends import Ends
from monitord.journal.errors import (
    CommitFailed,
    RecordError,
    RecordLost,
    database_error,
    failed_commit,
    unknown_event,
)
from monitord.journal.events import Head
from monitord.journal.loading import FoldBegin, begin_of_fold
from monitord.journal.place import Place
from monitord.journal.writing import Batch, Step, roll_back, write_or_repair

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a start reads. ``epoch``, ``number``, ``head``, ``last_at``: the last event on disk.

    ``snapshot``: plain durable JSON, or None; ``events``: all after it, in order, each verified
    against the chain as it is read (raises ``RecordError``). ``generation``: of all of them.
    """

    epoch: int
    number: int
    head: str
    last_at: int
    snapshot: bytes | None
    events: Iterator[Event]
    generation: int = GENERATION

    def snapshot_plain(self) -> Any:
        """Return the snapshot parsed; None where there is none."""
        return None if self.snapshot is None else json.loads(self.snapshot)


def _no_step(name: str) -> None:
    del name


class Journal:
    """The only writer of a record. ``open`` makes one; ``close`` ends its thread and its lock.

    ``step`` is called in that thread with ``events_inserted`` and ``projections_kept`` inside a
    commit's transaction, and with ``transaction_ended`` after it.
    """

    def __init__(self, place: Place, shape: str, step: Step) -> None:
        self._place = place
        self._path = place.path
        self._shape = shape
        self._step = step
        self._ends = Ends()
        self._closed = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="journal")

    @classmethod
    def open(cls, folder: Path, *, site: str, shape: str, step: Step = _no_step) -> Journal:
        """Open or create the record of ``site``; ``shape``: of the snapshots it may use.

        Raises ``RecordError``, and then changes nothing that it found.
        """
        prepare_folder(folder)
        with ExitStack() as stack:
            journal = cls(Place(folder, site), shape, step)
            stack.callback(journal.close)
            journal._executor.submit(journal._open).result()
            stack.pop_all()
        return journal

    def _open(self) -> None:
        self._place.open()
        self._read_ends()

    def _read_ends(self) -> bool:
        try:
            return self._ends.found(
                rows.read_head(self._connection), rows.read_epochs(self._connection)
            )
        except sqlite3.Error as error:
            raise database_error(self._path, error) from error

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._place.connection is None:
            raise RecordLost(f"{self._path}: is not open", "moved")
        return self._place.connection

    @property
    def head(self) -> Head:
        """The site's last event on disk; after ``next_epoch`` the place before its first event."""
        return self._ends.heads[Stream.SITE]

    def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._executor.submit(lambda: query(self._connection)).result()
        except sqlite3.Error as error:
            raise database_error(self._path, error) from error

    def load(self) -> Loaded:
        """Return what is needed to fold the durable state. Raises ``RecordError``."""
        begin = self._read(partial(begin_of_fold, shape=self._shape))
        head = self.head
        return Loaded(
            epoch=head.epoch,
            number=head.number,
            head=head.chain,
            last_at=head.at,
            snapshot=None if begin.snapshot is None else begin.snapshot.body,
            events=self._events_after(begin, head),
            generation=begin.generation,
        )

    def _events_after(self, begin: FoldBegin, head: Head) -> Iterator[Event]:
        check = self._read(rows.check_of)
        epoch, number = begin.after
        if begin.snapshot is not None:
            check.begin_after(epoch, number, begin.snapshot.chain)
        else:
            check.begin_with(epoch)
        while chunk := self._read(partial(rows.read_after, epoch=epoch, number=number)):
            for row in chunk:
                if (row.epoch, row.number) > (head.epoch, head.number):
                    return
                if row.stream == SITE:
                    yield self._checked(check, row, begin)
            epoch, number = chunk[-1].epoch, chunk[-1].number

    def _checked(self, check: ChainCheck, row: Stored, begin: FoldBegin) -> Event:
        problem = check.step(row)
        if problem:
            raise RecordError("broken_chain", self._path, problem=problem)
        if row.v > begin.versions.get(row.kind, 0):
            raise unknown_event(self._path, row)
        return event_of(row)

    def next_epoch(self, why: str, epoch: int | None = None) -> int:
        """Begin a new epoch of the site that cites the present head; return its number.

        It is written together with its first event, which has number 1: a crash before that leaves
        no part of it. ``epoch``: from ``epoch_for``, the lowest it may be; by default the next one.
        """
        if epoch is not None and epoch <= self.head.epoch:
            raise ValueError(f"epoch {epoch} does not follow {self.head.epoch}")
        return self._ends.begin(Stream.SITE, epoch or 0, why)

    def fork(self, stream: Stream, why: str) -> int:
        """Begin an epoch of another stream, from the site's last event on disk; return its number.

        Written together with its first event, like an epoch of the site.
        """
        return self._ends.begin(stream, 0, why)

    async def commit(
        self, events: Sequence[Event], snapshot: tuple[int, int, bytes] | None = None
    ) -> None:
        """Write events of one stream, and projections, in one transaction: all or nothing.

        ``snapshot``: (epoch, number, plain durable JSON) after the last of them. Raises
        ``CommitFailed``; ``ValueError`` for events that do not follow the head. A cancelled caller
        is cancelled after the commit has ended, so that ``head`` is right.
        """
        commit = partial(self._commit, events, snapshot)
        under_way = asyncio.get_running_loop().run_in_executor(self._executor, commit)
        try:
            await asyncio.shield(under_way)
        except asyncio.CancelledError:
            await asyncio.wait([under_way])
            raise

    def commit_sync(
        self, events: Sequence[Event], snapshot: tuple[int, int, bytes] | None = None
    ) -> None:
        """Commit and wait in this thread; for tests and simulation."""
        self._executor.submit(self._commit, events, snapshot).result()

    def _commit(
        self, events: Sequence[Event], snapshot: tuple[int, int, bytes] | None = None
    ) -> None:
        if not events and snapshot is None:
            return
        self._check_place()
        stream = events[0].stream if events else Stream.SITE
        head = self._ends.heads[stream]
        stored = rows.chained(events, head, stream)
        if stored:
            head = Head(head.epoch, stored[-1].number, stored[-1].chain, stored[-1].at)
        if snapshot is not None and snapshot[:2] != (head.epoch, head.number):
            found = f"{snapshot[0]}/{snapshot[1]}"
            raise ValueError(f"snapshot of {found} where the head is {head.epoch}/{head.number}")
        batch = Batch(stream, stored, head, snapshot, self._ends.begun.get(stream))
        try:
            write_or_repair(self._connection, batch, self._shape, self._step)
        except sqlite3.Error as error:
            self._undo()
            raise failed_commit(self._path, error) from error
        self._ends.heads[stream] = head
        if stored:
            self._ends.begun.pop(stream, None)

    async def check_place(self) -> None:
        """Raise ``RecordLost`` if the open file is no longer the one at its path."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._check_place)

    def _check_place(self) -> None:
        if self._place.connection is None:
            raise RecordLost(f"{self._path}: is not open", "moved")
        if (what := self._place.moved()) is not None:
            raise RecordLost(what, "moved")

    async def replace(self, sort: str) -> bool:
        """Put the file at the path aside and open another one; see ``Place.replace``.

        Return whether the new one has all events up to ``head``. If not, nothing can be committed
        before ``next_epoch``. Raises ``RecordError``; may then be called again.
        """
        replace = partial(self._replace, sort)
        return await asyncio.get_running_loop().run_in_executor(self._executor, replace)

    def _replace(self, sort: str) -> bool:
        self._place.replace(sort)
        return self._read_ends()

    def _undo(self) -> None:
        try:
            roll_back(self._connection)
        except sqlite3.Error as error:
            raise failed_commit(self._path, error) from error

    def rebuild(self) -> None:
        """Fold the projections again from all events, or raise ``CommitFailed`` and change none."""
        self._executor.submit(self._rebuild).result()

    def _rebuild(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            projections.rebuild(self._connection)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise CommitFailed(str(database_error(self._path, error))) from error

    async def store_content(self, items: Mapping[str, bytes]) -> None:
        """Keep bytes by their hash, before an event names them. Raises ``CommitFailed``."""
        store = partial(self._store_content, items)
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._executor, store))

    def store_content_sync(self, items: Mapping[str, bytes]) -> None:
        """Do the same and wait in this thread, at a start."""
        self._executor.submit(self._store_content, items).result()

    def _store_content(self, items: Mapping[str, bytes]) -> None:
        try:
            content.store(self._connection, items)
        except sqlite3.Error as error:
            self._undo()
            raise CommitFailed(str(database_error(self._path, error))) from error

    def manifest(self, hash_: str) -> dict[str, Any] | None:
        """Return the list of files of a stored configuration, None where it is not there."""
        return self._read(partial(content.manifest_of, hash_=hash_))

    def verify(self) -> list[str]:
        """Return everything that is wrong with the record, each with its place; else []."""
        return self._read(rows.verify)

    def close(self) -> None:
        """Close the database, end the thread, release the lock. May be called twice."""
        if not self._closed:
            self._closed = True
            self._executor.submit(self._place.close).result()
            self._executor.shutdown()
