package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/pgtest"
)

// A replayVector is a request that somebody captured on its way, and sends again
// as it was or with other members, under the same mac.
type replayVector struct {
	name    string
	op      *sen.Operation
	capture func(*shop) members // sends what is captured
	change  members
	after   time.Duration
	as      *sen.Operation // sent as another operation; nil: the same
	sub     int
	harm    func(*shop) bool // whether something is not as it should be; may be nil
}

func (s *shop) sends(op *sen.Operation, m members, sub int) members {
	s.t.Helper()
	m = s.signed(op, m)
	if a := s.call(op, m); a.Sub != sub {
		s.t.Fatalf("what is captured: %s", a.Body)
	}
	return m
}

// The requests that are captured.
func createdOrder(s *shop) members { return s.sends(sen.OpCreateOrder, order("a"), 1) }

func queriedOrder(s *shop) members {
	s.made(order("a"))
	return s.sends(sen.OpQueryOrder, queried("a"), 3)
}

func cancelledOrder(s *shop) members {
	s.made(order("a"))
	return s.sends(sen.OpCancelOrder, queried("a"), 1)
}

func askedRefund(s *shop) members {
	m := s.signed(sen.OpRefundOrder, refund("a", s.paid("a", 50_000).Number, 10_000))
	s.refunded(m)
	return m
}

func askedRefundWithFee(s *shop) members {
	m := s.signed(sen.OpRefundOrder, refund("a", s.paid("a", 50_000).Number, 10_000).with(members{"refund_fee_amount": "1000"}))
	s.refunded(m)
	return m
}

func askedRefundWithoutFee(s *shop) members {
	m := s.signed(sen.OpRefundOrder, refund("a", s.paid("a", 50_000).Number, 10_000).with(members{"refund_fee_amount": "0"}))
	s.refunded(m)
	return m
}

func queriedRefund(s *shop) members {
	s.refunded(refund("a", s.paid("a", 50_000).Number, 10_000))
	return s.sends(sen.OpQueryRefund, refundQuery("a"), 1)
}

func askedBinding(s *shop) members { return s.sends(sen.OpCreateBindingWallet, bound("b"), 1) }

// confirmed makes a binding that its user confirms.
func (s *shop) confirmed() (id, payToken string) {
	s.t.Helper()
	id, _ = s.call(sen.OpCreateBindingWallet, bound("b")).Object["binding_id"].(string)
	return id, apptest.Control[control.Binding](s.Gateway, http.MethodPost, "/control/bindings/"+id+"/consent", control.Consent{Wallet: spare}).PayToken
}

func paidByToken(s *shop) members {
	_, token := s.confirmed()
	order, _ := s.made(order("a")).Object["zp_trans_token"].(string)
	m := s.signed(sen.OpPayByTokenWallet, members{"identifier": "u", "zp_trans_token": order, "pay_token": token, "req_date": millis(0)})
	if a := s.call(sen.OpPayByTokenWallet, m); a.Sub < 1 {
		s.t.Fatalf("pay by token: %s", a.Body)
	}
	apptest.Wait(s.t, "the payment", func() bool { return s.call(sen.OpQueryOrder, queried("a")).Sub == 1 })
	return m
}

func queriedToken(s *shop) members {
	s.confirmed()
	return s.sends(sen.OpQueryPaymentTokenWallet, members{"app_trans_id": "261122_b", "req_date": millis(0)}, 1)
}

func unbound(s *shop) members {
	id, _ := s.confirmed()
	return s.sends(sen.OpUnbindingWallet, members{"identifier": "u", "binding_id": id, "req_date": millis(0)}, 1)
}

// refundedMore reports whether more went back than the one refund of 10,000.
func refundedMore(s *shop) bool {
	return apptest.Control[control.Order](s.Gateway, http.MethodGet, "/control/orders/2553/261122_a", nil).Payment.Refunded != 10_000
}

func paidTwice(s *shop) bool {
	for _, w := range apptest.Control[[]control.Wallet](s.Gateway, http.MethodGet, "/control/wallets", nil) {
		if w.Phone == spare {
			return w.Balance != 4_950_000
		}
	}
	return true
}

func orderChanged(s *shop) bool {
	o := s.Order(2553, "261122_a")
	return o.Amount != 50_000 || o.Description != "Tea" || o.State != "created"
}

func orderGone(s *shop) bool { return s.call(sen.OpQueryOrder, queried("a")).Sub != 1 }

var replayVectors = []replayVector{
	{"create, as it was", sen.OpCreateOrder, createdOrder, nil, 0, nil, -68, orderChanged},
	{"create, another callback_url", sen.OpCreateOrder, createdOrder, members{"callback_url": "http://evil.example/"}, 0, nil, -68, orderChanged},
	{"create, another description", sen.OpCreateOrder, createdOrder, members{"description": "x"}, 0, nil, -68, orderChanged},
	{"create, another amount", sen.OpCreateOrder, createdOrder, members{"amount": "1"}, 0, nil, -402, orderChanged},
	{"create, another app_trans_id", sen.OpCreateOrder, createdOrder, members{"app_trans_id": "261122_z"}, 0, nil, -402, nil},
	{"create, another app", sen.OpCreateOrder, createdOrder, members{"app_id": "2554"}, 0, nil, -402, nil},
	{"create, later", sen.OpCreateOrder, createdOrder, nil, 16 * time.Minute, nil, -401, nil},
	{"query, as it was", sen.OpQueryOrder, queriedOrder, nil, 0, nil, 3, nil},
	{"query, later", sen.OpQueryOrder, queriedOrder, nil, time.Hour, nil, -54, nil},
	{"query, another order", sen.OpQueryOrder, queriedOrder, members{"app_trans_id": "261122_z"}, 0, nil, -402, nil},
	{"query, sent as a cancel", sen.OpQueryOrder, queriedOrder, nil, 0, sen.OpCancelOrder, 1, nil},
	{"cancel, as it was", sen.OpCancelOrder, cancelledOrder, nil, 0, nil, 1, nil},
	{"cancel, another order", sen.OpCancelOrder, cancelledOrder, members{"app_trans_id": "261122_z"}, 0, nil, -402, nil},
	{"query of a paid order, sent as a cancel", sen.OpQueryOrder, func(s *shop) members {
		s.paid("a", 50_000)
		return s.sends(sen.OpQueryOrder, queried("a"), 1)
	}, nil, 0, sen.OpCancelOrder, -403, orderGone},

	{"refund, as it was", sen.OpRefundOrder, askedRefund, nil, 0, nil, -23, refundedMore},
	{"refund, another m_refund_id", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z"}, 0, nil, -13, refundedMore},
	{"refund, another m_refund_id and the mac in capitals", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z", "mac": "CAPITALS"}, 0, nil, -13, refundedMore},
	{"refund, another m_refund_id, later", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z"}, 14 * time.Minute, nil, -13, refundedMore},
	{"refund, another m_refund_id, too late", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z"}, 16 * time.Minute, nil, -13, refundedMore},
	{"refund, another timestamp", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z", "timestamp": millis(time.Second)}, 0, nil, -402, refundedMore},
	{"refund, another amount", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z", "amount": "40000"}, 0, nil, -402, refundedMore},
	{"refund, a fee added", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z", "refund_fee_amount": "5000"}, 0, nil, -402, refundedMore},
	{"refund, a fee of 0 added", sen.OpRefundOrder, askedRefund, members{"m_refund_id": "261122_2553_z", "refund_fee_amount": "0"}, 0, nil, -13, refundedMore},
	{
		"refund with a fee, the fee in the description", sen.OpRefundOrder, askedRefundWithFee,
		members{"m_refund_id": "261122_2553_z", "refund_fee_amount": "-", "description": "1000|back a"},
		0, nil, -401, refundedMore,
	},
	{"refund with a fee, without it", sen.OpRefundOrder, askedRefundWithFee, members{"m_refund_id": "261122_2553_z", "refund_fee_amount": "-"}, 0, nil, -402, refundedMore},
	{"refund with a fee of 0, another m_refund_id", sen.OpRefundOrder, askedRefundWithoutFee, members{"m_refund_id": "261122_2553_z"}, 0, nil, -13, refundedMore},
	{"query of a refund, as it was", sen.OpQueryRefund, queriedRefund, nil, 0, nil, 1, refundedMore},
	{"query of a refund, later", sen.OpQueryRefund, queriedRefund, nil, 16 * time.Minute, nil, -401, refundedMore},
	{"query of a refund, another one", sen.OpQueryRefund, queriedRefund, members{"m_refund_id": "261122_2553_z"}, 0, nil, -402, refundedMore},

	{"bind, as it was", sen.OpCreateBindingWallet, askedBinding, nil, 0, nil, -68, nil},
	{"bind, another callback_url", sen.OpCreateBindingWallet, askedBinding, members{"callback_url": "http://evil.example/"}, 0, nil, -68, nil},
	{"bind, later", sen.OpCreateBindingWallet, askedBinding, nil, 16 * time.Minute, nil, -401, nil},
	{"bind, another identifier", sen.OpCreateBindingWallet, askedBinding, members{"app_trans_id": "261122_z", "identifier": "v"}, 0, nil, -402, nil},
	{"query of a token, as it was", sen.OpQueryPaymentTokenWallet, queriedToken, nil, 0, nil, 1, nil},
	{"query of a token, later", sen.OpQueryPaymentTokenWallet, queriedToken, nil, 16 * time.Minute, nil, -401, nil},
	{"pay by token, as it was", sen.OpPayByTokenWallet, paidByToken, nil, 0, nil, 1, paidTwice},
	{"pay by token, another order", sen.OpPayByTokenWallet, paidByToken, members{"zp_trans_token": "ACxxxxxxxxxxxxxxxxxxxxxx"}, 0, nil, -402, paidTwice},
	{"pay by token, another token", sen.OpPayByTokenWallet, paidByToken, members{"pay_token": "X"}, 0, nil, -402, paidTwice},
	{"pay by token, later", sen.OpPayByTokenWallet, paidByToken, nil, 16 * time.Minute, nil, -401, paidTwice},
	{"unbind, as it was", sen.OpUnbindingWallet, unbound, nil, 0, nil, -101, nil},
	{"unbind, later", sen.OpUnbindingWallet, unbound, nil, 16 * time.Minute, nil, -401, nil},
}

// TestReplay sends captured requests again. docs/security/replay.md explains the
// answers.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, v := range replayVectors {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			captured := v.capture(s)
			s.Advance(v.after)
			again := captured.with(v.change)
			if again["mac"] == "CAPITALS" {
				again["mac"] = strings.ToUpper(captured["mac"])
			}
			op := v.op
			if v.as != nil {
				op = v.as
			}
			if a := s.send(op.Method, op.Path, "application/x-www-form-urlencoded", again.form()); a.Sub != v.sub {
				t.Errorf("got %s, want %d", a.Body, v.sub)
			}
			if v.harm != nil && v.harm(s) {
				t.Error("it did what it must not")
			}
			s.CheckLedger()
		})
	}
}

// TestReplayAfterRestart sends a captured refund to a gateway that was started
// anew: what was seen is kept with the refunds.
func TestReplayAfterRestart(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	captured := askedRefund(s)
	s.Restart(nil)
	again := captured.with(members{"m_refund_id": "261122_2553_z"})
	if a := s.call(sen.OpRefundOrder, again); a.Sub != -13 || refundedMore(s) {
		t.Errorf("got %s", a.Body)
	}
	// The merchant asks again with a new timestamp: two refunds may be alike.
	if a := s.refunded(refund("a", s.Order(2553, "261122_a").Payment.Number, 10_000).with(members{"m_refund_id": "261122_2553_y", "timestamp": millis(time.Millisecond)})); a.Sub != 1 {
		t.Errorf("a second refund of the merchant's own: %s", a.Body)
	}
}

// TestReplayOfRefused sends a refund that was refused again, under the m_refund_id
// that it had and under another: nothing was done under its mac yet.
func TestReplayOfRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	p := s.paid("a", 50_000)
	s.terms(control.ChangeApp{Disabled: ptr(true)})
	m := s.signed(sen.OpRefundOrder, refund("a", p.Number, 10_000))
	if a := s.call(sen.OpRefundOrder, m); a.Sub != -402 {
		t.Fatalf("got %s", a.Body)
	}
	s.terms(control.ChangeApp{Disabled: ptr(false)})
	s.refunded(m.with(members{"m_refund_id": "261122_2553_y"}))
}

// TestRefundsWhereTheClockStands asks for two refunds that only differ in their
// m_refund_id, which nothing else can do where timestamps are all alike.
func TestRefundsWhereTheClockStands(t *testing.T) {
	t.Parallel()
	if pgtest.Wanted() {
		t.Skip("the clock of a server's data never stands")
	}
	s := openShop(t, func(c *app.Config) { c.Start = apptest.Noon })
	m := s.signed(sen.OpRefundOrder, refund("a", s.paid("a", 50_000).Number, 10_000))
	for _, suffix := range []string{"a", "b"} {
		if a := s.call(sen.OpRefundOrder, m.with(members{"m_refund_id": "261122_2553_" + suffix})); a.Sub != 2 {
			t.Errorf("got %s", a.Body)
		}
	}
}
