package app_test

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

const callers = 50

// atOnce runs f in as many goroutines, which begin together.
func atOnce(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			f(i)
		})
	}
	done.Wait()
}

func TestManyPayOneOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		wallets []string
		success int64
	}{
		{"one wallet", []string{spare}, callers}, // who confirms twice sees success twice
		{"two wallets", []string{rich, other}, callers / 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			shop := newReceiver(t)
			s := openShop(t)
			s.made(order("a").with(members{"callback_url": shop.URL}))
			before := s.CheckLedger()
			var ok atomic.Int64
			atOnce(callers, func(i int) {
				switch status := s.tryPay("a", c.wallets[i%len(c.wallets)]); status {
				case http.StatusOK:
					ok.Add(1)
				case http.StatusConflict:
				default:
					t.Errorf("HTTP %d", status)
				}
			})
			if ok.Load() != c.success {
				t.Errorf("%d saw success, want %d", ok.Load(), c.success)
			}
			after := s.CheckLedger()
			if n := after.Payments - before.Payments; n != 1 {
				t.Errorf("%d payments", n)
			}
			if o := s.Order(2553, "261122_a"); o.State != "paid" || len(o.Callbacks) != 1 {
				t.Errorf("got %+v", o)
			}
			if c.name == "one wallet" && after.Entries-before.Entries != 1 {
				t.Errorf("%d entries", after.Entries-before.Entries)
			}
			apptest.Wait(t, "the callback", func() bool { return s.Order(2553, "261122_a").Callbacks[0].State == "delivered" })
			if n := len(shop.got()); n != 1 {
				t.Errorf("%d callbacks", n)
			}
		})
	}
}

// TestPayCancelExpire lets the ends of an order meet: just one of them wins,
// and everyone is told the same.
func TestPayCancelExpire(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for n := range 10 {
		suffix := strconv.Itoa(n)
		at := strconv.FormatInt(s.Now().UnixMilli(), 10)
		s.made(order(suffix).with(members{"app_time": at}))
		var paid, cancelled, refused atomic.Int64
		atOnce(9, func(i int) {
			switch {
			case i == 8:
				if n%2 == 0 {
					s.Advance(15 * time.Minute)
				}
			case i%2 == 0:
				if s.tryPay(suffix, rich) == http.StatusOK {
					paid.Add(1)
				}
			default:
				switch a := s.call(sen.OpCancelOrder, queried(suffix)); a.Sub {
				case 1:
					cancelled.Add(1)
				case -403:
					refused.Add(1)
				default:
					t.Errorf("cancel: %s", a.Body)
				}
			}
		})
		a := s.call(sen.OpQueryOrder, queried(suffix))
		state := s.Order(2553, "261122_"+suffix).State
		if (state == "paid") != (a.Sub == 1) || (paid.Load() > 0) != (a.Sub == 1) || a.Sub != 1 && a.Sub != -54 {
			t.Errorf("order %s is %s; %d paid, %d cancelled, %d refused: %s", suffix, state, paid.Load(), cancelled.Load(), refused.Load(), a.Body)
		}
		if paid.Load() > 0 && cancelled.Load() > 0 || paid.Load() == 0 && refused.Load() > 0 {
			t.Errorf("order %s: %d paid, %d cancelled, %d refused", suffix, paid.Load(), cancelled.Load(), refused.Load())
		}
	}
	s.CheckLedger()
}

func TestManyRefunds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	p := s.paid("a", 50_000)
	atOnce(callers, func(i int) {
		if a := s.call(sen.OpRefundOrder, refund(strconv.Itoa(i), p.Number, 3_000)); a.Sub != 2 {
			t.Errorf("refund %d: %s", i, a.Body)
		}
	})
	done := 0
	for i := range callers {
		switch a := s.settled(refund(strconv.Itoa(i), p.Number, 3_000), 2); a.Sub {
		case 1:
			done++
		case -14:
		default:
			t.Errorf("refund %d: %s", i, a.Body)
		}
	}
	if got := s.Order(2553, "261122_a").Payment.Refunded; done != 16 || got != 48_000 {
		t.Errorf("%d refunds of 3,000 make %d", done, got)
	}
	s.CheckLedger()
}

func TestManyTheSame(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	p := s.paid("a", 50_000)
	for _, c := range []struct {
		op            *sen.Operation
		m             members
		accepted, not int
	}{
		{sen.OpCreateOrder, order("same"), 1, -68},
		{sen.OpRefundOrder, refund("same", p.Number, 1_000), 2, -23},
	} {
		var ok, duplicate atomic.Int64
		atOnce(callers, func(int) {
			switch a := s.call(c.op, c.m); a.Sub {
			case c.accepted:
				ok.Add(1)
			case c.not:
				duplicate.Add(1)
			default:
				t.Errorf("%s: %s", c.op.Name, a.Body)
			}
		})
		if ok.Load() != 1 || duplicate.Load() != callers-1 {
			t.Errorf("%s: %d accepted, %d duplicates", c.op.Name, ok.Load(), duplicate.Load())
		}
	}
	s.settled(refund("same", 0, 0), 2)
	if got := s.Order(2553, "261122_a").Payment.Refunded; got != 1_000 {
		t.Errorf("%d refunded", got)
	}
	s.CheckLedger()
}

// TestRateUnderLoad sees that callers at once share one allowance.
func TestRateUnderLoad(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.terms(control.ChangeApp{RatePerSecond: ptr(int64(10))})
	var through atomic.Int64
	atOnce(callers, func(int) {
		if a := s.call(sen.OpQueryOrder, queried("none")); a.Sub == -101 {
			through.Add(1)
		}
	})
	if through.Load() != 10 {
		t.Errorf("%d calls in one moment, want 10", through.Load())
	}
	if a := s.call(sen.OpListBanks, members{"reqtime": millis(0)}); a.Sub != 1 {
		t.Errorf("another operation: %s", a.Body)
	}
	s.Advance(time.Second)
	if a := s.call(sen.OpQueryOrder, queried("none")); a.Sub != -101 {
		t.Errorf("a second later: %s", a.Body)
	}
}
