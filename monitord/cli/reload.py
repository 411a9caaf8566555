"""``monitord reload``: the running daemon reads its configuration again. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.cli.configuration import ConfigurationError, settings_in_use, settings_of
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.words import Words
from monitord.control.client import ask
from monitord.control.model import ControlError, NoDaemonError


def run(invocation: Invocation, *, dry_run: bool) -> int:
    """Print what differs, or why the daemon refuses the files.

    It is the daemon that reads them: who asks may not be allowed to read its secrets.
    """
    words = Words(invocation.language)
    request = {"command": "reload", "dry_run": dry_run}
    mistakes: ConfigurationError | None = None
    try:
        folder = settings_of(invocation).record_folder
    except ConfigurationError as error:
        mistakes = error
        folder = settings_in_use(invocation).record_folder
    try:
        answer = ask(folder, request)
        # A large site takes longer to read than a connection lasts.
        while "ticket" in answer:
            answer = ask(folder, {"command": "reload", "ticket": answer["ticket"]})
    except NoDaemonError as error:
        if mistakes is not None:
            raise mistakes from error
        text = words("no_daemon", folder=folder)
        raise CommandError(ExitCode.UNAVAILABLE, "no_daemon", text) from error
    except ControlError as error:
        raise CommandError(ExitCode.UNAVAILABLE, "no_answer", words.of_error(error)) from error
    if not answer["ok"]:
        raise _refused(answer["error"], words)
    found = {key: value for key, value in answer.items() if key != "ok"} | {"dry_run": dry_run}
    if invocation.as_json:
        write_json(found, invocation.out)
    else:
        first = words("reload.dry" if dry_run else "reload.done", file=invocation.config)
        write_lines([first, *_lines(found, words)], invocation.out)
    return ExitCode.OK


def _lines(found: Json, words: Words) -> Iterator[str]:
    if not any(found[how] for how in ("added", "removed", "changed")):
        yield words("reload.same")
    for how in ("added", "removed", "changed"):
        for sort, ids in found[how].items():
            yield words(f"reload.{how}", sort=words(f"reload.{sort}"), ids=words.listed(ids))


def _refused(error: Json, words: Words) -> CommandError:
    if error["code"] != "reload_refused":
        text = words("refused.other", code=error["code"])
        return CommandError(ExitCode.UNAVAILABLE, error["code"], text)
    reasons = error["reasons"][words.language]
    text = "\n".join([words("reload.refused"), *reasons])
    return CommandError(ExitCode.MISTAKES, error["code"], text, reasons=reasons)
