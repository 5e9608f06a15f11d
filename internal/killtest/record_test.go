package killtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"sync"

	"sen"
)

// A record is what the clients remember: what they asked for, and what they
// were told. It is the judge of the gateway, so it outlives all its lives.
type record struct {
	mu      sync.Mutex
	orders  map[string]*order
	names   []string // of the orders, in the order of asking
	refunds map[string]*refund
	touched map[string]bool // orders and refunds of the present life
	wrong   []string        // contradictions between answers
	answers int             // in the present life
	serial  int
}

type order struct {
	id        string
	amount    int64
	created   bool // an answer said so
	lost      bool // an answer was lost
	token     string
	payment   sen.TransID // as acknowledged
	payer     string      // the wallet that was told so
	payLost   string      // wallet of a payment whose answer was lost
	cancelled bool        // as acknowledged
	refunding int64
}

type refund struct {
	id      string
	payment sen.TransID
	amount  int64
	known   bool // an answer said that it was accepted
	done    bool // a query said that it is carried out
}

func newRecord() *record {
	return &record{orders: map[string]*order{}, refunds: map[string]*refund{}, touched: map[string]bool{}}
}

func (r *record) problem(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// next returns a number that was not used before.
func (r *record) next() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serial++
	return r.serial
}

func (r *record) asked(id string, amount int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orders[id] = &order{id: id, amount: amount}
	r.names = append(r.names, id)
	r.touched[id] = true
}

func (r *record) created(id, token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.orders[id]
	o.created, o.lost, o.token = true, false, token
	r.answers++
}

func (r *record) lost(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orders[id].lost = true
}

// paid notes an acknowledged payment, and objects to a second one, or to a
// second payer. A query does not tell who paid.
func (r *record) paid(id string, payment sen.TransID, wallet string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.orders[id]
	r.touched[id] = true
	r.answers++
	if o.payment != 0 && o.payment != payment {
		r.problem("order %s was paid by %v and by %v", id, o.payment, payment)
	}
	if o.payer != "" && wallet != "" && o.payer != wallet {
		r.problem("order %s: %s and %s were both told that they paid it", id, o.payer, wallet)
	}
	if o.cancelled {
		r.problem("order %s was cancelled and then paid", id)
	}
	o.payment, o.payer, o.payLost = payment, cmp.Or(wallet, o.payer), ""
}

func (r *record) payLost(id, wallet string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.touched[id] = true
	r.orders[id].payLost = wallet
}

func (r *record) cancelled(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.orders[id]
	r.touched[id] = true
	r.answers++
	if o.payment != 0 {
		r.problem("order %s was paid by %v and then cancelled", id, o.payment)
	}
	o.cancelled = true
}

// pick returns one of the youngest orders that pass the test.
func (r *record) pick(chance *rand.Rand, test func(*order) bool) (order, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	const youngest, tries = 200, 20
	from := max(0, len(r.names)-youngest)
	for range tries {
		if len(r.names) == 0 {
			break
		}
		if o := r.orders[r.names[from+chance.IntN(len(r.names)-from)]]; test(o) {
			return *o, true
		}
	}
	return order{}, false
}

// beginRefund reserves an amount of a paid order, as a careful merchant does.
func (r *record) beginRefund(id, mRefundID string, amount int64) *refund {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.orders[id]
	if o.refunding+amount > o.amount {
		return nil
	}
	o.refunding += amount
	f := &refund{id: mRefundID, payment: o.payment, amount: amount}
	r.refunds[mRefundID] = f
	r.touched[mRefundID] = true
	return f
}

func (r *record) refundKnown(f *refund) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f.known = true
	r.answers++
}

func (r *record) answered() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answers
}
