"""One commit: events, projections and a snapshot in one transaction. Owns no connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from monitord.core.model import Stream
from monitord.journal import events as rows
from monitord.journal import projections, snapshots
from monitord.journal.chain import Citation, Stored
from monitord.journal.errors import SQL_FAILED, is_of_tables
from monitord.journal.events import Head
from monitord.journal.snapshots import Snapshot

Step = Callable[[str], None]


class Batch(NamedTuple):
    """``head``: after the last of the events. ``begun``: the epoch that begins with the first.

    ``snapshot``: (epoch, number, plain durable JSON) at the head.
    """

    stream: Stream
    stored: Sequence[Stored]
    head: Head
    snapshot: tuple[int, int, bytes] | None
    begun: Citation | None


def write_or_repair(connection: sqlite3.Connection, batch: Batch, shape: str, step: Step) -> None:
    """Write all of it, or raise ``sqlite3.Error``; a transaction may then be open.

    Tables of the present that are missing or changed are first folded again from the events.
    """
    try:
        _write(connection, batch, shape, step)
    except SQL_FAILED as error:
        if not is_of_tables(error):
            raise
        roll_back(connection)
        connection.execute("BEGIN IMMEDIATE")
        projections.rebuild(connection)
        connection.execute("COMMIT")
        _write(connection, batch, shape, step)


def _write(connection: sqlite3.Connection, batch: Batch, shape: str, step: Step) -> None:
    head, stored = batch.head, batch.stored
    connection.execute("BEGIN IMMEDIATE")
    if stored:
        if batch.begun is not None:
            rows.insert_epoch(connection, batch.begun)
        rows.insert(connection, stored)
        step("events_inserted")
        if batch.stream is Stream.SITE:
            folded = projections.Range(head.epoch, stored[0].number, head.number)
            projections.keep_up(connection, folded, {row.kind for row in stored})
        step("projections_kept")
    if batch.snapshot is not None and head.number:
        taken = Snapshot(head.epoch, head.number, head.chain, batch.snapshot[2])
        snapshots.store(connection, taken, shape=shape)
    connection.execute("COMMIT")
    step("transaction_ended")


def roll_back(connection: sqlite3.Connection) -> None:
    """End a transaction that is open, without any part of it."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
