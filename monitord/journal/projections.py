"""Folds the site's events into the tables that reports read. Owns these tables, no other fact.

The statements of a table read a range of ``event``: a commit and a rebuild run the same statements
over different ranges. They read the bodies of every generation of kinds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from hashlib import sha256
from typing import Final, NamedTuple

from monitord.journal import calendar_rows
from monitord.journal.chain import SITE
from monitord.journal.scripts import read_script, statements

TABLES: Final = (
    "piece",
    "incident",
    "impact",
    "outage",
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
        frozenset({"clock_adopted", "clock_turned"}),
        f"""
        INSERT INTO clock (epoch, number, at, offset)
        SELECT epoch, number, coalesce(body ->> '$.since', at), body ->> '$.offset'
        {_IN_RANGE} IN ('clock_adopted', 'clock_turned')
        """,
    ),
    "clock, of a base": (
        frozenset({"base_adopted"}),
        """
        INSERT INTO clock (epoch, number, at, offset)
        SELECT epoch, number, at, body ->> '$.state.clock_offset'
        FROM event
        WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'base_adopted'
            AND body ->> '$.state.clock_offset' IS NOT NULL AND NOT EXISTS (SELECT 1 FROM clock)
        """,
    ),
    "piece, of a base": (
        frozenset({"base_adopted"}),
        """
        INSERT INTO piece (programme, epoch, number, start, possible, blind, presumed)
        SELECT
            programme.key, epoch, number, programme.value ->> '$.piece.start',
            programme.value -> '$.piece.possible', programme.value ->> '$.piece.blind',
            programme.value ->> '$.piece.presumed'
        FROM event, json_each(event.body, '$.state.programmes') AS programme
        WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'base_adopted'
            AND NOT EXISTS (
                SELECT 1 FROM piece AS known WHERE known.programme = programme.key
                AND known.start = programme.value ->> '$.piece.start'
            )
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
    "incident, of a base": (
        frozenset({"base_adopted"}),
        # The first event of its epoch: whatever else is in the range comes after it. Where the
        # events before it are lost, it is all that is known of an open incident.
        """
        INSERT INTO incident (
            id, number, programme, fault, severity, reason, stage, place, opened_at
        )
        SELECT
            open.key, open.value ->> '$.number', first ->> '$.programme', first ->> '$.fault',
            first ->> '$.severity', open.value ->> '$.place.reason',
            open.value ->> '$.place.stage', open.value ->> '$.place.id',
            open.value ->> '$.opened_at'
        FROM (
            SELECT key, incidents.value, (
                SELECT member.value FROM json_each(incidents.value, '$.members') AS member
                ORDER BY instr('critical major minor warning', member.value ->> '$.severity')
                LIMIT 1
            ) AS first
            FROM event, json_each(event.body, '$.state.incidents') AS incidents
            WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'base_adopted'
        ) AS open
        WHERE true
        ON CONFLICT (id) DO UPDATE SET number = excluded.number, place = excluded.place
        """,
    ),
    "incident": (
        frozenset(
            {
                "incident_opened",
                "member_joined",
                "incident_revised",
                "incident_moved",
                "incident_closed",
            }
        ),
        # An earlier generation closed an incident as cleared, or as withdrawn by a configuration.
        f"""
        INSERT INTO incident (
            id, number, programme, fault, severity, reason, stage, place, opened_at, closed_at,
            close_cause, continued_in
        )
        SELECT
            subject, iif(kind = 'incident_opened', body ->> '$.number', NULL),
            body ->> '$.programme', body ->> '$.fault', body ->> '$.severity',
            iif(kind = 'member_joined', NULL, body ->> '$.reason'),
            body ->> '$.stage', body ->> '$.place.id',
            iif(kind = 'incident_opened', coalesce(body ->> '$.opened_at', at), NULL),
            iif(kind = 'incident_closed', at, NULL),
            CASE kind WHEN 'incident_closed' THEN
                coalesce(
                    body ->> '$.how',
                    iif(body ->> '$.cause' = 'withdrawn', 'reconfigured', 'recovered')
                )
            END,
            body ->> '$.into'
        {_IN_RANGE} IN (
            'incident_opened', 'member_joined', 'incident_revised', 'incident_moved',
            'incident_closed'
        )
        ORDER BY number
        ON CONFLICT (id) DO UPDATE SET
            severity = CASE
                WHEN instr('critical major minor warning', excluded.severity)
                    < instr('critical major minor warning', severity)
                THEN excluded.severity
                ELSE severity
            END,
            reason = coalesce(excluded.reason, reason),
            stage = coalesce(excluded.stage, stage),
            place = coalesce(excluded.place, place),
            closed_at = coalesce(excluded.closed_at, closed_at),
            close_cause = coalesce(excluded.close_cause, close_cause),
            continued_in = coalesce(excluded.continued_in, continued_in)
        """,
    ),
    "impact, of a base": (
        frozenset({"base_adopted"}),
        # An earlier generation recorded no begin of a reserve's fault.
        """
        INSERT INTO impact (
            incident, programme, fault, number, reason, began_not_before, began_not_after
        )
        SELECT
            open.key, member.value ->> '$.programme', member.value ->> '$.fault',
            member.value ->> '$.count', member.value ->> '$.falls[#-1].reason',
            member.value ->> '$.falls[#-1].began[0]', member.value ->> '$.falls[#-1].began[1]'
        FROM event, json_each(event.body, '$.state.incidents') AS open,
            json_each(open.value, '$.members') AS member
        WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'base_adopted'
            AND member.value ->> '$.over' IS NULL
        ON CONFLICT (incident, programme, fault, number) DO NOTHING
        """,
    ),
    "impact": (
        frozenset({"impact_began", "impact_ended", "member_joined", "member_fell", "member_over"}),
        # An incident of an earlier generation had the same fault for each programme. One that is
        # over here and goes on under another cause has no end yet: its not_before is null.
        """
        INSERT INTO impact (
            incident, programme, fault, number, reason, "column", began_not_before,
            began_not_after, ended_not_before, ended_not_after, least, most_seen, most, over, how
        )
        SELECT
            subject, body ->> '$.programme',
            coalesce(body ->> '$.fault', (SELECT fault FROM incident WHERE id = subject), ''),
            body ->> '$.number', body ->> '$.reason', body ->> '$.column',
            coalesce(body ->> '$.began_not_before', body ->> '$.not_before'),
            coalesce(body ->> '$.began_not_after', body ->> '$.not_after'),
            iif(kind IN ('impact_ended', 'member_over'), body ->> '$.not_before', NULL),
            iif(kind IN ('impact_ended', 'member_over'), body ->> '$.not_after', NULL),
            iif(body ->> '$.not_before' IS NULL, NULL, body ->> '$.least'),
            iif(body ->> '$.not_before' IS NULL, NULL, body ->> '$.most_seen'),
            iif(body ->> '$.not_before' IS NULL, NULL, body ->> '$.most'),
            body ->> '$.over', body ->> '$.how'
        FROM event
        WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind IN (
            'impact_began', 'impact_ended', 'member_joined', 'member_fell', 'member_over'
        )
        ORDER BY number
        ON CONFLICT (incident, programme, fault, number) DO UPDATE SET
            began_not_before = coalesce(excluded.began_not_before, began_not_before),
            began_not_after = coalesce(excluded.began_not_after, began_not_after),
            ended_not_before = excluded.ended_not_before,
            ended_not_after = excluded.ended_not_after,
            least = excluded.least,
            most_seen = excluded.most_seen,
            most = excluded.most,
            over = iif(excluded.over IS NULL, NULL, coalesce(over, excluded.over)),
            how = iif(excluded.how IS NULL, NULL, coalesce(how, excluded.how))
        """,
    ),
    "outage": (
        frozenset({"outage_ended"}),
        f"""
        INSERT INTO outage (
            id, programme, fault, reason, layer, stage, owner, devices, began_not_before,
            began_not_after, ended_not_before, ended_not_after, least, most_seen, most, how,
            owners, incident, suspected
        )
        SELECT
            subject, body ->> '$.programme', body ->> '$.fault', body ->> '$.reason',
            body ->> '$.layer', body ->> '$.stage', body ->> '$.owner', body -> '$.devices',
            body ->> '$.began[0]', body ->> '$.began[1]', body ->> '$.ended[0]',
            body ->> '$.ended[1]', body ->> '$.figures.least', body ->> '$.figures.most_seen',
            body ->> '$.figures.most', body ->> '$.how', body -> '$.owners',
            body ->> '$.incident', body ->> '$.suspected'
        {_IN_RANGE} = 'outage_ended' ORDER BY number
        ON CONFLICT (programme, fault, id) DO NOTHING
        """,
    ),
    "outage, of an impact": (
        frozenset({"impact_ended"}),
        # What an earlier generation knew of an outage; the row of the impact has the rest.
        """
        INSERT INTO outage (
            id, programme, fault, reason, layer, stage, owner, devices, began_not_before,
            began_not_after, ended_not_before, ended_not_after, least, most_seen, most, how,
            owners, incident, suspected
        )
        SELECT
            impact.incident || '-' || impact.number, impact.programme, impact.fault,
            coalesce(impact.reason, ''), '', '', '', '[]',
            impact.began_not_before, impact.began_not_after, impact.ended_not_before,
            impact.ended_not_after, impact.least, impact.most_seen, impact.most, NULL, '[]',
            impact.incident, 0
        FROM event
        JOIN impact ON impact.incident = event.subject
            AND impact.programme = event.body ->> '$.programme'
            AND impact.number = event.body ->> '$.number'
        WHERE epoch = :epoch AND event.number BETWEEN :first AND :last AND kind = 'impact_ended'
        ON CONFLICT (programme, fault, id) DO NOTHING
        """,
    ),
    "impact, continued": (
        frozenset({"outage_ended"}),
        # What was continued elsewhere ends with its outage, also after its incident is forgotten.
        """
        UPDATE impact SET
            ended_not_before = ended.body ->> '$.ended[0]',
            ended_not_after = ended.body ->> '$.ended[1]',
            least = ended.body ->> '$.figures.least',
            most_seen = ended.body ->> '$.figures.most_seen',
            most = ended.body ->> '$.figures.most'
        FROM event AS ended
        WHERE ended.epoch = :epoch AND ended.number BETWEEN :first AND :last
            AND ended.kind = 'outage_ended'
            AND impact.how = 'continued' AND impact.ended_not_after IS NULL
            AND impact.programme = ended.body ->> '$.programme'
            AND impact.fault = ended.body ->> '$.fault'
            AND impact.began_not_before = ended.body ->> '$.began[0]'
            AND impact.began_not_after = ended.body ->> '$.began[1]'
        """,
    ),
    "impact, short falls": (
        frozenset({"member_joined"}),
        # The short falls before a fault opened belong to its incident.
        """
        INSERT INTO impact (
            incident, programme, fault, number, reason, "column", began_not_before,
            began_not_after, ended_not_before, ended_not_after, least, most_seen, most, over, how
        )
        SELECT
            event.subject, outage.programme, outage.fault, fall.key + 1, outage.reason,
            event.body ->> '$.column', outage.began_not_before, outage.began_not_after,
            outage.ended_not_before, outage.ended_not_after, outage.least, outage.most_seen,
            outage.most, outage.ended_not_after, outage.how
        FROM event, json_each(event.body, '$.falls') AS fall
        JOIN outage ON outage.programme = event.body ->> '$.programme'
            AND outage.fault = event.body ->> '$.fault' AND outage.id = fall.value
        WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'member_joined'
        ON CONFLICT (incident, programme, fault, number) DO NOTHING
        """,
    ),
    "outage, short falls": (
        frozenset({"member_joined"}),
        """
        UPDATE outage SET incident = joined.incident
        FROM (
            -- With min() the other columns are those of the first incident that has the fall.
            SELECT
                min(number), subject AS incident, body ->> '$.programme' AS programme,
                body ->> '$.fault' AS fault, fall.value AS id
            FROM event, json_each(event.body, '$.falls') AS fall
            WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'member_joined'
            GROUP BY 3, 4, 5
        ) AS joined
        WHERE outage.incident IS NULL AND outage.programme = joined.programme
            AND outage.fault = joined.fault AND outage.id = joined.id
        """,
    ),
    "delivery": (
        frozenset({"attempt_began"}),
        """
        INSERT INTO delivery (person, head, attempt, incident, channel, told, began_at)
        SELECT
            event.subject, event.body ->> '$.incident', event.body ->> '$.attempt',
            about.value ->> '$.incident', event.body ->> '$.channel',
            event.body ->> '$.alert.told', event.at
        FROM event, json_each(coalesce(event.body -> '$.news', json_array(event.body))) AS about
        WHERE epoch = :epoch AND number BETWEEN :first AND :last AND kind = 'attempt_began'
        ON CONFLICT (head, person, attempt, incident) DO NOTHING
        """,
    ),
    "delivery, ended": (
        frozenset({"attempt_ended"}),
        """
        UPDATE delivery SET
            ended_at = ended.at, delivered = ended.body ->> '$.delivered',
            lost = ended.body ->> '$.lost', detail = ended.body ->> '$.detail'
        FROM event AS ended
        WHERE ended.epoch = :epoch AND ended.number BETWEEN :first AND :last
            AND ended.kind = 'attempt_ended' AND person = ended.subject
            AND head = ended.body ->> '$.incident' AND attempt = ended.body ->> '$.attempt'
        """,
    ),
    "acknowledgement": (
        frozenset({"incident_acknowledged"}),
        f"""
        INSERT INTO acknowledgement (incident, person, at, members)
        SELECT subject, body ->> '$.person', at, body -> '$.members'
        {_IN_RANGE} = 'incident_acknowledged'
        ORDER BY number ON CONFLICT (incident, person) DO UPDATE SET members = excluded.members
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
    return sha256("\n".join([*parts, *calendar_rows.STATEMENTS]).encode()).hexdigest()[:16]


def keep_up(connection: sqlite3.Connection, batch: Range, kinds: Collection[str]) -> None:
    """Fold a batch just inserted that has these ``kinds``. In a transaction."""
    for folded, statement in _FOLDS.values():
        if not folded.isdisjoint(kinds):
            connection.execute(statement, batch._asdict())
    calendar_rows.keep_up(connection, batch._asdict(), kinds)


def rebuild(connection: sqlite3.Connection) -> None:
    """Empty every table and fold all events again. In a transaction."""
    for statement in statements(read_script(_SCRIPT)):
        connection.execute(statement)
    _fold_all(connection)


def fold_aside(connection: sqlite3.Connection) -> None:
    """Fold all events into temporary tables, for a connection that cannot write the record."""
    connection.execute("BEGIN")
    for statement in statements(read_script(_SCRIPT)):
        if "CREATE INDEX" in statement:
            connection.execute(statement.replace("CREATE INDEX ", "CREATE INDEX temp."))
        elif "CREATE" in statement:
            connection.execute(statement.replace("CREATE ", "CREATE TEMP ", 1))
    _fold_all(connection)
    connection.execute("COMMIT")


def _fold_all(connection: sqlite3.Connection) -> None:
    kinds = {row[0] for row in connection.execute("SELECT DISTINCT kind FROM event")}
    ranges = connection.execute(
        "SELECT epoch, min(number), max(number) FROM event WHERE stream = ? GROUP BY epoch", (SITE,)
    )
    for batch in [Range(*row) for row in ranges]:
        keep_up(connection, batch, kinds)
