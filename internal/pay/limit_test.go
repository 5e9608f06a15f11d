package pay_test

import (
	"errors"
	"testing"
	"time"

	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// A payment that waited over midnight, or comes from a machine whose clock is
// behind, counts for the day that others have opened: turning back would forget
// what they paid on it.
func TestLimitsOutliveALatePayment(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a := g.app(t, merchant.Terms{TokenDayCount: 2})
	w := g.wallet(t, 500)
	if _, err := g.ChangeWallet(t.Context(), w.Phone, func(w *pay.Wallet) error {
		w.Limits = pay.Limits{Day: pay.ByScope{100}, Month: pay.ByScope{100}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	v := g.wallet(t, 500)
	midnight := time.Date(2026, 4, 1, 0, 0, 0, 0, id.Vietnam)
	g.set(midnight.Add(-time.Minute))
	b, err := g.CreateBinding(t.Context(), pay.NewBinding{App: a, AppTransID: g.name(), Kind: pay.WalletBinding, Identifier: "an", ReqDate: g.time()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.ConfirmBinding(t.Context(), b.Token, v.ID); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		at          time.Duration
		hand, token error
	}{
		{0, nil, nil}, {-time.Second, nil, nil}, {time.Second, pay.ErrLimit, pay.ErrOverAppLimit},
	} {
		g.set(midnight.Add(step.at))
		if _, err := g.PayFromWallet(t.Context(), g.order(t, a, 50).Key, w.ID); !errors.Is(err, step.hand) {
			t.Errorf("by hand %v after midnight: %v, want %v", step.at, err, step.hand)
		}
		pays := pay.TokenPayment{App: a, PayToken: b.PayToken, Identifier: "an", OrderToken: g.order(t, a, 50).Token}
		if _, err := g.PayByToken(t.Context(), pays); !errors.Is(err, step.token) {
			t.Errorf("by token %v after midnight: %v, want %v", step.at, err, step.token)
		}
	}
}
