package pay

import (
	"sen/internal/metric"
	"sen/internal/money"
)

// Moved is what a process has done with money since it began: by hand from a
// wallet, by token from a wallet, by card, and back.
type Moved struct{ Wallet, Token, Card, Refunds Total }

// A Total is how many there were, and of how many đồng.
type Total struct{ Count, Amount metric.Counter }

func (t *Total) add(amount money.Amount) {
	t.Count.Inc()
	t.Amount.Add(int64(amount))
}

// taken counts a payment.
func (t *Moved) taken(p Payment) {
	switch {
	case t == nil:
	case p.Channel != WalletChannel:
		t.Card.add(p.Amount)
	case p.Binding != 0:
		t.Token.add(p.Amount)
	default:
		t.Wallet.add(p.Amount)
	}
}

// refunded counts what was given back.
func (t *Moved) refunded(r Refund) {
	if t != nil && r.State == RefundSucceeded {
		t.Refunds.add(r.Amount)
	}
}
