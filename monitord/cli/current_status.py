"""The current status of the site: from the running daemon, or from the record if none runs."""

from __future__ import annotations

from monitord.cli.history_access import local_time, open_history
from monitord.cli.invocation import CommandError, ExitCode, Json
from monitord.cli.words import Words
from monitord.config.settings import Settings
from monitord.control.client import ask
from monitord.control.labels import Labels
from monitord.control.model import ControlError, NoDaemonError
from monitord.control.status import LISTED_MAX, describe, folded, with_decided
from monitord.core.situation import Situation
from monitord.history import decided


def current_status(settings: Settings, words: Words) -> Json:
    """Return the object that ``control.status.describe`` documents, with ``recorded`` added.

    Raises ``CommandError`` where neither daemon nor record can be read.
    """
    try:
        answer = ask(settings.record_folder, {"command": "status"})
    except NoDaemonError:
        return _recorded_status(settings, words)
    except ControlError as error:
        raise CommandError(ExitCode.UNAVAILABLE, "no_answer", words.of_error(error)) from error
    if not answer.get("ok"):
        code = answer.get("error", {}).get("code")
        raise CommandError(ExitCode.UNAVAILABLE, "refused", words("refused.other", code=code))
    status: Json = answer["status"]
    return status


def _recorded_status(settings: Settings, words: Words) -> Json:
    with open_history(settings, words) as history:
        durable = folded(history)
        situation = Situation(settings.plan, durable)
        labels = Labels(settings.site, settings.names, local_time(history, settings.time_zone))
        at = durable.last_at
        found = describe(situation, labels, at=at, alive_at=at)
        past = decided(history, LISTED_MAX)
        return with_decided(found, past, situation, labels, at) | {
            "recorded": True,
            "config_refused": {},
            "hours_refused": {},
        }
