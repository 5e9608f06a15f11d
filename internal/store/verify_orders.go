package store

import (
	"database/sql"
	"errors"
	"math"
)

// The keys of orders and callbacks begin with the time: where so many payments
// are, the rest is as much.
const nextPayment = `SELECT number, order_id FROM payments WHERE number > $1 ORDER BY number LIMIT 1`

// orderPieces calls each with the bounds of pieces of keys: together they have all
// there are.
func (t *tx) orderPieces(each func(after, last int64) error) error {
	after, number := int64(math.MinInt64), int64(0)
	for {
		var order int64
		err := sql.ErrNoRows
		if number < math.MaxInt64-stretchNumbers {
			err = t.row(nextPayment, []any{number + stretchNumbers}, &number, &order)
		}
		if errors.Is(err, sql.ErrNoRows) {
			return each(after, math.MaxInt64)
		}
		if err != nil {
			return err
		}
		if order <= after {
			continue // payments do not come in the order of what they pay
		}
		if err := each(after, order); err != nil {
			return err
		}
		after = order
	}
}

const (
	// The states are 1 for paid, 2 for in flight, 0 for none that there is.
	ordersWithin = `
SELECT id, app_id, amount, payment, CASE state WHEN 'paid' THEN 1 WHEN 'processing' THEN 2 WHEN 'created' THEN 3
	WHEN 'expired' THEN 4 WHEN 'cancelled' THEN 5 ELSE 0 END
FROM orders WHERE id > $1 AND id <= $2`

	deliveriesWithin = `
SELECT id, order_id, attempts, CASE WHEN subject = 'order' THEN 1 ELSE 0 END
FROM deliveries WHERE id > $1 AND id <= $2 ORDER BY id`

	attemptsWithin = `
SELECT delivery_id, n FROM attempts WHERE delivery_id > $1 AND delivery_id <= $2 ORDER BY delivery_id, n`
)

// orders holds payments, orders and callbacks against each other.
func (l *look) orders() error {
	return l.spread(l.cutter.orderPieces, func(r *lookReader, after, last int64) (func() error, error) {
		seen := &tally{}
		err := r.ordersWithin(seen, after, last)
		if err == nil {
			err = r.deliveriesWithin(seen, after, last)
		}
		return func() error {
			l.seen.add(seen)
			return nil
		}, err
	})
}

func (r *lookReader) ordersWithin(seen *tally, after, last int64) error {
	const none, paid, flying = 0, 1, 2
	var id, app, amount, payment, state int64
	into := []any{&id, &app, &amount, &payment, &state}
	return r.rows(ordersWithin, []any{after, last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		switch state {
		case none:
			seen.doubts[orderStates] = true
		case flying:
			seen.doubts[inFlight] = true
		}
		if (state == paid) != (payment != 0) {
			seen.doubts[paidOrders], seen.doubts[owed] = true, true
		}
		if state == paid {
			seen.count(paidOrders, there, r.look.hash([4]int64{payment, id, amount, app}))
			seen.count(owed, here, r.look.hash([4]int64{id}))
		}
		return nil
	})
}

// tried is how often a callback was attempted.
type tried struct{ delivery, n int64 }

func (r *lookReader) deliveriesWithin(seen *tally, after, last int64) error {
	var made []tried
	var one tried
	into := []any{&one.delivery, &one.n}
	err := r.rows(attemptsWithin, []any{after, last}, func(scan func(...any) error) error {
		err := scan(into...)
		if k := len(made) - 1; k >= 0 && made[k].delivery == one.delivery {
			made[k].n = max(made[k].n, one.n)
		} else {
			made = append(made, one)
		}
		return err
	})
	if err != nil {
		return err
	}
	var id, order, attempts, about int64
	into = []any{&id, &order, &attempts, &about}
	err = r.rows(deliveriesWithin, []any{after, last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if about == 1 {
			seen.count(owed, there, r.look.hash([4]int64{order}))
		}
		for len(made) > 0 && made[0].delivery <= id {
			if made[0].delivery < id || made[0].n > attempts {
				seen.doubts[attempted] = true
			}
			made = made[1:]
		}
		return nil
	})
	if len(made) > 0 {
		seen.doubts[attempted] = true
	}
	return err
}
