-- +goose Up
-- Who may use the console. apps is a JSON list; it is empty for those who see
-- all.
CREATE TABLE operators (
    name          TEXT PRIMARY KEY,
    role          TEXT NOT NULL,
    apps          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    failures      INTEGER NOT NULL CHECK (failures >= 0),
    paused_until  INTEGER,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
) STRICT;

-- Who changed what. Times are the machine's.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    role    TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    app_id  INTEGER NOT NULL,
    was     TEXT NOT NULL,
    became  TEXT NOT NULL
) STRICT;

CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_subject ON audit (subject, id);

-- What happened in an hour that is over, for one app, and with app_id 0 for all
-- of them together. paid counts the orders made in the hour that were paid half
-- an hour after its end at the latest; wait is the time from the order to its
-- payment, over all payments, in microseconds.
CREATE TABLE hours (
    hour     INTEGER NOT NULL,
    app_id   INTEGER NOT NULL,
    orders   INTEGER NOT NULL,
    paid     INTEGER NOT NULL,
    payments INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    wait     INTEGER NOT NULL,
    PRIMARY KEY (app_id, hour)
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_made ON orders (created_at, id);
CREATE INDEX orders_app ON orders (app_id, created_at, id);
CREATE INDEX payments_at ON payments (at);
CREATE INDEX refunds_app ON refunds (app_id, number);
CREATE INDEX refunds_payment ON refunds (payment);
CREATE INDEX bindings_made ON bindings (created_at, id);
CREATE INDEX bindings_app ON bindings (app_id, created_at, id);
CREATE INDEX deliveries_app ON deliveries (app_id, id);
CREATE INDEX deliveries_failed ON deliveries (id) WHERE state = 'failed';
