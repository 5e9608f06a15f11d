-- +goose Up
-- Cards that payers linked to their wallets.

-- The wallet whose owner may pay with the card; 0 for one that is a binding's,
-- or that no bank has found good yet.
ALTER TABLE cards ADD COLUMN wallet_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN used_at INTEGER;

-- A wallet has a card once, and none that was deleted.
CREATE UNIQUE INDEX cards_wallet ON cards (wallet_id, fingerprint) WHERE wallet_id <> 0 AND deleted_at IS NULL;
