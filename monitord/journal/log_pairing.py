"""Which record the write-ahead log beside it was written for. Owns one small file; opens neither.

SQLite plays the log that lies beside a database into it, whichever that is: a copy that was put in
the place of a record whose daemon had been killed would be mixed with later pages, and with
another history. So the two are noted together, and a pair that is another one is looked through.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from monitord.journal import events as rows
from monitord.journal.database import NAME as RECORD
from monitord.journal.errors import SQL_FAILED, RecordError, database_error

NAME: Final = "record.pair"
LOG: Final = f"{RECORD}-wal"
TOGETHER, ALONE = "mode=ro", "immutable=1"
"""How SQLite reads the record with its log, and without."""
_BYTES_MAX: Final = 200
# Without waiting: a named pipe in its place has nobody at its other end.
_FLAGS: Final = os.O_NONBLOCK | os.O_CLOEXEC


class LogPairing:
    """Notes the record in ``folder`` with its log. One writer: hold the record's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._noted = b""

    def note(self) -> None:
        """Note both as they are now, if that is not noted yet; after each commit.

        Only a checkpoint changes what is noted. Where it cannot be written, the next start looks
        through both.
        """
        with suppress(OSError):
            found = self._found()
            if found == self._noted:
                return
            file = os.open(self._folder / NAME, os.O_WRONLY | os.O_CREAT | _FLAGS, 0o644)
            try:
                os.ftruncate(file, 0)
                os.pwrite(file, found, 0)
                os.fdatasync(file)
            finally:
                os.close(file)
            self._noted = found

    def is_known(self) -> bool:
        """Return whether the log is that of the record, or there is nothing in it."""
        log, record = self._folder / LOG, self._folder / RECORD
        if not (_size(log) and _size(record)):
            return True
        with suppress(OSError):
            return self._read() == self._found()
        return False

    def fits(self) -> bool:
        """Look through both; return whether the log fits to the record, False: it must not be used.

        Raises ``RecordError`` where the record is damaged without its log, too.
        """
        path = self._folder / RECORD
        problem = _problem(path, TOGETHER)
        if not problem and _goes_on(path):
            return True
        if not _problem(path, ALONE):
            return False
        if problem:
            raise _damaged(path, problem)
        return True  # a record that was left while a part of the log was written into it

    def _read(self) -> bytes:
        file = os.open(self._folder / NAME, os.O_RDONLY | _FLAGS)
        try:
            return os.read(file, _BYTES_MAX)
        finally:
            os.close(file)

    def _found(self) -> bytes:
        record = (self._folder / RECORD).stat()
        log = (self._folder / LOG).stat()
        return f"{record.st_ino} {record.st_size} {record.st_mtime_ns} {log.st_ino}\n".encode()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    # Read only: closing it must not write the log into the file.
    return sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)


def _problem(path: Path, mode: str) -> str:
    """Return what is wrong with a record, "" for nothing."""
    try:
        with closing(_opened(path, mode)) as connection:
            said = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            return "" if said == "ok" else said
    except SQL_FAILED as error:
        found = database_error(path, error)
        if not found.is_damage:
            raise found from error
        return str(error)


def _goes_on(path: Path) -> bool:
    """Return whether the record with its log still has its last event without it."""
    try:
        with closing(_opened(path, ALONE)) as alone, closing(_opened(path, TOGETHER)) as together:
            head = rows.read_head(alone)
            if not head.number:
                return True
            query = "SELECT chain FROM event WHERE epoch = ? AND number = ?"
            return bool(together.execute(query, head[:2]).fetchone() == (head.chain,))
    except (*SQL_FAILED, TypeError):
        return False


def _damaged(path: Path, said: str) -> RecordError:
    error = RecordError("SQLITE_CORRUPT", path, said=" ".join(said.split()))
    error.is_damage = True
    return error
