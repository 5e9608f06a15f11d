-- +goose NO TRANSACTION
-- +goose Up
-- Secrets are under keys that are not here: apps.key1 and key2, the old ones
-- beside them, operators.totp, and settings that are secret.

-- The keys of before are good until then.
ALTER TABLE apps ADD COLUMN IF NOT EXISTS old_key1 TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN IF NOT EXISTS old_key2 TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN IF NOT EXISTS old_until BIGINT;

-- Which keys of secrets a node has; '' is a node that knows of none.
ALTER TABLE nodes ADD COLUMN IF NOT EXISTS vault_keys TEXT NOT NULL DEFAULT '';

-- totp_step is the latest code that was taken. recovery is a JSON list of
-- hashes; each is of a code that was not used yet.
ALTER TABLE operators ADD COLUMN IF NOT EXISTS totp TEXT NOT NULL DEFAULT '';
ALTER TABLE operators ADD COLUMN IF NOT EXISTS totp_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE operators ADD COLUMN IF NOT EXISTS recovery TEXT NOT NULL DEFAULT '';

-- Who is signed in at the console, and where. proved_at is when they last gave
-- a password or a code. Times are the machine's.
CREATE TABLE IF NOT EXISTS operator_sessions (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    began_at  BIGINT NOT NULL,
    seen_at   BIGINT NOT NULL,
    proved_at BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    remote    TEXT NOT NULL,
    agent     TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS operator_sessions_name ON operator_sessions (name, id);
CREATE INDEX IF NOT EXISTS operator_sessions_end ON operator_sessions (ends_at);

-- Wrong tries to sign in at the console, by the name that was given and by the
-- address that they came from.
CREATE TABLE IF NOT EXISTS sign_in_tries (
    source       TEXT PRIMARY KEY,
    failures     BIGINT NOT NULL CHECK (failures >= 0),
    tried_at     BIGINT NOT NULL,
    paused_until BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS sign_in_tries_at ON sign_in_tries (tried_at);
