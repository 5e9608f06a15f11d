-- +goose Up
-- The version of the merchant API that an order was made through: its callback
-- is written in the same one.
ALTER TABLE orders ADD COLUMN api_version INTEGER NOT NULL DEFAULT 2;

-- What payers show to shops, as SHA-256 in hexadecimal. A code pays one order.
CREATE TABLE payment_codes (
    code       TEXT PRIMARY KEY,
    wallet_id  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    order_id   INTEGER NOT NULL -- that it paid; 0: none yet
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_codes_wallet ON payment_codes (wallet_id, expires_at);
