-- +goose NO TRANSACTION
-- +goose Up
-- What several processes need that serve from one database. Leases are in the
-- machines' time, never in the business's; 0 is none.

-- revision counts the changes of what nodes keep in memory: apps, maintenance,
-- rules, faults, settings.
CREATE TABLE IF NOT EXISTS revision (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    n  BIGINT NOT NULL
);
INSERT INTO revision (id, n) VALUES (1, 0) ON CONFLICT (id) DO NOTHING;

-- A node is one life of one process. revision is the one that it has in memory.
CREATE TABLE IF NOT EXISTS nodes (
    id           BIGINT PRIMARY KEY,
    revision     BIGINT NOT NULL,
    leased_until BIGINT NOT NULL
);

-- Work that one node at a time does for all.
CREATE TABLE IF NOT EXISTS leases (
    name         TEXT PRIMARY KEY,
    owner        BIGINT NOT NULL,
    leased_until BIGINT NOT NULL
);

-- How many calls were let through in the latest second, and to whom the last of
-- them were granted in one piece.
CREATE TABLE IF NOT EXISTS permits (
    app_id    BIGINT NOT NULL,
    operation TEXT NOT NULL,
    at_second BIGINT NOT NULL,
    taken     BIGINT NOT NULL CHECK (taken >= 0),
    granted   BIGINT NOT NULL CHECK (granted >= 0),
    PRIMARY KEY (app_id, operation)
);

-- What a sandbox is told to fail at. calls_left of -1 is any number until then.
CREATE TABLE IF NOT EXISTS faults (
    id         BIGINT PRIMARY KEY,
    app_id     BIGINT NOT NULL,
    calls_left BIGINT NOT NULL,
    ends_at    BIGINT
);

ALTER TABLE refunds ADD COLUMN IF NOT EXISTS leased_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE charges ADD COLUMN IF NOT EXISTS leased_until BIGINT NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS refunds_of_payment ON refunds (payment, due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS payments_order ON payments (order_id);
-- A binding's card is checked by one charge at a time.
CREATE UNIQUE INDEX IF NOT EXISTS charges_check ON charges (binding_id) WHERE binding_id <> 0 AND order_id = 0 AND closed_at IS NULL;
