"""Asks the running daemon to take a person's decision; what it refuses becomes an error."""

from __future__ import annotations

from typing import Final

from monitord.cli.invocation import CommandError, ExitCode, Json
from monitord.cli.suggestions import suggestion
from monitord.cli.words import Words
from monitord.config.settings import Settings
from monitord.control.client import ask
from monitord.control.model import ControlError, NoDaemonError

NOT_FOUND: Final = ("unknown_incident", "unknown_person")
NOT_POSSIBLE: Final = (
    "nothing_unsettled",
    "not_unsettled",
    "time_before_mark",
    "unrecorded",
    "not_content",
    "already_quiet",
    "unknown_place",
    "unknown_device",
    "no_device",
    "nobody_named",
    "too_many",
    "unknown_site_state",
)


def decided(settings: Settings, words: Words, request: Json) -> Json:
    """Return what the daemon answers, without ``ok``. Raises ``CommandError`` for a refusal."""
    try:
        answer = ask(settings.record_folder, request)
    except NoDaemonError as error:
        text = words("no_daemon", folder=settings.record_folder)
        raise CommandError(ExitCode.UNAVAILABLE, "no_daemon", text) from error
    except ControlError as error:
        raise CommandError(ExitCode.UNAVAILABLE, "no_answer", words.of_error(error)) from error
    if not answer["ok"]:
        raise _refused(answer["error"], words)
    return {key: value for key, value in answer.items() if key != "ok"}


def _refused(error: Json, words: Words) -> CommandError:
    code = error["code"]
    if code in NOT_POSSIBLE:
        return CommandError(ExitCode.NOT_OK, code, words(f"refused.{code}"))
    if code not in NOT_FOUND:
        return CommandError(ExitCode.UNAVAILABLE, code, words("refused.other", code=code))
    known = error["known"]
    named = {key: error[key] for key in ("incident", "person") if key in error}
    hint = suggestion(error.get("person", ""), known, words)
    text = words(f"refused.{code}", **named, known=words.listed(known), hint=hint)
    return CommandError(ExitCode.NOT_OK, code, text, **named, known=known)
