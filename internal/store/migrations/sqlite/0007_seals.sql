-- +goose Up
-- Seals over the entries: docs/ledger-format.md has every byte of them. A chain
-- is written by one process in one life. n counts its seals, entries all entries
-- in them; number 0 is the list of chains: its n counts them, its label is the
-- name of the database.
CREATE TABLE chains (
    id        INTEGER PRIMARY KEY,
    label     TEXT NOT NULL,
    key_id    TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    entries   INTEGER NOT NULL,
    head      BLOB NOT NULL,
    tag       BLOB NOT NULL
) STRICT;

-- A seal is over the entries of one commit. The smallest of their numbers is its
-- key, so seals come in the order of the entries.
CREATE TABLE seals (
    first_entry INTEGER PRIMARY KEY,
    chain       INTEGER NOT NULL,
    n           INTEGER NOT NULL,
    list        BLOB NOT NULL,
    hash        BLOB NOT NULL,
    tag         BLOB NOT NULL
) STRICT;
