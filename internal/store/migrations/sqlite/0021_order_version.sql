-- +goose Up
-- The version of the merchant API that an order was made through: its callback
-- is written in the same one.
ALTER TABLE orders ADD COLUMN api_version INTEGER NOT NULL DEFAULT 2;
