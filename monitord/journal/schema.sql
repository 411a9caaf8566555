-- The record itself. Rows are added and never rewritten; projections.sql holds what can be rebuilt.
-- Of each epoch: the generation of its kinds, and its stream (its place in STREAMS of
-- journal/chain.py). Times are microseconds of site time, hashes lower-case hex (journal/chain.py says of what).

CREATE TABLE header (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs (
    epoch INTEGER PRIMARY KEY,
    cites_epoch INTEGER,
    cites_number INTEGER,
    cites_head TEXT,
    why TEXT NOT NULL,
    link TEXT NOT NULL,
    generation INTEGER NOT NULL,
    stream INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
    epoch INTEGER NOT NULL REFERENCES epochs (epoch),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    v INTEGER NOT NULL,
    subject TEXT NOT NULL,
    stream INTEGER NOT NULL,
    body TEXT,
    digest TEXT NOT NULL,
    chain TEXT NOT NULL,
    PRIMARY KEY (epoch, number)
) STRICT;

CREATE TRIGGER event_is_never_rewritten
BEFORE UPDATE OF epoch, number, at, kind, v, subject, stream, digest, chain ON event
BEGIN
    SELECT RAISE(ABORT, 'the record is never rewritten');
END;

CREATE TRIGGER event_is_never_deleted
BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'the record is never rewritten');
END;

CREATE TABLE snapshot (
    epoch INTEGER NOT NULL REFERENCES epochs (epoch),
    number INTEGER NOT NULL,
    shape TEXT NOT NULL,
    chain TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (epoch, number)
) STRICT;
