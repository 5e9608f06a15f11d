-- +goose NO TRANSACTION
-- +goose Up
-- What goes wrong with a sandbox's callbacks on their way. calls_left of -1 is
-- any number.
CREATE TABLE IF NOT EXISTS callback_rules (
    id         BIGINT PRIMARY KEY,
    app_id     BIGINT NOT NULL,
    subject    TEXT NOT NULL,
    trans_id   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    delay      BIGINT NOT NULL CHECK (delay >= 0),
    calls_left BIGINT NOT NULL,
    expires_at BIGINT
);

-- sent holds what was sent instead of the delivery's body.
ALTER TABLE attempts ADD COLUMN IF NOT EXISTS rule_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN IF NOT EXISTS mishap TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN IF NOT EXISTS sent BYTEA;

CREATE INDEX IF NOT EXISTS attempts_of_rule ON attempts (rule_id) WHERE rule_id <> 0;
