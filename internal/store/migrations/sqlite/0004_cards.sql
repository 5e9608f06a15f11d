-- +goose Up
-- Cards and what banks are asked for.

-- sealed is the number, encrypted under keys that are not here; NULL once the
-- card was deleted.
CREATE TABLE cards (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    sealed      BLOB,
    masked      TEXT NOT NULL,
    scheme      TEXT NOT NULL,
    bank_code   TEXT NOT NULL,
    expiry      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;

CREATE INDEX cards_fingerprint ON cards (fingerprint);

ALTER TABLE bindings ADD COLUMN card_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bindings ADD COLUMN order_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN bank_code TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN masked_card TEXT NOT NULL DEFAULT '';

-- A charge is one attempt to take money from a card; its number becomes the
-- payment's. An amount of 0 only checks a card.
CREATE TABLE charges (
    number     INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL,
    app_id     INTEGER NOT NULL,
    wallet_id  INTEGER NOT NULL,
    card_id    INTEGER NOT NULL,
    binding_id INTEGER NOT NULL,
    channel    INTEGER NOT NULL,
    bank_code  TEXT NOT NULL,
    masked     TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    discount   INTEGER NOT NULL CHECK (discount >= 0),
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER,
    closed_at  INTEGER
) STRICT;

CREATE INDEX charges_due ON charges (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX charges_order ON charges (order_id);
CREATE INDEX charges_binding ON charges (binding_id) WHERE binding_id <> 0;

ALTER TABLE refunds ADD COLUMN reversal INTEGER NOT NULL DEFAULT 0;

-- Money that goes through cards is cleared here: kind 6, channels 36 and 39.
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (582, 0, NULL, NULL);
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (630, 0, NULL, NULL);

-- What the simulated bank remembers. It is not the gateway's book.
CREATE TABLE bank_records (
    ref      INTEGER PRIMARY KEY,
    charge   INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    last4    TEXT NOT NULL,
    issuer   TEXT NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    otps     INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    refunded INTEGER NOT NULL
) STRICT;
