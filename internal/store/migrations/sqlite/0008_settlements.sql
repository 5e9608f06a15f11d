-- +goose Up
-- A settlement closes a day of an app: what was collected for the merchant, less
-- what was given back, is paid out. day is the business day as YYYY-MM-DD, entry_id
-- the number of the payout, which is there unless nothing was moved.
CREATE TABLE settlements (
    app_id          INTEGER NOT NULL,
    day             TEXT NOT NULL,
    entry_id        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    payments        INTEGER NOT NULL CHECK (payments >= 0),
    payment_amount  INTEGER NOT NULL,
    fee_amount      INTEGER NOT NULL,
    refunds         INTEGER NOT NULL CHECK (refunds >= 0),
    refund_amount   INTEGER NOT NULL,
    reversals       INTEGER NOT NULL CHECK (reversals >= 0),
    reversal_amount INTEGER NOT NULL,
    payouts         INTEGER NOT NULL CHECK (payouts >= 0),
    payout_amount   INTEGER NOT NULL,
    carried_in      INTEGER NOT NULL,
    paid_back       INTEGER NOT NULL CHECK (paid_back >= 0),
    paid_out        INTEGER NOT NULL CHECK (paid_out >= 0),
    carried_out     INTEGER NOT NULL,
    PRIMARY KEY (app_id, day)
) STRICT, WITHOUT ROWID;

-- What a settlement is made of. A movement is settled once: its entry is the key.
-- subject is the payment or the refund that moved it, net what it did to payable
-- and receivable together.
CREATE TABLE settlement_lines (
    entry_id INTEGER PRIMARY KEY,
    app_id   INTEGER NOT NULL,
    day      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    subject  INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    fee      INTEGER NOT NULL,
    net      INTEGER NOT NULL
) STRICT;

CREATE INDEX settlement_lines_day ON settlement_lines (app_id, day, entry_id);

-- Payments are found by their own index; these are the rest, and few.
CREATE INDEX entries_back ON entries (at) WHERE reason IN ('refund', 'refund_reversal', 'payout');
CREATE INDEX refunds_reversed ON refunds (reversal) WHERE reversal <> 0;

-- The merchant's fee that was agreed on from a moment on, so that what was taken
-- can be held against it. Of the time before this table nothing is known.
CREATE TABLE fee_rates (
    app_id  INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    fee_bp  INTEGER NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000),
    PRIMARY KEY (app_id, from_at)
) STRICT, WITHOUT ROWID;
INSERT INTO fee_rates (app_id, from_at, fee_bp)
SELECT a.id, COALESCE((SELECT MAX(p.at) + 1 FROM payments p WHERE p.app_id = a.id), a.created_at), a.fee_bp FROM apps a;

-- What is paid out to merchants' banks is cleared here: kind 6, channel 1.
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (22, 0, NULL, NULL);
