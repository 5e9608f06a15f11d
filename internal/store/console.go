package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"time"

	"sen/internal/callback"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// What people look for at the console. Every list is read by an index from
// where the last page ended, and a search that no index serves looks at a
// bounded number of rows and says how far it came.

// A Mark is a place in a list that is ordered by time, the newest first.
type Mark struct {
	At  time.Time
	Key int64
}

// Newest is before every row.
var Newest = Mark{At: time.UnixMicro(math.MaxInt64).UTC(), Key: math.MaxInt64}

// A Scope is whose rows are wanted: those of some apps, or with nil of all.
type Scope []merchant.ID

// How many rows one look reads, and how many a search reads at most: what takes
// some tenths of a second.
const (
	lookRows   = 2_000
	searchRows = 20_000
)

// An OrderSearch says which orders are wanted; what is empty is not asked for.
type OrderSearch struct {
	Scope Scope
	State pay.OrderState
	From  time.Time // made then or later
	Until time.Time // made before then
	After Mark      // where the last page ended; Newest for the first
}

const (
	fromOrders      = ` FROM orders WHERE (created_at, id) < ($1, $2) AND created_at >= $3 ORDER BY created_at DESC, id DESC LIMIT $4`
	fromOrdersOfApp = ` FROM orders WHERE app_id = $5 AND (created_at, id) < ($1, $2) AND created_at >= $3 ORDER BY created_at DESC, id DESC LIMIT $4`
)

const (
	ordersBefore      = `SELECT ` + orderColumns + fromOrders
	ordersOfAppBefore = `SELECT ` + orderColumns + fromOrdersOfApp
)

// A state is looked for in the database, so that what is not wanted is not
// brought here. That an index for it would have to be written at every payment
// is why there is none.
const (
	keysBefore      = `SELECT s.id FROM (SELECT id, created_at, state` + fromOrders + `) AS s WHERE s.state = $5 ORDER BY s.created_at DESC, s.id DESC LIMIT $6`
	keysOfAppBefore = `SELECT s.id FROM (SELECT id, created_at, state` + fromOrdersOfApp + `) AS s WHERE s.state = $6 ORDER BY s.created_at DESC, s.id DESC LIMIT $7`

	lastLookedAt      = `SELECT s.created_at, s.id FROM (SELECT id, created_at` + fromOrders + `) AS s ORDER BY s.created_at, s.id LIMIT 1`
	lastOfAppLookedAt = `SELECT s.created_at, s.id FROM (SELECT id, created_at` + fromOrdersOfApp + `) AS s ORDER BY s.created_at, s.id LIMIT 1`
)

// FindOrders returns at most n orders, the newest first, and where the search
// ended: Mark is zero when there are no more. A search for a rare state can end
// with fewer than n and still go on.
func (s *Store) FindOrders(ctx context.Context, q OrderSearch, n int) ([]pay.Order, Mark, error) {
	if !q.Until.IsZero() && q.Until.Before(q.After.At) {
		q.After = Mark{At: q.Until}
	}
	if q.State != "" {
		return s.findState(ctx, q, n)
	}
	look := func(after Mark, n int) ([]pay.Order, error) {
		return inScope(q.Scope, n, orderMark, func(app merchant.ID) ([]pay.Order, error) {
			return s.ordersBefore(ctx, app, after, q.From, n)
		})
	}
	return find(q.After, n, look, func(pay.Order) bool { return true }, orderMark)
}

// findState looks for orders in one state, many rows at a time, until it has n
// of them, there are no more, or it has seen enough.
func (s *Store) findState(ctx context.Context, q OrderSearch, n int) (found []pay.Order, end Mark, err error) {
	const rows, looks = 10_000, 10
	end = q.After
	for range looks {
		var next Mark // where the look ended: the newest of where it ended for each app
		some, err := inScope(q.Scope, n+1-len(found), orderMark, func(app merchant.ID) ([]pay.Order, error) {
			all, last, err := s.stateBefore(ctx, q, app, end, rows, n+1-len(found))
			if last.compare(next) > 0 {
				next = last
			}
			return all, err
		})
		if err != nil {
			return nil, Mark{}, err
		}
		for _, o := range some {
			if orderMark(o).compare(next) < 0 {
				break // another app has not been looked at as far back
			}
			if len(found) == n {
				return found, orderMark(found[n-1]), nil
			}
			found = append(found, o)
		}
		if next == (Mark{}) {
			return found, Mark{}, nil
		}
		end = next
	}
	return found, end, nil
}

// stateBefore returns at most n orders in the state among the next rows of the
// app, and where these rows end; a zero Mark when they are the last.
func (s *Store) stateBefore(ctx context.Context, q OrderSearch, app merchant.ID, after Mark, rows int64, n int) (all []pay.Order, last Mark, err error) {
	from := int64(math.MinInt64)
	if !q.From.IsZero() {
		from = q.From.UnixMicro()
	}
	keys, end, args := keysBefore, lastLookedAt, []any{after.At.UnixMicro(), after.Key, from, rows}
	if app != 0 {
		keys, end, args = keysOfAppBefore, lastOfAppLookedAt, append(args, int64(app))
	}
	args = args[:len(args):len(args)]
	err = s.view(ctx, func(t *tx) error {
		all, last = nil, Mark{}
		var ids []int64
		err := t.rows(keys, append(args, string(q.State), int64(n)), func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			o, err := t.order(orderByKey, id)
			if err != nil {
				return err
			}
			all = append(all, o)
		}
		if len(all) == n { // there may be more of them before the end
			last = orderMark(all[n-1])
			return nil
		}
		err = t.row(end, args, instant{&last.At}, &last.Key)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	return all, last, err
}

func (s *Store) ordersBefore(ctx context.Context, app merchant.ID, after Mark, from time.Time, n int) (all []pay.Order, err error) {
	text, args := ordersBefore, []any{after.At.UnixMicro(), after.Key, from.UnixMicro(), int64(n)}
	if from.IsZero() {
		args[2] = int64(math.MinInt64)
	}
	if app != 0 {
		text, args = ordersOfAppBefore, append(args, int64(app))
	}
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(text, args, func(scan func(...any) error) error {
			o, err := scanOrder(scan)
			all = append(all, o)
			return err
		})
	})
	return all, err
}

func orderMark(o pay.Order) Mark { return Mark{o.CreatedAt, int64(o.Key)} }

// inScope puts together the newest n rows of each app. App 0 stands for all.
func inScope[T any](scope Scope, n int, mark func(T) Mark, rows func(app merchant.ID) ([]T, error)) (all []T, err error) {
	if scope == nil {
		return rows(0)
	}
	for _, app := range scope {
		some, err := rows(app)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b T) int { return mark(b).compare(mark(a)) })
	return all[:min(n, len(all))], nil
}

func (m Mark) compare(o Mark) int {
	return cmp.Or(m.At.Compare(o.At), cmp.Compare(m.Key, o.Key))
}

// find looks until it has n rows that are wanted, there are no more, or it has
// seen enough. Each look is a read of its own, so that nobody waits for a search.
func find[T any](after Mark, n int, look func(Mark, int) ([]T, error), wanted func(T) bool, mark func(T) Mark) (found []T, end Mark, err error) {
	size := n + 1
	for seen := 0; seen < searchRows; size = lookRows {
		some, err := look(after, size)
		if err != nil {
			return nil, Mark{}, err
		}
		for _, one := range some {
			if !wanted(one) {
				after = mark(one)
				continue
			}
			if len(found) == n {
				return found, after, nil
			}
			found, after = append(found, one), mark(one)
		}
		if len(some) < size {
			return found, Mark{}, nil
		}
		seen += len(some)
	}
	return found, after, nil
}

const ordersNamed = `
SELECT ` + orderColumns + ` FROM orders
WHERE app_trans_id = $1 AND app_id IN (SELECT id FROM apps) ORDER BY app_id LIMIT $2`

// OrdersNamed returns the orders to which apps gave that app_trans_id.
func (s *Store) OrdersNamed(ctx context.Context, appTransID string, n int) (all []pay.Order, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(ordersNamed, []any{appTransID, int64(n)}, func(scan func(...any) error) error {
			o, err := scanOrder(scan)
			all = append(all, o)
			return err
		})
	})
	return all, err
}

// A Booking is an entry of the ledger with what it moved.
type Booking struct {
	ID       int64
	Reason   ledger.Reason
	At       time.Time
	Postings []ledger.Posting
}

// A History is everything that is known of an order, at one moment.
type History struct {
	Order      pay.Order
	Payment    pay.Payment // its number is 0 while there is none
	Charges    []pay.Charge
	Refunds    []pay.Refund
	Bookings   []Booking
	Deliveries []callback.Delivery
	Attempts   []callback.Attempt // of all deliveries
}

const chargesOfOrder = `SELECT ` + chargeColumns + ` FROM charges WHERE order_id = $1 ORDER BY number LIMIT 200`

const refundsOfPayment = `SELECT ` + refundColumns + ` FROM refunds WHERE payment = $1 ORDER BY number LIMIT 200`

// OrderHistory returns the history of an order, or pay.ErrOrderNotFound.
func (s *Store) OrderHistory(ctx context.Context, key pay.OrderKey) (h History, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		h = History{}
		if h.Order, err = t.Order(ctx, key); err != nil {
			return err
		}
		if err := t.historyOfMoney(ctx, &h); err != nil {
			return err
		}
		return t.historyOfCalls(&h)
	})
	return h, err
}

func (t *tx) historyOfMoney(ctx context.Context, h *History) (err error) {
	err = t.rows(chargesOfOrder, []any{int64(h.Order.Key)}, func(scan func(...any) error) error {
		c, err := scanCharge(scan)
		h.Charges = append(h.Charges, c)
		return err
	})
	if err != nil || h.Order.Payment == 0 {
		return err
	}
	if h.Payment, err = t.Payment(ctx, h.Order.Payment); err != nil {
		return err
	}
	if h.Refunds, err = t.refunds(refundsOfPayment, h.Payment.Number); err != nil {
		return err
	}
	numbers := []int64{h.Payment.Number}
	for _, r := range h.Refunds {
		numbers = append(numbers, r.Number)
		if r.Reversal != 0 {
			numbers = append(numbers, r.Reversal)
		}
	}
	for _, number := range numbers {
		b, err := t.booking(ctx, number)
		if err != nil && !errors.Is(err, ErrNoEntry) { // a refund that was not booked
			return err
		}
		if err == nil {
			h.Bookings = append(h.Bookings, b)
		}
	}
	return nil
}

func (t *tx) historyOfCalls(h *History) error {
	err := t.rows(deliveriesOfOrder, []any{int64(h.Order.Key)}, func(scan func(...any) error) error {
		d, err := scanDelivery(scan)
		if d.Subject == callback.OrderPaid { // a binding made by another process can have the same key
			h.Deliveries = append(h.Deliveries, d)
		}
		return err
	})
	for _, d := range h.Deliveries {
		some, failed := t.attempts(d.ID)
		h.Attempts, err = append(h.Attempts, some...), errors.Join(err, failed)
	}
	return err
}

// A RefundSearch says which refunds are wanted; what is empty is not asked for.
type RefundSearch struct {
	Scope  Scope
	State  pay.RefundState
	Before int64 // numbers below; 0: the newest
}

const refundsBefore = `SELECT ` + refundColumns + ` FROM refunds WHERE number < $1 ORDER BY number DESC LIMIT $2`

const refundsOfAppBefore = `
SELECT ` + refundColumns + ` FROM refunds WHERE app_id = $3 AND number < $1 ORDER BY number DESC LIMIT $2`

const pendingBefore = `
SELECT ` + refundColumns + ` FROM refunds WHERE state = 'pending' AND number < $1 ORDER BY number DESC LIMIT $2`

// FindRefunds returns at most n refunds, the newest first, and the number where
// the search ended, 0 when there are no more.
func (s *Store) FindRefunds(ctx context.Context, q RefundSearch, n int) ([]pay.Refund, int64, error) {
	mark := func(r pay.Refund) Mark { return Mark{Key: r.Number} }
	look := func(after Mark, n int) ([]pay.Refund, error) {
		return inScope(q.Scope, n, mark, func(app merchant.ID) (all []pay.Refund, err error) {
			text, args := refundsBefore, []any{after.Key, int64(n)}
			switch {
			case app != 0:
				text, args = refundsOfAppBefore, append(args, int64(app))
			case q.State == pay.RefundPending:
				text = pendingBefore
			}
			err = s.view(ctx, func(t *tx) (err error) {
				all, err = t.refunds(text, args...)
				return err
			})
			return all, err
		})
	}
	wanted := func(r pay.Refund) bool { return q.State == "" || r.State == q.State }
	found, end, err := find(before(q.Before), n, look, wanted, mark)
	return found, end.Key, err
}

// before is the mark of a list that is ordered by number.
func before(number int64) Mark {
	if number == 0 {
		number = math.MaxInt64
	}
	return Mark{Key: number}
}

// A BindingSearch says which bindings are wanted; what is empty is not asked
// for.
type BindingSearch struct {
	Scope Scope
	State pay.BindingState
	After Mark
}

const bindingsBefore = `
SELECT ` + bindingColumns + ` FROM bindings WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3`

const bindingsOfAppBefore = `
SELECT ` + bindingColumns + ` FROM bindings
WHERE app_id = $4 AND (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3`

// FindBindings returns at most n bindings, the newest first, and where the
// search ended.
func (s *Store) FindBindings(ctx context.Context, q BindingSearch, n int) ([]pay.Binding, Mark, error) {
	mark := func(b pay.Binding) Mark { return Mark{b.CreatedAt, int64(b.Key)} }
	look := func(after Mark, n int) ([]pay.Binding, error) {
		return inScope(q.Scope, n, mark, func(app merchant.ID) (all []pay.Binding, err error) {
			text, args := bindingsBefore, []any{after.At.UnixMicro(), after.Key, int64(n)}
			if app != 0 {
				text, args = bindingsOfAppBefore, append(args, int64(app))
			}
			err = s.view(ctx, func(t *tx) error {
				all = nil
				return t.rows(text, args, func(scan func(...any) error) error {
					b, err := scanBinding(scan)
					all = append(all, b)
					return err
				})
			})
			return all, err
		})
	}
	wanted := func(b pay.Binding) bool { return q.State == "" || b.State == q.State }
	return find(q.After, n, look, wanted, mark)
}

// Binding returns the binding with that key, or pay.ErrBindingNotFound.
func (s *Store) Binding(ctx context.Context, key pay.BindingKey) (b pay.Binding, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		b, err = t.Binding(ctx, key)
		return err
	})
	return b, err
}

const cardsBefore = `SELECT ` + cardColumns + ` FROM cards WHERE id < $1 ORDER BY id DESC LIMIT $2`

// CardsBefore returns at most n stored cards older than the one with that id,
// the newest first; 0 is the newest. What is sealed stays in the store.
func (s *Store) CardsBefore(ctx context.Context, id pay.CardID, n int) (all []pay.Card, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(cardsBefore, []any{before(int64(id)).Key, int64(n)}, func(scan func(...any) error) error {
			c, err := scanCard(scan)
			c.Sealed, c.Fingerprint = nil, ""
			all = append(all, c)
			return err
		})
	})
	return all, err
}

// A DeliverySearch says which deliveries are wanted; what is empty is not asked
// for.
type DeliverySearch struct {
	Scope  Scope
	State  callback.State
	Before callback.ID // older than that one; 0: the newest
}

// What is due or was given up is little of all, and has an index of its own.
const (
	deliveriesDueBefore = `
SELECT ` + deliveryColumns + ` FROM deliveries WHERE due_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2`

	deliveriesFailedBefore = `
SELECT ` + deliveryColumns + ` FROM deliveries WHERE state = 'failed' AND id < $1 ORDER BY id DESC LIMIT $2`
)

const deliveriesOfAppBefore = `
SELECT ` + deliveryColumns + ` FROM deliveries WHERE app_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2`

// FindDeliveries returns at most n deliveries, the newest first, and the id
// where the search ended, 0 when there are no more.
func (s *Store) FindDeliveries(ctx context.Context, q DeliverySearch, n int) ([]callback.Delivery, callback.ID, error) {
	mark := func(d callback.Delivery) Mark { return Mark{Key: int64(d.ID)} }
	look := func(after Mark, n int) ([]callback.Delivery, error) {
		return inScope(q.Scope, n, mark, func(app merchant.ID) ([]callback.Delivery, error) {
			switch {
			case app != 0:
				return s.deliveries(ctx, deliveriesOfAppBefore, after.Key, int64(n), int64(app))
			case q.State == callback.Due:
				return s.deliveries(ctx, deliveriesDueBefore, after.Key, int64(n))
			case q.State == callback.Failed:
				return s.deliveries(ctx, deliveriesFailedBefore, after.Key, int64(n))
			}
			return s.deliveries(ctx, deliveriesBefore, after.Key, int64(n))
		})
	}
	wanted := func(d callback.Delivery) bool { return q.State == "" || d.State == q.State }
	found, end, err := find(before(int64(q.Before)), n, look, wanted, mark)
	return found, callback.ID(end.Key), err
}
