"""Errors of the record for the operator, in Chinese and English. Owns the two types and texts."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, Protocol, TypeAlias

EN: Final[dict[str, str]] = {
    "no_parent": "{path}: its parent folder does not exist; create it",
    "no_folder": "{path}: is not a folder; name another in record.folder",
    "not_created": "{path}: cannot be created ({reason})",
    "not_written": "{path}: cannot be written ({reason})",
    "not_read": "{path}: cannot be read ({reason})",
    "not_regular": "{path}: is not a regular file; move it away",
    "in_use_by": "{path}: the record is in use by process {process}; end that first",
    "in_use": "{path}: the record is in use by another process; end that first",
    "none_yet": "{path}: there is no record yet; monitord run begins one",
    "other_database": "{path}: is another program's database; name another record.folder",
    "newer_schema": (
        "{path}: has schema {found}, this monitord knows up to {known};"
        " it was written by a newer monitord, use that"
    ),
    "other_site": (
        "{path}: is the record of site {found!r}, not of {site!r};"
        " name another record.folder or the right site.id"
    ),
    "broken_chain": "{path}: {problem}; move it aside or restore a backup",
    "newer_event": (
        "{path}: event {epoch}/{number} is {kind!r} version {version},"
        " which this monitord does not know; it was written by a newer one, use that"
    ),
    "not_preallocated": "{path}: cannot be preallocated, is the disk full? ({reason})",
    "partly_written": "{path}: written only in part, bytes: {written} of {size}",
    "not_open": "{path}: is not open yet",
    "damaged_row": (
        "{path}: an entry is not as it was written;"
        " run monitord verify, and restore a backup from before the damage"
    ),
    "damaged_header": "{path}: its header is damaged ({what}); move it aside or restore a backup",
    "not_put_aside": "{path}: cannot be renamed ({reason})",
    "too_many_put_aside": (
        "{path}: records already put aside here: {allowed}; check the disk, and move them away"
    ),
    "SQLITE_FULL": "{path}: the disk is full; free some space ({said})",
    "SQLITE_READONLY": (
        "{path}: it cannot be written; check its owner, its mode and the mount ({said})"
    ),
    "SQLITE_PERM": "{path}: it cannot be written; check its owner, its mode and the mount ({said})",
    "SQLITE_CANTOPEN": (
        "{path}: it cannot be opened; check its owner, its mode and that it is a file ({said})"
    ),
    "SQLITE_IOERR": "{path}: the disk reports an error or is full; check the disk ({said})",
    "SQLITE_BUSY": "{path}: another program is writing to it; end that program ({said})",
    "SQLITE_NOTADB": "{path}: it is not a database; move it aside or restore a backup ({said})",
    "SQLITE_CORRUPT": "{path}: it is damaged; move it aside or restore a backup ({said})",
    "database": "{path}: {said}",
}
ZH: Final[dict[str, str]] = {
    "no_parent": "{path}：上级目录不存在；请建立",
    "no_folder": "{path}：不是目录；请在record.folder写另一个",
    "not_created": "{path}：无法建立（{reason}）",
    "not_written": "{path}：无法写入（{reason}）",
    "not_read": "{path}：无法读取（{reason}）",
    "not_regular": "{path}：不是普通文件；请移走",
    "in_use_by": "{path}：记录正被进程{process}使用；请先结束它",
    "in_use": "{path}：记录正被另一个进程使用；请先结束它",
    "none_yet": "{path}：还没有记录；monitord run会建立",
    "other_database": "{path}：是别的程序的数据库；请在record.folder写另一个目录",
    "newer_schema": (
        "{path}：结构版本为{found}，本程序只认识到{known}；它由更新的monitord写成，请用那个版本"
    ),
    "other_site": "{path}：是台站{found!r}的记录，不是{site!r}的；请改record.folder，或写对site.id",
    "broken_chain": "{path}：{problem}；请移走，或恢复备份",
    "newer_event": (
        "{path}：条目{epoch}/{number}是{kind!r}版本{version}，本程序不认识；"
        "它由更新的monitord写成，请用那个版本"
    ),
    "not_preallocated": "{path}：无法预留空间，磁盘是否已满？（{reason}）",
    "partly_written": "{path}：{size}字节只写入{written}字节",
    "not_open": "{path}：尚未打开",
    "damaged_row": "{path}：有条目与写入时不符；请运行monitord verify，并恢复损坏之前的备份",
    "damaged_header": "{path}：文件头已损坏（{what}）；请移走，或恢复备份",
    "not_put_aside": "{path}：无法改名（{reason}）",
    "too_many_put_aside": "{path}：这里已有{allowed}个移开的记录；请检查磁盘，并把它们移走",
    "SQLITE_FULL": "{path}：磁盘已满；请腾出空间（{said}）",
    "SQLITE_READONLY": "{path}：无法写入；请检查所有者、权限和挂载（{said}）",
    "SQLITE_PERM": "{path}：无法写入；请检查所有者、权限和挂载（{said}）",
    "SQLITE_CANTOPEN": "{path}：无法打开；请检查所有者、权限，以及它是不是文件（{said}）",
    "SQLITE_IOERR": "{path}：磁盘报错或已满；请检查磁盘（{said}）",
    "SQLITE_BUSY": "{path}：另一个程序正在写它；请结束那个程序（{said}）",
    "SQLITE_NOTADB": "{path}：不是数据库；请移走，或恢复备份（{said}）",
    "SQLITE_CORRUPT": "{path}：已损坏；请移走，或恢复备份（{said}）",
    "database": "{path}：{said}",
}
TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}


REFUSED: Final = (
    "no_parent",
    "no_folder",
    "not_created",
    "in_use",
    "in_use_by",
    "other_site",
    "other_database",
    "newer_schema",
    "newer_event",
)
"""What ends a start: nothing that a later commit could cure, or another owner."""


class RecordError(Exception):
    """The record cannot be opened or read: which file, what was found, what to do.

    ``code``: a key of the tables above; ``parts`` fill its text. ``str`` is the English one, for
    logs. ``is_damage``: the file is a record, or was one, and no longer whole.
    """

    def __init__(self, code: str, path: Path, **parts: object) -> None:
        self.code = code
        self.is_damage = code in ("broken_chain", "damaged_header", "damaged_row")
        self.parts = {"path": path, **parts}
        super().__init__(self.render("en"))

    def render(self, language: str) -> str:
        """Return the text in ``language``, zh or en."""
        return TEXTS[language][self.code].format_map(self.parts)


SqlError: TypeAlias = sqlite3.Error | UnicodeDecodeError
SQL_FAILED: Final = (sqlite3.Error, UnicodeDecodeError)
"""What any call of SQLite raises. An error whose text quotes octets of a damaged file cannot be
decoded: Python raises that instead of the error.
"""


class DamagedRow(sqlite3.DatabaseError):
    """A column holds a value of another type than its own: SQLite does not look while it reads."""


DAMAGE: Final = (
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_IOERR_READ",
    "SQLITE_IOERR_SHORT_READ",
    "SQLITE_IOERR_CORRUPTFS",
)
"""Error names of SQLite after which no further commit into the file can be expected."""
TABLES: Final = ("SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH")
"""Those of tables or rows that are missing or not as monitord has made them."""


class CommitFailed(Exception):  # noqa: N818 - names what happened; the daemon goes on
    """Nothing of this commit is on disk: which file, why, what to do. A retry may succeed."""


class RecordLost(CommitFailed):
    """The file takes no commit any more. ``sort``: ``moved`` from its path, or ``damaged``."""

    def __init__(self, text: str, sort: str) -> None:
        super().__init__(text)
        self.sort = sort


class StoredEvent(Protocol):
    """What an event of the record says of itself."""

    @property
    def epoch(self) -> int: ...

    @property
    def number(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def v(self) -> int: ...


def unknown_event(path: Path, event: StoredEvent) -> RecordError:
    """Return that a newer version wrote this event."""
    known = {"epoch": event.epoch, "number": event.number, "kind": event.kind}
    return RecordError("newer_event", path, version=event.v, **known)


def failed_commit(path: Path, error: SqlError) -> CommitFailed:
    """Return what an error of a commit means for later ones."""
    found = database_error(path, error)
    return RecordLost(str(found), "damaged") if found.is_damage else CommitFailed(str(found))


def is_of_tables(error: SqlError) -> bool:
    """Return whether a table or a row is not as monitord has made it."""
    return _name(error).startswith(TABLES)


def _name(error: SqlError) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


def database_error(path: Path, error: SqlError) -> RecordError:
    """Return what a database error means for the operator, with what SQLite said."""
    name = _name(error)
    code = next((key for key in EN if key.startswith("SQLITE_") and name.startswith(key)), None)
    said = f"{error}, {name}" if name else str(error)
    found = RecordError(code or "database", path, said=said)
    # A text that is none has no error name of its own.
    is_text = isinstance(error, UnicodeDecodeError | DamagedRow) or str(error).startswith(
        "Could not decode"
    )
    found.is_damage = name.startswith(DAMAGE) or is_of_tables(error) or is_text
    return found
