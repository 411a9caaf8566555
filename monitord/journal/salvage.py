"""Reads what can be read of a damaged record. Changes nothing; raises nothing for damage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from monitord.core.apply import VERSIONS
from monitord.core.model import Event
from monitord.journal import events as rows
from monitord.journal.chain import SITE, ChainCheck, digest_of, event_of
from monitord.journal.loaded import Loaded

_SNAPSHOTS = """
SELECT epoch, number, chain, digest, body FROM snapshot WHERE shape = ?
ORDER BY epoch DESC, number DESC
"""


def salvage(path: Path, *, shape: str) -> Loaded:
    """Return the newest sound snapshot of ``shape`` and the events that follow it without a gap.

    Without a snapshot there is nothing: whether the first events can be read does not matter then.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            for epoch, number, chain, digest, body in connection.execute(_SNAPSHOTS, (shape,)):
                if isinstance(body, bytes) and digest_of(body) == digest:
                    events = list(_events_after(connection, epoch, number, chain))
                    return Loaded(epoch, number, chain, 0, body, iter(events))
    except (sqlite3.Error, OSError, ValueError):
        pass
    return Loaded(1, 0, "", 0, None, iter(()))


def _events_after(
    connection: sqlite3.Connection, epoch: int, number: int, chain: str
) -> Iterator[Event]:
    """Yield what is whole; whatever is not, a reader that fails included, ends it."""
    try:
        check = ChainCheck(rows.read_epochs(connection), {}, site="")
        check.begin_after(epoch, number, chain)
        while chunk := rows.read_after(connection, epoch, number):
            for row in chunk:
                if check.step(row) or row.v > VERSIONS.get(row.kind, 0):
                    return
                if row.stream == SITE:
                    yield event_of(row)
                epoch, number = row.epoch, row.number
    except (sqlite3.Error, TypeError, ValueError):
        return
