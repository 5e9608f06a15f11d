-- +goose NO TRANSACTION
-- +goose Up
-- A settlement closes a day of an app: what was collected for the merchant, less
-- what was given back, is paid out. day is the business day as YYYY-MM-DD, entry_id
-- the number of the payout, which is there unless nothing was moved.
CREATE TABLE IF NOT EXISTS settlements (
    app_id          BIGINT NOT NULL,
    day             TEXT NOT NULL,
    entry_id        BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    payments        BIGINT NOT NULL CHECK (payments >= 0),
    payment_amount  BIGINT NOT NULL,
    fee_amount      BIGINT NOT NULL,
    refunds         BIGINT NOT NULL CHECK (refunds >= 0),
    refund_amount   BIGINT NOT NULL,
    reversals       BIGINT NOT NULL CHECK (reversals >= 0),
    reversal_amount BIGINT NOT NULL,
    payouts         BIGINT NOT NULL CHECK (payouts >= 0),
    payout_amount   BIGINT NOT NULL,
    carried_in      BIGINT NOT NULL,
    paid_back       BIGINT NOT NULL CHECK (paid_back >= 0),
    paid_out        BIGINT NOT NULL CHECK (paid_out >= 0),
    carried_out     BIGINT NOT NULL,
    PRIMARY KEY (app_id, day)
);

-- What a settlement is made of. A movement is settled once: its entry is the key.
-- subject is the payment or the refund that moved it, net what it did to payable
-- and receivable together.
CREATE TABLE IF NOT EXISTS settlement_lines (
    entry_id BIGINT PRIMARY KEY,
    app_id   BIGINT NOT NULL,
    day      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    subject  BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    fee      BIGINT NOT NULL,
    net      BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS settlement_lines_day ON settlement_lines (app_id, day, entry_id);

-- Payments are found by their own index; these are the rest, and few.
CREATE INDEX IF NOT EXISTS entries_back ON entries (at) WHERE reason IN ('refund', 'refund_reversal', 'payout');
CREATE INDEX IF NOT EXISTS refunds_reversed ON refunds (reversal) WHERE reversal <> 0;

-- The merchant's fee that was agreed on from a moment on, so that what was taken
-- can be held against it. Of the time before this table nothing is known.
CREATE TABLE IF NOT EXISTS fee_rates (
    app_id  BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    fee_bp  BIGINT NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000),
    PRIMARY KEY (app_id, from_at)
);
INSERT INTO fee_rates (app_id, from_at, fee_bp)
SELECT a.id, COALESCE((SELECT MAX(p.at) + 1 FROM payments p WHERE p.app_id = a.id), a.created_at), a.fee_bp FROM apps a
ON CONFLICT DO NOTHING;

-- What is paid out to merchants' banks is cleared here: kind 6, channel 1.
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (22, 0, NULL, NULL) ON CONFLICT DO NOTHING;
