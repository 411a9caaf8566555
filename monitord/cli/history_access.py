"""Opens the record for reading, and converts its site time to local time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from monitord.cli.invocation import CommandError, ExitCode
from monitord.cli.words import Words
from monitord.clock import iso_time
from monitord.config.settings import Settings
from monitord.history import History
from monitord.journal import RecordError


@contextmanager
def open_history(settings: Settings, words: Words) -> Iterator[History]:
    """Open the record of the configured site. Raises ``CommandError`` where it cannot be read."""
    try:
        with History(settings.record_folder) as history:
            if history.site() != settings.site:
                folder, found = settings.record_folder, history.site()
                text = words("other_site", folder=folder, found=found, site=settings.site)
                raise CommandError(ExitCode.UNAVAILABLE, "other_site", text)
            yield history
    except RecordError as error:
        raise CommandError(ExitCode.UNAVAILABLE, "no_record", words.of_error(error)) from error


def local_time(history: History, time_zone: str) -> Callable[[int], str]:
    """Return a function from site time in microseconds to ISO 8601 text of local time.

    Each time is converted with the clock offset that was in use then.
    """
    offsets, zone = history.clock_offsets(), ZoneInfo(time_zone)

    def iso(at: int) -> str:
        place = bisect_right(offsets, at, key=lambda known: known[0])
        offset = offsets[max(place - 1, 0)][1] if offsets else 0
        return iso_time(at + offset, zone)

    return iso
