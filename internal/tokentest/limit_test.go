package tokentest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/control"
)

// payMany pays n new orders by a token, all at once, and counts the answers.
func (s *shop) payMany(t *testing.T, b control.Binding, n int, amount int64) map[sen.Code]int {
	t.Helper()
	orders := make([]string, n)
	for i := range orders {
		_, orders[i] = s.order(t, amount, "")
	}
	return counted(t, n, func(i int) error {
		_, err := s.payOrder(t, b, orders[i])
		return err
	})
}

// TestAppLimits pays by many at once up to the app's limits for a binding and
// day, and again when the next day begins at midnight GMT+7.
func TestAppLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terms control.ChangeApp
		want  map[sen.Code]int
	}{
		"count":  {control.ChangeApp{TokenDayCount: new(int64(7))}, map[sen.Code]int{0: 7, sen.CodeOverAppLimit: 23}},
		"amount": {control.ChangeApp{TokenDayAmount: new(int64(9_500))}, map[sen.Code]int{0: 9, sen.CodeOverAppLimit: 21}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.at(t, "2031-05-06T23:40:00+07:00")
			s.terms(t, c.terms)
			b := s.bind(t, rich, nil)
			if diff := cmp.Diff(c.want, s.payMany(t, b, 30, 1000)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			wantCode(t, "another binding of the same user", s.pay(t, s.bind(t, rich, nil), 1000), 0)
			s.at(t, "2031-05-06T23:59:50+07:00")
			wantCode(t, "before midnight", s.pay(t, b, 1000), sen.CodeOverAppLimit)
			s.at(t, "2031-05-07T00:00:00+07:00")
			if diff := cmp.Diff(c.want, s.payMany(t, b, 30, 1000)); diff != "" {
				t.Errorf("answers of the next day (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWalletLimits passes each limit that a wallet can meet so far, by hand and
// by a token.
func TestWalletLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set  control.Conditions
		want sen.Code // in the query of an order paid by hand
	}{
		"day, all sources":    {control.Conditions{DayAll: new(int64(5000))}, -1330},
		"day, its balance":    {control.Conditions{DayWallet: new(int64(5000))}, -1331},
		"month, all sources":  {control.Conditions{MonthAll: new(int64(5000))}, -1340},
		"month, its balance":  {control.Conditions{MonthWallet: new(int64(5000))}, -1341},
		"the day comes first": {control.Conditions{DayAll: new(int64(5000)), MonthAll: new(int64(4999))}, -1330},
		"a lower one decides": {control.Conditions{DayAll: new(int64(90_000)), DayWallet: new(int64(5000))}, -1331},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.at(t, "2031-05-06T12:00:00+07:00")
			s.wallet(t, spendable, c.set)
			b := s.bind(t, spendable, nil)
			if c.set.MonthAll == nil || *c.set.MonthAll == 5000 {
				want := map[sen.Code]int{0: 5, sen.CodeOverMaxAmount: 15}
				if diff := cmp.Diff(want, s.payMany(t, b, 20, 1000)); diff != "" {
					t.Errorf("by token (-want +got):\n%s", diff)
				}
			}
			id, order := s.order(t, 5001, "")
			_, err := s.Control.Pay(t.Context(), control.PayOrder{Order: order, Wallet: spendable})
			if _, refused := errors.AsType[*control.Error](err); !refused {
				t.Errorf("by hand: got %v, want a refusal", err)
			}
			_, err = s.client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: id})
			wantCode(t, "the query", err, c.want)
			s.at(t, "2031-06-01T00:00:00+07:00")
			wantCode(t, "the next month", s.pay(t, b, 1000), 0)
		})
	}
}

// TestKYC pays as much as the level of a wallet allows: at once, and in twelve
// months.
func TestKYC(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.wallet(t, rich, control.Conditions{KYC: new(1)})
	s.at(t, "2031-01-15T12:00:00+07:00")
	b := s.bind(t, rich, nil)
	balance := func(amount int64) error {
		_, err := s.client.Bindings.Balance(t.Context(), sen.QueryBalanceWalletRequest{PayToken: b.PayToken, Identifier: user, Amount: amount})
		return err
	}
	both := func(what string, amount int64, want sen.Code) {
		t.Helper()
		wantCode(t, what+": balance", balance(amount), want)
		wantCode(t, what+": pay", s.pay(t, b, amount), want)
	}
	const most = 20_000_000 // in one payment; ten times that in a year
	both("one dong too much at once", most+1, sen.CodeOverKYC)
	for range 5 {
		both("January", most, 0)
	}
	s.at(t, "2031-06-15T12:00:00+07:00")
	for range 5 {
		both("June", most, 0)
	}
	both("the year is full", 1, sen.CodeOverKYC)
	s.at(t, "2031-12-31T23:59:00+07:00")
	both("January still counts", 1, sen.CodeOverKYC)
	s.at(t, "2032-01-01T00:00:00+07:00")
	both("January is a year ago", most, 0)
	s.wallet(t, rich, control.Conditions{KYC: new(2)})
	both("no such limit", 5*most, 0)
}

// embed names a campaign in an order.
func embed(t *testing.T, code string) string {
	t.Helper()
	info := fmt.Sprintf(`{"campaigncode":%q}`, code)
	text, err := json.Marshal(map[string]string{"promotioninfo": info})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (s *shop) campaign(t *testing.T, c control.Campaign) {
	t.Helper()
	now, err := s.Control.Clock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.StartsAt, c.EndsAt = now.Now, now.Now.AddDate(0, 0, 1)
	if _, err := s.Control.OpenCampaign(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// TestCampaignBudget has forty payers at a campaign with money for ten.
func TestCampaignBudget(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.campaign(t, control.Campaign{Code: "TEN", Budget: 1099, Discount: 100})
	const n = 40
	var ids, orders [n]string
	for i := range n {
		ids[i], orders[i] = s.order(t, 1000, embed(t, "TEN"))
	}
	bindings := []control.Binding{s.bind(t, rich, nil), s.bind(t, alsoRich, nil)}
	answers := counted(t, n, func(i int) error {
		_, err := s.payOrder(t, bindings[i%2], orders[i])
		return err
	})
	if diff := cmp.Diff(map[sen.Code]int{0: 10, sen.CodeCannotPay: 30}, answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	all, err := s.Control.Campaigns(t.Context())
	if err != nil || len(all) != 1 || all[0].Spent != 1000 {
		t.Errorf("campaigns %+v, %v, want one with 1000 spent", all, err)
	}
	queries := counted(t, n, func(i int) error {
		got, err := s.client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: ids[i]})
		if err == nil && (got.Amount != 1000 || got.DiscountAmount != 100) {
			err = fmt.Errorf("amount %d, discount %d, want 1000 and 100", got.Amount, got.DiscountAmount)
		}
		return err
	})
	if diff := cmp.Diff(map[sen.Code]int{0: 10, -332: 30}, queries); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
	s.wantLedger(t)
}

// TestCampaignUses has one payer at a campaign that allows two uses.
func TestCampaignUses(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.campaign(t, control.Campaign{Code: "TWICE", Budget: 5000, Discount: 100, UsesPerPayer: 2, MinAmount: 1000, Apps: []int64{2553}})
	b := s.bind(t, rich, nil)
	var orders [20]string
	for i := range orders {
		_, orders[i] = s.order(t, 1000, embed(t, "TWICE"))
	}
	pay := func(i int) error { _, err := s.payOrder(t, b, orders[i]); return err }
	if diff := cmp.Diff(map[sen.Code]int{0: 2, sen.CodeCannotPay: 18}, counted(t, len(orders), pay)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	id, order := s.order(t, 999, embed(t, "TWICE"))
	_, err := s.payOrder(t, s.bind(t, alsoRich, nil), order)
	wantCode(t, "too small an order", err, sen.CodeCannotPay)
	_, err = s.client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: id})
	wantCode(t, "its query", err, -333)
}

// TestRefundOfPromotion refunds a payment with a discount: as a whole or not at
// all, the discount to the campaign's account and the rest to the payer.
func TestRefundOfPromotion(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.campaign(t, control.Campaign{Code: "ONE", Budget: 5000, Discount: 300})
	id, order := s.order(t, 1000, embed(t, "ONE"))
	if _, err := s.payOrder(t, s.bind(t, spendable, nil), order); err != nil {
		t.Fatal(err)
	}
	s.wantBalances(t, "paid", 5_000_000-700, 1000)
	paid, err := s.client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: id})
	if err != nil {
		t.Fatal(err)
	}
	refund := func(suffix string, amount int64) (string, error) {
		in := sen.RefundOrderRequest{
			MRefundID: sen.MRefundID(s.Clock.Now(), s.app.ID, suffix), ZPTransID: paid.ZPTransID, Amount: amount, Description: "x",
		}
		_, err := s.client.Refunds.Create(t.Context(), in)
		return in.MRefundID, err
	}
	part, err := refund("part", 999)
	wantCode(t, "a part", err, sen.CodeOnlyFullRefund)
	_, err = s.client.Refunds.Query(t.Context(), sen.QueryRefundRequest{MRefundID: part})
	wantCode(t, "the query of the part", err, sen.CodeOnlyFullRefund)
	all, err := refund("all", 1000)
	wantCode(t, "all of it", err, 0)
	s.wantRefunded(t, int64(s.app.ID), all)
	s.wantBalances(t, "refunded", 5_000_000, 0)
	s.wantLedger(t)
}

// wantBalances wants so much in the wallet that can be spent, and so much held
// for the merchant.
func (s *shop) wantBalances(t *testing.T, what string, wallet, held int64) {
	t.Helper()
	wallets, err := s.Control.Wallets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(wallets, func(w control.Wallet) bool { return w.Phone == spendable })
	a, err := s.Control.App(t.Context(), int64(s.app.ID))
	if err != nil || wallets[i].Balance != wallet || a.Balance != held {
		t.Errorf("%s: the wallet has %d and the merchant %d, %v, want %d and %d", what, wallets[i].Balance, a.Balance, err, wallet, held)
	}
}
