"""The lock of a record: one daemon writes. Owns the lock file and a name in the kernel.

The file can be removed with its folder, so the name of the folder is locked too: an abstract
socket, which ends with the process that bound it. Without either a second daemon would use the
numbers of events twice.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from monitord.journal.errors import RecordError

NAME: Final = "record.lock"


class RecordLock:
    """Held from the start to ``close``; the kernel releases it however the process ends.

    Raises ``RecordError`` where another process has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self._name = _bind(folder)

    def hold_file(self) -> None:
        """Lock the file in the folder, created where it is missing. May be called again.

        Raises ``RecordError`` where another process has it, or it cannot be created.
        """
        if self._file is not None and _is_at(self._file, self._folder / NAME):
            return
        held = take_lock(self._folder)
        self._release_file()
        self._file = held

    def close(self) -> None:
        """Release it; safe to call twice."""
        self._release_file()
        self._name.close()

    def _release_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None


def take_lock(folder: Path) -> int:
    """Lock the file against a second daemon; return it open. Raises ``RecordError``."""
    path = folder / NAME
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise RecordError("not_written", folder, reason=error.strerror) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError as error:
        os.close(lock)
        raise _in_use(folder) from error
    except OSError:
        # On a full disk the process id cannot be written; the lock is held all the same.
        pass
    return lock


def _bind(folder: Path) -> socket.socket:
    digest = sha256(os.fsencode(folder.resolve())).hexdigest()[:32]
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0monitord-record-{digest}")
    except OSError as error:
        name.close()
        if error.errno == errno.EADDRINUSE:
            raise _in_use(folder) from error
        raise RecordError("not_written", folder, reason=error.strerror) from error
    return name


def _in_use(folder: Path) -> RecordError:
    holder = ""
    with suppress(OSError):
        file = os.open(folder / NAME, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            holder = os.read(file, 32).decode(errors="replace").strip()
        finally:
            os.close(file)
    return RecordError("in_use_by" if holder else "in_use", folder, process=holder)


def _is_at(handle: int, path: Path) -> bool:
    try:
        found, held = path.stat(), os.fstat(handle)
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino)
