"""Folds recorded calendars into the table ``calendar``. Owns its statements."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from monitord.core.calendar_intervals import body_of_version_1, state_of_version_1
from monitord.core.codec import canonical, from_plain
from monitord.core.hours import HoursSince
from monitord.core.model import Expected

_GIVEN: Final = """
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

_BASES: Final = """
SELECT body -> '$.state' FROM event
WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'base_adopted'
"""

_KNOWN: Final = "SELECT DISTINCT programme FROM calendar"

_CUT: Final = (
    "DELETE FROM calendar WHERE start >= :at AND programme = :programme",
    "UPDATE calendar SET finish = :at WHERE finish > :at AND programme = :programme",
)

_ROW: Final = "INSERT INTO calendar (programme, start, finish, hours) VALUES (?, ?, ?, ?)"

STATEMENTS: Final = (_GIVEN, _BASES, _KNOWN, *_CUT, _ROW)


@dataclass(frozen=True, slots=True)
class PastInterval:
    """What was last expected in an interval of wall time; between intervals: closed."""

    programme: str
    start: int
    finish: int
    expected: str


def keep_up(
    connection: sqlite3.Connection, batch: Mapping[str, int], kinds: Collection[str]
) -> None:
    """Fold the calendars of a range of events: its ``epoch``, ``first`` and ``last``."""
    if "base_adopted" in kinds:
        for (state,) in connection.execute(_BASES, batch).fetchall():
            _take_base(connection, state_of_version_1(json.loads(state)))
    if "calendar_extended" in kinds:
        for body, cut in connection.execute(_GIVEN, batch).fetchall():
            _extend(connection, json.loads(body), cut)


def _take_base(connection: sqlite3.Connection, state: dict[str, Any]) -> None:
    """Store the hours of programmes of which there are none yet."""
    known = {programme for (programme,) in connection.execute(_KNOWN)}
    for programme, parts in state["calendar"].items():
        begins = [part["since"] for part in parts]
        ends = [*begins[1:], state["calendar_known_to"]]
        if programme not in known:
            rows = zip(begins, ends, parts, strict=True)
            _store(connection, [(programme, begin, end, part) for begin, end, part in rows])


def _extend(connection: sqlite3.Connection, stored: dict[str, Any], cut: int) -> None:
    body = body_of_version_1(stored)
    known = {programme for (programme,) in connection.execute(_KNOWN)}
    rows = []
    for programme, hours in body["hours"].items():
        since = body["since"] if programme in known else body["given_from"]
        if "intervals" in stored:
            # It is valid from its first interval or from when it was recorded, whichever is
            # earlier; before that the older calendars remain.
            since = min([cut, *(dated[0] for dated in hours["dated"][:1])])
        part = {"since": since, "hours": hours, "offsets": body["offsets"]}
        rows.append((programme, since, body["known_to"], part))
    begins = {programme: since for programme, since, _, _ in rows}
    for programme in known | begins.keys():
        for statement in _CUT:
            given = {"programme": programme, "at": begins.get(programme, cut)}
            connection.execute(statement, given)
    _store(connection, rows)


def _store(connection: sqlite3.Connection, rows: list[tuple[str, int, int, Any]]) -> None:
    connection.executemany(_ROW, [(*row[:3], canonical(row[3]).decode()) for row in rows])


def intervals(
    rows: Iterable[tuple[Any, ...]], from_wall: int, to_wall: int
) -> Iterator[PastInterval]:
    """Yield what rows of the table expect in [from_wall, to_wall), not cut to it.

    ``rows``: programme, start, finish and hours, in order.
    """
    for programme, start, finish, stored in rows:
        hours = from_plain(HoursSince, json.loads(stored))
        at, end = max(start, from_wall), min(finish, to_wall)
        while at < end:
            begin, to, expected = hours.run_at(at, start, finish)
            if expected is not Expected.CLOSED:
                yield PastInterval(programme, begin, to, expected.value)
            at = to
