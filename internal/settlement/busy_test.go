package settlement_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"sen/internal/apiv2"
	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/paytest"
	"sen/internal/settlement"
)

// A shop trades by chance over the rules and a real store.
type shop struct {
	*paytest.Gateway
	t      *testing.T
	chance *rand.Rand
	wallet pay.Wallet
	apps   []merchant.App
	orders int
	paid   []pay.Order
}

func open(t *testing.T, seed uint64) *shop {
	t.Helper()
	s := &shop{Gateway: paytest.New(t), t: t, chance: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // a test
	s.Pay.RenderOrder = func(a merchant.App, o pay.Order, p pay.Payment) ([]byte, error) {
		return apiv2.OrderCallback(a, o, p, "an", s.Clock.Now()), nil
	}
	s.Pay.RefundDelay = time.Second
	other := s.AddApp(t, merchant.App{
		ID: 7001, Name: "Phở, \"Ngon\"", Key1: "their-key-number-one", Key2: "their-key-number-two", CallbackURL: "https://pho.example",
		Terms: merchant.Terms{FeeBP: 275, ReceivableLimit: 3_000},
	})
	s.apps = []merchant.App{s.terms(2553, merchant.Terms{FeeBP: 110, ReceivableLimit: 50_000_000}), other}
	w, err := s.Pay.OpenWallet(t.Context(), pay.Wallet{Phone: "0900000001", Name: "An", PINHash: "x", KYC: pay.Full})
	s.must(err)
	s.wallet = w
	for range 5 {
		s.TopUp(t, w.Phone, 90_000_000)
	}
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// mayBeRefused fails the test unless the rules said no.
func (s *shop) mayBeRefused(err error) {
	s.t.Helper()
	if e, ok := errors.AsType[*fault.Error](err); err != nil && (!ok || e.Kind == fault.Internal) {
		s.t.Fatal(err)
	}
}

func (s *shop) terms(app merchant.ID, terms merchant.Terms) merchant.App {
	s.t.Helper()
	a, err := s.Store.UpdateApp(context.Background(), app, func(a *merchant.App) error {
		a.Terms, a.TermsAt, a.CallbackURL = terms, s.Clock.Now(), "https://sen.example"
		return nil
	})
	s.must(err)
	s.Refresh(s.t)
	return a
}

func (s *shop) move(d time.Duration) { s.Clock.Move(s.Clock.Offset() + d) }

func (s *shop) day() pay.Day { return pay.DayOf(s.Clock.Now()) }

var descriptions = []string{
	"Trà sen vàng", "=1+1", "@SUM(A1)", "-2+3", "+84 900", "a, \"b\", c", "hai\ndòng", "'quoted", "Bún bò; Huế", " =HYPERLINK(\"x\")", "",
}

func (s *shop) order(app merchant.App) pay.Order {
	s.t.Helper()
	s.orders++
	o, err := s.Pay.CreateOrder(s.t.Context(), pay.NewOrder{
		App: app, AppTransID: fmt.Sprintf("%s_%d", id.Day(s.Clock.Now()), s.orders), AppUser: "an", AppTime: s.Clock.Now(),
		Amount: money.Amount(1_000 + s.chance.Int64N(200_000)), Description: descriptions[s.chance.IntN(len(descriptions))],
		Item: "[]", EmbedData: "{}", Life: time.Hour,
	})
	s.must(err)
	return o
}

var cards = []bank.Number{
	"9704540000000062", "4111111111111111", "9704990000000018", "9704540000000112", "9704540000000104", "9704540000000047", "9704540000000039",
}

// step does one thing that happens in a day.
func (s *shop) step() {
	s.t.Helper()
	ctx, app := s.t.Context(), s.apps[s.chance.IntN(len(s.apps))]
	switch n := s.chance.IntN(100); {
	case n < 30:
		o := s.order(app)
		_, err := s.Pay.PayFromWallet(ctx, o.Key, s.wallet.ID)
		s.must(err)
		s.paid = append(s.paid, o)
	case n < 45:
		s.byCard(s.order(app), cards[s.chance.IntN(len(cards))])
	case n < 50:
		s.order(app) // and nobody pays it
	case n < 65 && len(s.paid) > 0:
		s.refund(s.paid[s.chance.IntN(len(s.paid))])
	case n < 68:
		s.terms(app.ID, merchant.Terms{FeeBP: s.chance.Int64N(300), ReceivableLimit: money.Amount(s.chance.IntN(100_000))})
	case n < 71:
		s.mayBeRefused(s.Pay.PayOut(ctx, app.ID, money.Amount(1+s.chance.IntN(20_000))))
	case n < 80:
		s.move(time.Duration(s.chance.Int64N(int64(3 * time.Hour))))
	case n < 84:
		// To the edge of midnight.
		until := s.day().End().Add(-time.Duration(1+s.chance.Int64N(2_000_000)) * time.Microsecond)
		s.move(max(0, until.Sub(s.Clock.Now())))
	case n < 88:
		_, err := s.Pay.SettleDay(ctx, app.ID, s.day().Previous())
		s.must(err)
	case n < 92:
		s.acknowledge()
	default:
		s.work()
	}
}

func (s *shop) byCard(o pay.Order, n bank.Number) {
	s.t.Helper()
	c, err := s.Pay.PayWithCard(s.t.Context(), pay.CardPayment{Order: o.Key, Card: bank.Card{Number: n, Expiry: "1239", CVV: "123"}})
	if err == nil && c.State == pay.ChargeOTP {
		c, err = s.Pay.SubmitOTP(s.t.Context(), c.Number, bank.OTP)
	}
	s.mayBeRefused(err)
	if err == nil && c.State == pay.ChargeSucceeded {
		s.paid = append(s.paid, o)
	}
}

func (s *shop) refund(o pay.Order) {
	s.t.Helper()
	rc, err := s.Pay.Receipt(s.t.Context(), o.App, o.AppTransID)
	s.must(err)
	app, err := s.Apps.App(o.App)
	s.must(err)
	s.orders++
	_, err = s.Pay.RequestRefund(s.t.Context(), pay.NewRefund{
		App: app, MRefundID: fmt.Sprintf("%s_%d_%d", id.Day(s.Clock.Now()), app.ID, s.orders), Payment: rc.Payment.Number,
		Amount: 1 + money.Amount(s.chance.Int64N(int64(rc.Payment.Amount))), Description: descriptions[s.chance.IntN(len(descriptions))],
		Timestamp: s.Clock.Now(),
	})
	s.mayBeRefused(err)
	s.move(2 * time.Second)
}

// work does what workers do.
func (s *shop) work() {
	s.t.Helper()
	for more := true; more; {
		var err error
		more, err = s.Pay.RunRefunds(s.t.Context())
		s.must(err)
	}
	for more := true; more; {
		var err error
		more, err = s.Pay.RunCharges(s.t.Context())
		s.must(err)
	}
	_, err := s.Pay.ExpireOrders(s.t.Context())
	s.must(err)
}

// acknowledge has the merchants take their callbacks.
func (s *shop) acknowledge() {
	s.t.Helper()
	now := s.Clock.Now()
	all, err := s.Store.ClaimDeliveries(s.t.Context(), now, now, time.Minute, 100)
	s.must(err)
	for _, d := range all {
		s.must(s.Store.SettleDelivery(s.t.Context(), []callback.Attempt{{Delivery: d.ID, N: d.Attempts, At: now, Outcome: callback.Accepted}}, callback.Delivered, time.Time{}))
	}
}

// end lets everything come to rest and closes all days.
func (s *shop) end() (days []pay.Day) {
	s.t.Helper()
	for range 4 {
		s.move(2 * time.Minute)
		s.work()
	}
	s.acknowledge()
	s.move(24 * time.Hour)
	s.work() // refunds that wait for funds may still find some
	for _, app := range s.apps {
		_, err := s.Pay.SettleDay(s.t.Context(), app.ID, s.day().Previous())
		s.must(err)
	}
	for d := pay.DayOf(paytest.Start); d <= s.day(); d = d.Next() {
		days = append(days, d)
	}
	return days
}

// others are what a merchant and the bank say who missed nothing.
func (s *shop) others(app merchant.App, day pay.Day) settlement.Others {
	s.t.Helper()
	b, err := s.Store.Books(s.t.Context(), app, day, settlement.Others{})
	s.must(err)
	var f strings.Builder
	f.WriteString("note,m_refund_id,amount,app_trans_id,zp_trans_id,status,time\r\n")
	for _, p := range b.Payments {
		fmt.Fprintf(&f, "\"x, y\",,%d,%s,%d,SUCCESS,%s\r\n", p.Amount, p.AppTransID, p.Number, p.At.In(id.Vietnam).Format(time.RFC3339))
	}
	for _, r := range b.Refunds {
		if r.State == pay.RefundSucceeded && pay.DayOf(r.Booked.At) == day {
			fmt.Fprintf(&f, ",%s,%d,%s,%d,1,\r\n", r.MRefundID, r.Amount, r.AppTransID, r.Payment)
		}
	}
	claims, err := settlement.ReadClaims([]byte(f.String()))
	s.must(err)
	records, err := s.Store.BankRecords(s.t.Context(), day.Start().Add(-24*time.Hour), day.End().Add(24*time.Hour))
	s.must(err)
	moved, err := settlement.ReadMoved(settlement.WriteMoved(settlement.MovedBy(records)))
	s.must(err)
	return settlement.Others{Claims: claims, Moved: moved}
}
