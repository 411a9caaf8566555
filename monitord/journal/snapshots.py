"""Snapshots of the durable state in the record. Owns their table; does not look inside them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from monitord.journal.chain import digest_of

KEPT = 2
"""The newest, and the one before it in case the newest is damaged."""


class Snapshot(NamedTuple):
    """The durable state after event (``epoch``, ``number``), as canonical JSON."""

    epoch: int
    number: int
    chain: str
    body: bytes


def store(connection: sqlite3.Connection, snapshot: Snapshot, *, shape: str) -> None:
    """Store a snapshot and delete the oldest. In a transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO snapshot (epoch, number, shape, chain, digest, body)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            snapshot.epoch,
            snapshot.number,
            shape,
            snapshot.chain,
            digest_of(snapshot.body),
            snapshot.body,
        ),
    )
    connection.execute(
        "DELETE FROM snapshot WHERE (epoch, number) NOT IN"
        " (SELECT epoch, number FROM snapshot ORDER BY epoch DESC, number DESC LIMIT ?)",
        (KEPT,),
    )


def newest(connection: sqlite3.Connection, *, shapes: Sequence[str]) -> Snapshot | None:
    """Return the newest undamaged snapshot of these shapes that the record's chain contains."""
    rows = connection.execute(
        "SELECT snapshot.epoch, snapshot.number, snapshot.chain, snapshot.digest, snapshot.body"
        " FROM snapshot JOIN event USING (epoch, number)"
        " WHERE snapshot.shape IN (SELECT value FROM json_each(?)) AND snapshot.chain = event.chain"
        " ORDER BY snapshot.epoch DESC, snapshot.number DESC",
        (json.dumps(shapes),),
    )
    for epoch, number, chain, digest, body in rows.fetchall():
        if isinstance(body, bytes) and digest_of(body) == digest:
            return Snapshot(epoch, number, chain, body)
    return None


def problems(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the stored snapshots."""
    rows = connection.execute(
        "SELECT snapshot.epoch, snapshot.number, digest, body,"
        " EXISTS (SELECT 1 FROM event WHERE event.epoch = snapshot.epoch"
        " AND event.number = snapshot.number AND event.chain = snapshot.chain)"
        " FROM snapshot"
    )
    found = []
    for epoch, number, digest, body, belongs in rows:
        if not belongs:
            found.append(f"snapshot {epoch}/{number}: it belongs to another history")
        if not isinstance(body, bytes) or digest_of(body) != digest:
            found.append(f"snapshot {epoch}/{number}: its body is not what was recorded")
    return found
