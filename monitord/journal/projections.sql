-- Tables of the present: folded from the events, dropped and rebuilt when this file changes.
-- Times are microseconds of site time, but in calendar: there wall time since 1970 UTC.

DROP VIEW IF EXISTS span;
DROP TABLE IF EXISTS piece;
DROP TABLE IF EXISTS incident;
DROP TABLE IF EXISTS impact;
DROP TABLE IF EXISTS outage;
DROP TABLE IF EXISTS delivery;
DROP TABLE IF EXISTS acknowledgement;
DROP TABLE IF EXISTS decision;
DROP TABLE IF EXISTS unsettled;
DROP TABLE IF EXISTS calendar;
DROP TABLE IF EXISTS clock;

-- possible: a JSON array of observed, or NULL from where the programme is no longer configured.
CREATE TABLE piece (
    programme TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    possible TEXT,
    blind TEXT,
    presumed INTEGER,
    PRIMARY KEY (programme, epoch, number)
) STRICT, WITHOUT ROWID;

-- A piece runs until the next one of its programme starts; finish is NULL while it is open.
CREATE VIEW span AS
SELECT programme, start, finish, possible, blind, presumed, epoch, number
FROM (
    SELECT
        *,
        LEAD(start) OVER (PARTITION BY programme ORDER BY epoch, number) AS finish
    FROM piece
)
WHERE possible IS NOT NULL;

-- Filled in by several events, so that a column may be NULL until its event comes. number: the
-- short one, NULL for those of an earlier generation. severity: the worst of its faults.
CREATE TABLE incident (
    id TEXT PRIMARY KEY,
    number INTEGER,
    programme TEXT,
    fault TEXT,
    severity TEXT,
    reason TEXT,
    stage TEXT,
    place TEXT,
    opened_at INTEGER,
    closed_at INTEGER,
    close_cause TEXT,
    continued_in TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX incident_by_opened_at ON incident (opened_at);

-- Each fall of each fault in an incident. over, how: since when and why it is over there; one that
-- is continued elsewhere ends later.
CREATE TABLE impact (
    incident TEXT NOT NULL,
    programme TEXT NOT NULL,
    fault TEXT NOT NULL,
    number INTEGER NOT NULL,
    reason TEXT,
    "column" TEXT,
    began_not_before INTEGER,
    began_not_after INTEGER,
    ended_not_before INTEGER,
    ended_not_after INTEGER,
    least INTEGER,
    most_seen INTEGER,
    most INTEGER,
    over INTEGER,
    how TEXT,
    PRIMARY KEY (incident, programme, fault, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX impact_continued ON impact (programme, fault)
WHERE how = 'continued' AND ended_not_after IS NULL;

-- Every outage and every spell of an alarm that has ended. devices, owners: JSON. how: NULL for
-- those of an earlier generation. incident: NULL for those too short for one.
CREATE TABLE outage (
    id TEXT NOT NULL,
    programme TEXT NOT NULL,
    fault TEXT NOT NULL,
    reason TEXT NOT NULL,
    layer TEXT NOT NULL,
    stage TEXT NOT NULL,
    owner TEXT NOT NULL,
    devices TEXT NOT NULL,
    began_not_before INTEGER NOT NULL,
    began_not_after INTEGER NOT NULL,
    ended_not_before INTEGER NOT NULL,
    ended_not_after INTEGER NOT NULL,
    least INTEGER NOT NULL,
    most_seen INTEGER NOT NULL,
    most INTEGER NOT NULL,
    how TEXT,
    owners TEXT NOT NULL,
    incident TEXT,
    suspected INTEGER NOT NULL,
    PRIMARY KEY (programme, fault, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX outage_by_end ON outage (ended_not_after);

-- One row for each incident that an attempt is about; head: the one that its number counts for.
CREATE TABLE delivery (
    person TEXT NOT NULL,
    head TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    incident TEXT NOT NULL,
    channel TEXT,
    told TEXT,
    began_at INTEGER,
    ended_at INTEGER,
    delivered INTEGER,
    lost INTEGER,
    detail TEXT,
    PRIMARY KEY (head, person, attempt, incident)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_by_incident ON delivery (incident);

-- Who said that they have seen an incident, one row a person: at: when first; members: JSON, those
-- that were open when they said so last, NULL where an older record does not say.
CREATE TABLE acknowledgement (
    incident TEXT NOT NULL,
    person TEXT NOT NULL,
    at INTEGER NOT NULL,
    members TEXT,
    PRIMARY KEY (incident, person)
) STRICT, WITHOUT ROWID;

-- Every decision of a person; why: the code of a refusal, NULL where it was taken.
CREATE TABLE decision (
    epoch INTEGER NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    person TEXT NOT NULL,
    via TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT,
    why TEXT,
    PRIMARY KEY (epoch, number)
) STRICT, WITHOUT ROWID;

-- Spans that a person must settle; time: microseconds in hours; open: 1, or NULL once the span is
-- settled or disproven.
CREATE TABLE unsettled (
    id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    number INTEGER NOT NULL,
    programme TEXT NOT NULL,
    sort TEXT NOT NULL,
    start INTEGER NOT NULL,
    finish INTEGER NOT NULL,
    time INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    open INTEGER DEFAULT 1,
    refuted_by TEXT,
    verdict TEXT,
    settled_by TEXT,
    settled_at INTEGER,
    decision TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX unsettled_open ON unsettled (start) WHERE open;

CREATE TABLE calendar (
    programme TEXT NOT NULL,
    start INTEGER NOT NULL,
    finish INTEGER NOT NULL,
    hours TEXT NOT NULL,
    PRIMARY KEY (programme, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE clock (
    epoch INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (epoch, number)
) STRICT, WITHOUT ROWID;
