-- +goose NO TRANSACTION
-- +goose Up
-- What merchants asked and what they were answered. What is searched comes
-- first in a row: the texts at its end are read only where a row is shown.
CREATE TABLE IF NOT EXISTS exchanges (
    id           BIGINT PRIMARY KEY,
    at           BIGINT NOT NULL,
    took         BIGINT NOT NULL,
    app_id       BIGINT NOT NULL,
    operation    TEXT NOT NULL,
    value        BIGINT NOT NULL,
    return_code  BIGINT NOT NULL,
    http_status  BIGINT NOT NULL,
    app_trans_id TEXT NOT NULL,
    m_refund_id  TEXT NOT NULL,
    order_id     BIGINT NOT NULL,
    binding_id   BIGINT NOT NULL,
    payment      BIGINT NOT NULL,
    refund       BIGINT NOT NULL,
    change       TEXT NOT NULL,
    mac          TEXT NOT NULL,
    method       TEXT NOT NULL,
    path         TEXT NOT NULL,
    remote       TEXT NOT NULL,
    rule_id      BIGINT NOT NULL,
    effect       TEXT NOT NULL,
    body_size    BIGINT NOT NULL,
    headers      TEXT NOT NULL,
    fields       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    answer       TEXT NOT NULL,
    body         BYTEA
);

CREATE INDEX IF NOT EXISTS exchanges_of_app ON exchanges (app_id, id);
CREATE INDEX IF NOT EXISTS exchanges_of_operation ON exchanges (operation, id);
CREATE INDEX IF NOT EXISTS exchanges_of_trans_id ON exchanges (app_trans_id, id) WHERE app_trans_id <> '';
CREATE INDEX IF NOT EXISTS exchanges_of_value ON exchanges (value, id);
