package store

import (
	"context"
	"time"

	"sen/internal/merchant"
	"sen/internal/money"
)

// What the first page of the console shows, in figures that cost the same
// whether there are a thousand orders or a hundred million: hours that are over
// are counted once and kept, and of the present one only its own rows are read.

// An Hour is what happened in an hour, for one app or for all of them.
type Hour struct {
	Start    time.Time
	App      merchant.ID // 0: all together
	Orders   int64       // that were made in it
	Paid     int64       // those of them that are paid
	Payments int64       // that were made in it, whenever their orders were
	Amount   money.Amount
	Wait     time.Duration // from the order to its payment, over all payments
}

// HoursKept is how far back hours are counted, and lateOrders how long an order
// may take to be paid and still count for its hour.
const (
	HoursKept  = 15 * 24
	lateOrders = 30 * time.Minute
)

// A sandbox's clock can go back. What was counted as over is then not over.
const forgetHours = `DELETE FROM hours WHERE hour >= $1`

const newestHour = `SELECT COALESCE(MAX(hour), 0) FROM hours WHERE app_id = 0`

const insertHour = `
INSERT INTO hours (hour, app_id, orders, paid, payments, amount, wait) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (app_id, hour) DO UPDATE SET orders = excluded.orders, paid = excluded.paid,
	payments = excluded.payments, amount = excluded.amount, wait = excluded.wait`

// CountHours counts some of the hours that are over at now, the oldest first,
// and reports whether there are more.
func (s *Store) CountHours(ctx context.Context, now time.Time) (more bool, err error) {
	const batch = 24
	open := firstOpenHour(now)
	var newest int64
	err = s.view(ctx, func(t *tx) error { return t.row(newestHour, nil, &newest) })
	if err != nil {
		return false, err
	}
	if newest >= open.UnixMicro() {
		return true, s.update(ctx, func(t *tx) error {
			_, err := t.exec(forgetHours, open.UnixMicro())
			return err
		})
	}
	next := time.UnixMicro(newest).UTC().Add(time.Hour)
	if oldest := open.Add(-HoursKept * time.Hour); next.Before(oldest) {
		next = oldest
	}
	var counted []Hour
	for range batch {
		if !next.Before(open) {
			break
		}
		some, err := s.countHour(ctx, next)
		if err != nil {
			return false, err
		}
		counted, next = append(counted, some...), next.Add(time.Hour)
	}
	if counted == nil {
		return false, nil
	}
	return next.Before(open), s.keepHours(ctx, counted)
}

// firstOpenHour is the start of the oldest hour that still can change at now.
func firstOpenHour(now time.Time) time.Time { return now.Add(-lateOrders).UTC().Truncate(time.Hour) }

func (s *Store) keepHours(ctx context.Context, counted []Hour) error {
	return s.update(ctx, func(t *tx) error {
		for _, h := range counted {
			_, err := t.exec(insertHour, h.Start.UnixMicro(), int64(h.App), h.Orders, h.Paid, h.Payments, int64(h.Amount),
				h.Wait.Microseconds())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

const ordersInHour = `
SELECT app_id, COUNT(*), CAST(SUM(CASE WHEN state = 'paid' THEN 1 ELSE 0 END) AS BIGINT)
FROM orders WHERE created_at >= $1 AND created_at < $2 GROUP BY app_id`

const paymentsInHour = `
SELECT p.app_id, COUNT(*), CAST(SUM(p.amount) AS BIGINT), CAST(SUM(p.at - o.created_at) AS BIGINT)
FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.at >= $1 AND p.at < $2 GROUP BY p.app_id`

// countHour counts the hour that begins at start: for every app that did
// something, and at the end for all together.
func (s *Store) countHour(ctx context.Context, start time.Time) (counted []Hour, err error) {
	args := []any{start.UnixMicro(), start.Add(time.Hour).UnixMicro()}
	var byApp map[merchant.ID]*Hour
	of := func(app merchant.ID) *Hour {
		if byApp[app] == nil {
			byApp[app] = &Hour{Start: start, App: app}
		}
		return byApp[app]
	}
	err = s.view(ctx, func(t *tx) error {
		byApp = map[merchant.ID]*Hour{}
		err := t.rows(ordersInHour, args, func(scan func(...any) error) error {
			var h Hour
			err := scan(&h.App, &h.Orders, &h.Paid)
			of(h.App).Orders, of(h.App).Paid = h.Orders, h.Paid
			return err
		})
		if err != nil {
			return err
		}
		return t.rows(paymentsInHour, args, func(scan func(...any) error) error {
			var h Hour
			var wait int64
			err := scan(&h.App, &h.Payments, &h.Amount, &wait)
			one := of(h.App)
			one.Payments, one.Amount, one.Wait = h.Payments, h.Amount, time.Duration(wait)*time.Microsecond
			return err
		})
	})
	all := Hour{Start: start}
	for _, h := range byApp {
		counted = append(counted, *h)
		all.add(*h)
	}
	return append(counted, all), err
}

func (h *Hour) add(o Hour) {
	h.Orders, h.Paid, h.Payments = h.Orders+o.Orders, h.Paid+o.Paid, h.Payments+o.Payments
	h.Amount, h.Wait = h.Amount+o.Amount, h.Wait+o.Wait
}

const hoursOfApp = `
SELECT hour, orders, paid, payments, amount, wait FROM hours WHERE app_id = $1 AND hour >= $2 ORDER BY hour`

// openHours is how many hours that are not counted yet are counted while
// somebody waits: the present one and the one before.
const openHours = 2

// Hours returns the n hours up to the one of now, the oldest first, each for all
// apps of the scope together.
func (s *Store) Hours(ctx context.Context, scope Scope, now time.Time, n int) ([]Hour, error) {
	first := now.UTC().Truncate(time.Hour).Add(-time.Duration(n-1) * time.Hour)
	hours := make([]Hour, n)
	for i := range hours {
		hours[i].Start = first.Add(time.Duration(i) * time.Hour)
	}
	apps := scope
	if scope == nil {
		apps = Scope{0}
	}
	for _, app := range apps {
		if err := s.addKept(ctx, hours, app, now); err != nil {
			return nil, err
		}
	}
	for i := max(0, n-openHours); i < n; i++ {
		if hours[i].Start.Before(firstOpenHour(now)) {
			continue
		}
		counted, err := s.countHour(ctx, hours[i].Start)
		if err != nil {
			return nil, err
		}
		for _, h := range counted {
			for _, app := range apps {
				if h.App == app {
					hours[i].add(h)
				}
			}
		}
	}
	return hours, nil
}

func (s *Store) addKept(ctx context.Context, hours []Hour, app merchant.ID, now time.Time) error {
	var kept []Hour
	err := s.view(ctx, func(t *tx) error {
		kept = nil
		return t.rows(hoursOfApp, []any{int64(app), hours[0].Start.UnixMicro()}, func(scan func(...any) error) error {
			var h Hour
			var wait int64
			err := scan(instant{&h.Start}, &h.Orders, &h.Paid, &h.Payments, &h.Amount, &wait)
			h.Wait = time.Duration(wait) * time.Microsecond
			kept = append(kept, h)
			return err
		})
	})
	for _, h := range kept {
		i := int(h.Start.Sub(hours[0].Start) / time.Hour)
		if i < len(hours) && h.Start.Before(firstOpenHour(now)) {
			hours[i].add(h)
		}
	}
	return err
}

// A Tally is how often something happened.
type Tally struct {
	What  string
	Count int64
}

// recent is how many of the newest rows are looked at for what went wrong.
const recent = 5_000

const orderFailures = `
SELECT failure, COUNT(*) FROM (SELECT failure FROM orders ORDER BY created_at DESC, id DESC LIMIT $1) AS o
WHERE failure <> '' GROUP BY failure ORDER BY COUNT(*) DESC, failure LIMIT $2`

const orderFailuresOfApp = `
SELECT failure, COUNT(*)
FROM (SELECT failure FROM orders WHERE app_id = $3 ORDER BY created_at DESC, id DESC LIMIT $1) AS o
WHERE failure <> '' GROUP BY failure ORDER BY COUNT(*) DESC, failure LIMIT $2`

// Refusals counts why the last attempts to pay failed, among the newest orders
// of all apps, or of one.
func (s *Store) Refusals(ctx context.Context, app merchant.ID, n int) (all []Tally, err error) {
	text, args := orderFailures, []any{int64(recent), int64(n)}
	if app != 0 {
		text, args = orderFailuresOfApp, append(args, int64(app))
	}
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			var one Tally
			err := scan(&one.What, &one.Count)
			all = append(all, one)
			return err
		})
	})
	return all, err
}

// manyDue is where counting what is due ends.
const manyDue = 1_000

const (
	countDue     = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM deliveries WHERE due_at IS NOT NULL LIMIT $1) AS due`
	oldestDue    = `SELECT COALESCE(MIN(due_at), 0) FROM deliveries WHERE due_at IS NOT NULL`
	countPending = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM refunds WHERE state = 'pending' LIMIT $1) AS pending`
	countHeld    = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM disbursements WHERE state = 'held' LIMIT $1) AS held`
)

// Work is what waits to be done.
type Work struct {
	Callbacks int64 // due, at most manyDue
	OldestDue time.Time
	Refunds   int64 // that wait for an operator, at most manyDue
	Payouts   int64 // likewise
}

// Work returns what waits to be done.
func (s *Store) Work(ctx context.Context) (w Work, err error) {
	err = s.view(ctx, func(t *tx) error {
		var oldest int64
		if err := t.row(countDue, []any{int64(manyDue)}, &w.Callbacks); err != nil {
			return err
		}
		if err := t.row(oldestDue, nil, &oldest); err != nil {
			return err
		}
		if w.OldestDue = (time.Time{}); oldest != 0 {
			w.OldestDue = time.UnixMicro(oldest).UTC()
		}
		if err := t.row(countPending, []any{int64(manyDue)}, &w.Refunds); err != nil {
			return err
		}
		return t.row(countHeld, []any{int64(manyDue)}, &w.Payouts)
	})
	return w, err
}
