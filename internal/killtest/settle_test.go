//go:build unix

package killtest

import (
	"fmt"
	"sync"
	"time"

	"sen/internal/control"
	"sen/internal/history"
)

// goesOnWithin is how long it may take until a database answers again: a dead
// leader's lease, and a slow machine.
const goesOnWithin = 3 * time.Minute

// settle waits until the gateways have done all that they owe, and asks after
// everything.
func (s *shop) settle() {
	s.t.Helper()
	ops, err := s.record.Ops()
	if err != nil {
		s.t.Fatal(err)
	}
	s.settleRefunds(ops)
	s.settleOrders()
	s.awaitCallbacks()
	s.settleWallets()
}

// each calls f with every item, several at the same time.
func each[T any](s *shop, items []T, f func(*hand, T)) {
	const at = 8
	var all sync.WaitGroup
	for i := range at {
		h := s.newHand(100 + i)
		all.Go(func() {
			for j := i; j < len(items); j += at {
				f(h, items[j])
			}
		})
	}
	all.Wait()
}

// settleRefunds asks after every refund until it is decided.
func (s *shop) settleRefunds(ops []history.Op) {
	owner := map[int64]*wanted{}
	known := map[string]*wanted{}
	for _, o := range ops {
		if o.Kind == history.Pay && o.Result == history.Done {
			owner[o.Payment] = s.orders[o.Order]
		}
	}
	var ids []string
	for _, o := range ops {
		if o.Kind == history.Refund && known[o.Refund] == nil {
			known[o.Refund] = owner[o.Payment]
			ids = append(ids, o.Refund)
		}
	}
	limit := time.Now().Add(s.wait)
	each(s, ids, func(h *hand, id string) {
		for time.Now().Before(limit) {
			switch h.queryRefund(known[id].app, id).Result {
			case history.Done, history.Failed, history.Missing:
				return
			default:
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
}

// states are what the control API calls the states of an order.
var states = map[string]history.Result{
	"created": history.Open, "paid": history.Paid, "cancelled": history.Shut, "expired": history.Shut,
}

// settleOrders asks after every order twice: as its merchant at one gateway,
// and as an operator at another.
func (s *shop) settleOrders() {
	var all []*wanted
	for _, w := range s.orders {
		all = append(all, w)
	}
	each(s, all, func(h *hand, w *wanted) {
		h.known(func() history.Op { return h.query(w) })
		h.node = (h.node + 1) % len(h.fleet.nodes)
		h.known(func() history.Op { return h.settleOrder(w) })
	})
}

// known is until for those who ask when the clients have gone.
func (h *hand) known(ask func() history.Op) {
	for limit := time.Now().Add(goesOnWithin); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		if o := ask(); o.Result != history.Unknown && o.Result != history.Unsent {
			return
		}
	}
}

func (h *hand) settleOrder(w *wanted) history.Op {
	o := history.Op{Client: h.id, Node: h.node, Kind: history.Settled, Order: w.id, Begin: h.record.Now()}
	var is control.Order
	err := h.fleet.node(h.node).control("GET", fmt.Sprintf("orders/%d/%s", w.app.ID, w.id), nil, &is)
	o.End = h.record.Now()
	switch {
	case err != nil:
		if o.Result = meaning(err, map[int]history.Result{codeOf("order_not_found"): history.Missing}); o.Result != history.Missing {
			return o
		}
	default:
		o.Result = states[is.State]
		if is.Payment != nil {
			o.Payment, o.Amount, o.Wallet, o.Refunded = is.Payment.Number, is.Payment.Amount, is.Payment.Wallet, is.Payment.Refunded
		}
	}
	h.record.Add(o)
	return o
}

// awaitCallbacks waits until every paid order's callback was accepted. What a
// gateway had claimed when it died is sent again when its lease has run out.
func (s *shop) awaitCallbacks() {
	limit := time.Now().Add(s.wait)
	for time.Now().Before(limit) {
		ops, _ := s.record.Ops()
		open := map[string]bool{}
		for _, o := range ops {
			if o.Kind == history.Settled && o.Result == history.Paid {
				open[o.Order] = true
			}
		}
		for _, o := range ops {
			if o.Kind == history.Callback {
				delete(open, o.Order)
			}
		}
		if len(open) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *shop) settleWallets() {
	s.t.Helper()
	all := map[string]int64{}
	for after := ""; ; {
		var some []control.Wallet
		s.must("GET", "wallets?limit=500&after="+after, nil, &some)
		for _, w := range some {
			all[w.Phone] = w.Balance
			after = w.Phone
		}
		if len(some) < 500 {
			break
		}
	}
	for _, phone := range s.wallets {
		s.record.Add(history.Op{
			Kind: history.Closed, Begin: s.record.Now(), End: s.record.Now(), Wallet: phone, Amount: all[phone], Result: history.Done,
		})
	}
}

// noteLedger writes down what the ledger counts.
func (s *shop) noteLedger(l control.Ledger) {
	s.record.Add(history.Op{
		Kind: history.Ledger, Begin: s.record.Now(), End: s.record.Now(), Payments: l.Payments, Refunds: l.Refunds, Result: history.Done,
	})
}
