"""``monitord backup``, ``verify`` and ``restore``: copies of the record. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitord.cli.configuration import settings_in_use
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    write_json,
    write_lines,
)
from monitord.cli.words import Words
from monitord.journal import RecordError
from monitord.journal.backup import Proven, back_up, restore, verify, verify_file


def run_backup(invocation: Invocation, *, file: Path) -> int:
    """Copy the record to ``file`` while monitord runs, and prove the copy."""
    folder = settings_in_use(invocation).record_folder
    return _shown(invocation, "backup.done", lambda: back_up(folder, file))


def run_verify(invocation: Invocation, *, file: Path | None) -> int:
    """Read the record, or the backup ``file``, to its end."""
    if file is not None:
        return _shown(invocation, "backup.sound", lambda: verify_file(file))
    folder = settings_in_use(invocation).record_folder
    return _shown(invocation, "backup.sound", lambda: verify(folder))


def run_restore(invocation: Invocation, *, file: Path) -> int:
    """Put ``file`` in the place of the record; monitord must not run."""
    settings = settings_in_use(invocation)
    folder, site = settings.record_folder, settings.site
    return _shown(invocation, "backup.restored", lambda: restore(file, folder, site=site))


def _shown(invocation: Invocation, key: str, action: Callable[[], Proven]) -> int:
    words = Words(invocation.language)
    try:
        found = action()
    except RecordError as error:
        raise CommandError(ExitCode.UNAVAILABLE, error.code, words.of_error(error)) from error
    if found.problems:
        text = "\n".join([words("backup.damaged", file=found.path), *found.problems])
        raise CommandError(ExitCode.NOT_OK, "damaged", text, problems=found.problems)
    last = f"{found.head.epoch}/{found.head.number}"
    if invocation.as_json:
        write_json({"file": str(found.path), "site": found.site, "last": last}, invocation.out)
    else:
        write_lines([words(key, file=found.path, last=last)], invocation.out)
    return ExitCode.OK
