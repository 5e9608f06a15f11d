-- +goose NO TRANSACTION
-- +goose Up
-- The macs under which refunds were accepted: a mac does not cover m_refund_id,
-- so the same one could ask for a second refund. mac is the hash of it.
CREATE TABLE IF NOT EXISTS refund_macs (
    app_id      BIGINT NOT NULL,
    mac         TEXT NOT NULL,
    m_refund_id TEXT NOT NULL,
    PRIMARY KEY (app_id, mac)
);
