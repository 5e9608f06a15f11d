-- +goose Up
-- What the payers' own pages need.

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
