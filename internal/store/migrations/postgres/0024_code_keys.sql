-- +goose NO TRANSACTION
-- +goose Up
-- The key with which an app may encrypt payment codes: its private half, sealed
-- like the other keys of apps, and empty until somebody asks for the public one.
ALTER TABLE apps ADD COLUMN IF NOT EXISTS code_key TEXT NOT NULL DEFAULT '';
