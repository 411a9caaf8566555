"""The alive file: the last finished tick, and the last event on disk at that moment.

Owns this one file. It is written in full when created and never grows, so that a full disk cannot
stop it. Two copies are written in turn, each with a checksum: a torn write costs the newest copy
only. It is not synced at every write; after a power cut the record's own clock marks count.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitord.journal.errors import RecordError

NAME = "alive"
COPY_BYTES = 512
FILE_BYTES = 2 * COPY_BYTES


@dataclass(frozen=True, slots=True)
class Alive:
    """All clocks at the end of a finished tick, and the last event that was on disk then.

    ``recorded_until``: site time of the newest tick whose decisions were all on disk; earlier than
    ``site`` while the disk takes none. What was decided after it ends with the process.
    """

    boot_id: str
    boottime: int
    site: int
    wall: int
    epoch: int
    number: int
    head: str
    recorded_until: int


def encode(alive: Alive, sequence: int) -> bytes:
    """Return one copy: a line of JSON and its checksum, padded with spaces to its fixed size."""
    plain = json.dumps({"sequence": sequence, **asdict(alive)}, separators=(",", ":")).encode()
    line = plain + b" " + _checksum(plain)
    if len(line) >= COPY_BYTES:
        raise ValueError(f"an alive copy of {len(line)} bytes does not fit into {COPY_BYTES}")
    return line.ljust(COPY_BYTES - 1) + b"\n"


def decode(copy: bytes) -> tuple[int, Alive] | None:
    """Return (sequence, content) of a copy; None for an empty, torn or damaged one."""
    plain, _, checksum = copy.rstrip().rpartition(b" ")
    if len(copy) != COPY_BYTES or not plain or _checksum(plain) != checksum:
        return None
    content: dict[str, Any] = json.loads(plain)
    content.setdefault("recorded_until", content["site"])  # of an earlier monitord
    return content["sequence"], Alive(**{f.name: content[f.name] for f in fields(Alive)})


def _checksum(plain: bytes) -> bytes:
    return sha256(plain).hexdigest()[:16].encode()


def read_alive(folder: Path) -> Alive | None:
    """Return the newest undamaged copy, or None. Does not write; raises ``RecordError``."""
    found = _newest(_read(folder / NAME))
    return None if found is None else found[1]


def _read(path: Path) -> bytes:
    try:
        # Without waiting: a named pipe has no writer.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise RecordError("not_read", path, reason=error.strerror) from error
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise RecordError("not_regular", path)
        return os.read(file, FILE_BYTES + 1)
    except OSError as error:
        raise RecordError("not_read", path, reason=error.strerror) from error
    finally:
        os.close(file)


def _newest(content: bytes) -> tuple[int, Alive] | None:
    copies = [decode(content[:COPY_BYTES]), decode(content[COPY_BYTES:FILE_BYTES])]
    return max((copy for copy in copies if copy), key=lambda copy: copy[0], default=None)


class AliveFile:
    """The open file. Every failure is a ``RecordError``. One writer: hold the record's lock."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        content = _read(self._path)
        newest = _newest(content)
        self._sequence = 0 if newest is None else newest[0]
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise RecordError("not_written", self._path, reason=error.strerror) from error
        if len(content) != FILE_BYTES:
            self._preallocate(content)

    def _preallocate(self, content: bytes) -> None:
        whole = content[:FILE_BYTES].ljust(FILE_BYTES)
        try:
            os.ftruncate(self._file, FILE_BYTES)
            self._write_at(whole, 0)
            os.fsync(self._file)
        except OSError as error:
            self.close()
            raise RecordError("not_preallocated", self._path, reason=error.strerror) from error

    def is_at_its_path(self) -> bool:
        """Return whether the open file is the one at its path."""
        try:
            found, opened = self._path.stat(), os.fstat(self._file)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (opened.st_dev, opened.st_ino)

    def read(self) -> Alive | None:
        """Return the newest undamaged copy, or None."""
        return read_alive(self._path.parent)

    def write(self, alive: Alive) -> None:
        """Overwrite the older copy with one write."""
        sequence = self._sequence + 1
        try:
            self._write_at(encode(alive, sequence), COPY_BYTES * (sequence % 2))
        except OSError as error:
            raise RecordError("not_written", self._path, reason=error.strerror) from error
        self._sequence = sequence

    def _write_at(self, content: bytes, offset: int) -> None:
        written = os.pwrite(self._file, content, offset)
        if written != len(content):
            raise RecordError("partly_written", self._path, written=written, size=len(content))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
