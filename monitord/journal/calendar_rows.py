"""Folds recorded calendars into the table ``calendar``. Owns its statements."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Final

from monitord.core.codec import from_plain
from monitord.core.events import CalendarRecorded, Interval

_CALENDARS_GIVEN: Final = """
SELECT
    body,
    at + ifnull((
        SELECT offset FROM clock WHERE (epoch, number) < (event.epoch, event.number)
        ORDER BY epoch DESC, number DESC LIMIT 1
    ), 0)
FROM event
WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'calendar_extended'
ORDER BY number
"""

_CALENDAR: Final = (
    """
    DELETE FROM calendar WHERE start >= ifnull(
        (SELECT value FROM json_each(:covers) WHERE key = calendar.programme), :cut
    )
    """,
    """
    UPDATE calendar SET finish = ifnull(
        (SELECT value FROM json_each(:covers) WHERE key = calendar.programme), :cut
    )
    WHERE finish > ifnull(
        (SELECT value FROM json_each(:covers) WHERE key = calendar.programme), :cut
    )
    """,
    """
    INSERT OR REPLACE INTO calendar (programme, start, finish, expected)
    SELECT programme.key, part.value ->> 0, part.value ->> 1, part.value ->> 2
    FROM json_each(:intervals) AS programme, json_each(programme.value) AS part
    """,
)


STATEMENTS: Final = (_CALENDARS_GIVEN, *_CALENDAR)


def keep_up(connection: sqlite3.Connection, batch: Mapping[str, int]) -> None:
    """Fold the calendars of a range of events: its ``epoch``, ``first`` and ``last``."""
    for body, cut in connection.execute(_CALENDARS_GIVEN, batch).fetchall():
        recorded = from_plain(CalendarRecorded, json.loads(body))
        _extend_calendar(connection, recorded.intervals, cut)


def _extend_calendar(
    connection: sqlite3.Connection, intervals: Mapping[str, tuple[Interval, ...]], cut: int
) -> None:
    # A calendar is valid from its first interval or from when it was recorded, whichever is
    # earlier; before that the older calendars remain.
    covers = {name: min(parts[0][0], cut) for name, parts in intervals.items() if parts}
    given = {"covers": json.dumps(covers), "cut": cut, "intervals": json.dumps(intervals)}
    for statement in _CALENDAR:
        connection.execute(statement, given)
