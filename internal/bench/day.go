package bench

import (
	"cmp"
	"context"
	"slices"

	"sen"
)

// A dayCall is a kind of call and how many of the day's are of it.
type dayCall struct {
	name  string
	share int
	op    operation
}

// dayCalls is the day's mix. Of fifty calls fifteen make an order, ten pay one
// of them by token, and for each that is made merchants ask once or twice what
// became of it; one in ten payments is given back in part.
func (w *work) dayCalls() []dayCall {
	return []dayCall{
		{"create", 15, w.createForDay},
		{"pay", 10, w.payForDay},
		{"query-unpaid", 14, w.queryUnpaid},
		{"query-paid", 9, w.queryPaid},
		{"refund", 1, w.refund},
		{"query-refund", 1, w.queryRefunded},
	}
}

// spreadOut returns the calls in an order in which each kind comes as evenly as
// its share allows.
func spreadOut(calls []dayCall) (all []operation) {
	total := 0
	for _, c := range calls {
		total += c.share
	}
	credit := make([]int, len(calls))
	for range total {
		for i, c := range calls {
			credit[i] += c.share
		}
		next := slices.Index(credit, slices.Max(credit))
		credit[next] -= total
		all = append(all, calls[next].op)
	}
	return all
}

// day returns one call of the mix after the other.
func (w *work) day() operation {
	calls := spreadOut(w.dayCalls())
	return func(c *caller) error { return calls[int(w.dayTurn.Add(1))%len(calls)](c) }
}

// haveDay makes what the first calls of a day ask for.
func (w *work) haveDay(ctx context.Context, n int) error {
	if err := w.haveUnpaid(ctx, n); err != nil {
		return err
	}
	if err := w.havePaid(ctx, n); err != nil {
		return err
	}
	return w.prepare(ctx, min(2*n, some)-w.dayOrders.size(), w.createForDay)
}

// createForDay makes an order that one of the payers pays later.
func (w *work) createForDay(c *caller) error {
	return w.createFor(c, &w.dayOrders, w.market.spread, w.callbackURL())
}

func (w *work) callbackURL() string {
	if w.receiver == nil {
		return ""
	}
	return w.receiver.URL
}

// payForDay charges the payer of an order that is not paid.
func (w *work) payForDay(c *caller) error {
	if w.dayOrders.size() == 0 {
		return w.createForDay(c)
	}
	if err := w.payByToken(c, &w.dayOrders); err != nil {
		return err
	}
	if w.receiver != nil {
		w.mu.Lock()
		w.owed++
		w.mu.Unlock()
	}
	return nil
}

// createAndPay makes an order and charges its payer.
func (w *work) createAndPay(c *caller) error {
	var one pool
	if err := w.createFor(c, &one, w.market.spread, ""); err != nil {
		return err
	}
	return w.payByToken(c, &one)
}

// queryRefunded asks what became of the youngest refund.
func (w *work) queryRefunded(c *caller) error {
	w.mu.Lock()
	var r refunded
	if n := len(w.refunded); n > 0 {
		r = w.refunded[n-1]
	}
	w.mu.Unlock()
	if r.id == "" {
		return w.queryPaid(c)
	}
	q := c.request(sen.OpQueryRefund.Path, formType)
	q.queryRefund(r.app, r.id, w.millis())
	_, err := c.api(sen.OpQueryRefund, q, nil) // whatever it says: it may not be carried out yet
	return err
}

// settleDay waits for the refunds and the callbacks.
func (w *work) settleDay(ctx context.Context) (int64, error) {
	refunds, err := w.settleRefunds(ctx)
	callbacks, missing := w.settleCallbacks(ctx)
	return refunds + callbacks, cmp.Or(err, missing)
}
