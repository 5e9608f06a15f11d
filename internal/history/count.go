package history

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// What is counted over all orders.
const (
	NumberTwice       Rule = "one number for two movements"
	WrongAmount       Rule = "another amount than the order's"
	WrongPayer        Rule = "another wallet paid than was told"
	NotSettled        Rule = "not asked after at the end"
	CallbackMissing   Rule = "paid without a callback"
	CallbackRepeated  Rule = "callback repeated too often"
	CallbackWrong     Rule = "callback says another thing than the order"
	RefundOpen        Rule = "refund accepted and not carried out"
	RefundedTooMuch   Rule = "refunded more than was paid"
	RefundUnasked     Rule = "refunded another amount than was asked for"
	RefundUnreasoned  Rule = "refund failed though there was enough"
	BalanceWrong      Rule = "balance of a wallet"
	LedgerIncomplete  Rule = "number of movements in the ledger"
	UnexpectedMissing Rule = "an acknowledged payment is unknown to a refund"
)

// An account of everything, by object.
type counted struct {
	repeats   int
	amounts   map[string]int64 // of orders, as asked for
	settled   map[string]Op    // of orders
	callbacks map[string][]Op  // accepted ones, of orders
	refunds   map[string]*refunded
	carried   map[int64]int64  // refunds that were carried out, by payment; đồng
	opened    map[string]int64 // of wallets
	closed    map[string]int64
	ledger    *Op
	numbers   map[int64]string // what has it
	found     []Violation
}

type refunded struct {
	id      string
	payment int64
	amount  int64
	known   bool   // accepted, or asked after with success
	last    Result // of the last query
}

func text(n int64) string { return strconv.FormatInt(n, 10) }

func (c *counted) violate(rule Rule, about, format string, args ...any) {
	c.found = append(c.found, Violation{Rule: rule, About: about, Detail: fmt.Sprintf(format, args...)})
}

func count(ops []Op, repeats int) []Violation {
	c := &counted{
		repeats: repeats, amounts: map[string]int64{}, settled: map[string]Op{}, callbacks: map[string][]Op{},
		refunds: map[string]*refunded{}, opened: map[string]int64{}, closed: map[string]int64{},
		carried: map[int64]int64{}, numbers: map[int64]string{},
	}
	for _, o := range ops {
		c.add(o)
	}
	for _, o := range ops {
		c.compare(o)
	}
	c.callbacksComplete()
	c.refundsComplete()
	c.balances()
	c.booked()
	return c.found
}

func (c *counted) add(o Op) {
	switch o.Kind {
	case Create:
		c.amounts[o.Order] = o.Amount
	case Settled:
		c.settled[o.Order] = o
	case Callback:
		if o.Result == Done {
			c.callbacks[o.Order] = append(c.callbacks[o.Order], o)
		}
	case Refund, QueryRefund:
		c.addRefund(o)
	case Opened:
		c.opened[o.Wallet] = o.Amount
	case Closed:
		c.closed[o.Wallet] = o.Amount
	case Ledger:
		c.ledger = &o
	default:
	}
}

func (c *counted) addRefund(o Op) {
	r := c.refunds[o.Refund]
	if r == nil {
		r = &refunded{id: o.Refund}
		c.refunds[o.Refund] = r
	}
	switch o.Kind {
	case Refund:
		r.payment, r.amount = o.Payment, o.Amount
		r.known = r.known || o.Result == Done || o.Result == Duplicate
	default:
		r.last = o.Result
		r.known = r.known || o.Result == Done || o.Result == Failed || o.Result == Open
	}
}

// compare holds one answer against what is known of its order.
func (c *counted) compare(o Op) {
	if o.tellsPaid() {
		c.number(o.Payment, "order "+o.Order)
		if o.Amount != 0 && o.Kind != Pay && o.Kind != PayByToken && o.Amount != c.amounts[o.Order] {
			rule := WrongAmount
			if o.Kind == Callback {
				rule = CallbackWrong
			}
			c.violate(rule, "order "+o.Order, "%d ₫ were asked for: %v", c.amounts[o.Order], o)
		}
	}
	if o.Number != 0 {
		c.number(o.Number, "refund "+o.Refund)
	}
	switch o.Kind {
	case Refund:
		if o.Result == Missing {
			c.violate(UnexpectedMissing, "refund "+o.Refund, "%v", o)
		}
	case Create:
		if _, ok := c.settled[o.Order]; !ok {
			c.violate(NotSettled, "order "+o.Order, "")
		}
	case Pay, PayByToken:
		if s := c.settled[o.Order]; o.Result == Done && s.Result == Paid && s.Wallet != o.Wallet {
			c.violate(WrongPayer, "order "+o.Order, "%s, though %v", s.Wallet, o)
		}
	default:
	}
}

func (c *counted) number(n int64, owner string) {
	if other, ok := c.numbers[n]; ok && other != owner {
		c.violate(NumberTwice, owner, "%d is also that of %s", n, other)
	}
	c.numbers[n] = owner
}

func (c *counted) callbacksComplete() {
	for order, s := range c.settled {
		got := c.callbacks[order]
		switch {
		case s.Result != Paid:
			// A callback of an order that is not paid contradicts the model.
		case len(got) == 0:
			c.violate(CallbackMissing, "order "+order, "%v", s)
		case len(got) > 1+c.repeats:
			c.violate(CallbackRepeated, "order "+order, "accepted %d times", len(got))
		}
	}
}

func (c *counted) refundsComplete() {
	for _, r := range c.refunds {
		if r.last == Done {
			c.carried[r.payment] += r.amount
		}
		if r.known && r.last != Done && r.last != Failed {
			c.violate(RefundOpen, "refund "+r.id, "the last answer is %q", r.last)
		}
	}
	paid := map[int64]int64{}
	for order, s := range c.settled {
		if s.Result != Paid {
			continue
		}
		paid[s.Payment] = c.amounts[order]
		if back := c.carried[s.Payment]; back > c.amounts[order] {
			c.violate(RefundedTooMuch, "order "+order, "%d of %d ₫", back, c.amounts[order])
		} else if back != s.Refunded {
			c.violate(RefundUnasked, "order "+order, "%d ₫ instead of %d", s.Refunded, back)
		}
	}
	for _, r := range c.refunds {
		if r.last == Failed && r.amount+c.carried[r.payment] <= paid[r.payment] {
			c.violate(RefundUnreasoned, "refund "+r.id, "of %d ₫: %d of %d were refunded", r.amount, c.carried[r.payment], paid[r.payment])
		}
	}
}

// balances computes each wallet from what was paid and given back.
func (c *counted) balances() {
	spent := map[string]int64{}
	for order, s := range c.settled {
		if s.Result == Paid {
			spent[s.Wallet] += c.amounts[order] - c.carried[s.Payment]
		}
	}
	for _, wallet := range slices.Sorted(maps.Keys(c.opened)) {
		want := c.opened[wallet] - spent[wallet]
		if got, ok := c.closed[wallet]; !ok || got != want {
			c.violate(BalanceWrong, "wallet "+wallet, "%d ₫ instead of %d", got, want)
		}
	}
}

// booked counts: what nobody asked for would be one too many.
func (c *counted) booked() {
	if c.ledger == nil {
		return
	}
	var payments, refunds int64
	for _, s := range c.settled {
		if s.Result == Paid {
			payments++
		}
	}
	for _, r := range c.refunds {
		if r.last == Done || r.last == Failed {
			refunds++
		}
	}
	if c.ledger.Payments != payments || c.ledger.Refunds != refunds {
		c.violate(LedgerIncomplete, "the ledger", "%d payments and %d refunds, the clients know of %d and %d",
			c.ledger.Payments, c.ledger.Refunds, payments, refunds)
	}
}
