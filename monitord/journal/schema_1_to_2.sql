-- Epochs know their generation and their stream. No row is written again.

ALTER TABLE epochs ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;

ALTER TABLE epochs ADD COLUMN stream INTEGER NOT NULL DEFAULT 0;

-- No event of schema 1 was of a drill: its 0 is the number of the site's stream.
ALTER TABLE event RENAME COLUMN drill TO stream;
