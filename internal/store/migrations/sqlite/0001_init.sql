-- +goose Up
-- Times are microseconds since 1970, UTC. A column that ends in _at and is
-- NULL says that it has not happened. Amounts are whole đồng.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE numbers (
    day  TEXT PRIMARY KEY,
    next INTEGER NOT NULL CHECK (next >= 0)
) STRICT;

CREATE TABLE apps (
    id                   INTEGER PRIMARY KEY,
    name                 TEXT NOT NULL,
    key1                 TEXT NOT NULL,
    key2                 TEXT NOT NULL,
    callback_url         TEXT NOT NULL,
    redirect_url         TEXT NOT NULL,
    created_at           INTEGER NOT NULL,
    disabled_at          INTEGER,
    rate_per_second      INTEGER NOT NULL CHECK (rate_per_second >= 0),
    fee_bp               INTEGER NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000),
    refund_approval_from INTEGER NOT NULL CHECK (refund_approval_from >= 0),
    refund_period        INTEGER NOT NULL CHECK (refund_period >= 0),
    receivable_limit     INTEGER NOT NULL CHECK (receivable_limit >= 0)
) STRICT;

CREATE TABLE maintenance (
    id        INTEGER PRIMARY KEY,
    operation TEXT NOT NULL,
    app_id    INTEGER NOT NULL,
    from_at   INTEGER NOT NULL,
    until_at  INTEGER
) STRICT;

CREATE TABLE wallets (
    id              INTEGER PRIMARY KEY,
    phone           TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    pin_hash        TEXT NOT NULL,
    pin_failures    INTEGER NOT NULL CHECK (pin_failures >= 0),
    pin_pause       INTEGER,
    locked_at       INTEGER,
    payments_off_at INTEGER,
    refill_to       INTEGER NOT NULL CHECK (refill_to >= 0),
    created_at      INTEGER NOT NULL
) STRICT;

-- The balance is a cache of the account's postings. An account without a
-- floor has NULL there; no_debits_at stops money from leaving it.
CREATE TABLE accounts (
    id           INTEGER PRIMARY KEY,
    balance      INTEGER NOT NULL,
    floor        INTEGER,
    no_debits_at INTEGER,
    CHECK (floor IS NULL OR balance >= floor)
) STRICT;

-- Money that comes into wallets from outside is cleared here: kind 6, channel 38.
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (614, 0, NULL, NULL);

-- An entry has the number of the movement that it records, so the primary key
-- makes every movement happen at most once.
CREATE TABLE entries (
    id     INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE TABLE postings (
    entry_id   INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id           INTEGER PRIMARY KEY,
    app_id       INTEGER NOT NULL,
    app_trans_id TEXT NOT NULL,
    app_user     TEXT NOT NULL,
    app_time     INTEGER NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    description  TEXT NOT NULL,
    title        TEXT NOT NULL,
    item         TEXT NOT NULL,
    embed_data   TEXT NOT NULL,
    bank_code    TEXT NOT NULL,
    callback_url TEXT NOT NULL,
    redirect_url TEXT NOT NULL,
    extra        TEXT NOT NULL,
    token        TEXT NOT NULL,
    state        TEXT NOT NULL,
    failure      TEXT NOT NULL,
    payment      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    closed_at    INTEGER,
    UNIQUE (app_id, app_trans_id),
    CHECK ((state = 'paid') = (payment > 0)),
    CHECK ((state IN ('created', 'processing')) = (closed_at IS NULL))
) STRICT;

CREATE INDEX orders_open ON orders (expires_at) WHERE state = 'created';

CREATE TABLE payments (
    number       INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL,
    app_id       INTEGER NOT NULL,
    wallet_id    INTEGER NOT NULL,
    channel      INTEGER NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    discount     INTEGER NOT NULL CHECK (discount >= 0),
    payer_fee    INTEGER NOT NULL CHECK (payer_fee >= 0),
    merchant_fee INTEGER NOT NULL CHECK (merchant_fee >= 0),
    refunded     INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    at           INTEGER NOT NULL
) STRICT;

CREATE TABLE refunds (
    number      INTEGER PRIMARY KEY,
    app_id      INTEGER NOT NULL,
    m_refund_id TEXT NOT NULL,
    payment     INTEGER NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount > 0),
    fee         INTEGER NOT NULL CHECK (fee BETWEEN 0 AND amount),
    description TEXT NOT NULL,
    state       TEXT NOT NULL,
    failure     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    due_at      INTEGER,
    closed_at   INTEGER,
    UNIQUE (app_id, m_refund_id)
) STRICT;

CREATE INDEX refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX refunds_pending ON refunds (number) WHERE state = 'pending';

-- Leases are in the machine's time, not in the business's: moving a sandbox's
-- clock must not take work away from whoever is doing it.
CREATE TABLE deliveries (
    id           INTEGER PRIMARY KEY,
    app_id       INTEGER NOT NULL,
    subject      TEXT NOT NULL,
    order_id     INTEGER NOT NULL,
    url          TEXT NOT NULL,
    body         BLOB NOT NULL,
    state        TEXT NOT NULL,
    attempts     INTEGER NOT NULL CHECK (attempts >= 0),
    round        INTEGER NOT NULL CHECK (round >= 0),
    created_at   INTEGER NOT NULL,
    due_at       INTEGER,
    leased_until INTEGER NOT NULL,
    CHECK ((state = 'due') = (due_at IS NOT NULL))
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_order ON deliveries (order_id);

CREATE TABLE attempts (
    delivery_id INTEGER NOT NULL,
    n           INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    took        INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    answer      TEXT NOT NULL,
    error       TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    PRIMARY KEY (delivery_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token      TEXT PRIMARY KEY,
    data       BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_expiry ON sessions (expires_at);
