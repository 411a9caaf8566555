"""Errors of the record for the operator. Owns the two error types and their advice."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final


class RecordError(Exception):
    """The record cannot be opened or read: which file, what was found, what to do."""


class CommitFailed(Exception):  # noqa: N818 - names what happened; the daemon goes on
    """Nothing of this commit is on disk: which file, why, what to do. A retry may succeed."""


_ADVICE: Final[tuple[tuple[str, str], ...]] = (
    ("SQLITE_FULL", "the disk is full; free some space"),
    ("SQLITE_READONLY", "it cannot be written; check its owner, its mode and the mount"),
    ("SQLITE_PERM", "it cannot be written; check its owner, its mode and the mount"),
    ("SQLITE_CANTOPEN", "it cannot be opened; check its owner, its mode and that it is a file"),
    ("SQLITE_IOERR", "the disk reports an error or is full; check the disk"),
    ("SQLITE_BUSY", "another program is writing to it; end that program"),
    ("SQLITE_NOTADB", "it is not a database; move it aside or restore a backup"),
    ("SQLITE_CORRUPT", "it is damaged; move it aside or restore a backup"),
)


def explain(path: Path, error: sqlite3.Error) -> str:
    """Return ``path: what to do (what SQLite said)``."""
    name = getattr(error, "sqlite_errorname", "") or ""
    advice = next((text for prefix, text in _ADVICE if name.startswith(prefix)), "")
    said = f"{error}, {name}" if name else str(error)
    return f"{path}: {advice} ({said})" if advice else f"{path}: {said}"
