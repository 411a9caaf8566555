"""Records that are put aside: renamed and kept. Owns their names, and what a kill left half done.

``record.damaged-20261129T114500Z.sqlite``, with its log and its index beside it. Before the first
of them is renamed a note has the name: a later start goes on with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from monitord.journal.database import NAME, sync_folder
from monitord.journal.errors import RecordError

SIDE_FILES: Final = ("-shm", "-wal")
NOTE: Final = "record.aside"
COPY: Final = f"{NAME}.copy"
"""A whole copy of the open record that is to be put in its place."""
PUT_ASIDE_MAX: Final = 20
"""Most records that are put aside: a disk that damages each new one does not fill itself."""
_NAMED: Final = re.compile(r"record\.[a-z]+-(\d{8}T\d{6}Z)(?:-(\d+))?\.sqlite")


def put_aside(folder: Path, sort: str, suffixes: Sequence[str] = (*SIDE_FILES, "")) -> Path | None:
    """Rename a record with what belongs to it; return its new path, None where there is none.

    ``suffixes``: of the files that are renamed, the record's own last.

    Raises ``RecordError`` where that is impossible.
    """
    path = folder / NAME
    # First what belongs to it: a log left alone would be taken for that of the next file.
    beside = [suffix for suffix in suffixes if os.path.lexists(f"{path}{suffix}")]
    if not beside:
        return None
    try:
        if len({one.stem for one in folder.glob("record.*-*Z*.sqlite*")}) >= PUT_ASIDE_MAX:
            raise RecordError("too_many_put_aside", folder, allowed=PUT_ASIDE_MAX)
        new = _free_name(folder, sort)
        if "" in beside:
            _write_note(folder, new, path)
        try:
            _rename(path, new, beside)
            sync_folder(folder)
        finally:
            (folder / NOTE).unlink(missing_ok=True)
    except OSError as error:
        raise RecordError("not_put_aside", path, reason=error.strerror) from error
    return new


def finish(folder: Path) -> None:
    """Go on with what a kill interrupted, before anything is opened. Raises ``OSError``."""
    path, note, copy = folder / NAME, folder / NOTE, folder / COPY
    if os.path.lexists(note):
        new = _noted(folder)
        if new is not None:
            left = [end for end in (*SIDE_FILES, "") if os.path.lexists(f"{path}{end}")]
            _rename(path, new, [end for end in left if not os.path.lexists(f"{new}{end}")])
            sync_folder(folder)
        note.unlink()
    if os.path.lexists(copy):
        is_taken = os.path.lexists(path)
        copy.rename(_free_name(folder, "moved") if is_taken else path)
        sync_folder(folder)


def put_aside_files(folder: Path) -> list[Path]:
    """Return the records that are put aside, the newest first."""
    found = [(_NAMED.fullmatch(one.name), one) for one in folder.glob("record.*.sqlite")]
    named = [(match[1], int(match[2] or 1), one) for match, one in found if match]
    return [one for *_, one in sorted(named, reverse=True)]


def _rename(path: Path, new: Path, suffixes: Sequence[str]) -> None:
    for suffix in suffixes:
        Path(f"{path}{suffix}").rename(f"{new}{suffix}")


def _write_note(folder: Path, new: Path, path: Path) -> None:
    """Note under which name which file goes on: another one at its path is not meant."""
    file = os.open(folder / NOTE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        os.write(file, f"{new.name} {path.lstat().st_ino}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)
    sync_folder(folder)


def _noted(folder: Path) -> Path | None:
    """Return the name to go on with; None where the note is not whole or means another file."""
    words = (folder / NOTE).read_bytes()[:200].decode(errors="replace").split()
    if len(words) != 2 or not _NAMED.fullmatch(words[0]):
        return None
    inodes = set()
    for path in (folder / NAME, folder / words[0]):
        with suppress(OSError):
            inodes.add(str(path.lstat().st_ino))
    return folder / words[0] if words[1] in inodes else None


def _free_name(folder: Path, sort: str) -> Path:
    # Named by its last change: it needs no clock, which may be wrong.
    files = (folder / f"{NAME}{end}" for end in ("", "-wal", "-shm"))
    path = next((one for one in files if os.path.lexists(one)), folder / NAME)
    changed = datetime.fromtimestamp(int(path.lstat().st_mtime), UTC)
    stem = f"record.{sort}-{changed:%Y%m%dT%H%M%SZ}"
    names = [f"{stem}.sqlite", *(f"{stem}-{n}.sqlite" for n in range(2, PUT_ASIDE_MAX + 2))]
    return next(folder / name for name in names if not list(folder.glob(f"{name}*")))
