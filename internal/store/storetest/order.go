package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

var orders = map[string]func(*testing.T, *fixture){
	"Order/comes back as it went in":        orderRoundTrip,
	"Order/is not found":                    orderNotFound,
	"Order/is inserted or not":              insertOrder,
	"Order/one insert wins":                 insertOrderRace,
	"Order/moves from the state it is in":   moveOrder,
	"Order/one move wins":                   moveOrderRace,
	"Order/text comes back byte for byte":   texts,
	"Order/times to the microsecond":        times,
	"Order/expires in batches":              expireOrders,
	"Order/expires at the very instant":     expireInstant,
	"Order/the paid and closed stay so":     expireOpenOnly,
	"Order/a large amount":                  largeOrder,
	"Order/one app's name is not another's": orderNames,
}

func (f *fixture) orderIs(want pay.Order) {
	f.t.Helper()
	got, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Order, error) { return r.Order(ctx, want.Key) })
	if err != nil {
		f.t.Fatalf("Order: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("Order (-want +got):\n%s", diff)
	}
	got, err = ask(f, func(ctx context.Context, r pay.Reader) (pay.Order, error) {
		return r.OrderByTransID(ctx, want.App, want.AppTransID)
	})
	if err != nil {
		f.t.Fatalf("OrderByTransID: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("OrderByTransID (-want +got):\n%s", diff)
	}
}

func orderRoundTrip(t *testing.T, f *fixture) {
	o := f.newOrder(7)
	o.Amount, o.Description, o.Title = 123_456, "Cà phê sữa đá", "Quán"
	o.Item, o.EmbedData, o.BankCode = `[{"a": 1}]`, `{ "b" : 2 }`, "zalopayapp"
	o.CallbackURL, o.RedirectURL, o.Extra = "https://a.example/c", "https://a.example/r", `{"c":3}`
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
	f.orderIs(o)

	o.State, o.Payment, o.ClosedAt, o.Failure = pay.OrderPaid, 99, at.Add(time.Minute), pay.LowBalance
	f.update(func(tx pay.Tx) error { return tx.MoveOrder(t.Context(), o, pay.OrderCreated) })
	f.orderIs(o)
}

func orderNotFound(t *testing.T, f *fixture) {
	o := f.order()
	f.view(func(r pay.Reader) error {
		_, byKey := r.Order(t.Context(), o.Key+1)
		_, byApp := r.OrderByTransID(t.Context(), 2, o.AppTransID)
		_, byName := r.OrderByTransID(t.Context(), 1, o.AppTransID+"0")
		for _, err := range []error{byKey, byApp, byName} {
			if !errors.Is(err, pay.ErrOrderNotFound) {
				t.Errorf("got %v, want ErrOrderNotFound", err)
			}
		}
		return nil
	})
}

func insertOrder(t *testing.T, f *fixture) {
	o := f.order()
	for name, again := range map[string]func(*pay.Order){
		"the same app_trans_id": func(n *pay.Order) { n.AppTransID = o.AppTransID },
		"the same key":          func(n *pay.Order) { n.Key = o.Key },
		"both":                  func(n *pay.Order) { n.Key, n.AppTransID = o.Key, o.AppTransID },
	} {
		n := f.newOrder(1)
		n.Amount = 1
		again(&n)
		f.update(func(tx pay.Tx) error {
			if err := inserted(tx.InsertOrder(t.Context(), n)); !errors.Is(err, errNotInserted) {
				return fmt.Errorf("%s: %w, want no insert and no error", name, err)
			}
			return nil
		})
	}
	f.orderIs(o)
}

func insertOrderRace(t *testing.T, f *fixture) {
	n := make([]pay.Order, 20)
	for i := range n {
		n[i] = f.newOrder(1)
		n[i].AppTransID = "260314_same"
	}
	errs := together(len(n), func(i int) error {
		return f.Update(t.Context(), func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), n[i])) })
	})
	if won := successes(errs); won != 1 || unexpected(errs, errNotInserted) != nil {
		t.Errorf("%d inserts won (%v), want 1", won, unexpected(errs, errNotInserted))
	}
}

func moveOrder(t *testing.T, f *fixture) {
	o := f.order()
	paid := o
	paid.State, paid.Payment, paid.ClosedAt = pay.OrderPaid, 5, at
	ghost := paid
	ghost.Key++
	f.stale("from another state", func(tx pay.Tx) error { return tx.MoveOrder(t.Context(), paid, pay.OrderExpired) })
	f.stale("an order that is not there", func(tx pay.Tx) error { return tx.MoveOrder(t.Context(), ghost, pay.OrderCreated) })
	f.orderIs(o)
}

func moveOrderRace(t *testing.T, f *fixture) {
	o := f.order()
	errs := together(20, func(i int) error {
		paid := o
		paid.State, paid.Payment, paid.ClosedAt = pay.OrderPaid, int64(i+1), at
		return f.Update(t.Context(), func(tx pay.Tx) error {
			now, err := tx.Order(t.Context(), o.Key)
			if err != nil {
				return err
			}
			if now.State != pay.OrderCreated {
				return errTest
			}
			return tx.MoveOrder(t.Context(), paid, pay.OrderCreated)
		})
	})
	if won := successes(errs); won != 1 || unexpected(errs, errTest) != nil {
		t.Errorf("%d moves won (%v), want 1", won, unexpected(errs, errTest))
	}
}

// tricky are texts that some engine, driver or layer between is known to
// take for something else.
var tricky = []string{
	"", " ", "  two ", "\t\n\r\n", "0", "007", "1e3", "-0", "+84900000001", "9223372036854775808", "0x10", "1.50", "Infinity", "NaN",
	"null", "NULL", "true", "t", "2026-03-14", "2026-03-14T15:09:26Z", "2026-03-14 15:09:26.535897+07:00", "15:09", "now",
	`{"a":1,"a":2}`, `[]`, `"`, `'`, `''; --`, `\`, `\x41`, `\\x41`, `%s%d%n`, `$1`, `?1`, `:a`, `@b`, `{{.}}`,
	"Nguyễn Văn An", "Nguyê\u0303n", "đ", "😀🧋👩‍👩‍👧", "\U0010FFFF", "\u200b", "\u202e", "\ufeff", "\ufffd", "a\u0301", "ﬁ", "İı", "ß",
}

func texts(t *testing.T, f *fixture) {
	for _, text := range tricky {
		o := f.newOrder(1)
		o.AppTransID = "260314_" + text
		o.AppUser, o.Description, o.Title, o.Item, o.EmbedData, o.BankCode = text, text, text, text, text, text
		o.CallbackURL, o.RedirectURL, o.Extra, o.Token = text, text, text, text
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
		f.orderIs(o)
	}
}

func times(t *testing.T, f *fixture) {
	for _, when := range []time.Time{
		at, at.Add(time.Microsecond), time.UnixMicro(0).UTC(), time.UnixMicro(1).UTC(), time.UnixMicro(-1).UTC(),
		time.Date(1999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(2106, 2, 7, 6, 28, 16, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	} {
		o := f.newOrder(1)
		o.AppTime, o.CreatedAt, o.ExpiresAt = when, when, when
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
		f.orderIs(o)
	}
	// Any zone goes in, UTC comes out; what is finer is cut off, not rounded.
	o := f.newOrder(1)
	o.AppTime = at.Add(999 * time.Nanosecond).In(time.FixedZone("GMT+7", 7*60*60))
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
	o.AppTime = at
	f.orderIs(o)
}

func expireOrders(t *testing.T, f *fixture) {
	for i := range 25 {
		o := f.newOrder(1)
		o.ExpiresAt = at.Add(time.Duration(i) * time.Second)
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
	}
	now := at.Add(19 * time.Second) // 20 of them are due
	for run, want := range []int{8, 8, 4, 0} {
		f.update(func(tx pay.Tx) error {
			n, err := tx.ExpireOrders(t.Context(), now, 8)
			if n != want {
				t.Errorf("run %d closed %d orders, want %d", run, n, want)
			}
			return err
		})
	}
}

func expireInstant(t *testing.T, f *fixture) {
	o := f.order()
	for _, c := range []struct {
		now  time.Time
		want int
	}{{o.ExpiresAt.Add(-time.Microsecond), 0}, {o.ExpiresAt, 1}, {o.ExpiresAt, 0}} {
		f.update(func(tx pay.Tx) error {
			n, err := tx.ExpireOrders(t.Context(), c.now, 10)
			if n != c.want {
				t.Errorf("at %v: %d orders closed, want %d", c.now, n, c.want)
			}
			return err
		})
	}
	o.State, o.ClosedAt = pay.OrderExpired, o.ExpiresAt
	f.orderIs(o)
}

func expireOpenOnly(t *testing.T, f *fixture) {
	var closed []pay.Order
	for _, state := range []pay.OrderState{pay.OrderPaid, pay.OrderExpired, pay.OrderCancelled} {
		o := f.order()
		o.State, o.ClosedAt = state, at
		if state == pay.OrderPaid {
			o.Payment = 5
		}
		f.update(func(tx pay.Tx) error { return tx.MoveOrder(t.Context(), o, pay.OrderCreated) })
		closed = append(closed, o)
	}
	f.update(func(tx pay.Tx) error {
		n, err := tx.ExpireOrders(t.Context(), at.Add(time.Hour*24*365), 10)
		if n != 0 {
			t.Errorf("%d closed orders expired", n)
		}
		return err
	})
	for _, o := range closed {
		f.orderIs(o)
	}
}

func largeOrder(t *testing.T, f *fixture) {
	o := f.newOrder(merchant.ID(1<<31 - 1))
	o.Key, o.Amount = 1<<63-1, money.Amount(1<<63-1)
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
	f.orderIs(o)
}

func orderNames(t *testing.T, f *fixture) {
	a, b := f.newOrder(1), f.newOrder(2)
	b.AppTransID = a.AppTransID
	upper, lower := f.newOrder(1), f.newOrder(1)
	upper.AppTransID, lower.AppTransID = "260314_A", "260314_a"
	for _, o := range []pay.Order{a, b, upper, lower} {
		f.update(func(tx pay.Tx) error { return inserted(tx.InsertOrder(t.Context(), o)) })
	}
	for _, o := range []pay.Order{a, b, upper, lower} {
		f.orderIs(o)
	}
}
