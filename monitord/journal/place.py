"""The file of a record and its place: opened, compared with its path, put aside, made again.

Owns the only writing connection; reads and writes no event. All but ``close`` runs in the journal's
thread.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import structlog

from monitord.journal import aside, reserve
from monitord.journal.aside import COPY, SIDE_FILES, put_aside
from monitord.journal.database import NAME, open_for_writing, prepare_folder, sync_folder
from monitord.journal.errors import SQL_FAILED, RecordError
from monitord.journal.lock import RecordLock
from monitord.journal.log_pairing import LogPairing

log = structlog.get_logger(__name__)

Identity = tuple[int, int]


class Place:
    """See the module. ``connection``: None while the record cannot be opened."""

    def __init__(self, folder: Path, site: str) -> None:
        self.path = folder / NAME
        self.connection: sqlite3.Connection | None = None
        self._folder = folder
        self._site = site
        self._lock = RecordLock(folder)
        self._log = folder / f"{NAME}-wal"
        self._pairing = LogPairing(folder)
        self._files: dict[Path, Identity] = {}

    def open(self) -> sqlite3.Connection:
        """Open or create the record. Raises ``RecordError``, and changes nothing it found."""
        with _any_call_may_fail(self._folder):
            return self._open()

    def _open(self) -> sqlite3.Connection:
        prepare_folder(self._folder)
        self._lock.hold_file()
        aside.finish(self._folder)
        # Before it is opened: one that takes its place meanwhile is another file.
        before = _made(self.path)
        try:
            connection = self._connect()
        except RecordError as error:
            if not reserve.may_be_full(error.__cause__) or not reserve.give_back(self._folder):
                raise
            connection = self._connect()
        with ExitStack() as stack:
            stack.callback(connection.close)
            reserve.keep(self._folder)
            opened = {self.path: before or _identity(self.path), self._log: _identity(self._log)}
            stack.pop_all()
        self.connection = connection
        self._files = {path: found for path, found in opened.items() if found}
        self.committed()
        return connection

    def _connect(self) -> sqlite3.Connection:
        is_known = self._pairing.is_known()
        if not is_known and not self._pairing.fits():
            its_log = put_aside(self._folder, "log", SIDE_FILES)
            log.error("record_put_aside", file=str(its_log), why="it is the log of another record")
        # What the log has of tables that are folded from events may be of another moment.
        return open_for_writing(self._folder, site=self._site, refold=not is_known)

    def committed(self) -> None:
        """Note, after a commit, that the log is the open file's."""
        if self.moved() is None:
            self._pairing.note()

    def moved(self) -> str | None:
        """Return what happened to the open file at its path; None if it is still there."""
        for path, opened in self._files.items():
            with suppress(OSError):  # one that cannot be looked at; a commit meets the reason
                found = _identity(path)
                if found is None:
                    return f"{path} was removed"
                if found != opened:
                    return f"{path} was replaced by another file"
        return None

    def replace(self, sort: str) -> None:
        """Put the file at the path aside, and open another one in its place.

        ``sort``: ``closed`` only opens what is there; ``moved`` copies the content of the open file
        to the path first, if it can be read; ``damaged`` begins an empty one. Raises
        ``RecordError``; may then be called again.
        """
        with _any_call_may_fail(self._folder):
            if self.connection is None and sort != "damaged":
                self._open_again()
            else:
                self._put_another(sort)

    def _put_another(self, sort: str) -> None:
        prepare_folder(self._folder)
        self._lock.hold_file()
        is_copied = sort == "moved" and self._copy()
        put_aside(self._folder, sort)
        self._close_connection()
        if is_copied:
            (self._folder / COPY).rename(self.path)
            sync_folder(self._folder)
        self.open()

    def _open_again(self) -> None:
        try:
            self.open()
        except RecordError as error:
            if not error.is_damage:
                raise
            put_aside(self._folder, "damaged")
            self.open()

    def close(self) -> None:
        """Close the file and release the lock."""
        self._close_connection()
        self._lock.close()

    def _copy(self) -> bool:
        """Copy the open file beside its path; return whether that is possible."""
        copy = self._folder / f"{COPY}.new"
        copy.unlink(missing_ok=True)
        if self.connection is None:
            return False
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            with closing(sqlite3.connect(copy, isolation_level=None)) as target:
                self.connection.backup(target)
            file = os.open(copy, os.O_RDWR | os.O_CLOEXEC)
            try:
                os.fsync(file)
            finally:
                os.close(file)
            copy.rename(self._folder / COPY)
        except (*SQL_FAILED, OSError):
            with suppress(OSError):
                copy.unlink(missing_ok=True)
            return False
        return True

    def _close_connection(self) -> None:
        if self.connection is not None:
            # SQLite removes the file of its log by its name: it must not be another file's by now.
            with suppress(*SQL_FAILED):
                self.connection.close()
        self.connection = None
        self._files = {}


@contextmanager
def _any_call_may_fail(folder: Path) -> Iterator[None]:
    """Raise ``RecordError`` for any ``OSError``: the folder may be removed between two calls."""
    try:
        yield
    except OSError as error:
        raise RecordError("not_written", folder, reason=error.strerror) from error


def _made(path: Path) -> Identity | None:
    """Return what is at a path, made empty where nothing is; None where that is impossible."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))
    return _identity(path)


def _identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
