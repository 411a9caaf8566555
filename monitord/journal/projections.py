"""Folds the site's events into the tables that reports read. Owns these tables, no other fact.

One statement per table reads a range of ``event``: a commit and a rebuild run the same statements
over different ranges.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from monitord.core.codec import from_plain
from monitord.core.events import CalendarRecorded, Interval
from monitord.journal.chain import SITE
from monitord.journal.scripts import read_script, statements

TABLES: Final = (
    "piece",
    "incident",
    "impact",
    "delivery",
    "acknowledgement",
    "decision",
    "unsettled",
    "calendar",
    "clock",
)

_SCRIPT = "projections.sql"


class Range(NamedTuple):
    """Events ``first`` to ``last``, both included, of one epoch."""

    epoch: int
    first: int
    last: int


_IN_RANGE = "FROM event WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind"

_FOLDS: Final[dict[str, tuple[frozenset[str], str]]] = {
    "clock": (
        frozenset({"clock_adopted"}),
        f"""
        INSERT INTO clock (epoch, number, at, offset)
        SELECT epoch, number, at, body ->> '$.offset' {_IN_RANGE} = 'clock_adopted'
        """,
    ),
    "piece": (
        frozenset({"piece_opened", "programme_withdrawn"}),
        f"""
        INSERT INTO piece (programme, epoch, number, start, possible, blind, presumed)
        SELECT
            subject, epoch, number, coalesce(body ->> '$.start', at), body ->> '$.possible',
            body ->> '$.blind', body ->> '$.presumed'
        {_IN_RANGE} IN ('piece_opened', 'programme_withdrawn') ORDER BY number
        """,
    ),
    "incident": (
        frozenset({"incident_opened", "incident_revised", "incident_closed"}),
        f"""
        INSERT INTO incident (
            id, programme, fault, severity, reason, stage, opened_at, closed_at, close_cause
        )
        SELECT
            subject, body ->> '$.programme', body ->> '$.fault', body ->> '$.severity',
            body ->> '$.reason', body ->> '$.stage',
            CASE kind WHEN 'incident_opened' THEN coalesce(body ->> '$.opened_at', at) END,
            CASE kind WHEN 'incident_closed' THEN at END,
            CASE kind WHEN 'incident_closed' THEN body ->> '$.cause' END
        {_IN_RANGE} IN ('incident_opened', 'incident_revised', 'incident_closed')
        ORDER BY number
        ON CONFLICT (id) DO UPDATE SET
            reason = coalesce(excluded.reason, reason),
            stage = coalesce(excluded.stage, stage),
            closed_at = coalesce(excluded.closed_at, closed_at),
            close_cause = coalesce(excluded.close_cause, close_cause)
        """,
    ),
    "impact": (
        frozenset({"impact_began", "impact_ended"}),
        f"""
        INSERT INTO impact (
            incident, programme, number, reason, "column", began_not_before, began_not_after,
            ended_not_before, ended_not_after, least, most_seen, most
        )
        SELECT
            subject, body ->> '$.programme', body ->> '$.number', body ->> '$.reason',
            body ->> '$.column',
            body ->> iif(kind = 'impact_began', '$.not_before', '$.began_not_before'),
            body ->> iif(kind = 'impact_began', '$.not_after', '$.began_not_after'),
            CASE kind WHEN 'impact_ended' THEN body ->> '$.not_before' END,
            CASE kind WHEN 'impact_ended' THEN body ->> '$.not_after' END,
            body ->> '$.least', body ->> '$.most_seen', body ->> '$.most'
        {_IN_RANGE} IN ('impact_began', 'impact_ended') ORDER BY number
        ON CONFLICT (incident, programme, number) DO UPDATE SET
            began_not_before = coalesce(excluded.began_not_before, began_not_before),
            began_not_after = coalesce(excluded.began_not_after, began_not_after),
            ended_not_before = excluded.ended_not_before,
            ended_not_after = excluded.ended_not_after,
            least = excluded.least,
            most_seen = excluded.most_seen,
            most = excluded.most
        """,
    ),
    "delivery": (
        frozenset({"attempt_began", "attempt_ended"}),
        f"""
        INSERT INTO delivery (
            person, incident, attempt, channel, told, began_at, ended_at, delivered, lost, detail
        )
        SELECT
            subject, body ->> '$.incident', body ->> '$.attempt', body ->> '$.channel',
            body ->> '$.alert.told',
            CASE kind WHEN 'attempt_began' THEN at END,
            CASE kind WHEN 'attempt_ended' THEN at END,
            body ->> '$.delivered', body ->> '$.lost', body ->> '$.detail'
        {_IN_RANGE} IN ('attempt_began', 'attempt_ended') ORDER BY number
        ON CONFLICT (incident, person, attempt) DO UPDATE SET
            ended_at = excluded.ended_at,
            delivered = excluded.delivered,
            lost = excluded.lost,
            detail = excluded.detail
        """,
    ),
    "acknowledgement": (
        frozenset({"incident_acknowledged"}),
        f"""
        INSERT INTO acknowledgement (incident, person, at)
        SELECT subject, body ->> '$.person', at {_IN_RANGE} = 'incident_acknowledged'
        ORDER BY number ON CONFLICT (incident) DO NOTHING
        """,
    ),
    "decision": (
        frozenset({"decision_taken", "decision_refused"}),
        f"""
        INSERT INTO decision (epoch, number, id, at, person, via, kind, body, why)
        SELECT
            epoch, number, subject, at, body ->> '$.person', body ->> '$.via', body ->> '$.kind',
            body -> '$.body', body ->> '$.why'
        {_IN_RANGE} IN ('decision_taken', 'decision_refused')
        """,
    ),
    "unsettled": (
        frozenset({"suspicion_found"}),
        f"""
        INSERT INTO unsettled (
            id, epoch, number, programme, sort, start, finish, time, evidence
        )
        SELECT
            subject, epoch, number, body ->> '$.programme', body ->> '$.sort', body ->> '$.begin',
            body ->> '$.end', body ->> '$.seconds', body -> '$.evidence'
        {_IN_RANGE} = 'suspicion_found' ORDER BY number ON CONFLICT (id) DO NOTHING
        """,
    ),
    "unsettled, ended": (
        frozenset({"suspicion_refuted", "spans_settled"}),
        """
        UPDATE unsettled SET
            open = NULL, refuted_by = ended.by, verdict = ended.verdict,
            settled_by = ended.person, settled_at = ended.at, decision = ended.decision
        FROM (
            -- With min() the other columns are those of the first event that ends the span.
            SELECT found.id, min(ending.number), by, ending.verdict, person, at, ending.decision
            FROM (
                SELECT
                    subject AS id, number, body ->> '$.by' AS by, NULL AS verdict, NULL AS person,
                    NULL AS at, NULL AS decision
                FROM event
                WHERE epoch = :epoch AND number BETWEEN :first AND :last
                AND kind = 'suspicion_refuted'
                UNION ALL
                SELECT
                    span.value ->> 0, event.number, NULL, event.body ->> '$.verdict',
                    event.body ->> '$.person', event.at, event.subject
                FROM event, json_each(event.body, '$.spans') AS span
                WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'spans_settled'
            ) AS ending
            JOIN unsettled AS found ON found.id = ending.id AND found.open
            AND (:epoch, ending.number) > (found.epoch, found.number)
            GROUP BY found.id
        ) AS ended
        WHERE unsettled.id = ended.id
        """,
    ),
}


def version() -> str:
    """Return a digest of the tables and statements; a record with another one is rebuilt."""
    parts = [read_script(_SCRIPT), *(sql for _, sql in _FOLDS.values())]
    return sha256("\n".join([*parts, _CALENDARS_GIVEN, *_CALENDAR]).encode()).hexdigest()[:16]


def keep_up(connection: sqlite3.Connection, batch: Range, kinds: Collection[str]) -> None:
    """Fold a batch just inserted that has these ``kinds``. In a transaction."""
    for folded, statement in _FOLDS.values():
        if not folded.isdisjoint(kinds):
            connection.execute(statement, batch._asdict())
    if "calendar_extended" in kinds:
        _keep_up_calendar(connection, batch)


def rebuild(connection: sqlite3.Connection) -> None:
    """Empty every table and fold all events again. In a transaction."""
    for statement in statements(read_script(_SCRIPT)):
        connection.execute(statement)
    kinds = {row[0] for row in connection.execute("SELECT DISTINCT kind FROM event")}
    ranges = connection.execute(
        "SELECT epoch, min(number), max(number) FROM event WHERE stream = ? GROUP BY epoch", (SITE,)
    )
    for batch in [Range(*row) for row in ranges]:
        keep_up(connection, batch, kinds)


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


def _keep_up_calendar(connection: sqlite3.Connection, batch: Range) -> None:
    for body, cut in connection.execute(_CALENDARS_GIVEN, batch._asdict()).fetchall():
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
