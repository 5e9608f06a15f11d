-- +goose NO TRANSACTION
-- +goose Up
-- Settlements and the lists of a merchant look for its payments by time. Without
-- this each of them read the payments of all merchants.
CREATE INDEX IF NOT EXISTS payments_app ON payments (app_id, at);
