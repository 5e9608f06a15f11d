-- +goose Up
-- Secrets are under keys that are not here: apps.key1 and key2, the old ones
-- beside them, operators.totp, and settings that are secret.

-- The keys of before are good until then.
ALTER TABLE apps ADD COLUMN old_key1 TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN old_key2 TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN old_until INTEGER;

-- Which keys of secrets a node has; '' is a node that knows of none.
ALTER TABLE nodes ADD COLUMN vault_keys TEXT NOT NULL DEFAULT '';

-- totp_step is the latest code that was taken. recovery is a JSON list of
-- hashes; each is of a code that was not used yet.
ALTER TABLE operators ADD COLUMN totp TEXT NOT NULL DEFAULT '';
ALTER TABLE operators ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operators ADD COLUMN recovery TEXT NOT NULL DEFAULT '';

-- Who is signed in at the console, and where. proved_at is when they last gave
-- a password or a code. Times are the machine's.
CREATE TABLE operator_sessions (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    began_at  INTEGER NOT NULL,
    seen_at   INTEGER NOT NULL,
    proved_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL,
    remote    TEXT NOT NULL,
    agent     TEXT NOT NULL
) STRICT;

CREATE INDEX operator_sessions_name ON operator_sessions (name, id);
CREATE INDEX operator_sessions_end ON operator_sessions (ends_at);

-- Wrong tries to sign in at the console, by the name that was given and by the
-- address that they came from.
CREATE TABLE sign_in_tries (
    source       TEXT PRIMARY KEY,
    failures     INTEGER NOT NULL CHECK (failures >= 0),
    tried_at     INTEGER NOT NULL,
    paused_until INTEGER NOT NULL
) STRICT;

CREATE INDEX sign_in_tries_at ON sign_in_tries (tried_at);
