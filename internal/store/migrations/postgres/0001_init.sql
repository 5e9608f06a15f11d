-- +goose NO TRANSACTION
-- +goose Up
-- The same tables as the embedded engine's, in this one's types. Each statement
-- stands for itself and can run again: not every engine that speaks this
-- protocol changes tables inside transactions.
--
-- Times are microseconds since 1970, UTC. A column that ends in _at and is
-- NULL says that it has not happened. Amounts are whole đồng.

CREATE TABLE IF NOT EXISTS settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS numbers (
    day  TEXT PRIMARY KEY,
    next BIGINT NOT NULL CHECK (next >= 0)
);

CREATE TABLE IF NOT EXISTS apps (
    id                   BIGINT PRIMARY KEY,
    name                 TEXT NOT NULL,
    key1                 TEXT NOT NULL,
    key2                 TEXT NOT NULL,
    callback_url         TEXT NOT NULL,
    redirect_url         TEXT NOT NULL,
    created_at           BIGINT NOT NULL,
    disabled_at          BIGINT,
    rate_per_second      BIGINT NOT NULL CHECK (rate_per_second >= 0),
    fee_bp               BIGINT NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000),
    refund_approval_from BIGINT NOT NULL CHECK (refund_approval_from >= 0),
    refund_period        BIGINT NOT NULL CHECK (refund_period >= 0),
    receivable_limit     BIGINT NOT NULL CHECK (receivable_limit >= 0),
    token_life           BIGINT NOT NULL CHECK (token_life >= 0),
    token_day_count      BIGINT NOT NULL CHECK (token_day_count >= 0),
    token_day_amount     BIGINT NOT NULL CHECK (token_day_amount >= 0)
);

CREATE TABLE IF NOT EXISTS maintenance (
    id        BIGINT PRIMARY KEY,
    operation TEXT NOT NULL,
    app_id    BIGINT NOT NULL,
    from_at   BIGINT NOT NULL,
    until_at  BIGINT
);

CREATE TABLE IF NOT EXISTS wallets (
    id              BIGINT PRIMARY KEY,
    phone           TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    pin_hash        TEXT NOT NULL,
    pin_failures    BIGINT NOT NULL CHECK (pin_failures >= 0),
    pin_pause       BIGINT,
    locked_at       BIGINT,
    payments_off_at BIGINT,
    refill_to       BIGINT NOT NULL CHECK (refill_to >= 0),
    kyc             BIGINT NOT NULL CHECK (kyc BETWEEN 0 AND 2),
    limits          TEXT NOT NULL,
    created_at      BIGINT NOT NULL
);

-- The balance is a cache of the account's postings. An account without a
-- floor has NULL there; no_debits_at stops money from leaving it.
CREATE TABLE IF NOT EXISTS accounts (
    id           BIGINT PRIMARY KEY,
    balance      BIGINT NOT NULL,
    floor        BIGINT,
    no_debits_at BIGINT,
    CHECK (floor IS NULL OR balance >= floor)
);

-- Money from and to outside is cleared here: kind 6, channels 38 (wallets), 36
-- (international cards) and 39 (domestic cards).
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (614, 0, NULL, NULL) ON CONFLICT (id) DO NOTHING;
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (582, 0, NULL, NULL) ON CONFLICT (id) DO NOTHING;
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES (630, 0, NULL, NULL) ON CONFLICT (id) DO NOTHING;

-- An entry has the number of the movement that it records, so the primary key
-- makes every movement happen at most once.
CREATE TABLE IF NOT EXISTS entries (
    id     BIGINT PRIMARY KEY,
    reason TEXT NOT NULL,
    at     BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS postings (
    entry_id   BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry_id, account_id)
);

CREATE TABLE IF NOT EXISTS orders (
    id           BIGINT PRIMARY KEY,
    app_id       BIGINT NOT NULL,
    app_trans_id TEXT NOT NULL,
    app_user     TEXT NOT NULL,
    app_time     BIGINT NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount > 0),
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
    payment      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    closed_at    BIGINT,
    UNIQUE (app_id, app_trans_id),
    CHECK ((state = 'paid') = (payment > 0)),
    CHECK ((state IN ('created', 'processing')) = (closed_at IS NULL))
);

CREATE INDEX IF NOT EXISTS orders_open ON orders (expires_at) WHERE state = 'created';

CREATE TABLE IF NOT EXISTS payments (
    number       BIGINT PRIMARY KEY,
    order_id     BIGINT NOT NULL,
    app_id       BIGINT NOT NULL,
    wallet_id    BIGINT NOT NULL,
    channel      BIGINT NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount > 0),
    discount     BIGINT NOT NULL CHECK (discount >= 0),
    payer_fee    BIGINT NOT NULL CHECK (payer_fee >= 0),
    merchant_fee BIGINT NOT NULL CHECK (merchant_fee >= 0),
    refunded     BIGINT NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    at           BIGINT NOT NULL,
    binding_id   BIGINT NOT NULL,
    bank_code    TEXT NOT NULL,
    masked_card  TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS refunds (
    number      BIGINT PRIMARY KEY,
    app_id      BIGINT NOT NULL,
    m_refund_id TEXT NOT NULL,
    payment     BIGINT NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    fee         BIGINT NOT NULL CHECK (fee BETWEEN 0 AND amount),
    description TEXT NOT NULL,
    state       TEXT NOT NULL,
    failure     TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    due_at      BIGINT,
    closed_at   BIGINT,
    reversal    BIGINT NOT NULL,
    UNIQUE (app_id, m_refund_id)
);

CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS refunds_pending ON refunds (number) WHERE state = 'pending';

-- Leases are in the machine's time, not in the business's: moving a sandbox's
-- clock must not take work away from whoever is doing it.
CREATE TABLE IF NOT EXISTS deliveries (
    id           BIGINT PRIMARY KEY,
    app_id       BIGINT NOT NULL,
    subject      TEXT NOT NULL,
    order_id     BIGINT NOT NULL,
    url          TEXT NOT NULL,
    body         BYTEA NOT NULL,
    state        TEXT NOT NULL,
    attempts     BIGINT NOT NULL CHECK (attempts >= 0),
    round        BIGINT NOT NULL CHECK (round >= 0),
    created_at   BIGINT NOT NULL,
    due_at       BIGINT,
    leased_until BIGINT NOT NULL,
    CHECK ((state = 'due') = (due_at IS NOT NULL))
);

CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_order ON deliveries (order_id);

CREATE TABLE IF NOT EXISTS attempts (
    delivery_id BIGINT NOT NULL,
    n           BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    took        BIGINT NOT NULL,
    status      BIGINT NOT NULL,
    answer      TEXT NOT NULL,
    error       TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    PRIMARY KEY (delivery_id, n)
);

CREATE TABLE IF NOT EXISTS sessions (
    token      TEXT PRIMARY KEY,
    data       BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS sessions_expiry ON sessions (expires_at);

CREATE TABLE IF NOT EXISTS bindings (
    id                 BIGINT PRIMARY KEY,
    app_id             BIGINT NOT NULL,
    app_trans_id       TEXT NOT NULL,
    kind               TEXT NOT NULL,
    identifier         TEXT NOT NULL,
    max_amount         BIGINT NOT NULL CHECK (max_amount >= 0),
    binding_data       TEXT NOT NULL,
    callback_url       TEXT NOT NULL,
    redirect_url       TEXT NOT NULL,
    redirect_deep_link TEXT NOT NULL,
    token              TEXT NOT NULL,
    pay_token          TEXT NOT NULL,
    wallet_id          BIGINT NOT NULL,
    state              TEXT NOT NULL,
    created_at         BIGINT NOT NULL,
    confirm_by         BIGINT NOT NULL,
    confirmed_at       BIGINT,
    ends_at            BIGINT,
    closed_at          BIGINT,
    used_day           TEXT NOT NULL,
    used_count         BIGINT NOT NULL CHECK (used_count >= 0),
    used_amount        BIGINT NOT NULL CHECK (used_amount >= 0),
    uses               BIGINT NOT NULL CHECK (uses >= 0),
    card_id            BIGINT NOT NULL,
    order_id           BIGINT NOT NULL,
    UNIQUE (app_id, app_trans_id)
);

CREATE INDEX IF NOT EXISTS bindings_open ON bindings (confirm_by) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS bindings_wallet ON bindings (wallet_id, id);

-- What a wallet has paid on a day and in a month, over all sources and by
-- each. version makes two payments at once notice each other.
CREATE TABLE IF NOT EXISTS spending (
    wallet_id BIGINT PRIMARY KEY,
    version   BIGINT NOT NULL,
    day       TEXT NOT NULL,
    month     TEXT NOT NULL,
    day_all BIGINT NOT NULL, day_wallet BIGINT NOT NULL, day_bank BIGINT NOT NULL, day_card BIGINT NOT NULL,
    month_all BIGINT NOT NULL, month_wallet BIGINT NOT NULL, month_bank BIGINT NOT NULL, month_card BIGINT NOT NULL,
    year_before BIGINT NOT NULL
);

-- Months that are over.
CREATE TABLE IF NOT EXISTS spending_months (
    wallet_id BIGINT NOT NULL,
    month     TEXT NOT NULL,
    amount    BIGINT NOT NULL,
    PRIMARY KEY (wallet_id, month)
);

CREATE TABLE IF NOT EXISTS campaigns (
    code           TEXT PRIMARY KEY,
    apps           TEXT NOT NULL,
    starts_at      BIGINT NOT NULL,
    ends_at        BIGINT NOT NULL,
    budget         BIGINT NOT NULL CHECK (budget >= 0),
    spent          BIGINT NOT NULL CHECK (spent BETWEEN 0 AND budget),
    uses_per_payer BIGINT NOT NULL CHECK (uses_per_payer >= 0),
    min_amount     BIGINT NOT NULL CHECK (min_amount >= 0),
    discount       BIGINT NOT NULL CHECK (discount > 0)
);

CREATE TABLE IF NOT EXISTS campaign_uses (
    code      TEXT NOT NULL,
    wallet_id BIGINT NOT NULL,
    uses      BIGINT NOT NULL CHECK (uses > 0),
    PRIMARY KEY (code, wallet_id)
);

-- sealed is the number, encrypted under keys that are not here; NULL once the
-- card was deleted. wallet_id is the wallet whose owner may pay with the card; 0
-- for one that is a binding's, or that no bank has found good yet.
CREATE TABLE IF NOT EXISTS cards (
    id          BIGINT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    sealed      BYTEA,
    masked      TEXT NOT NULL,
    scheme      TEXT NOT NULL,
    bank_code   TEXT NOT NULL,
    expiry      TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    deleted_at  BIGINT,
    wallet_id   BIGINT NOT NULL,
    used_at     BIGINT
);

CREATE INDEX IF NOT EXISTS cards_fingerprint ON cards (fingerprint);
-- A wallet has a card once, and none that was deleted.
CREATE UNIQUE INDEX IF NOT EXISTS cards_wallet ON cards (wallet_id, fingerprint) WHERE wallet_id <> 0 AND deleted_at IS NULL;

-- A charge is one attempt to take money from a card; its number becomes the
-- payment's. An amount of 0 only checks a card.
CREATE TABLE IF NOT EXISTS charges (
    number     BIGINT PRIMARY KEY,
    order_id   BIGINT NOT NULL,
    app_id     BIGINT NOT NULL,
    wallet_id  BIGINT NOT NULL,
    card_id    BIGINT NOT NULL,
    binding_id BIGINT NOT NULL,
    channel    BIGINT NOT NULL,
    bank_code  TEXT NOT NULL,
    masked     TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount >= 0),
    discount   BIGINT NOT NULL CHECK (discount >= 0),
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at     BIGINT,
    closed_at  BIGINT
);

CREATE INDEX IF NOT EXISTS charges_due ON charges (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS charges_order ON charges (order_id);
CREATE INDEX IF NOT EXISTS charges_binding ON charges (binding_id) WHERE binding_id <> 0;

-- What the simulated bank remembers. It is not the gateway's book.
CREATE TABLE IF NOT EXISTS bank_records (
    ref      BIGINT PRIMARY KEY,
    charge   BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    last4    TEXT NOT NULL,
    issuer   TEXT NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    otps     BIGINT NOT NULL,
    known_at BIGINT NOT NULL
);

-- The movements of a wallet, newest first. Accounts of wallets have kind 1;
-- those of merchants move too often to be worth an index that nobody reads.
CREATE INDEX IF NOT EXISTS postings_wallet ON postings (account_id, entry_id) WHERE (account_id & 15) = 1;

-- The top-ups that a payer asked for on a page, so that sending a form twice
-- brings the money once.
CREATE TABLE IF NOT EXISTS topups (
    wallet_id BIGINT NOT NULL,
    key       TEXT NOT NULL,
    PRIMARY KEY (wallet_id, key)
);

-- What a sandbox is told to answer.
CREATE TABLE IF NOT EXISTS rules (
    id         BIGINT PRIMARY KEY,
    operation  TEXT NOT NULL,
    app_id     BIGINT NOT NULL,
    match      TEXT NOT NULL,
    forced     BIGINT NOT NULL,
    value      BIGINT NOT NULL,
    delay      BIGINT NOT NULL CHECK (delay >= 0),
    break      TEXT NOT NULL,
    calls_left BIGINT NOT NULL,
    expires_at BIGINT
);

-- The transactions of the last minutes. One whose COMMIT was not answered is
-- looked up here: it was kept, or a mark that says otherwise makes sure that it
-- never will be.
CREATE TABLE IF NOT EXISTS commits (
    id   BIGINT PRIMARY KEY,
    kept BIGINT NOT NULL,
    at   BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS commits_at ON commits (at);
