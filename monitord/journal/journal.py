"""The daemon's side of the record: open, load, commit, verify. Owns the one thread of its SQL.

Decides nothing: the core decided and numbered what is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from monitord.core.model import Event, Stream
from monitord.journal import content, projections
from monitord.journal import events as rows
from monitord.journal.aside import put_aside_files
from monitord.journal.chain import SITE, ChainCheck, Stored, event_of
from monitord.journal.errors import (
    SQL_FAILED,
    CommitFailed,
    RecordError,
    database_error,
    failed_commit,
    unknown_event,
)
from monitord.journal.events import Head
from monitord.journal.loaded import Loaded
from monitord.journal.loading import FoldBegin, begin_of_fold
from monitord.journal.record_file import RecordFile
from monitord.journal.salvage import salvage
from monitord.journal.writing import Batch, write_or_repair


class Journal(RecordFile):
    """The only writer of a record. ``open`` makes one; ``close`` ends its thread and its lock.

    ``step`` is called in that thread with ``events_inserted`` and ``projections_kept`` inside a
    commit's transaction, and with ``transaction_ended`` after it.
    """

    def load(self) -> Loaded:
        """Return what is needed to fold the durable state. Raises ``RecordError``."""
        if self._place.connection is None and self._reading is None:
            return Loaded(1, 0, "", 0, None, iter(()))
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

    def salvage(self) -> Loaded:
        """Return what can be read of a damaged file, perhaps nothing; raises nothing for damage."""
        return self._executor.submit(salvage, self._place.path, shape=self._shape).result()

    def salvage_put_aside(self) -> Iterator[Loaded]:
        """Yield the same of each file that is put aside, the newest first."""
        for path in put_aside_files(self._place.path.parent):
            yield self._executor.submit(salvage, path, shape=self._shape).result()

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
        except SQL_FAILED as error:
            self._undo()
            raise failed_commit(self._path, error) from error
        self._place.committed()
        self._ends.heads[stream] = head
        if stored:
            self._ends.begun.pop(stream, None)

    def rebuild(self) -> None:
        """Fold the projections again from all events, or raise ``CommitFailed`` and change none."""
        self._executor.submit(self._rebuild).result()

    def _rebuild(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            projections.rebuild(self._connection)
            self._connection.execute("COMMIT")
            self._place.committed()
        except SQL_FAILED as error:
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
            self._check_place()
            content.store(self._connection, items)
            self._place.committed()
        except SQL_FAILED as error:
            self._undo()
            raise CommitFailed(str(database_error(self._path, error))) from error

    def manifest(self, hash_: str) -> dict[str, Any] | None:
        """Return the list of files of a stored configuration, None where it is not there."""
        return self._read(partial(content.manifest_of, hash_=hash_))

    def verify(self) -> list[str]:
        """Return everything that is wrong with the record, each with its place; else []."""
        return self._read(rows.verify)
