"""Bytes in the record by their hash: the configurations that events name. Owns their table."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitord.journal.database import NAME, open_for_reading
from monitord.journal.errors import RecordError, database_error

_CREATE = (
    "CREATE TABLE IF NOT EXISTS content (hash TEXT PRIMARY KEY, body BLOB NOT NULL)"
    " STRICT, WITHOUT ROWID"
)
_LAST = """
SELECT body FROM event WHERE kind IN ('started', 'config_adopted')
ORDER BY epoch DESC, number DESC LIMIT 1
"""


def store(connection: sqlite3.Connection, items: Mapping[str, bytes]) -> None:
    """Add what is not there yet, in one transaction: all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_CREATE)
    connection.executemany(
        "INSERT OR IGNORE INTO content (hash, body) VALUES (?, ?)",
        [(hash_, zlib.compress(body)) for hash_, body in items.items()],
    )
    connection.execute("COMMIT")


def read(connection: sqlite3.Connection, hash_: str) -> bytes | None:
    """Return the bytes of a hash; None where they are not there or are damaged."""
    try:
        row = connection.execute("SELECT body FROM content WHERE hash = ?", (hash_,)).fetchone()
        body = None if row is None else zlib.decompress(row[0])
    except (sqlite3.OperationalError, zlib.error):  # a record of an earlier version has no table
        return None
    return body if body is not None and sha256(body).hexdigest() == hash_ else None


def manifest_of(connection: sqlite3.Connection, hash_: str) -> dict[str, Any] | None:
    """Return the list of files of a stored configuration."""
    body = read(connection, hash_)
    return None if body is None else json.loads(body)


def last_content(folder: Path) -> dict[str, bytes] | None:
    """Return the files of the configuration that counted last in a record, by name.

    None where the record names none. Raises ``RecordError`` where it cannot be read.
    """
    with closing(open_for_reading(folder)) as connection:
        try:
            row = connection.execute(_LAST).fetchone()
            body = {} if row is None else json.loads(row[0])
            hash_ = body.get("content") or body.get("config_content")
            manifest = manifest_of(connection, hash_) if hash_ else None
            if manifest is None:
                return None
            found = {name: read(connection, one) for name, one in manifest["files"].items()}
        except sqlite3.Error as error:
            raise database_error(folder / NAME, error) from error
    whole = {name: raw for name, raw in found.items() if raw is not None}
    if len(whole) != len(found):
        raise RecordError("not_read", folder / NAME, reason="a stored configuration is damaged")
    return {name: raw for name, raw in whole.items() if not name.startswith("texts:")}
