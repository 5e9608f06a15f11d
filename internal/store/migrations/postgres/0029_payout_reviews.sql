-- +goose NO TRANSACTION
-- +goose Up
-- Payouts that wait until an operator releases them: an app's from an amount on,
-- 0 for none, or one by hand. hold says which of both was last; due_at is NULL
-- while one is held, so that nothing tries it.
ALTER TABLE apps ADD COLUMN IF NOT EXISTS payout_review_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE disbursements ADD COLUMN IF NOT EXISTS hold TEXT NOT NULL DEFAULT '';
ALTER TABLE disbursements ADD COLUMN IF NOT EXISTS held_at BIGINT;
ALTER TABLE disbursements ADD COLUMN IF NOT EXISTS released_at BIGINT;
CREATE INDEX IF NOT EXISTS disbursements_held ON disbursements (number) WHERE state = 'held';

-- Under which references merchants' money was booked: each once for an app.
CREATE TABLE IF NOT EXISTS payout_fundings (
    app_id    BIGINT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (app_id, reference)
);
