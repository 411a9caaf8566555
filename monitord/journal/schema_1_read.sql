-- For a connection that may only read: a record of schema 1 as schema 2 has it.

CREATE TEMP VIEW epochs AS
SELECT
    epoch, cites_epoch, cites_number, cites_head, why, link, 1 AS generation, 0 AS stream
FROM main.epochs;

CREATE TEMP VIEW event AS
SELECT epoch, number, at, kind, v, subject, drill AS stream, body, digest, chain FROM main.event;
