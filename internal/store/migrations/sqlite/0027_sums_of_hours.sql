-- +goose Up
-- What each account other than wallets moved in each hour, by the times of the
-- entries, in microseconds since 1970. It is of the entries whose seals are summed;
-- ADR 0028.
CREATE TABLE account_hours (
    account_id INTEGER NOT NULL,
    hour       INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    PRIMARY KEY (account_id, hour)
) STRICT, WITHOUT ROWID;

-- Between which numbers the entries of an hour are, of those that are summed. A
-- block is 4,096 numbers.
CREATE TABLE entry_hours (
    hour        INTEGER NOT NULL,
    block       INTEGER NOT NULL,
    first_entry INTEGER NOT NULL,
    last_entry  INTEGER NOT NULL,
    PRIMARY KEY (hour, block)
) STRICT, WITHOUT ROWID;

-- Up to which seal of a chain entries are summed, and how many they are.
CREATE TABLE summed_chains (
    chain   INTEGER PRIMARY KEY,
    n       INTEGER NOT NULL,
    entries INTEGER NOT NULL
) STRICT;

CREATE INDEX seals_chain ON seals (chain, n);

-- A settlement looks for what moved its own merchant's money.
CREATE INDEX refunds_closed ON refunds (app_id, closed_at);
CREATE INDEX entries_payout ON entries (at) WHERE reason = 'payout';
