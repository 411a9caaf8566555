"""``monitord ack``: acknowledge an incident at the running daemon. Decides nothing."""

from __future__ import annotations

from monitord.cli.configuration import settings_of
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.suggestions import suggestion
from monitord.cli.words import Words
from monitord.config.settings import Settings
from monitord.control.client import ask
from monitord.control.model import ControlError, NoDaemonError

NOT_FOUND = ("unknown_incident", "unknown_person")


def run(invocation: Invocation, *, incident: str, person: str) -> int:
    """Acknowledge for ``person``. An incident acknowledged before is no error."""
    words = Words(invocation.language)
    answer = _ask(settings_of(invocation), words, incident=incident, person=person)
    if not answer["ok"]:
        raise _rejected(answer["error"], words)
    found = {key: value for key, value in answer.items() if key != "ok"}
    if invocation.as_json:
        write_json(found, invocation.out)
        return ExitCode.OK
    at = f"{found['at'][:10]} {found['at'][11:19]}"
    key = "ack.already" if found["already"] else "ack.done"
    lines = [words(key, incident=found["incident"], person=found["person"], at=at)]
    if not found["recorded"]:
        lines.append(words("ack.unrecorded"))
    write_lines(lines, invocation.out)
    return ExitCode.OK


def _ask(settings: Settings, words: Words, *, incident: str, person: str) -> Json:
    request = {"command": "ack", "incident": incident, "person": person}
    try:
        return ask(settings.record_folder, request)
    except NoDaemonError as error:
        text = words("no_daemon", folder=settings.record_folder)
        raise CommandError(ExitCode.UNAVAILABLE, "no_daemon", text) from error
    except ControlError as error:
        raise CommandError(ExitCode.UNAVAILABLE, "no_answer", words.of_error(error)) from error


def _rejected(error: Json, words: Words) -> CommandError:
    code = error["code"]
    if code not in NOT_FOUND:
        return CommandError(ExitCode.UNAVAILABLE, code, words("refused.other", code=code))
    known = error["known"]
    named = {key: error[key] for key in ("incident", "person") if key in error}
    hint = suggestion(error.get("person", ""), known, words)
    text = words(f"refused.{code}", **named, known=words.listed(known), hint=hint)
    return CommandError(ExitCode.NOT_OK, code, text, **named, known=known)
