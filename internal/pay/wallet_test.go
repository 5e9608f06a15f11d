package pay_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"sen/internal/merchant"
	"sen/internal/pay"
)

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"0900000001", "0900000001"},
		{"+84900000001", "0900000001"},
		{"84900000001", "0900000001"},
		{"+84 90 000 0001", "0900000001"},
		{" 090.000-0001 ", "0900000001"},
		{"0842345678", "0842345678"}, // 084 is a prefix of numbers too
		{"840000000", ""},
		{"8412345678", ""},
		{"", ""},
		{"+84", ""},
		{"0", ""},
		{"900000001", ""},
		{"00900000001", ""},
		{"+840900000001", ""},
		{"09000000011", ""},
		{"090000000a", ""},
		{"０９00000001", ""},
		{"0900000001\n", ""},
		{"+1 900000001", ""},
	} {
		got, err := pay.Phone(c.in)
		if got != c.want || (c.want == "") != errors.Is(err, pay.ErrPhone) {
			t.Errorf("Phone(%q) = %q, %v, want %q", c.in, got, err, c.want)
		}
	}
}

func TestOpenWallet(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	if _, err := g.OpenWallet(t.Context(), pay.Wallet{Phone: "+84 900000001"}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.OpenWallet(t.Context(), pay.Wallet{Phone: "0900000001"}); !errors.Is(err, pay.ErrWalletExists) {
		t.Errorf("again: %v, want ErrWalletExists", err)
	}
	if _, err := g.OpenWallet(t.Context(), pay.Wallet{Phone: "1"}); !errors.Is(err, pay.ErrPhone) {
		t.Errorf("no phone: %v, want ErrPhone", err)
	}
}

func TestHashPIN(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	for _, pin := range []string{"", "11111", "1111111", "11111a", "１１１１１１", " 11111", "-11111"} {
		if _, err := g.HashPIN(pin); !errors.Is(err, pay.ErrPINShape) {
			t.Errorf("HashPIN(%q) = %v, want ErrPINShape", pin, err)
		}
	}
	if hash, err := g.HashPIN("000000"); err != nil || hash == "" {
		t.Errorf("HashPIN = %q, %v", hash, err)
	}
}

func (g *gateway) signIn(t *testing.T, phone, pin string, want error) {
	t.Helper()
	if _, err := g.SignIn(t.Context(), phone, pin); !errors.Is(err, want) {
		t.Errorf("SignIn with %s at %v: %v, want %v", pin, g.time(), err, want)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w := g.wallet(t, 0)
	const right, wrong = "111111", "222222"
	g.signIn(t, w.Phone, right, nil)
	g.signIn(t, "+84"+w.Phone[1:], right, nil)
	g.signIn(t, "1", right, pay.ErrPhone)

	g.signIn(t, "0999999999", right, pay.ErrPINWrong)
	if g.pins.empty.Load() != 1 {
		t.Error("a phone without a wallet is found out by the time it takes")
	}
	bare, err := g.OpenWallet(t.Context(), pay.Wallet{Phone: "0988888888"})
	if err != nil {
		t.Fatal(err)
	}
	g.signIn(t, bare.Phone, right, pay.ErrPINNotSet)

	for range 4 {
		g.signIn(t, w.Phone, wrong, pay.ErrPINWrong)
	}
	g.signIn(t, w.Phone, right, nil) // the count begins anew
	for range 4 {
		g.signIn(t, w.Phone, wrong, pay.ErrPINWrong)
	}
	g.signIn(t, w.Phone, wrong, pay.ErrPINPaused)
	before := g.pins.checks.Load()
	g.signIn(t, w.Phone, right, pay.ErrPINPaused)
	g.move(15*time.Minute - time.Microsecond)
	g.signIn(t, w.Phone, right, pay.ErrPINPaused)
	if g.pins.checks.Load() != before {
		t.Error("a PIN was looked at during the pause")
	}
	g.move(time.Microsecond)
	g.signIn(t, w.Phone, wrong, pay.ErrPINWrong) // one of five again
	for range 3 {
		g.signIn(t, w.Phone, wrong, pay.ErrPINWrong)
	}
	g.signIn(t, w.Phone, right, nil) // the fifth may be the right one
	g.signIn(t, w.Phone, right, nil)
}

// TestGuessAtOnce tries many PINs at a time: no more of them are looked at
// than one after the other.
func TestGuessAtOnce(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w := g.wallet(t, 0)
	var done sync.WaitGroup
	for range 40 {
		done.Go(func() {
			_, err := g.SignIn(t.Context(), w.Phone, "222222")
			if !errors.Is(err, pay.ErrPINWrong) && !errors.Is(err, pay.ErrPINPaused) {
				t.Errorf("SignIn: %v", err)
			}
		})
	}
	done.Wait()
	if n := g.pins.checks.Load(); n != 5 {
		t.Errorf("%d PINs were looked at, want 5", n)
	}
	g.signIn(t, w.Phone, "111111", pay.ErrPINPaused)
}

func TestSetConditions(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w := g.wallet(t, 0)
	yes, no := true, false
	var locked, off time.Time
	for i, c := range []struct{ locked, off *bool }{{&yes, nil}, {nil, &yes}, {&yes, &yes}, {nil, nil}, {&no, nil}, {&no, &no}, {&yes, &no}} {
		g.move(time.Second)
		for _, f := range []struct {
			want *bool
			at   *time.Time
		}{{c.locked, &locked}, {c.off, &off}} {
			switch {
			case f.want == nil:
			case !*f.want:
				*f.at = time.Time{}
			case f.at.IsZero():
				*f.at = g.time()
			}
		}
		got, err := g.SetConditions(t.Context(), w.Phone, c.locked, c.off)
		if err != nil || !got.LockedAt.Equal(locked) || !got.PaymentsOffAt.Equal(off) {
			t.Errorf("step %d: %v, %v, %v; want %v, %v", i, got.LockedAt, got.PaymentsOffAt, err, locked, off)
		}
	}
	if _, err := g.SetConditions(t.Context(), "0977777777", &yes, nil); !errors.Is(err, pay.ErrWalletNotFound) {
		t.Errorf("no wallet: %v, want ErrWalletNotFound", err)
	}
}

// TestLockDuringPayments locks a wallet while it pays many orders. After the
// lock has been reported, none may be paid.
func TestLockDuringPayments(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	a, w := g.app(t, merchant.Terms{}), g.wallet(t, 1000)
	orders := make([]pay.Order, 60)
	for i := range orders {
		orders[i] = g.order(t, a, 1)
	}
	locked := make(chan struct{})
	var done sync.WaitGroup
	for i, o := range orders {
		done.Go(func() {
			if i == len(orders)/2 {
				yes := true
				if _, err := g.SetConditions(t.Context(), w.Phone, &yes, nil); err != nil {
					t.Error(err)
				}
				close(locked)
				return
			}
			late := false
			select {
			case <-locked:
				late = true
			default:
			}
			_, err := g.PayFromWallet(t.Context(), o.Key, w.ID)
			if late && err == nil {
				t.Error("a payment that began after the lock succeeded")
			}
			if err != nil && !errors.Is(err, pay.ErrWalletLocked) {
				t.Error(err)
			}
		})
	}
	done.Wait()
	g.sound(t)
}

func TestUserID(t *testing.T) {
	t.Parallel()
	s := &pay.Service{UserKey: []byte("key")}
	seen := map[string]bool{}
	for _, app := range []merchant.ID{1, 11, 2, 112} {
		for _, w := range []pay.WalletID{1, 11, 2, 112, 1<<59 - 1} {
			got := s.UserID(app, w)
			if seen[got] || got != s.UserID(app, w) {
				t.Errorf("app %d, wallet %d: %s is not theirs alone", app, w, got)
			}
			seen[got] = true
		}
	}
	if other := (&pay.Service{UserKey: []byte("another")}).UserID(1, 1); seen[other] {
		t.Error("another gateway makes the same identifiers")
	}
}
