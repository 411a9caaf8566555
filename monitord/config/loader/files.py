"""Opens the files that a configuration names. Owns that reading is bounded and never blocks."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitord.config.loader.phrases import Phrase, phrase

REASONS = {
    FileNotFoundError: "file.missing",
    PermissionError: "file.forbidden",
    IsADirectoryError: "file.folder",
    NotADirectoryError: "file.missing",
}


class UnreadableError(Exception):
    """A file that cannot be read, and why."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason.code)
        self.reason = reason


def read_file(path: Path, bytes_max: int) -> bytes:
    """Return the bytes of a regular file. Raises ``UnreadableError``, also for a larger one.

    A pipe or a device is refused before it is read: the writer at its other end may never come.
    """
    with reasons():
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError
            if not stat.S_ISREG(mode):
                raise UnreadableError(phrase("file.special"))
            raw = file.read(bytes_max + 1)
    if len(raw) > bytes_max:
        raise UnreadableError(phrase("file.large", size=bytes_max))
    return raw


@contextmanager
def reasons() -> Iterator[None]:
    """Turn what the operating system refuses into ``UnreadableError``."""
    try:
        yield
    except OSError as error:
        code = "file.loop" if error.errno == errno.ELOOP else REASONS.get(type(error))
        reason = phrase("file.error", reason=error.strerror or type(error).__name__)
        raise UnreadableError(phrase(code) if code else reason) from error
    except ValueError as error:  # a NUL, or a character that no file name can have
        raise UnreadableError(phrase("file.name")) from error
