-- +goose NO TRANSACTION
-- +goose Up
-- Who may use the console. apps is a JSON list; it is empty for those who see
-- all.
CREATE TABLE IF NOT EXISTS operators (
    name          TEXT PRIMARY KEY,
    role          TEXT NOT NULL,
    apps          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    failures      BIGINT NOT NULL CHECK (failures >= 0),
    paused_until  BIGINT,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

-- Who changed what. Times are the machine's.
CREATE TABLE IF NOT EXISTS audit (
    id      BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    role    TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    app_id  BIGINT NOT NULL,
    was     TEXT NOT NULL,
    became  TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS audit_actor ON audit (actor, id);
CREATE INDEX IF NOT EXISTS audit_subject ON audit (subject, id);

-- What happened in an hour that is over, for one app, and with app_id 0 for all
-- of them together. paid counts the orders made in the hour that were paid half
-- an hour after its end at the latest; wait is the time from the order to its
-- payment, over all payments, in microseconds.
CREATE TABLE IF NOT EXISTS hours (
    hour     BIGINT NOT NULL,
    app_id   BIGINT NOT NULL,
    orders   BIGINT NOT NULL,
    paid     BIGINT NOT NULL,
    payments BIGINT NOT NULL,
    amount   BIGINT NOT NULL,
    wait     BIGINT NOT NULL,
    PRIMARY KEY (app_id, hour)
);

CREATE INDEX IF NOT EXISTS orders_made ON orders (created_at, id);
CREATE INDEX IF NOT EXISTS orders_app ON orders (app_id, created_at, id);
CREATE INDEX IF NOT EXISTS payments_at ON payments (at);
CREATE INDEX IF NOT EXISTS refunds_app ON refunds (app_id, number);
CREATE INDEX IF NOT EXISTS refunds_payment ON refunds (payment);
CREATE INDEX IF NOT EXISTS bindings_made ON bindings (created_at, id);
CREATE INDEX IF NOT EXISTS bindings_app ON bindings (app_id, created_at, id);
CREATE INDEX IF NOT EXISTS deliveries_app ON deliveries (app_id, id);
CREATE INDEX IF NOT EXISTS deliveries_failed ON deliveries (id) WHERE state = 'failed';
