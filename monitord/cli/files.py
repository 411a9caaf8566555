"""Files of ``record`` and ``profile``: recordings read, new files written, none overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from monitord.cli.invocation import CommandError, ExitCode
from monitord.cli.words import Words
from monitord.devices.recordings import Recording, RecordingError, read_recording

MISTAKES_SHOWN = 3


def refuse_existing(path: Path | None, words: Words) -> None:
    """Raise ``CommandError`` before any work where the file to write is there already."""
    if path is not None and path.exists():
        raise CommandError(
            ExitCode.NOT_OK, "file_exists", words("file.exists", file=path), file=str(path)
        )


def write_new(path: Path, lines: Iterable[str], words: Words) -> None:
    """Write a file that is not there yet. Raises ``CommandError`` where it is or cannot be."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    except FileExistsError:
        refuse_existing(path, words)
    except OSError as error:
        text = words("file.unwritable", file=path, reason=_reason(error))
        raise CommandError(ExitCode.UNAVAILABLE, "unwritable", text, file=str(path)) from error


def recording_in(path: Path, words: Words) -> Recording:
    """Return the walk or dump in a file. Raises ``CommandError``."""
    details: dict[str, Any] = {"file": str(path)}
    try:
        return read_recording(path)
    except OSError as error:
        text = words("file.unreadable", file=path, reason=_reason(error))
        raise CommandError(ExitCode.UNAVAILABLE, "unreadable", text, **details) from error
    except RecordingError as error:
        shown = "; ".join(error.mistakes[:MISTAKES_SHOWN])
        text = words("file.no_recording", file=path, mistakes=shown)
        details["mistakes"] = list(error.mistakes)
        raise CommandError(ExitCode.UNAVAILABLE, "no_recording", text, **details) from error


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
