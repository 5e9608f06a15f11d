-- +goose Up
-- What merchants asked and what they were answered. What is searched comes
-- first in a row: the texts at its end are read only where a row is shown.
CREATE TABLE exchanges (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    took         INTEGER NOT NULL,
    app_id       INTEGER NOT NULL,
    operation    TEXT NOT NULL,
    value        INTEGER NOT NULL,
    return_code  INTEGER NOT NULL,
    http_status  INTEGER NOT NULL,
    app_trans_id TEXT NOT NULL,
    m_refund_id  TEXT NOT NULL,
    order_id     INTEGER NOT NULL,
    binding_id   INTEGER NOT NULL,
    payment      INTEGER NOT NULL,
    refund       INTEGER NOT NULL,
    change       TEXT NOT NULL,
    mac          TEXT NOT NULL,
    method       TEXT NOT NULL,
    path         TEXT NOT NULL,
    remote       TEXT NOT NULL,
    rule_id      INTEGER NOT NULL,
    effect       TEXT NOT NULL,
    body_size    INTEGER NOT NULL,
    headers      TEXT NOT NULL,
    fields       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    answer       TEXT NOT NULL,
    body         BLOB
) STRICT;

CREATE INDEX exchanges_of_app ON exchanges (app_id, id);
CREATE INDEX exchanges_of_operation ON exchanges (operation, id);
CREATE INDEX exchanges_of_trans_id ON exchanges (app_trans_id, id) WHERE app_trans_id <> '';
CREATE INDEX exchanges_of_value ON exchanges (value, id);
