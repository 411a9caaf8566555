"""Reads secrets by reference. Owns that no error says more than the file's name."""

from __future__ import annotations

from pathlib import Path

from monitord.config.loader.errors import Scope, shown

SECRET_BYTES_MAX = 4096


def read_secret(name: str, folder: Path, scope: Scope) -> str | None:
    """Return the one line in a file (relative to ``folder``), or None with the reason noted."""
    path = folder / name
    try:
        with path.open("rb") as file:
            raw = file.read(SECRET_BYTES_MAX + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        scope.note(f"file {shown(name)} cannot be read: {reason}", "", f"looked for {path}")
        return None
    problem, text = _one_line(raw)
    if problem:
        scope.note(f"file {shown(name)} {problem}", "one line of text")
        return None
    return text


def _one_line(raw: bytes) -> tuple[str, str]:
    """Return (what is wrong or "", the text)."""
    if len(raw) > SECRET_BYTES_MAX:
        return f"with more than {SECRET_BYTES_MAX} bytes", ""
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return "that is not UTF-8", ""
    if not text:
        return "that is empty", ""
    return (
        ("with several lines or control characters", "") if not text.isprintable() else ("", text)
    )
