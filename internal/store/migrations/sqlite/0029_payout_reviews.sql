-- +goose Up
-- Payouts that wait until an operator releases them: an app's from an amount on,
-- 0 for none, or one by hand. hold says which of both was last; due_at is NULL
-- while one is held, so that nothing tries it.
ALTER TABLE apps ADD COLUMN payout_review_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE disbursements ADD COLUMN hold TEXT NOT NULL DEFAULT '';
ALTER TABLE disbursements ADD COLUMN held_at INTEGER;
ALTER TABLE disbursements ADD COLUMN released_at INTEGER;
CREATE INDEX disbursements_held ON disbursements (number) WHERE state = 'held';

-- Under which references merchants' money was booked: each once for an app.
CREATE TABLE payout_fundings (
    app_id    INTEGER NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (app_id, reference)
) STRICT;
