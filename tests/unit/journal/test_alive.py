"""The alive file: one copy survives every torn write, and a full disk does not stop it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from monitord.journal import RecordError
from monitord.journal.alive import (
    COPY_BYTES,
    FILE_BYTES,
    NAME,
    Alive,
    AliveFile,
    decode,
    encode,
    read_alive,
)
from monitord.journal.alive_writer import AliveWriter
from tests.fixtures.events import full_disk

BOOT = "0b2a7c1e-7f5e-4d0c-9d6a-111111111111"


def alive(number: int) -> Alive:
    """Return content of the usual size."""
    return Alive(BOOT, 10**12 + number, 10**16 + number, 10**16, 1, number, "ab" * 32, 10**16)


def test_the_last_written_content_is_read(tmp_path: Path) -> None:
    """Each write replaces the older copy; the file never grows, so a full disk has room for it."""
    file = AliveFile(tmp_path)
    assert file.read() is None
    for number in range(5):
        file.write(alive(number))
        assert file.read() == alive(number)
        assert (tmp_path / NAME).stat().st_size == FILE_BYTES
    file.close()
    assert read_alive(tmp_path) == alive(4)


def test_writing_continues_after_a_restart(tmp_path: Path) -> None:
    """A start must not overwrite the only undamaged copy, nor prefer an older one."""
    for number in range(7):
        file = AliveFile(tmp_path)
        file.write(alive(number))
        file.close()
        assert read_alive(tmp_path) == alive(number)


def test_a_copy_of_an_earlier_monitord_was_recorded_until_its_last_tick(tmp_path: Path) -> None:
    """It has no such field: the record of those was never behind for long."""
    copy = encode(alive(3), 1)
    plain = json.loads(copy.rstrip().rpartition(b" ")[0])
    del plain["recorded_until"]
    line = json.dumps(plain, separators=(",", ":")).encode()
    checked = line + b" " + sha256(line).hexdigest()[:16].encode()
    (tmp_path / NAME).write_bytes(checked.ljust(COPY_BYTES - 1) + b"\n")
    assert read_alive(tmp_path) == replace(alive(3), recorded_until=alive(3).site)


def test_a_write_torn_at_any_byte_leaves_a_whole_copy(tmp_path: Path) -> None:
    """The newest copy counts only when its last used byte is written."""
    file = AliveFile(tmp_path)
    file.write(alive(1))
    file.write(alive(2))
    before = (tmp_path / NAME).read_bytes()
    file.write(alive(3))
    file.close()
    after = (tmp_path / NAME).read_bytes()
    changed = [at for at in range(FILE_BYTES) if before[at] != after[at]]
    assert len({at // COPY_BYTES for at in changed}) == 1
    for torn in range(FILE_BYTES + 1):
        (tmp_path / NAME).write_bytes(after[:torn] + before[torn:])
        whole = torn > changed[-1]
        assert read_alive(tmp_path) == alive(3 if whole else 2), torn


def test_after_a_torn_write_the_torn_copy_is_the_one_replaced(tmp_path: Path) -> None:
    """The surviving copy remains until the next one is complete."""
    file = AliveFile(tmp_path)
    file.write(alive(1))
    file.write(alive(2))
    file.close()
    content = bytearray((tmp_path / NAME).read_bytes())
    newest = content.index(encode(alive(2), 2))
    content[newest + 20] ^= 1
    (tmp_path / NAME).write_bytes(content)
    file = AliveFile(tmp_path)
    survivor = bytes(content[COPY_BYTES:] if newest == 0 else content[:COPY_BYTES])
    file.write(alive(3))
    file.close()
    assert survivor in (tmp_path / NAME).read_bytes()
    assert read_alive(tmp_path) == alive(3)


def test_a_copy_with_a_changed_byte_is_refused(tmp_path: Path) -> None:
    """The checksum covers every used byte."""
    copy = encode(alive(1), 1)
    used = len(copy.rstrip())
    for at in range(used):
        damaged = bytearray(copy)
        damaged[at] ^= 1
        assert decode(bytes(damaged)) is None, at


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * FILE_BYTES, b"x" * 5000])
def test_garbage_is_read_as_empty_and_replaced(tmp_path: Path, content: bytes) -> None:
    """An unreadable file must not stop a start."""
    (tmp_path / NAME).write_bytes(content)
    file = AliveFile(tmp_path)
    assert file.read() is None
    file.write(alive(1))
    file.close()
    assert read_alive(tmp_path) == alive(1)
    assert (tmp_path / NAME).stat().st_size == FILE_BYTES


def test_a_full_disk_does_not_stop_it(tmp_path: Path) -> None:
    """It is written in place, in space that it has already."""
    filler = tmp_path / "filler"
    file = AliveFile(tmp_path)
    with full_disk(FILE_BYTES):
        with pytest.raises(OSError, match="File too large"):
            filler.write_bytes(b"x" * (FILE_BYTES + 1))
        for number in range(4):
            file.write(alive(number))
    assert file.read() == alive(3)
    file.close()


def test_a_disk_without_room_for_it_is_reported_at_the_start(tmp_path: Path) -> None:
    """Later the file could not be created."""
    with (
        full_disk(FILE_BYTES - 1),
        pytest.raises(RecordError, match="cannot be preallocated, is the disk full"),
    ):
        AliveFile(tmp_path)


def test_a_failed_write_is_reported_and_the_last_copy_remains(tmp_path: Path) -> None:
    """The engine continues, and the next write may succeed."""
    file = AliveFile(tmp_path)
    file.write(alive(1))
    with full_disk(0), pytest.raises(RecordError, match=r"alive: cannot be written \(File too"):
        file.write(alive(2))
    assert file.read() == alive(1)
    file.write(alive(3))
    assert file.read() == alive(3)
    file.close()


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    """The error names the path."""
    (tmp_path / NAME).mkdir()
    with pytest.raises(RecordError, match="alive: is not a regular file"):
        AliveFile(tmp_path)
    shutil.rmtree(tmp_path / NAME)


def test_a_named_pipe_in_its_place_is_refused_at_once(tmp_path: Path) -> None:
    """Nobody will ever write into it; a reader must not wait for that."""
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(RecordError, match="alive: is not a regular file"):
        AliveFile(tmp_path)


def put_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("put", [put_pipe, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
async def test_what_is_no_file_is_put_aside_by_the_daemon(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    """The site is watched, and the file is there again."""
    put(tmp_path / NAME)
    writer = AliveWriter(tmp_path)
    await writer.write(alive(1))
    writer.close()
    assert read_alive(tmp_path) == alive(1)


async def test_a_file_that_is_gone_is_made_again(tmp_path: Path) -> None:
    """Its folder was removed and made again."""
    writer = AliveWriter(tmp_path)
    await writer.write(alive(1))
    (tmp_path / NAME).unlink()
    await writer.write(alive(2))
    writer.close()
    assert read_alive(tmp_path) == alive(2)


def test_content_that_does_not_fit_is_a_programming_error() -> None:
    """A copy is never truncated."""
    with pytest.raises(ValueError, match="does not fit"):
        encode(Alive("b" * COPY_BYTES, 1, 2, 3, 4, 5, "h", 3), 1)
