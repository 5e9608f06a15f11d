-- +goose Up
-- What goes wrong with a sandbox's callbacks on their way. calls_left of -1 is
-- any number.
CREATE TABLE callback_rules (
    id         INTEGER PRIMARY KEY,
    app_id     INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    trans_id   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    delay      INTEGER NOT NULL CHECK (delay >= 0),
    calls_left INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

-- sent holds what was sent instead of the delivery's body.
ALTER TABLE attempts ADD COLUMN rule_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN mishap TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN sent BLOB;

CREATE INDEX attempts_of_rule ON attempts (rule_id) WHERE rule_id <> 0;
