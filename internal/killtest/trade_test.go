//go:build unix

package killtest

import (
	"strconv"
	"sync"
	"time"

	"sen"
	"sen/internal/history"
)

// pace is how long a client thinks between two things that it does.
const pace = 20 * time.Millisecond

// open lets n clients work until close.
func (s *shop) open(n int) {
	for id := range n {
		h := s.newHand(1 + id)
		s.hands.Go(func() {
			for !h.over() {
				h.trade()
			}
		})
	}
}

// drill lets n clients do each of their things a few times.
func (s *shop) drill(n, times int) {
	for id := range n {
		h := s.newHand(1 + id)
		s.hands.Go(func() {
			for range times {
				for _, do := range []func(){h.sell, h.race, h.regret, h.createTwice, h.agree} {
					do()
				}
			}
		})
	}
	s.hands.Wait()
}

// close ends the clients' work. Calls under way come to their end.
func (s *shop) close() {
	close(s.stop)
	s.hands.Wait()
}

func (h *hand) over() bool {
	think := time.Duration(h.chance.Int64N(int64(2 * pace)))
	if h.hurry.Load() {
		think = 0
	}
	select {
	case <-h.stop:
		return true
	case <-time.After(think):
		return false
	}
}

// trade does one thing that merchants and payers do.
func (h *hand) trade() {
	switch n := h.chance.IntN(20); {
	case n < 9:
		h.sell()
	case n < 13:
		h.race()
	case n < 15:
		h.regret()
	case n < 16:
		h.createTwice()
	default:
		h.agree()
	}
}

// together runs functions at the same time, each with a hand of its own.
func (h *hand) together(all ...func(h *hand)) {
	var running sync.WaitGroup
	next := h
	for _, f := range all {
		next = next.beside()
		mine := next
		running.Go(func() { f(mine) })
	}
	running.Wait()
}

func (h *hand) wallet() string {
	if h.chance.IntN(2) == 0 {
		return h.wallets[0] // most pay from one wallet
	}
	return h.wallets[h.chance.IntN(len(h.wallets))]
}

// order asks for an order until it is there.
func (h *hand) order() (*wanted, bool) {
	w := h.newOrder()
	o := h.until(func() history.Op { return h.create(w) })
	return w, o.Result == history.Done || o.Result == history.Duplicate
}

// sell is what mostly happens: an order, its payment, and some refunds.
func (h *hand) sell() {
	w, ok := h.order()
	if !ok {
		return
	}
	wallet := h.wallet()
	paid := h.until(func() history.Op { return h.pay(w, wallet) })
	h.query(w)
	if paid.Result == history.Done && h.chance.IntN(2) == 0 {
		h.giveBack(w, paid.Payment)
	}
}

// giveBack refunds a payment, in parts that are sometimes too much, at the
// same time and more than once.
func (h *hand) giveBack(w *wanted, payment int64) {
	parts := make([]func(*hand), 1+h.chance.IntN(2))
	for i := range parts {
		id, amount := h.newRefund(w.app), 1+h.chance.Int64N(w.amount)
		parts[i] = func(h *hand) {
			h.until(func() history.Op { return h.refund(w, id, payment, amount) })
			if h.chance.IntN(3) == 0 {
				h.refund(w, id, payment, amount) // not sure whether it was heard
			}
			h.queryRefund(w.app, id)
		}
	}
	h.together(parts...)
	h.query(w)
}

func (h *hand) newRefund(app sen.App) string {
	return sen.MRefundID(time.Now(), app.ID, "k"+strconv.FormatInt(h.serial.Add(1), 10))
}

// race lets payers, the merchant and onlookers meet at one order.
func (h *hand) race() {
	w, ok := h.order()
	if !ok {
		return
	}
	one, other := h.wallet(), h.wallet()
	acts := []func(*hand){
		func(h *hand) { h.until(func() history.Op { return h.pay(w, one) }) },
		func(h *hand) { h.pay(w, other) },
		func(h *hand) { h.query(w); h.query(w) },
	}
	if h.chance.IntN(2) == 0 {
		acts = append(acts, func(h *hand) { h.until(func() history.Op { return h.cancel(w) }) })
	}
	h.chance.Shuffle(len(acts), func(i, j int) { acts[i], acts[j] = acts[j], acts[i] })
	h.together(acts...)
	h.query(w)
}

// regret cancels an order that nobody has paid, and tries to pay it then.
func (h *hand) regret() {
	w, ok := h.order()
	if !ok {
		return
	}
	h.until(func() history.Op { return h.cancel(w) })
	h.pay(w, h.wallet())
	h.query(w)
}

// createTwice asks two gateways for the same order.
func (h *hand) createTwice() {
	w := h.newOrder()
	again := func(h *hand) { h.until(func() history.Op { return h.create(w) }) }
	h.together(again, again)
	h.query(w)
}

// agree binds a wallet, pays by its token, and ends the binding under a
// payment.
func (h *hand) agree() {
	a := &agreement{id: h.name(), app: h.apps[h.chance.IntN(len(h.apps))], wallet: h.wallet()}
	bound := h.until(func() history.Op { return h.bind(a) })
	if bound.Result != history.Done {
		return // its token is lost with the answer
	}
	confirmed := h.until(func() history.Op { return h.confirm(a) })
	if confirmed.Result != history.Done {
		return
	}
	h.payByTokens(a, 1+h.chance.IntN(2))
	h.queryBinding(a)
	w, ok := h.orderOf(a)
	if !ok {
		return
	}
	h.together(
		func(h *hand) { h.until(func() history.Op { return h.payByToken(w, a) }) },
		func(h *hand) { h.until(func() history.Op { return h.unbind(a) }) },
	)
	h.queryBinding(a)
	h.payByTokens(a, 1) // in vain
	h.payByToken(w, a)  // again
	h.query(w)
}

func (h *hand) payByTokens(a *agreement, n int) {
	for range n {
		if w, ok := h.orderOf(a); ok {
			h.until(func() history.Op { return h.payByToken(w, a) })
			h.query(w)
		}
	}
}

// orderOf is an order of the agreement's app whose token is known.
func (h *hand) orderOf(a *agreement) (*wanted, bool) {
	w := h.newOrder()
	h.mu.Lock()
	w.app = a.app
	h.mu.Unlock()
	o := h.until(func() history.Op { return h.create(w) })
	return w, o.Result == history.Done
}
