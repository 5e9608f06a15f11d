package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/exchange"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/store"
)

var exchanges = map[string]func(*testing.T, *fixture){
	"Exchange/comes back as it went in":     exchangeRoundTrip,
	"Exchange/an id is taken once":          exchangeTwice,
	"Exchange/is found by what it is about": exchangeFilter,
	"Exchange/pages":                        exchangePages,
	"Exchange/the oldest go":                exchangePrune,
	"Exchange/of a payment":                 exchangeOfPayment,
	"Exchange/refusals are counted":         exchangeRefusals,
}

// exchangeAt is an exchange of that time; n tells those of one time apart.
func exchangeAt(at time.Time, n int64) exchange.Exchange {
	return exchange.Exchange{ID: exchange.ID(id.First(at) + n), At: at, App: 1, Operation: "create_order", Value: 1}
}

func (f *fixture) keep(all ...exchange.Exchange) {
	f.t.Helper()
	kept, err := f.InsertExchanges(f.t.Context(), all)
	if err != nil || kept != len(all) {
		f.t.Fatalf("InsertExchanges = %d, %v, want %d", kept, err, len(all))
	}
}

func exchangeRoundTrip(t *testing.T, f *fixture) {
	text := "không 😀 \" ' \\ \r\n \u2028 $`"
	x := exchange.Exchange{
		ID: exchange.ID(f.id()), At: at, Took: 1_234_567 * time.Microsecond, App: 2553, Operation: "refund_order",
		Method: "POST", Path: "/v2/refund", Remote: "[::1]:4711",
		Headers: exchange.Headers{ContentType: "application/json", UserAgent: text, AcceptLanguage: "vi", Scenario: "value=-500"},
		Fields: []exchange.Field{
			{Name: "app_id", Value: "2553", InQuery: true},
			{Name: text, Value: text + "\x00", Cut: true},
			{Name: "mac", Value: "••••", Hidden: true},
		},
		Body: []byte("\x00\xff" + text), BodySize: 70_000, MAC: exchange.MACWrong, HTTPStatus: 502, ReturnCode: 2, Value: -402,
		Answer: text, Reason: text, Rule: f.id(), Effect: "delay=2s; break=http_502",
		Subject: exchange.Subject{
			AppTransID: "260314_x", MRefundID: "260314_2553_x", Order: f.id(), Binding: f.id(), Payment: f.id(), Refund: f.id(),
			Change: exchange.RefundAccepted,
		},
	}
	bare := exchangeAt(at, 1)
	f.keep(x, bare)
	for _, want := range []exchange.Exchange{x, bare} {
		got, err := f.Exchange(t.Context(), want.ID)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("Exchange: %v (-want +got):\n%s", err, diff)
		}
	}
	if _, err := f.Exchange(t.Context(), 1); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("one that is not there: %v, want ErrNotFound", err)
	}
}

func exchangeTwice(t *testing.T, f *fixture) {
	first, second := exchangeAt(at, 1), exchangeAt(at, 1)
	second.App = 2
	f.keep(first)
	kept, err := f.InsertExchanges(t.Context(), []exchange.Exchange{second, exchangeAt(at, 2)})
	if err != nil || kept != 1 {
		t.Errorf("InsertExchanges = %d, %v, want 1 kept", kept, err)
	}
	if got, err := f.Exchange(t.Context(), first.ID); err != nil || got.App != 1 {
		t.Errorf("Exchange = %+v, %v, want the first one", got, err)
	}
}

// exchangeFilter holds the store against Filter.Matches.
func exchangeFilter(t *testing.T, f *fixture) {
	var all []exchange.Exchange
	for i := range 36 {
		x := exchangeAt(at.Add(time.Duration(i)*700*time.Microsecond), int64(i))
		x.App = merchant.ID(1 + i%2)
		x.Operation = []string{"create_order", "query_order", ""}[i%3]
		x.Value = []int{1, -402, -68, 0}[i%4]
		x.Subject.AppTransID = []string{"", "a", "a", "b", "b"}[i%5]
		all = append(all, x)
	}
	f.keep(all...)
	value := func(n int) *int { return &n }
	for _, c := range []exchange.Filter{
		{},
		{App: 1},
		{App: 3},
		{Operation: "query_order"},
		{AppTransID: "a"},
		{Value: value(-402)},
		{Value: value(0)},
		{App: 2, Operation: "create_order", Value: value(-402)},
		{AppTransID: "b", App: 1},
		{From: at.Add(7 * time.Millisecond)},
		{To: at.Add(7 * time.Millisecond)},
		{From: all[9].At, To: all[12].At},
		{App: 1, Operation: "create_order", AppTransID: "a", Value: value(1), From: at, To: at.Add(time.Hour)},
	} {
		var want []exchange.ID
		for i := len(all) - 1; i >= 0; i-- {
			if c.Matches(&all[i]) {
				want = append(want, all[i].ID)
			}
		}
		got, err := f.Exchanges(t.Context(), c, 0, 100)
		if diff := cmp.Diff(want, exchangeIDs(got)); diff != "" || err != nil {
			t.Errorf("%+v: %v (-want +got):\n%s", c, err, diff)
		}
	}
}

func exchangeIDs(all []exchange.Exchange) (ids []exchange.ID) {
	for _, x := range all {
		ids = append(ids, x.ID)
	}
	return ids
}

func exchangeOfPayment(t *testing.T, f *fixture) {
	var want []exchange.ID
	for i := range int64(12) {
		x := exchangeAt(at, i)
		x.App, x.Operation, x.Subject.Payment = merchant.ID(1+i%2), []string{"refund_order", "query_refund"}[i/6], i%3
		f.keep(x)
		if x.App == 2 && x.Operation == "refund_order" && x.Subject.Payment == 1 {
			want = []exchange.ID{x.ID}
		}
	}
	got, err := f.ExchangesOfPayment(t.Context(), "refund_order", 2, 1, 10)
	if diff := cmp.Diff(want, exchangeIDs(got)); diff != "" || err != nil || len(want) != 1 {
		t.Errorf("ExchangesOfPayment: %v (-want +got):\n%s", err, diff)
	}
}

func exchangeRefusals(t *testing.T, f *fixture) {
	for i, value := range []int{-402, 1, -68, -402, -402, -401} {
		x := exchangeAt(at, int64(i))
		x.Value, x.ReturnCode, x.App = value, 2, merchant.ID(1+i%2)
		if value == 1 {
			x.ReturnCode = 1
		}
		f.keep(x)
	}
	for _, c := range []struct {
		app  merchant.ID
		most int
		want []store.Answered
	}{
		{0, 2, []store.Answered{{Operation: "create_order", Value: -402, Count: 3}, {Operation: "create_order", Value: -401, Count: 1}}},
		{2, 9, []store.Answered{{Operation: "create_order", Value: -402, Count: 1}, {Operation: "create_order", Value: -401, Count: 1}}},
		{3, 9, nil},
	} {
		got, err := f.RefusedExchanges(t.Context(), c.app, c.most)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("of app %d: %v (-want +got):\n%s", c.app, err, diff)
		}
	}
}

func exchangePages(t *testing.T, f *fixture) {
	var want []exchange.ID
	for i := range int64(5) {
		x := exchangeAt(at, i)
		x.Subject.AppTransID = strings.Repeat("x", int(i%2))
		f.keep(x)
		want = append([]exchange.ID{x.ID}, want...)
	}
	for _, c := range []struct {
		before exchange.ID
		filter exchange.Filter
		want   []exchange.ID
	}{
		{0, exchange.Filter{}, want[:2]},
		{want[1], exchange.Filter{}, want[2:4]},
		{want[3], exchange.Filter{}, want[4:]},
		{want[4], exchange.Filter{}, nil},
		{want[1], exchange.Filter{AppTransID: "x"}, want[3:4]},
	} {
		got, err := f.Exchanges(t.Context(), c.filter, c.before, 2)
		if diff := cmp.Diff(c.want, exchangeIDs(got)); diff != "" && len(c.want)+len(got) > 0 || err != nil {
			t.Errorf("before %d: %v (-want +got):\n%s", c.before, err, diff)
		}
	}
}

func exchangePrune(t *testing.T, f *fixture) {
	for i := range 10 {
		f.keep(exchangeAt(at.Add(time.Duration(i)*time.Hour), 7))
	}
	for _, c := range []struct {
		most   int
		before time.Time
		n      int
		more   bool
		left   int
	}{
		{10, at, 3, false, 10},
		{10, at.Add(4 * time.Hour), 3, true, 7}, // those of the first four hours, in two steps
		{10, at.Add(4 * time.Hour), 3, true, 6},
		{10, at.Add(4 * time.Hour), 3, false, 6},
		{3, at, 2, true, 4},
		{3, at, 2, true, 3},
		{3, at, 2, false, 3},
	} {
		more, err := f.PruneExchanges(t.Context(), c.most, c.before, c.n)
		if err != nil || more != c.more {
			t.Errorf("PruneExchanges(%d, %v, %d) = %v, %v", c.most, c.before, c.n, more, err)
		}
		got, err := f.Exchanges(t.Context(), exchange.Filter{}, 0, 100)
		if err != nil || len(got) != c.left || !got[0].At.Equal(at.Add(9*time.Hour)) {
			t.Errorf("after PruneExchanges(%d, %v, %d): %d left, %v, want the newest %d", c.most, c.before, c.n, len(got), err, c.left)
		}
	}
}
