-- +goose Up
-- What a sandbox is told to answer.

CREATE TABLE rules (
    id         INTEGER PRIMARY KEY,
    operation  TEXT NOT NULL,
    app_id     INTEGER NOT NULL,
    match      TEXT NOT NULL,
    forced     INTEGER NOT NULL,
    value      INTEGER NOT NULL,
    delay      INTEGER NOT NULL CHECK (delay >= 0),
    break      TEXT NOT NULL,
    calls_left INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;
