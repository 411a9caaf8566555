"""Copies a record while it is written, proves the copy, and puts one back. Writes no event.

SQLite's own backup reads through the daemon's locks: the copy is the record as of one moment, with
what is still in its log.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from monitord.journal import events as rows
from monitord.journal.alive import Alive, AliveFile, read_alive
from monitord.journal.aside import put_aside
from monitord.journal.database import NAME, open_for_reading, prepare_folder, site_of, sync_folder
from monitord.journal.errors import SQL_FAILED, RecordError, database_error
from monitord.journal.events import Head
from monitord.journal.lock import RecordLock

GAP_MAX = 1_000
"""A restored record goes on in an epoch at random up to so far ahead: two that were restored from
one backup give no number twice."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A record that was read to its end. ``problems``: all that is wrong with it, else empty."""

    path: Path
    site: str
    head: Head
    problems: list[str]


def verify(folder: Path) -> Proven:
    """Read the record in ``folder`` to its end. Raises ``RecordError`` if it cannot be opened."""
    with closing(open_for_reading(folder)) as connection:
        return _proven(folder / NAME, connection)


def verify_file(path: Path) -> Proven:
    """Do the same with a backup, a file of any name that nobody writes."""
    if not path.is_file():
        raise RecordError("none_yet", path)
    try:
        uri = f"{path.absolute().as_uri()}?immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return _proven(path, connection)
    except SQL_FAILED as error:
        raise database_error(path, error) from error


def back_up(folder: Path, target: Path) -> Proven:
    """Copy the record to ``target``, an existing backup included, after the copy was proven.

    One with problems leaves ``target`` as it was. Raises ``RecordError``.
    """
    with closing(open_for_reading(folder)) as connection:
        return _copy(connection, target)


def restore(backup: Path, folder: Path, *, site: str) -> Proven:
    """Put ``backup`` in the place of the record in ``folder``, which is kept under another name.

    The next start begins a new epoch: what was recorded after the backup is lost, and its numbers
    are not used again. Raises ``RecordError`` where a daemon runs, or for another site's backup.
    """
    prepare_folder(folder)
    with ExitStack() as stack:
        lock = RecordLock(folder)
        stack.callback(lock.close)
        lock.hold_file()
        proven = verify_file(backup)
        if proven.problems:
            return proven
        if proven.site != site:
            raise RecordError("other_site", backup, found=proven.site, site=site)
        put_aside(folder, "replaced")
        connection = sqlite3.connect(f"{backup.absolute().as_uri()}?immutable=1", uri=True)
        stack.callback(connection.close)
        copied = _copy(connection, folder / NAME)
        _leave_gap(folder, proven.head)
        return copied


def _proven(path: Path, connection: sqlite3.Connection) -> Proven:
    try:
        head, site = rows.read_head(connection), site_of(connection)
    except (*SQL_FAILED, TypeError) as error:
        return Proven(path, "", Head(0, 0, ""), [f"the file cannot be read: {error}"])
    return Proven(path, site, head, rows.verify(connection))


def _copy(connection: sqlite3.Connection, target: Path) -> Proven:
    fresh = target.with_name(f"{target.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(fresh)) as copy:
            connection.backup(copy)
            # One file and no log beside it, wherever it is carried.
            copy.execute("PRAGMA journal_mode = DELETE")
        file = os.open(fresh, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.fsync(file)
        finally:
            os.close(file)
        proven = verify_file(fresh)
        if proven.problems:
            fresh.unlink()
            return proven
        fresh.rename(target)
        sync_folder(target.parent)
    except SQL_FAILED as error:
        _discard(fresh)
        raise database_error(fresh, error) from error
    except OSError as error:
        _discard(fresh)
        raise RecordError("not_written", target, reason=error.strerror) from error
    return Proven(target, proven.site, proven.head, [])


def _discard(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _leave_gap(folder: Path, head: Head) -> None:
    known = read_alive(folder)
    if known is not None and (known.epoch, known.number) > (head.epoch, head.number):
        return
    file = AliveFile(folder)
    try:
        epoch = head.epoch + 1 + secrets.randbelow(GAP_MAX)
        file.write(Alive("", 0, head.at, head.at, epoch, 0, "", head.at))
    finally:
        file.close()
