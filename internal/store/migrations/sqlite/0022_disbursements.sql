-- +goose Up
-- How an app pays out to wallets: the name of its account on the wire, and the
-- public key, as PEM, whose owner signs each payout. Both are empty for an app
-- that may not.
ALTER TABLE apps ADD COLUMN payment_id TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN public_key TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN payouts_held_at INTEGER;

-- What merchants pay out to wallets. The number is that of the entry; due_at is
-- when one that waits is tried again, and NULL once it is closed.
CREATE TABLE disbursements (
    number           INTEGER PRIMARY KEY,
    app_id           INTEGER NOT NULL,
    partner_order_id TEXT NOT NULL,
    wallet_id        INTEGER NOT NULL,
    amount           INTEGER NOT NULL CHECK (amount > 0),
    description      TEXT NOT NULL,
    embed_data       TEXT NOT NULL,
    extra_info       TEXT NOT NULL,
    state            TEXT NOT NULL,
    failure          TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    due_at           INTEGER,
    closed_at        INTEGER,
    UNIQUE (app_id, partner_order_id)
) STRICT;
CREATE INDEX disbursements_app ON disbursements (app_id, number);
CREATE INDEX disbursements_due ON disbursements (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX disbursements_waiting ON disbursements (app_id, due_at) WHERE due_at IS NOT NULL;

-- What a merchant gave us to pay out: kind 7, owner app.
INSERT INTO accounts (id, balance, floor, no_debits_at)
SELECT id * 16 + 7, 0, 0, NULL FROM apps;
