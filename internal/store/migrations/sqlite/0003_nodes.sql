-- +goose Up
-- What several processes need that serve from one database. Leases are in the
-- machines' time, never in the business's; 0 is none.

-- revision counts the changes of what nodes keep in memory: apps, maintenance,
-- rules, faults, settings.
CREATE TABLE revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    n  INTEGER NOT NULL
) STRICT;
INSERT INTO revision (id, n) VALUES (1, 0);

-- A node is one life of one process. revision is the one that it has in memory.
CREATE TABLE nodes (
    id           INTEGER PRIMARY KEY,
    revision     INTEGER NOT NULL,
    leased_until INTEGER NOT NULL
) STRICT;

-- Work that one node at a time does for all.
CREATE TABLE leases (
    name         TEXT PRIMARY KEY,
    owner        INTEGER NOT NULL,
    leased_until INTEGER NOT NULL
) STRICT;

-- How many calls were let through in the latest second, and to whom the last of
-- them were granted in one piece.
CREATE TABLE permits (
    app_id    INTEGER NOT NULL,
    operation TEXT NOT NULL,
    at_second INTEGER NOT NULL,
    taken     INTEGER NOT NULL CHECK (taken >= 0),
    granted   INTEGER NOT NULL CHECK (granted >= 0),
    PRIMARY KEY (app_id, operation)
) STRICT, WITHOUT ROWID;

-- What a sandbox is told to fail at. calls_left of -1 is any number until then.
CREATE TABLE faults (
    id         INTEGER PRIMARY KEY,
    app_id     INTEGER NOT NULL,
    calls_left INTEGER NOT NULL,
    ends_at    INTEGER
) STRICT;

ALTER TABLE refunds ADD COLUMN leased_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE charges ADD COLUMN leased_until INTEGER NOT NULL DEFAULT 0;

CREATE INDEX refunds_of_payment ON refunds (payment, due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX payments_order ON payments (order_id);
-- A binding's card is checked by one charge at a time.
CREATE UNIQUE INDEX charges_check ON charges (binding_id) WHERE binding_id <> 0 AND order_id = 0 AND closed_at IS NULL;
