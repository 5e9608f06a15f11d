-- +goose NO TRANSACTION
-- +goose Up
-- The version of the merchant API that an order was made through: its callback
-- is written in the same one.
ALTER TABLE orders ADD COLUMN IF NOT EXISTS api_version BIGINT NOT NULL DEFAULT 2;

-- What payers show to shops, as SHA-256 in hexadecimal. A code pays one order.
CREATE TABLE IF NOT EXISTS payment_codes (
    code       TEXT PRIMARY KEY,
    wallet_id  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    order_id   BIGINT NOT NULL -- that it paid; 0: none yet
);
CREATE INDEX IF NOT EXISTS payment_codes_wallet ON payment_codes (wallet_id, expires_at);
