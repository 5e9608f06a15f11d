-- +goose Up
-- Tokens of wallets, limits of payers and campaigns of merchants.

CREATE TABLE bindings (
    id                 INTEGER PRIMARY KEY,
    app_id             INTEGER NOT NULL,
    app_trans_id       TEXT NOT NULL,
    kind               TEXT NOT NULL,
    identifier         TEXT NOT NULL,
    max_amount         INTEGER NOT NULL CHECK (max_amount >= 0),
    binding_data       TEXT NOT NULL,
    callback_url       TEXT NOT NULL,
    redirect_url       TEXT NOT NULL,
    redirect_deep_link TEXT NOT NULL,
    token              TEXT NOT NULL,
    pay_token          TEXT NOT NULL,
    wallet_id          INTEGER NOT NULL,
    state              TEXT NOT NULL,
    created_at         INTEGER NOT NULL,
    confirm_by         INTEGER NOT NULL,
    confirmed_at       INTEGER,
    ends_at            INTEGER,
    closed_at          INTEGER,
    used_day           TEXT NOT NULL,
    used_count         INTEGER NOT NULL CHECK (used_count >= 0),
    used_amount        INTEGER NOT NULL CHECK (used_amount >= 0),
    uses               INTEGER NOT NULL CHECK (uses >= 0),
    UNIQUE (app_id, app_trans_id)
) STRICT;

CREATE INDEX bindings_open ON bindings (confirm_by) WHERE state = 'pending';
CREATE INDEX bindings_wallet ON bindings (wallet_id, id);

ALTER TABLE apps ADD COLUMN token_life INTEGER NOT NULL DEFAULT 0 CHECK (token_life >= 0);
ALTER TABLE apps ADD COLUMN token_day_count INTEGER NOT NULL DEFAULT 0 CHECK (token_day_count >= 0);
ALTER TABLE apps ADD COLUMN token_day_amount INTEGER NOT NULL DEFAULT 0 CHECK (token_day_amount >= 0);

ALTER TABLE wallets ADD COLUMN kyc INTEGER NOT NULL DEFAULT 2 CHECK (kyc BETWEEN 0 AND 2);
ALTER TABLE wallets ADD COLUMN limits TEXT NOT NULL DEFAULT '';

-- What a wallet has paid on a day and in a month, over all sources and by
-- each. version makes two payments at once notice each other.
CREATE TABLE spending (
    wallet_id INTEGER PRIMARY KEY,
    version   INTEGER NOT NULL,
    day       TEXT NOT NULL,
    month     TEXT NOT NULL,
    day_all INTEGER NOT NULL, day_wallet INTEGER NOT NULL, day_bank INTEGER NOT NULL, day_card INTEGER NOT NULL,
    month_all INTEGER NOT NULL, month_wallet INTEGER NOT NULL, month_bank INTEGER NOT NULL, month_card INTEGER NOT NULL,
    year_before INTEGER NOT NULL
) STRICT;

-- Months that are over.
CREATE TABLE spending_months (
    wallet_id INTEGER NOT NULL,
    month     TEXT NOT NULL,
    amount    INTEGER NOT NULL,
    PRIMARY KEY (wallet_id, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaigns (
    code           TEXT PRIMARY KEY,
    apps           TEXT NOT NULL,
    starts_at      INTEGER NOT NULL,
    ends_at        INTEGER NOT NULL,
    budget         INTEGER NOT NULL CHECK (budget >= 0),
    spent          INTEGER NOT NULL CHECK (spent BETWEEN 0 AND budget),
    uses_per_payer INTEGER NOT NULL CHECK (uses_per_payer >= 0),
    min_amount     INTEGER NOT NULL CHECK (min_amount >= 0),
    discount       INTEGER NOT NULL CHECK (discount > 0)
) STRICT;

CREATE TABLE campaign_uses (
    code      TEXT NOT NULL,
    wallet_id INTEGER NOT NULL,
    uses      INTEGER NOT NULL CHECK (uses > 0),
    PRIMARY KEY (code, wallet_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE payments ADD COLUMN binding_id INTEGER NOT NULL DEFAULT 0;
