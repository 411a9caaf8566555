"""Room kept aside for a start on a full disk. Owns one file; knows nothing of the record.

SQLite needs some new room even to open a sound record. Without any, a restart on a full disk
would leave the site unwatched; with this little, the watch goes on and the events wait or just fit.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

NAME: Final = "reserve"
SIZE: Final = 262_144
FULL: Final = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
"""How SQLite says that there is no room: opening maps a file it could not lengthen."""


def may_be_full(error: BaseException | None) -> bool:
    """Return whether what stands behind a failed opening may be a lack of room."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return isinstance(error, sqlite3.Error) and name.startswith(FULL)


def give_back(folder: Path) -> bool:
    """Free the room; return whether there was any."""
    try:
        (folder / NAME).unlink()
    except OSError:
        return False
    return True


def keep(folder: Path) -> None:
    """Set the room aside where it can be had; without it everything else works all the same."""
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
