"""Reads secrets by reference. Owns that no error shows more than the file's name."""

from __future__ import annotations

import stat
from pathlib import Path

from monitord.config.loader.errors import Scope
from monitord.config.loader.files import UnreadableError, read_file, reasons
from monitord.config.loader.phrases import Phrase, phrase, shown
from monitord.devices.no_secret import NO_SECRET

SECRET_BYTES_MAX = 4096


def read_secret(name: str, folder: Path, scope: Scope) -> str | None:
    """Return the one line in a file (relative to ``folder``), or None with the reason noted.

    Where the files of the configuration are the record's, a secret that cannot be read costs its
    device or channel alone: it is ``NO_SECRET``.
    """
    if scope.report.given is not None:
        return _read(name, folder, Scope("")) or NO_SECRET
    return _read(name, folder, scope)


def _read(name: str, folder: Path, scope: Scope) -> str | None:
    path = folder / name
    try:
        raw = read_file(path, SECRET_BYTES_MAX)
        is_open = _is_open(path)
    except UnreadableError as error:
        hint = phrase("secret.path", path=shown(str(path)))
        scope.note(phrase("secret.unreadable", name=shown(name), reason=error.reason), hint=hint)
        return None
    problem, text = _one_line(raw)
    if problem is not None:
        hint = phrase("secret.one_line")
        scope.note(phrase("secret.wrong", name=shown(name), problem=problem), hint=hint)
        return None
    if is_open:
        scope.report.open_secrets.add(name)
    return text


def _is_open(path: Path) -> bool:
    """Return whether every user of the computer may read or change the file.

    In a folder that they may not enter they may not.
    """
    with reasons():
        found = path.resolve()
        if not found.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
            return False
        return all(folder.stat().st_mode & stat.S_IXOTH for folder in found.parents)


def _one_line(raw: bytes) -> tuple[Phrase | None, str]:
    """Return (the problem or None, the text)."""
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return phrase("yaml.encoding"), ""
    if not text:
        return phrase("file.empty"), ""
    return (None, text) if text.isprintable() else (phrase("secret.lines"), "")
