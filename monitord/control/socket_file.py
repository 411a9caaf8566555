"""The control socket's file in the record's folder: name, length limit, permissions, removal."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

NAME: Final = "control.sock"


@contextmanager
def short_path(folder: Path) -> Iterator[str]:
    """Yield a path of the socket that fits into ``sun_path``, which has room for 107 bytes.

    Raises ``OSError`` where the folder cannot be opened.
    """
    handle = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{NAME}"
    finally:
        os.close(handle)


class SocketFile:
    """A bound socket and its file. Only the holder of the record's lock may bind one.

    A socket file found there is then of a daemon that has died, and is replaced.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._made: tuple[int, int] | None = None

    def bind(self) -> socket.socket:
        """Return a socket bound in the folder, readable for the owner only. Raises ``OSError``."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Before the file exists: another account cannot connect in between.
            os.fchmod(sock.fileno(), 0o600)
            self._unlink_stale()
            with short_path(self._path.parent) as path:
                sock.bind(path)
            made = self._path.lstat()
        except OSError:
            sock.close()
            raise
        self._made = made.st_dev, made.st_ino
        return sock

    def is_in_place(self) -> bool:
        """Return whether the bound socket's file is at its path."""
        try:
            found = self._path.lstat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._made

    def remove(self) -> None:
        """Remove the file unless another daemon's has taken its name."""
        if self.is_in_place():
            with suppress(OSError):
                self._path.unlink()

    def _unlink_stale(self) -> None:
        with suppress(FileNotFoundError):
            if not stat.S_ISSOCK(self._path.lstat().st_mode):
                raise FileExistsError(None, "is no socket, and is in the way; move it elsewhere")
            self._path.unlink()


def why(error: OSError) -> str:
    """Return an error of the socket in words for the operator."""
    if isinstance(error, PermissionError):
        return "not permitted; use the account that monitord runs under, or root"
    return error.strerror or type(error).__name__
