"""Reserved disk space for a start on a full disk. Owns one file; knows nothing of the record.

SQLite needs some new space even to open an undamaged record. Without it a restart on a full disk
would leave the site unmonitored; with it monitoring continues, and events wait or just fit.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

NAME: Final = "reserve"
SIZE: Final = 262_144
FULL: Final = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
"""Error names of SQLite for a full disk: opening maps a file that it could not extend."""


def may_be_full(error: BaseException | None) -> bool:
    """Return whether the cause of a failed opening may be a full disk."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return isinstance(error, sqlite3.Error) and name.startswith(FULL)


def give_back(folder: Path) -> bool:
    """Free the reserved space; return whether there was any."""
    try:
        (folder / NAME).unlink()
    except OSError:
        return False
    return True


def keep(folder: Path) -> None:
    """Reserve the space if possible; everything else works without it."""
    path = folder / NAME
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        return
    try:
        os.posix_fallocate(file, 0, SIZE)
    except OSError:
        path.unlink(missing_ok=True)
    finally:
        os.close(file)
