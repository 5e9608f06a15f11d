package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/pgtest"
)

// A value is one that an operation answers, and the state that earns it.
type value struct {
	op        *sen.Operation
	code, sub int
	name      string
	text      string // part of sub_return_message; empty: not looked at
	earn      func(s *shop) answer
}

func queried(suffix string) members { return members{"app_trans_id": "261122_" + suffix} }

// operations are the ones that this gateway serves, with a good request each.
var operations = []struct {
	op   *sen.Operation
	good members
}{
	{sen.OpCreateOrder, order("x")},
	{sen.OpQueryOrder, queried("x")},
	{sen.OpCancelOrder, queried("x")},
	{sen.OpRefundOrder, refund("x", 1, 1)},
	{sen.OpQueryRefund, refundQuery("x")},
	{sen.OpListBanks, members{"reqtime": millis(0)}},
	{sen.OpCreateZod, invoice("x")},
	{sen.OpQueryZodInvoice, members{"mcRefId": "x"}},
	{sen.OpQueryZodStatus, members{"mcRefId": "x"}},
}

// common are the values that every operation has.
func common() (all []value) {
	for _, o := range operations {
		refused := 2
		if o.op == sen.OpListBanks {
			refused = 0 // it has one code only
		}
		all = append(all,
			value{o.op, refused, -401, "a required member is missing", "is missing or empty", func(s *shop) answer {
				last := o.op.Signed[1]
				if last == "key1" {
					last = "app_trans_id"
				}
				return s.call(o.op, o.good.with(members{last: "-"}))
			}},
			value{o.op, refused, -401, "no mac", "mac is missing or empty", func(s *shop) answer {
				return s.call(o.op, o.good.with(members{"mac": ""}))
			}},
			value{o.op, refused, -402, "a wrong mac", "<key1>", func(s *shop) answer {
				a := s.call(o.op, o.good.with(members{"mac": strings.Repeat("0", 64)}))
				a.SubText += map[bool]string{true: "<key1>"}[!slices.Contains(o.op.Signed, "key1")]
				return a
			}},
			value{o.op, refused, -402, "an unknown app", "no enabled app 99", func(s *shop) answer {
				m := o.good.with(members{o.op.Signed[0]: "99"})
				if o.op == sen.OpRefundOrder {
					m["m_refund_id"] = "261122_99_x"
				}
				return s.call(o.op, m)
			}},
			value{o.op, refused, -402, "a disabled app", "no enabled app 2553", func(s *shop) answer {
				s.terms(control.ChangeApp{Disabled: ptr(true)})
				return s.call(o.op, o.good)
			}},
			value{o.op, refused, -429, "the rate limit", "", func(s *shop) answer {
				s.terms(control.ChangeApp{RatePerSecond: ptr(int64(2))})
				s.call(o.op, o.good)
				s.call(o.op, o.good)
				return s.call(o.op, o.good)
			}},
			value{o.op, refused, -999, "maintenance", "", func(s *shop) answer {
				s.close(o.op)
				return s.call(o.op, o.good)
			}},
		)
		if o.op == sen.OpListBanks {
			continue // it asks the store for nothing
		}
		all = append(all, value{o.op, refused, -500, "a store that fails", "", func(s *shop) answer {
			s.breakStore()
			return s.call(o.op, o.good)
		}})
	}
	return all
}

func values() []value {
	return append(append(common(),
		value{sen.OpCreateOrder, 1, 1, "a good request", "", func(s *shop) answer { return s.call(sen.OpCreateOrder, order("a")) }},
		value{sen.OpCreateOrder, 2, -402, "a mac made with key2", "mac was made with key2", func(s *shop) answer {
			return s.call(sen.OpCreateOrder, signedBy(order("a"), &sen.OpCreateOrder.Formula, s.app.Key2))
		}},
		value{sen.OpQueryOrder, 2, -402, "a mac made with key2", "mac was made with key2", func(s *shop) answer {
			return s.call(sen.OpQueryOrder, signedBy(queried("a"), &sen.OpQueryOrder.Formula, s.app.Key2))
		}},
		value{sen.OpQueryOrder, 2, -402, "a mac without key1 in its text", "mac was made without key1 at the end", func(s *shop) answer {
			short := &sen.Formula{Signed: []string{"app_id", "app_trans_id"}}
			return s.call(sen.OpQueryOrder, signedBy(queried("a"), short, s.app.Key1))
		}},
		value{sen.OpCreateOrder, 2, -402, "two members in the other's place", "mac was made of app_id|app_trans_id|app_user|amount|app_time|item|embed_data, in another order", func(s *shop) answer {
			other := &sen.Formula{Signed: []string{"app_id", "app_trans_id", "app_user", "amount", "app_time", "item", "embed_data"}}
			return s.call(sen.OpCreateOrder, signedBy(order("a"), other, s.app.Key1))
		}},
		value{sen.OpCreateOrder, 2, -402, "a plus that the form made a space", "unless it is sent as %2B", func(s *shop) answer {
			m := signedBy(order("a").with(members{"app_user": "a+b"}), &sen.OpCreateOrder.Formula, s.app.Key1)
			return s.call(sen.OpCreateOrder, m.with(members{"app_user": "a b"}))
		}},
		value{sen.OpCreateOrder, 2, -402, "a mac in base64", "mac has 44 characters instead of 64", func(s *shop) answer {
			return s.call(sen.OpCreateOrder, order("a").with(members{"mac": strings.Repeat("A", 43) + "="}))
		}},
		value{sen.OpCreateOrder, 2, -68, "a used app_trans_id", "This app used the app_trans_id before.", func(s *shop) answer {
			s.made(order("a"))
			return s.call(sen.OpCreateOrder, order("a"))
		}},
		value{sen.OpCreateOrder, 2, -68, "used by an order that was cancelled", "", func(s *shop) answer {
			s.made(order("a"))
			s.call(sen.OpCancelOrder, queried("a"))
			return s.call(sen.OpCreateOrder, order("a"))
		}},
		value{sen.OpCreateOrder, 2, -68, "used by an order that expired", "", func(s *shop) answer {
			s.made(order("a"))
			s.Advance(time.Hour)
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": millis(time.Hour)}))
		}},
		value{sen.OpCreateOrder, 1, 1, "used by another app only", "", func(s *shop) answer {
			s.made(order("a"))
			s.app = s.App(2554)
			return s.call(sen.OpCreateOrder, order("a"))
		}},
		value{sen.OpCreateOrder, 2, -401, "a clock that is late", "app_time is 15m1s behind the server's clock", func(s *shop) answer {
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": millis(-15*time.Minute - time.Second)}))
		}},
		value{sen.OpCreateOrder, 2, -401, "a clock that is early", "app_time is 15m1s ahead of the server's clock", func(s *shop) answer {
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": millis(15*time.Minute + time.Second)}))
		}},
		value{sen.OpCreateOrder, 1, 1, "a clock that is late by just 15 minutes", "", func(s *shop) answer {
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": millis(-15 * time.Minute)}))
		}},
		value{sen.OpCreateOrder, 1, 1, "a clock that is early by just 15 minutes", "", func(s *shop) answer {
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": millis(15 * time.Minute)}))
		}},
		value{sen.OpCreateOrder, 2, -401, "seconds for milliseconds", "is it in seconds?", func(s *shop) answer {
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": strconv.FormatInt(apptest.Noon.Unix(), 10)}))
		}},
		value{sen.OpCreateOrder, 2, -401, "yesterday's prefix", `app_trans_id must begin with 261122, today as yyMMdd at GMT+7, not "261121"`, func(s *shop) answer {
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_trans_id": "261121_a"}))
		}},
		value{sen.OpCreateOrder, 1, 1, "yesterday's prefix just after midnight", "", func(s *shop) answer {
			s.SetClock(apptest.Noon.Add(12*time.Hour + time.Minute))
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": millis(12*time.Hour - time.Minute)}))
		}},
		value{sen.OpCreateOrder, 2, -401, "yesterday's prefix with a time of today", "must begin with 261123", func(s *shop) answer {
			s.SetClock(apptest.Noon.Add(12*time.Hour + time.Minute))
			return s.call(sen.OpCreateOrder, order("a").with(members{"app_time": millis(12*time.Hour + time.Minute)}))
		}},

		value{sen.OpQueryOrder, 3, 3, "an order that nobody paid", "", func(s *shop) answer {
			s.made(order("a"))
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 1, 1, "a paid order", "", func(s *shop) answer {
			s.paid("a", 50_000)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 1, 1, "a paid order after its time", "", func(s *shop) answer {
			s.paid("a", 50_000)
			s.Advance(48 * time.Hour)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 3, 3, "the last moment of an order", "", func(s *shop) answer {
			s.made(order("a"))
			s.Advance(15*time.Minute - time.Microsecond)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 2, -54, "an order whose time is up", "has expired", func(s *shop) answer {
			s.made(order("a"))
			s.Advance(15 * time.Minute)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 3, 3, "an order of 30 days after 29", "", func(s *shop) answer {
			s.made(order("a").with(members{"expire_duration_seconds": "2592000"}))
			s.Advance(29 * 24 * time.Hour)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 2, -54, "a cancelled order", sen.OrderCancelledText().EN, func(s *shop) answer {
			s.made(order("a"))
			s.call(sen.OpCancelOrder, queried("a"))
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 2, -63, "a payer without enough money", "", func(s *shop) answer {
			s.made(order("a"))
			s.tryPay("a", empty)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 1, 1, "a payer who then had enough", "", func(s *shop) answer {
			s.made(order("a"))
			s.tryPay("a", empty)
			s.payFrom("a", rich)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 2, -54, "without enough money until the time was up", "", func(s *shop) answer {
			s.made(order("a"))
			s.tryPay("a", empty)
			s.Advance(time.Hour)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},
		value{sen.OpQueryOrder, 2, -92, "a prefix that is no date", `not "261332_a"`, func(s *shop) answer {
			return s.call(sen.OpQueryOrder, members{"app_trans_id": "261332_a"})
		}},
		value{sen.OpQueryOrder, 2, -92, "too long", "", func(s *shop) answer {
			return s.call(sen.OpQueryOrder, queried(strings.Repeat("a", 34)))
		}},
		value{sen.OpQueryOrder, 2, -92, "too short", "", func(s *shop) answer {
			return s.call(sen.OpQueryOrder, members{"app_trans_id": "26112"})
		}},
		value{sen.OpQueryOrder, 2, -92, "a separator", "", func(s *shop) answer { return s.call(sen.OpQueryOrder, queried("a|b")) }},
		value{sen.OpQueryOrder, 3, 3, "the longest identifier, in letters of three bytes", "", func(s *shop) answer {
			long := strings.Repeat("ệ", 33)
			s.made(order(long))
			return s.call(sen.OpQueryOrder, queried(long))
		}},
		value{sen.OpQueryOrder, 2, -101, "no such order", "", func(s *shop) answer { return s.call(sen.OpQueryOrder, queried("a")) }},
		value{sen.OpQueryOrder, 2, -101, "an order of another app", "", func(s *shop) answer {
			s.made(order("a"))
			s.app = s.App(2554)
			return s.call(sen.OpQueryOrder, queried("a"))
		}},

		value{sen.OpCancelOrder, 1, 1, "an unpaid order", "", func(s *shop) answer {
			s.made(order("a"))
			return s.call(sen.OpCancelOrder, queried("a"))
		}},
		value{sen.OpCancelOrder, 1, 1, "again", "", func(s *shop) answer {
			s.made(order("a"))
			s.call(sen.OpCancelOrder, queried("a"))
			return s.call(sen.OpCancelOrder, queried("a"))
		}},
		value{sen.OpCancelOrder, 1, 1, "an expired order", "", func(s *shop) answer {
			s.made(order("a"))
			s.Advance(time.Hour)
			return s.call(sen.OpCancelOrder, queried("a"))
		}},
		value{sen.OpCancelOrder, 2, -101, "no such order", "", func(s *shop) answer { return s.call(sen.OpCancelOrder, queried("a")) }},
		value{sen.OpCancelOrder, 2, -401, "an identifier that can't be one", "", func(s *shop) answer {
			return s.call(sen.OpCancelOrder, members{"app_trans_id": "261332_a"})
		}},
		value{sen.OpCancelOrder, 2, -403, "a paid order", "", func(s *shop) answer {
			s.paid("a", 50_000)
			return s.call(sen.OpCancelOrder, queried("a"))
		}},

		value{sen.OpRefundOrder, 3, 2, "a good request", "", func(s *shop) answer {
			return s.call(sen.OpRefundOrder, refund("r", s.paid("a", 50_000).Number, 50_000))
		}},
		value{sen.OpRefundOrder, 2, -13, "a stale timestamp", "timestamp is 15m1s behind the server's clock", func(s *shop) answer {
			return s.call(sen.OpRefundOrder, refund("r", 1, 1).with(members{"timestamp": millis(-15*time.Minute - time.Second)}))
		}},
		value{sen.OpRefundOrder, 2, -23, "a used m_refund_id", "", func(s *shop) answer {
			m := refund("r", s.paid("a", 50_000).Number, 10_000)
			s.refunded(m)
			return s.call(sen.OpRefundOrder, m)
		}},
		value{sen.OpRefundOrder, 2, -101, "no such payment", "", func(s *shop) answer { return s.call(sen.OpRefundOrder, refund("r", 261122000000999, 1)) }},
		value{sen.OpRefundOrder, 3, 2, "an m_refund_id whose first use was refused", "", func(s *shop) answer {
			p := s.paid("a", 50_000)
			s.call(sen.OpRefundOrder, refund("r", p.Number+1_000_000, 1))
			return s.call(sen.OpRefundOrder, refund("r", p.Number, 1))
		}},
		value{sen.OpRefundOrder, 2, -101, "a payment of another app", "", func(s *shop) answer {
			p := s.paid("a", 50_000)
			s.app = s.App(2554)
			return s.call(sen.OpRefundOrder, refund("r", p.Number, 1).with(members{"m_refund_id": "261122_2554_r"}))
		}},
		value{sen.OpRefundOrder, 2, -401, "another app in m_refund_id", `must be yyMMdd_2553_ and a suffix, not "261122_2554_r"`, func(s *shop) answer {
			return s.call(sen.OpRefundOrder, refund("r", 1, 1).with(members{"m_refund_id": "261122_2554_r"}))
		}},
		value{sen.OpRefundOrder, 2, -401, "yesterday's prefix", "must begin with 261122", func(s *shop) answer {
			return s.call(sen.OpRefundOrder, refund("r", 1, 1).with(members{"m_refund_id": "261121_2553_r"}))
		}},
		value{sen.OpRefundOrder, 2, -401, "a fee above the amount", "refund_fee_amount is more than the amount, 1", func(s *shop) answer {
			return s.call(sen.OpRefundOrder, refund("r", 1, 1).with(members{"refund_fee_amount": "2"}))
		}},
		value{sen.OpRefundOrder, 3, 2, "a fee of 0 that is signed", "", func(s *shop) answer {
			return s.call(sen.OpRefundOrder, refund("r", s.paid("a", 50_000).Number, 1).with(members{"refund_fee_amount": "0"}))
		}},
		value{sen.OpRefundOrder, 3, 2, "a fee of 0 that is not signed", "", func(s *shop) answer {
			m := s.signed(sen.OpRefundOrder, refund("r", s.paid("a", 50_000).Number, 1))
			return s.call(sen.OpRefundOrder, m.with(members{"refund_fee_amount": "0"}))
		}},
		value{sen.OpRefundOrder, 2, -402, "a fee that is not signed", "", func(s *shop) answer {
			m := s.signed(sen.OpRefundOrder, refund("r", 1, 2))
			return s.call(sen.OpRefundOrder, m.with(members{"refund_fee_amount": "1"}))
		}},

		value{sen.OpQueryRefund, 1, 1, "done", "", func(s *shop) answer {
			return s.refunded(refund("r", s.paid("a", 50_000).Number, 50_000))
		}},
		value{sen.OpQueryRefund, 1, 1, "done although the app is disabled meanwhile", "", func(s *shop) answer {
			m := refund("r", s.paid("a", 50_000).Number, 50_000)
			s.terms(control.ChangeApp{RefundApprovalFrom: ptr(int64(1))})
			s.call(sen.OpRefundOrder, m)
			s.terms(control.ChangeApp{Disabled: ptr(true)})
			s.decide(true)
			apptest.Wait(s.t, "the refund", func() bool {
				return apptest.Control[control.Wallet](s.Gateway, http.MethodPatch, "/control/wallets/"+rich, control.Conditions{}).Balance == 100_050_000
			})
			s.terms(control.ChangeApp{Disabled: ptr(false)})
			return s.settled(m, 2)
		}},
		value{sen.OpQueryRefund, 3, 2, "running", "", func(s *shop) answer {
			m := refund("r", s.paid("a", 50_000).Number, 50_000)
			s.Restart(nil, func(c *app.Config) { c.RefundDelay = time.Hour })
			s.call(sen.OpRefundOrder, m)
			return s.call(sen.OpQueryRefund, refundQuery("r"))
		}},
		value{sen.OpQueryRefund, 3, -1, "waits for approval", "", func(s *shop) answer {
			s.pending("r")
			return s.call(sen.OpQueryRefund, refundQuery("r"))
		}},
		value{sen.OpQueryRefund, 1, 1, "approved", "", func(s *shop) answer {
			m := s.pending("r")
			s.decide(true)
			return s.settled(m, 2)
		}},
		value{sen.OpQueryRefund, 2, -14, "rejected", "", func(s *shop) answer {
			s.pending("r")
			s.decide(false)
			return s.call(sen.OpQueryRefund, refundQuery("r"))
		}},
		value{sen.OpQueryRefund, 2, -14, "more than the payment", "", func(s *shop) answer {
			return s.refunded(refund("r", s.paid("a", 50_000).Number, 50_001))
		}},
		value{sen.OpQueryRefund, 2, -14, "more than what is left", "", func(s *shop) answer {
			p := s.paid("a", 50_000)
			s.refunded(refund("r", p.Number, 30_000))
			return s.refunded(refund("s", p.Number, 20_001))
		}},
		value{sen.OpQueryRefund, 1, 1, "just what is left", "", func(s *shop) answer {
			p := s.paid("a", 50_000)
			s.refunded(refund("r", p.Number, 30_000))
			return s.refunded(refund("s", p.Number, 20_000))
		}},
		value{sen.OpQueryRefund, 2, -13, "after the refund period", "", func(s *shop) answer {
			s.terms(control.ChangeApp{RefundPeriod: ptr("24h")})
			p := s.paid("a", 50_000)
			s.Advance(24*time.Hour + time.Second)
			return s.refunded(refund("r", p.Number, 1).with(members{
				"m_refund_id": "261123_2553_r", "timestamp": millis(24*time.Hour + time.Second),
			}))
		}},
		value{sen.OpQueryRefund, 3, -16, "the merchant was paid out first", "", func(s *shop) answer {
			return s.refunded(s.paidOut())
		}},
		value{sen.OpQueryRefund, 1, 1, "paid out first, then funds arrived", "", func(s *shop) answer {
			m := s.paidOut()
			s.refunded(m)
			s.paid("b", 50_000)
			s.Advance(time.Minute)
			return s.settled(m, -16)
		}},
		value{sen.OpQueryRefund, 1, 1, "paid out first, as a debt of the merchant", "", func(s *shop) answer {
			s.terms(control.ChangeApp{ReceivableLimit: ptr(int64(50_000))})
			return s.refunded(s.paidOut())
		}},
		value{sen.OpQueryRefund, 2, -101, "no such refund", "", func(s *shop) answer { return s.call(sen.OpQueryRefund, refundQuery("r")) }},
		value{sen.OpQueryRefund, 2, -401, "a stale timestamp", "", func(s *shop) answer {
			return s.call(sen.OpQueryRefund, refundQuery("r").with(members{"timestamp": millis(16 * time.Minute)}))
		}},

		value{sen.OpListBanks, 0, 1, "a good request", "", func(s *shop) answer { return s.call(sen.OpListBanks, members{"reqtime": millis(0)}) }},
	), append(zodValues(), deepLinkValues()...)...)
}

// pending asks for a refund that waits for an operator.
func (s *shop) pending(suffix string) members {
	s.t.Helper()
	s.terms(control.ChangeApp{RefundApprovalFrom: ptr(int64(50_000))})
	m := refund(suffix, s.paid("a", 50_000).Number, 50_000)
	if a := s.call(sen.OpRefundOrder, m); a.Sub != 2 {
		s.t.Fatalf("refund: %s", a.Body)
	}
	return m
}

// decide decides the one refund that waits.
func (s *shop) decide(approve bool) {
	s.t.Helper()
	waiting := apptest.Control[[]control.Refund](s.Gateway, http.MethodGet, "/control/refunds", nil)
	if len(waiting) != 1 {
		s.t.Fatalf("%d refunds wait", len(waiting))
	}
	apptest.Control[control.Refund](s.Gateway, http.MethodPost,
		"/control/refunds/"+strconv.FormatInt(waiting[0].Number, 10)+"/decide", control.Decision{Approve: approve})
}

// paidOut takes a payment, sends the money to the merchant, and returns a
// refund of it.
func (s *shop) paidOut() members {
	s.t.Helper()
	p := s.paid("a", 50_000)
	apptest.Control[control.App](s.Gateway, http.MethodPost, "/control/apps/2553/payout", control.Amount{Amount: 50_000})
	return refund("r", p.Number, 50_000)
}

// signedBy adds the mac that a merchant makes who signs otherwise.
func signedBy(m members, f *sen.Formula, key string) members {
	m = m.with(members{"app_id": "2553"})
	return m.with(members{"mac": f.Sign(key, func(name string) string { return m[name] })})
}

// TestValues earns every value, in a gateway of its own each time.
func TestValues(t *testing.T) {
	t.Parallel()
	for _, v := range values() {
		t.Run(v.op.Name+" "+strconv.Itoa(v.sub)+" "+v.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			a := v.earn(s)
			if a.HTTP != http.StatusOK || a.Code != v.code || a.Sub != v.sub || !strings.Contains(a.SubText, v.text) {
				t.Errorf("got %d %s\nwant %d/%d with %q", a.HTTP, a.Body, v.code, v.sub, v.text)
			}
			if _, ok := sen.Lookup(v.op.Name, v.sub); !ok {
				t.Errorf("the catalogue lacks %d", v.sub)
			}
			if v.sub != -500 { // a broken store can't be looked at
				s.CheckLedger()
			}
		})
	}
}

// later are the values of the catalogue that no state of this gateway earns
// yet: they need banks, promotions or limits.
var later = map[string][]int{
	"query_order":  {-217, -332, -333, -1330, -1331, -1332, -1333, -1340, -1341, -1342, -1343},
	"refund_order": {0, -32, 1},
	"query_refund": {0, -2, -32},
	"list_banks":   {-500},
}

// TestEveryValueIsEarned keeps the catalogue and TestValues together.
func TestEveryValueIsEarned(t *testing.T) {
	t.Parallel()
	earned := map[string][]int{}
	for _, v := range values() {
		earned[v.op.Name] = append(earned[v.op.Name], v.sub)
	}
	for _, st := range sen.Statuses() {
		if earned[st.Operation] == nil {
			continue // not served yet
		}
		is, isLater := slices.Contains(earned[st.Operation], st.Value), slices.Contains(later[st.Operation], st.Value)
		if is == isLater {
			t.Errorf("%s %d: earned %v, left for later %v", st.Operation, st.Value, is, isLater)
		}
	}
}

// breakStore takes the tables away under the gateway's hands.
func (s *shop) breakStore() {
	s.t.Helper()
	s.sql("ALTER TABLE orders RENAME TO orders_gone; ALTER TABLE refunds RENAME TO refunds_gone")
}

func (s *shop) mendStore() {
	s.t.Helper()
	s.sql("ALTER TABLE orders_gone RENAME TO orders; ALTER TABLE refunds_gone RENAME TO refunds")
}

// sql runs statements on a connection of its own.
func (s *shop) sql(text string) {
	s.t.Helper()
	if pgtest.Wanted() {
		pgtest.Execute(s.t, s.t.Context(), s.Place(), text)
		return
	}
	conn, err := sqlite3.Open("file:" + filepath.ToSlash(s.File()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec("PRAGMA busy_timeout = 60000; " + text); err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(25 * time.Millisecond) // the gateway's readers may not look before
}

// TestStoreFails looks at what a failure of ours tells, to whom, and whether
// it passes.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.made(order("before"))
	s.breakStore()
	missing := "no such table"
	if pgtest.Wanted() {
		missing = "does not exist"
	}
	for _, o := range operations {
		if o.op == sen.OpListBanks {
			continue
		}
		a := s.call(o.op, o.good)
		if a.HTTP != http.StatusOK || a.Code != 2 || a.Sub != -500 {
			t.Errorf("%s: got %d %s", o.op.Name, a.HTTP, a.Body)
		}
		for _, word := range []string{"orders", "refunds", "table", "sqlite", "SQL", "panic", ".go", s.Dir} {
			if strings.Contains(a.Body, word) {
				t.Errorf("%s: the answer says %q: %s", o.op.Name, word, a.Body)
			}
		}
		if len(s.Log.Lines("level=ERROR", "operation="+o.op.Name, missing)) != 1 {
			t.Errorf("%s: the log does not say what failed:\n%s", o.op.Name, s.Log)
		}
	}
	if strings.Contains(s.Log.String(), s.app.Key1) {
		t.Error("a key is in the log")
	}
	s.mendStore()
	s.made(order("after"))
	for _, suffix := range []string{"before", "after"} {
		if a := s.call(sen.OpQueryOrder, queried(suffix)); a.Sub != 3 {
			t.Errorf("%s: got %s", suffix, a.Body)
		}
	}
	if a := s.call(sen.OpQueryOrder, queried("x")); a.Sub != -101 {
		t.Errorf("the order that was answered with -500: got %s", a.Body)
	}
	s.CheckLedger()
}

// TestStoreIsGarbage serves from a file that is no database any more, and
// stops all the same.
func TestStoreIsGarbage(t *testing.T) {
	t.Parallel()
	if pgtest.Wanted() {
		t.Skip("the files are the server's")
	}
	s := openShop(t)
	for _, name := range []string{s.File(), s.File() + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(strings.Repeat("garbage ", int(info.Size()/8))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := s.call(sen.OpCreateOrder, order("a"))
	if a.HTTP != http.StatusOK || a.Sub != -500 && a.Sub != 1 {
		t.Errorf("got %d %s", a.HTTP, a.Body)
	}
}

// TestOrderOfChecks sends requests with several faults: the first one in the
// documented order is told.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	const (
		shape  = -401
		mac    = -402
		closed = -999
		rate   = -429
	)
	badMAC := members{"mac": strings.Repeat("f", 64)}
	stale := members{"app_time": millis(-time.Hour), "timestamp": millis(-time.Hour)}
	for _, c := range []struct {
		name   string
		op     *sen.Operation
		m      members
		closed bool
		rate   bool
		want   int
	}{
		{"shape before all", sen.OpCreateOrder, order("used").with(members{"amount": "-1"}).with(badMAC).with(stale), true, true, shape},
		{"mac before maintenance", sen.OpCreateOrder, order("used").with(badMAC).with(stale), true, true, mac},
		{"maintenance before rate", sen.OpCreateOrder, order("used").with(stale), true, true, closed},
		{"rate before clock", sen.OpCreateOrder, order("used").with(stale), false, true, rate},
		{"clock before uniqueness", sen.OpCreateOrder, order("used").with(members{"app_time": millis(-time.Hour)}), false, false, shape},
		{"uniqueness", sen.OpCreateOrder, order("used"), false, false, -68},

		{"query: form before mac", sen.OpQueryOrder, members{"app_trans_id": "x"}.with(badMAC), true, true, -92},
		{"query: mac", sen.OpQueryOrder, queried("none").with(badMAC), true, true, mac},
		{"query: maintenance", sen.OpQueryOrder, queried("none"), true, true, closed},
		{"query: rate", sen.OpQueryOrder, queried("none"), false, true, rate},

		{"cancel: form before mac", sen.OpCancelOrder, members{"app_trans_id": "x"}.with(badMAC), true, true, shape},
		{"cancel: mac", sen.OpCancelOrder, queried("none").with(badMAC), true, true, mac},

		{"refund: form of m_refund_id before mac", sen.OpRefundOrder, refund("r", 1, 1).with(members{"m_refund_id": "261122_1_r"}).with(badMAC), true, true, shape},
		{"refund: fee before mac", sen.OpRefundOrder, refund("r", 1, 1).with(members{"refund_fee_amount": "2"}).with(badMAC), true, true, shape},
		{"refund: mac", sen.OpRefundOrder, refund("r", 1, 1).with(stale).with(badMAC), true, true, mac},
		{"refund: maintenance", sen.OpRefundOrder, refund("r", 1, 1).with(stale), true, true, closed},
		{"refund: rate", sen.OpRefundOrder, refund("r", 1, 1).with(stale), false, true, rate},
		{"refund: clock before day and payment", sen.OpRefundOrder, refund("r", 1, 1).with(stale).with(members{"m_refund_id": "261120_2553_r"}), false, false, -13},
		{"refund: day before payment", sen.OpRefundOrder, refund("r", 1, 1).with(members{"m_refund_id": "261120_2553_r"}), false, false, shape},
		{"refund: uniqueness before payment", sen.OpRefundOrder, refund("used", 1, 1), false, false, -23},
		{"refund: payment", sen.OpRefundOrder, refund("r", 1, 1), false, false, -101},

		{"refund query: clock before existence", sen.OpQueryRefund, refundQuery("none").with(stale), false, false, shape},
		{"refund query: rate before clock", sen.OpQueryRefund, refundQuery("none").with(stale), false, true, rate},
		{"bank list: mac before maintenance", sen.OpListBanks, members{"reqtime": "1"}.with(badMAC), true, true, mac},
		{"bank list: maintenance before rate", sen.OpListBanks, members{"reqtime": "1"}, true, true, closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.made(order("used"))
			s.refunded(refund("used", s.paid("paid", 50_000).Number, 1))
			if c.rate {
				s.terms(control.ChangeApp{RatePerSecond: ptr(int64(1))})
				for _, o := range operations {
					s.call(o.op, o.good) // uses up the second
				}
			}
			if c.closed {
				s.close(c.op)
			}
			if a := s.call(c.op, c.m); a.Sub != c.want {
				t.Errorf("got %s\nwant %d", a.Body, c.want)
			}
		})
	}
}

// TestLiveTellsNothing sees that reasons, and the control API, are for
// sandboxes.
func TestLiveTellsNothing(t *testing.T) {
	t.Parallel()
	s := &shop{apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
	}), t, sen.App{ID: 2553, Key1: "x"}}
	status := func(op *sen.Operation, value int) string {
		st, _ := sen.Lookup(op.Name, value)
		return st.Text.EN
	}
	for _, c := range []struct {
		name, want string
		m          members
	}{
		{"an unknown app", status(sen.OpCreateOrder, -402), order("a")},
		{"a bad member", status(sen.OpCreateOrder, -401), order("a").with(members{"amount": "x"})},
	} {
		if a := s.call(sen.OpCreateOrder, c.m); a.SubText != c.want {
			t.Errorf("%s: got %q, want %q", c.name, a.SubText, c.want)
		}
	}
	if a := s.send(http.MethodPost, "/v2/nothing", "", ""); a.HTTP != http.StatusNotFound || a.SubText != status(sen.OpCreateOrder, -401) {
		t.Errorf("an unknown path: got %d %s", a.HTTP, a.Body)
	}
	if status, _ := apptest.TryControl(s.Gateway, http.MethodGet, "/control/apps", nil); status != http.StatusNotFound {
		t.Errorf("the control API of a live gateway: HTTP %d", status)
	}
}
