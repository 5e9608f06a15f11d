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
    receivable_limit     INTEGER NOT NULL CHECK (receivable_limit >= 0),
    token_life           INTEGER NOT NULL CHECK (token_life >= 0),
    token_day_count      INTEGER NOT NULL CHECK (token_day_count >= 0),
    token_day_amount     INTEGER NOT NULL CHECK (token_day_amount >= 0)
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
    kyc             INTEGER NOT NULL CHECK (kyc BETWEEN 0 AND 2),
    limits          TEXT NOT NULL,
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

-- Money from and to outside is cleared here: kind 6, channels 38 (wallets), 36
-- (international cards) and 39 (domestic cards).
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (614, 0, NULL, NULL);
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (582, 0, NULL, NULL);
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (630, 0, NULL, NULL);

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
    at           INTEGER NOT NULL,
    binding_id   INTEGER NOT NULL,
    bank_code    TEXT NOT NULL,
    masked_card  TEXT NOT NULL
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
    reversal    INTEGER NOT NULL,
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
    card_id            INTEGER NOT NULL,
    order_id           INTEGER NOT NULL,
    UNIQUE (app_id, app_trans_id)
) STRICT;

CREATE INDEX bindings_open ON bindings (confirm_by) WHERE state = 'pending';
CREATE INDEX bindings_wallet ON bindings (wallet_id, id);

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

-- sealed is the number, encrypted under keys that are not here; NULL once the
-- card was deleted. wallet_id is the wallet whose owner may pay with the card; 0
-- for one that is a binding's, or that no bank has found good yet.
CREATE TABLE cards (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    sealed      BLOB,
    masked      TEXT NOT NULL,
    scheme      TEXT NOT NULL,
    bank_code   TEXT NOT NULL,
    expiry      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    deleted_at  INTEGER,
    wallet_id   INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;

CREATE INDEX cards_fingerprint ON cards (fingerprint);
-- A wallet has a card once, and none that was deleted.
CREATE UNIQUE INDEX cards_wallet ON cards (wallet_id, fingerprint) WHERE wallet_id <> 0 AND deleted_at IS NULL;

-- A charge is one attempt to take money from a card; its number becomes the
-- payment's. An amount of 0 only checks a card.
CREATE TABLE charges (
    number     INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL,
    app_id     INTEGER NOT NULL,
    wallet_id  INTEGER NOT NULL,
    card_id    INTEGER NOT NULL,
    binding_id INTEGER NOT NULL,
    channel    INTEGER NOT NULL,
    bank_code  TEXT NOT NULL,
    masked     TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    discount   INTEGER NOT NULL CHECK (discount >= 0),
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER,
    closed_at  INTEGER
) STRICT;

CREATE INDEX charges_due ON charges (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX charges_order ON charges (order_id);
CREATE INDEX charges_binding ON charges (binding_id) WHERE binding_id <> 0;

-- What the simulated bank remembers. It is not the gateway's book.
CREATE TABLE bank_records (
    ref      INTEGER PRIMARY KEY,
    charge   INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    last4    TEXT NOT NULL,
    issuer   TEXT NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    otps     INTEGER NOT NULL,
    known_at INTEGER NOT NULL
) STRICT;

-- The movements of a wallet, newest first. Accounts of wallets have kind 1;
-- those of merchants move too often to be worth an index that nobody reads.
CREATE INDEX postings_wallet ON postings (account_id, entry_id) WHERE (account_id & 15) = 1;

-- The top-ups that a payer asked for on a page, so that sending a form twice
-- brings the money once.
CREATE TABLE topups (
    wallet_id INTEGER NOT NULL,
    key       TEXT NOT NULL,
    PRIMARY KEY (wallet_id, key)
) STRICT, WITHOUT ROWID;

-- What a sandbox is told to answer.
CREATE TABLE rules (
    id         INTEGER PRIMARY KEY,
    operation  TEXT NOT NULL,
    app_id     INTEGER NOT NULL,
    match      TEXT NOT NULL,
    forced     INTEGER NOT NULL,
    value      INTEGER NOT NULL,
    delay      INTEGER NOT NULL CHECK (delay >= 0),
    break      TEXT NOT NULL,
    calls_left INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;
