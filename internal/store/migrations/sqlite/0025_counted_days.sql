-- +goose Up
-- The day, as yyMMdd at GMT+7, whose limits a charge was counted against: it is
-- what the charge gives back when it fails. Empty: none, or that of created_at.
ALTER TABLE charges ADD COLUMN counted_day TEXT NOT NULL DEFAULT '';
