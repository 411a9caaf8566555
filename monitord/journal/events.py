"""Writes and reads rows of the tables ``event`` and ``epochs``; verifies their chain.

Owns no connection and begins no transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import product
from types import NoneType
from typing import Any, Final, NamedTuple

from monitord.core.model import Event, Stream
from monitord.journal import snapshots
from monitord.journal.chain import (
    SITE,
    STREAMS,
    ChainCheck,
    Citation,
    Stored,
    digest_of,
    epoch_link,
    link,
)
from monitord.journal.database import site_of
from monitord.journal.errors import SQL_FAILED, DamagedRow

CHUNK: Final = 2_000
"""Rows read at once when walking the record."""


class Head(NamedTuple):
    """The last event on disk. ``number`` 0: none yet in this epoch; ``chain`` is its first link."""

    epoch: int
    number: int
    chain: str
    at: int = 0


_INSERT: Final = """
INSERT INTO event (epoch, number, at, kind, v, subject, stream, body, digest, chain)
SELECT
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
    value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9
FROM json_each(?)
"""


_EVENT: Final = (int, int, int, str, int, str, int, str, str, str)
_PRUNED: Final = (*_EVENT[:7], NoneType, *_EVENT[8:])
_HEAD: Final = (int, int, str, int)
_CITES: Final[Iterable[tuple[type, ...]]] = product(*[(kind, NoneType) for kind in (int, int, str)])
_CITED: Final[list[tuple[type, ...]]] = [(int, *cites, str, str, int, int) for cites in _CITES]


def chained(events: Sequence[Event], head: Head, stream: Stream = Stream.SITE) -> list[Stored]:
    """Return the rows of events of ``stream`` after its ``head``.

    Raises ``ValueError`` for an event of another stream, and if numbers do not follow.
    """
    rows: list[Stored] = []
    chain, number = head.chain, head.number
    for event in events:
        number += 1
        if event.stream is not stream:
            raise ValueError(f"an event of stream {event.stream} in a commit of {stream}")
        if (event.epoch, event.number) != (head.epoch, number):
            found = f"{event.epoch}/{event.number}"
            raise ValueError(f"event {found} where {head.epoch}/{number} must follow")
        digest = digest_of(event.body)
        chain = link(chain, event, digest)
        rows.append(_stored(event, digest, chain))
    return rows


def _stored(event: Event, digest: str, chain: str) -> Stored:
    return Stored(
        event.epoch,
        event.number,
        event.at,
        event.kind,
        event.v,
        event.subject,
        STREAMS.index(event.stream),
        event.body.decode(),
        digest,
        chain,
    )


def insert(connection: sqlite3.Connection, rows: Sequence[Stored]) -> None:
    """Insert rows with one statement: many small ones are slow beside a busy event loop."""
    connection.execute(_INSERT, (json.dumps(rows, ensure_ascii=False, separators=(",", ":")),))


def read_head(connection: sqlite3.Connection) -> Head:
    """Return the site's last event on disk, or the link before the first."""
    row = connection.execute(
        "SELECT epoch, number, chain, at FROM event"
        " WHERE epoch = (SELECT max(epoch) FROM epochs WHERE stream = ?)"
        " ORDER BY number DESC LIMIT 1",
        (SITE,),
    ).fetchone()
    if row is not None:
        return Head(*_typed(row, _HEAD))
    link_before = connection.execute("SELECT link FROM epochs WHERE epoch = 1").fetchone()
    return Head(1, 0, str(link_before[0]))


def cite(head: Head, epoch: int, why: str, stream: int = SITE) -> Citation:
    """Return the row of a new epoch that follows ``head``, or forks from it in another stream."""
    cited = Citation(epoch, head.epoch, head.number, head.chain, why, "", stream=stream)
    return cited._replace(link=epoch_link(cited))


def insert_epoch(connection: sqlite3.Connection, citation: Citation) -> None:
    """Insert the row of a new epoch."""
    connection.execute(
        "INSERT INTO epochs (epoch, cites_epoch, cites_number, cites_head, why, link, generation,"
        " stream) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        citation,
    )


def read_epochs(connection: sqlite3.Connection) -> dict[int, Citation]:
    """Return every epoch by its number."""
    rows = connection.execute(
        "SELECT epoch, cites_epoch, cites_number, cites_head, why, link, generation, stream"
        " FROM epochs ORDER BY epoch"
    )
    return {row[0]: Citation(*_typed(row, *_CITED)) for row in rows}


def read_forks(connection: sqlite3.Connection) -> dict[int, str | None]:
    """Return, of each epoch of another stream than the site's, the link of what it cites."""
    rows = connection.execute(
        "SELECT epochs.epoch, event.chain FROM epochs LEFT JOIN event"
        " ON event.epoch = epochs.cites_epoch AND event.number = epochs.cites_number"
        " WHERE epochs.stream <> ?",
        (SITE,),
    )
    return dict(rows.fetchall())


def check_of(connection: sqlite3.Connection) -> ChainCheck:
    """Return a check of this record, before its first event."""
    return ChainCheck(read_epochs(connection), read_forks(connection), site=site_of(connection))


def read_after(connection: sqlite3.Connection, epoch: int, number: int) -> list[Stored]:
    """Return the next events after a position, of all streams, at most ``CHUNK``, in order."""
    rows = connection.execute(
        "SELECT epoch, number, at, kind, v, subject, stream, body, digest, chain FROM event"
        " WHERE (epoch, number) > (?, ?) ORDER BY epoch, number LIMIT ?",
        (epoch, number, CHUNK),
    )
    return [Stored(*_typed(row, _EVENT, _PRUNED)) for row in rows]


def _typed(row: tuple[Any, ...], *allowed: tuple[type, ...]) -> tuple[Any, ...]:
    """Return a row whose values have their types. Raises ``DamagedRow``."""
    if tuple(map(type, row)) not in allowed:
        raise DamagedRow(f"beside {row[0]!r}/{row[1]!r} a column has a value of another type")
    return row


def verify(connection: sqlite3.Connection) -> list[str]:
    """Return everything wrong with the record: the file, the chain, the snapshots."""
    try:
        return [*_file_problems(connection), *_walk(connection), *snapshots.problems(connection)]
    except SQL_FAILED as error:
        return [f"the file cannot be read to its end: {error}"]


def _file_problems(connection: sqlite3.Connection) -> list[str]:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    return [] if found == ["ok"] else [f"the file is damaged: {text}" for text in found]


def _walk(connection: sqlite3.Connection) -> list[str]:
    check = check_of(connection)
    found: list[str] = []
    epoch, number, at = 0, 0, 0
    while rows := read_after(connection, epoch, number):
        for row in rows:
            found += [problem] if (problem := check.step(row)) else []
            # A programming error, and no reason to refuse a start: only verification reports it.
            if row.stream == SITE and row.at < at:
                found.append(f"event {row.epoch}/{row.number}: dated before the event before it")
            epoch, number = row.epoch, row.number
            at = row.at if row.stream == SITE else at
    return found
