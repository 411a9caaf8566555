"""How things stand: asked of the running daemon, or read from the record where none runs.

Owns that choice and the reading; knows nothing of how it is shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from monitord.cli.invocation import CommandError, ExitCode, Json
from monitord.cli.words import Words
from monitord.clock import iso_time
from monitord.config.settings import Settings
from monitord.control.client import ask
from monitord.control.model import ControlError, NoDaemonError
from monitord.control.status import Labels, describe, folded
from monitord.core.situation import Situation
from monitord.history import History
from monitord.journal import RecordError


def present(settings: Settings, words: Words) -> Json:
    """Return what ``status`` says. Raises ``CommandError`` where neither can be invocation."""
    try:
        answer = ask(settings.record_folder, {"command": "status"})
    except NoDaemonError:
        return _recorded(settings, words)
    except ControlError as error:
        raise CommandError(ExitCode.UNAVAILABLE, "no_answer", str(error)) from error
    if not answer.get("ok"):
        code = answer.get("error", {}).get("code")
        raise CommandError(ExitCode.UNAVAILABLE, "refused", words("refused.other", code=code))
    found: Json = answer["status"]
    return found


def _recorded(settings: Settings, words: Words) -> Json:
    with record(settings, words) as history:
        durable = folded(history)
        situation = Situation(settings.plan, durable)
        labels = Labels(settings.site, settings.names, labelling(history, settings.time_zone))
        at = durable.last_at
        return describe(situation, labels, at=at, alive_at=at) | {"recorded": True}


@contextmanager
def record(settings: Settings, words: Words) -> Iterator[History]:
    """Open the record for reading. Raises ``CommandError`` where it cannot be read."""
    try:
        with History(settings.record_folder) as history:
            if history.site() != settings.site:
                folder, found = settings.record_folder, history.site()
                text = words("other_site", folder=folder, found=found, site=settings.site)
                raise CommandError(ExitCode.UNAVAILABLE, "other_site", text)
            yield history
    except RecordError as error:
        raise CommandError(ExitCode.UNAVAILABLE, "no_record", str(error)) from error


def labelling(history: History, time_zone: str) -> Callable[[int], str]:
    """Return what turns site time into ISO 8601 text, by the clock as it was known then."""
    return _Labelling(history.clock_offsets(), ZoneInfo(time_zone))


class _Labelling:
    def __init__(self, offsets: Sequence[tuple[int, int]], zone: ZoneInfo) -> None:
        self._offsets = offsets
        self._zone = zone

    def __call__(self, at: int) -> str:
        place = bisect_right(self._offsets, at, key=lambda known: known[0])
        offset = self._offsets[max(place - 1, 0)][1] if self._offsets else 0
        return iso_time(at + offset, self._zone)
