-- +goose NO TRANSACTION
-- +goose Up
-- The day, as yyMMdd at GMT+7, whose limits a charge was counted against: it is
-- what the charge gives back when it fails. Empty: none, or that of created_at.
ALTER TABLE charges ADD COLUMN IF NOT EXISTS counted_day TEXT NOT NULL DEFAULT '';

-- For what work a callback is owed, so that its call is part of the same trace
-- after a restart too. Empty: nobody traced it.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS cause TEXT NOT NULL DEFAULT '';
