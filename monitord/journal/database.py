"""Opens the database file, creates or checks it. Owns its header; reads and writes no event.

A file that is not a record of this site is refused and not changed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from monitord.core.apply import GENERATION
from monitord.journal import projections
from monitord.journal.chain import SITE, first_link
from monitord.journal.errors import SQL_FAILED, RecordError, database_error
from monitord.journal.scripts import read_script, statements

NAME: Final = "record.sqlite"
SCHEMA: Final = 2
SCHEMA_CREDIBLE: Final = 1_000
"""No later monitord will have a schema beyond it: the number is damaged."""
APPLICATION_ID: Final = 0x6D6E7464
"""``mntd``: distinguishes our files from other programs' databases."""

BUSY_TIMEOUT_S: Final = 5


def prepare_folder(folder: Path) -> None:
    """Create the folder if its parent exists. Raises ``RecordError``."""
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise RecordError("no_parent", folder) from error
    except FileExistsError as error:
        raise RecordError("no_folder", folder) from error
    except OSError as error:
        raise RecordError("not_created", folder, reason=error.strerror) from error


def open_for_writing(folder: Path, *, site: str, refold: bool = False) -> sqlite3.Connection:
    """Return the record's only writing connection, created or checked. Raises ``RecordError``.

    ``refold``: the tables of the present are folded again from the events in any case.
    """
    path = folder / NAME
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    except SQL_FAILED as error:
        raise database_error(path, error) from error
    with _closed_if_refused(connection):
        try:
            _check(connection, path)
            _set_up(connection)
            if not _has_tables(connection):
                _create(connection, folder, site)
            _check_site(connection, path, site)
            if _pragma(connection, "user_version") < SCHEMA:
                _migrate(connection)
            if refold or _header(connection, "projections") != projections.version():
                _refold(connection)
        except SQL_FAILED as error:
            raise database_error(path, error) from error
    return connection


@contextmanager
def _closed_if_refused(connection: sqlite3.Connection) -> Iterator[None]:
    """Close a connection that nobody gets, whatever failed: calls on the folder fail, too."""
    with ExitStack() as stack:
        stack.callback(connection.close)
        yield
        stack.pop_all()


def open_for_reading(folder: Path) -> sqlite3.Connection:
    """Return a connection that cannot write, daemon running or not. Raises ``RecordError``.

    May be used from any thread, by one at a time.
    """
    path = folder / NAME
    if not path.exists():
        raise RecordError("none_yet", path)
    try:
        return _open_checked(path, "mode=ro")
    except sqlite3.OperationalError as error:
        # Without the right to write into the folder the write-ahead log cannot be shared; if there
        # is none, the file alone is the whole record.
        log = path.with_name(f"{NAME}-wal")
        if log.exists() and log.stat().st_size:
            raise database_error(path, error) from error
    except SQL_FAILED as error:
        raise database_error(path, error) from error
    try:
        return _open_checked(path, "immutable=1")
    except SQL_FAILED as error:
        raise database_error(path, error) from error


def _open_checked(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    with _closed_if_refused(connection):
        _check_begun(connection, path)
    return connection


def _check_begun(connection: sqlite3.Connection, path: Path) -> None:
    _check(connection, path)
    if not _has_tables(connection):
        raise RecordError("none_yet", path)
    if _pragma(connection, "user_version") == 1:
        for statement in statements(read_script("schema_1_read.sql")):
            connection.execute(statement)
    if _header(connection, "projections") != projections.version():
        # Of another program, or of none: fold this program's own tables beside the record.
        projections.fold_aside(connection)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    found: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return found


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if not _has_tables(connection):
        return
    if (found := _pragma(connection, "application_id")) != APPLICATION_ID:
        if _has_our_tables(connection):
            raise RecordError("damaged_header", path, what=f"application id {found:#x}")
        raise RecordError("other_database", path)
    schema = _pragma(connection, "user_version")
    if not 0 < schema <= SCHEMA_CREDIBLE:
        raise RecordError("damaged_header", path, what=f"schema {schema}")
    if schema > SCHEMA:
        raise RecordError("newer_schema", path, found=schema, known=SCHEMA)


def _has_our_tables(connection: sqlite3.Connection) -> bool:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in rows} >= {"header", "epochs", "event", "snapshot"}


def _set_up(connection: sqlite3.Connection) -> None:
    # FULL: committed events survive a power cut; one sync a group commit.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_size_limit = 67108864")


def _create(connection: sqlite3.Connection, folder: Path, site: str) -> None:
    # One transaction: a kill leaves either a complete empty record or an empty file.
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements(read_script("schema.sql")):
        connection.execute(statement)
    connection.execute("INSERT INTO header (key, value) VALUES ('site', ?)", (site,))
    connection.execute(
        "INSERT INTO epochs (epoch, why, link, generation, stream)"
        " VALUES (1, 'the first', ?, ?, ?)",
        (first_link(site), GENERATION, SITE),
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")
    sync_folder(folder)


def _migrate(connection: sqlite3.Connection) -> None:
    # One transaction, and no row is written again: a record of ten years takes no longer.
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements(read_script("schema_1_to_2.sql")):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")


def sync_folder(folder: Path) -> None:
    """Let names in the folder survive a power cut: SQLite syncs the name of no new database."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _header(connection: sqlite3.Connection, key: str) -> str | None:
    with closing(connection.execute("SELECT value FROM header WHERE key = ?", (key,))) as found:
        row = found.fetchone()
    return None if row is None else str(row[0])


def site_of(connection: sqlite3.Connection) -> str:
    """Return the id of the record's site."""
    return _header(connection, "site") or ""


def _check_site(connection: sqlite3.Connection, path: Path, site: str) -> None:
    # One write, rolled back, finds a read-only file now and not at the first outage.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE header SET value = value")
    connection.execute("ROLLBACK")
    found = site_of(connection)
    column = "1" if _pragma(connection, "user_version") == 1 else "generation"
    query = f"SELECT link, {column} FROM epochs WHERE epoch = 1"  # noqa: S608 - one of two names
    first = connection.execute(query).fetchone()
    is_typed = first is not None and isinstance(first[1], int)
    if not is_typed or first[0] != first_link(found, first[1]):
        # The first link of the chain is made of the site: the name is not the recorded one.
        raise RecordError("damaged_header", path, what=f"site {found!r}")
    if found != site:
        raise RecordError("other_site", path, found=found, site=site)


def _refold(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    projections.rebuild(connection)
    connection.execute(
        "INSERT OR REPLACE INTO header (key, value) VALUES ('projections', ?)",
        (projections.version(),),
    )
    connection.execute("COMMIT")
