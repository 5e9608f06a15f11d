-- +goose NO TRANSACTION
-- +goose Up
-- What each account other than wallets moved in each hour, by the times of the
-- entries, in microseconds since 1970. It is of the entries whose seals are summed;
-- ADR 0028.
CREATE TABLE IF NOT EXISTS account_hours (
    account_id BIGINT NOT NULL,
    hour       BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    PRIMARY KEY (account_id, hour)
);

-- Between which numbers the entries of an hour are, of those that are summed. A
-- block is 4,096 numbers.
CREATE TABLE IF NOT EXISTS entry_hours (
    hour        BIGINT NOT NULL,
    block       BIGINT NOT NULL,
    first_entry BIGINT NOT NULL,
    last_entry  BIGINT NOT NULL,
    PRIMARY KEY (hour, block)
);

-- Up to which seal of a chain entries are summed, and how many they are.
CREATE TABLE IF NOT EXISTS summed_chains (
    chain   BIGINT PRIMARY KEY,
    n       BIGINT NOT NULL,
    entries BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS seals_chain ON seals (chain, n);

-- A settlement looks for what moved its own merchant's money.
CREATE INDEX IF NOT EXISTS refunds_closed ON refunds (app_id, closed_at);
CREATE INDEX IF NOT EXISTS entries_payout ON entries (at) WHERE reason = 'payout';
