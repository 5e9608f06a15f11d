-- +goose NO TRANSACTION
-- +goose Up
-- Seals over the entries: docs/ledger-format.md has every byte of them. A chain
-- is written by one process in one life. n counts its seals, entries all entries
-- in them; number 0 is the list of chains: its n counts them, its label is the
-- name of the database.
CREATE TABLE IF NOT EXISTS chains (
    id        BIGINT PRIMARY KEY,
    label     TEXT NOT NULL,
    key_id    TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    n         BIGINT NOT NULL,
    entries   BIGINT NOT NULL,
    head      BYTEA NOT NULL,
    tag       BYTEA NOT NULL
);

-- A seal is over the entries of one commit. The smallest of their numbers is its
-- key, so seals come in the order of the entries.
CREATE TABLE IF NOT EXISTS seals (
    first_entry BIGINT PRIMARY KEY,
    chain       BIGINT NOT NULL,
    n           BIGINT NOT NULL,
    list        BYTEA NOT NULL,
    hash        BYTEA NOT NULL,
    tag         BYTEA NOT NULL
);
