"""The file of a record and its place: opened, compared with its path, put aside, made again.

Owns the only writing connection and all file names beside it; reads and writes no event. A file
that is put aside is kept: ``record.damaged-20261129T114500Z.sqlite``. All but ``close`` runs in the
journal's thread.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from monitord.journal import reserve
from monitord.journal.database import NAME, open_for_writing, prepare_folder, sync_folder
from monitord.journal.errors import SQL_FAILED, RecordError
from monitord.journal.lock import RecordLock
from monitord.journal.log_pairing import LogPairing

log = structlog.get_logger(__name__)

SIDE_FILES: Final = ("-shm", "-wal")
COPY: Final = f"{NAME}.copy"
PUT_ASIDE_MAX: Final = 20
"""Most records that are put aside: a disk that damages each new one does not fill itself."""

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
            aside = put_aside(self._folder, "log", SIDE_FILES)
            log.error("record_put_aside", file=str(aside), why="it is the log of another record")
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
        copy = self._folder / COPY
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


def put_aside(folder: Path, sort: str, suffixes: Sequence[str] = (*SIDE_FILES, "")) -> Path | None:
    """Rename a record with what belongs to it; return its new path, None where there is none.

    ``suffixes``: of the files that are renamed, the record's own last.

    Raises ``RecordError`` where that is impossible.
    """
    path = folder / NAME
    # First what belongs to it: a log left alone would be taken for that of the next file.
    beside = [suffix for suffix in suffixes if os.path.lexists(f"{path}{suffix}")]
    if not beside:
        return None
    try:
        if len({one.stem for one in folder.glob("record.*-*Z*.sqlite*")}) >= PUT_ASIDE_MAX:
            raise RecordError("too_many_put_aside", folder, allowed=PUT_ASIDE_MAX)
        new = _free_name(folder, sort)
        for suffix in beside:
            Path(f"{path}{suffix}").rename(f"{new}{suffix}")
        sync_folder(folder)
    except OSError as error:
        raise RecordError("not_put_aside", path, reason=error.strerror) from error
    return new


def _free_name(folder: Path, sort: str) -> Path:
    # Named by its last change: it needs no clock, which may be wrong.
    files = (folder / f"{NAME}{end}" for end in ("", "-wal", "-shm"))
    path = next((one for one in files if os.path.lexists(one)), folder / NAME)
    changed = datetime.fromtimestamp(int(path.lstat().st_mtime), UTC)
    stem = f"record.{sort}-{changed:%Y%m%dT%H%M%SZ}"
    names = [f"{stem}.sqlite", *(f"{stem}-{n}.sqlite" for n in range(2, PUT_ASIDE_MAX + 2))]
    return next(folder / name for name in names if not list(folder.glob(f"{name}*")))


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
