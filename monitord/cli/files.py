"""Files of ``record`` and ``profile``: recordings and MIBs read, new files written.

No file is overwritten, none that is named can block a command, and none is read endlessly.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from monitord.cli.invocation import CommandError, ExitCode
from monitord.cli.words import Words
from monitord.devices.recordings import BYTES_MAX, Recording, RecordingError, parse_recording

MISTAKES_SHOWN: Final = 3
REASONS: Final = frozenset(
    {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG}
    | {errno.ELOOP, errno.ENOSPC, errno.EROFS}
)
"""Errors of the operating system that have a text."""


def read_bytes(path: Path, bytes_max: int, words: Words) -> bytes:
    """Return the content of a regular file of at most ``bytes_max`` bytes.

    Raises ``CommandError``, also for a pipe or a device: its other end may never send anything.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unreadable(path, words("os.special"), words)
            content = file.read(bytes_max + 1)
    except OSError as error:
        raise _unreadable(path, os_reason(error, words), words) from error
    if len(content) > bytes_max:
        raise _unreadable(path, words("os.large", most=bytes_max), words)
    return content


def check_new_file(path: Path | None, words: Words) -> None:
    """Raise ``CommandError`` before any work if a new file cannot be written there."""
    if path is None:
        return
    if os.path.lexists(path):
        raise _exists(path, words)
    try:
        if not stat.S_ISDIR(path.parent.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "")
    except OSError as error:
        raise _unwritable(path, error, words) from error
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unwritable(path, PermissionError(errno.EACCES, ""), words)


def write_new(path: Path, lines: Iterable[str], words: Words) -> None:
    """Write a new file, whole or not at all. Raises ``CommandError``."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            _write(file.fileno(), "".join(f"{line}\n" for line in lines).encode(), path)
    except FileExistsError as error:
        raise _exists(path, words) from error
    except OSError as error:
        raise _unwritable(path, error, words) from error


def _write(descriptor: int, content: bytes, path: Path) -> None:
    """Write all bytes; remove the file again if the disk does not take them."""
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        path.unlink(missing_ok=True)
        raise


def recording_in(path: Path, words: Words) -> Recording:
    """Return the walk or dump in a file. Raises ``CommandError``."""
    try:
        return parse_recording(read_bytes(path, BYTES_MAX, words))
    except RecordingError as error:
        mistakes = [mistake.render(words.language) for mistake in error.mistakes]
        shown = words("explain.claims").join(mistakes[:MISTAKES_SHOWN])
        text = words("file.no_recording", file=path, mistakes=shown)
        details = {"file": str(path), "mistakes": mistakes}
        raise CommandError(ExitCode.UNAVAILABLE, "no_recording", text, **details) from error


def os_reason(error: OSError, words: Words) -> str:
    """Return why the operating system refused, in the reader's language; else its own name."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return words(f"os.{name}") if error.errno in REASONS else name


def _unreadable(path: Path, reason: str, words: Words) -> CommandError:
    text = words("file.unreadable", file=path, reason=reason)
    return CommandError(ExitCode.UNAVAILABLE, "unreadable", text, file=str(path))


def _unwritable(path: Path, error: OSError, words: Words) -> CommandError:
    text = words("file.unwritable", file=path, reason=os_reason(error, words))
    return CommandError(ExitCode.UNAVAILABLE, "unwritable", text, file=str(path))


def _exists(path: Path, words: Words) -> CommandError:
    text = words("file.exists", file=path)
    return CommandError(ExitCode.NOT_OK, "file_exists", text, file=str(path))
