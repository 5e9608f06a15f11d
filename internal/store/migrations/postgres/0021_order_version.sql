-- +goose NO TRANSACTION
-- +goose Up
-- The version of the merchant API that an order was made through: its callback
-- is written in the same one.
ALTER TABLE orders ADD COLUMN IF NOT EXISTS api_version BIGINT NOT NULL DEFAULT 2;
