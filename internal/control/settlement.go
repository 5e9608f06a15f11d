package control

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen/internal/bank"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/pay"
	"sen/internal/settlement"
	"sen/internal/store"
)

// Bookkeeper closes days, compares books and sees to payouts: in a sandbox that
// serves, or in a database by hand. Pay needs no more than Store, Apps, Now,
// Numbers and DisbursementOwed. What it does about payouts is put on record by a
// Store that is store.Audited.
type Bookkeeper struct {
	Pay   *pay.Service
	Store *store.Store
	// Record begins a line of the audit log by whoever keeps the books.
	Record func(a operator.Action, subject string, app merchant.ID) operator.Record
	// Changed returns when every node has what was written before in memory, and
	// Pay.Apps too.
	Changed func(context.Context) error
}

// Settle closes an app's days, or with app 0 those of all apps, up to and
// including one; "" is the day before the present one.
func (k Bookkeeper) Settle(ctx context.Context, in Settle) ([]Settlement, error) {
	day, err := k.day(in.Day)
	if err != nil {
		return nil, err
	}
	apps, err := k.apps(ctx, in.App)
	if err != nil {
		return nil, err
	}
	out := []Settlement{}
	for _, app := range apps {
		closed, err := k.Pay.SettleDay(ctx, app, day)
		if err != nil {
			return nil, err
		}
		for _, st := range closed {
			out = append(out, wireSettlement(st))
		}
	}
	return out, nil
}

// apps are the one that is asked for, or all, enabled or not.
func (k Bookkeeper) apps(ctx context.Context, one int64) (apps []merchant.ID, err error) {
	reg, err := k.Store.Register(ctx)
	if err != nil {
		return nil, err
	}
	for app := range reg.Apps {
		if one == 0 || app == merchant.ID(one) {
			apps = append(apps, app)
		}
	}
	if len(apps) == 0 && one != 0 {
		return nil, merchant.ErrUnknown
	}
	slices.Sort(apps)
	return apps, nil
}

// day reads a day; "" is the one before the present one.
func (k Bookkeeper) day(text string) (pay.Day, error) {
	if text == "" {
		return pay.DayOf(k.Pay.Now()).Previous(), nil
	}
	return pay.ParseDay(text)
}

// Settlements lists at most n settlements of one app, or with 0 of all, the newest
// first.
func (k Bookkeeper) Settlements(ctx context.Context, app int64, n int) ([]Settlement, error) {
	all, err := k.Store.Settlements(ctx, merchant.ID(app), "", n)
	if err != nil {
		return nil, err
	}
	out := make([]Settlement, 0, len(all))
	for _, st := range all {
		out = append(out, wireSettlement(st))
	}
	return out, nil
}

// Files returns the files of an app's day that is closed.
func (k Bookkeeper) Files(ctx context.Context, app int64, text string) ([]File, error) {
	day, err := k.day(text)
	if err != nil {
		return nil, err
	}
	a, err := k.Pay.Apps.Known(merchant.ID(app))
	if err != nil {
		return nil, err
	}
	st, lines, err := k.Store.SettlementLines(ctx, a.ID, day)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, f := range settlement.Files(a, st, lines) {
		out = append(out, File{Name: f.Name, Data: string(f.Data), MAC: string(f.MAC)})
	}
	return out, nil
}

// Reconcile compares an app's day with what others say of it. Where no report of
// a channel is given, that of the simulated bank stands in, if there is one.
func (k Bookkeeper) Reconcile(ctx context.Context, in Reconcile, simulated bool) (Reconciled, error) {
	day, err := k.day(in.Day)
	if err != nil {
		return Reconciled{}, err
	}
	a, err := k.Pay.Apps.Known(merchant.ID(in.App))
	if err != nil {
		return Reconciled{}, err
	}
	o, err := k.others(ctx, in, day, simulated)
	if err != nil {
		return Reconciled{}, err
	}
	b, err := k.Store.Books(ctx, a, day, o)
	if err != nil {
		return Reconciled{}, err
	}
	out := Reconciled{
		App: in.App, Day: string(day), Payments: len(b.Payments), Refunds: len(b.Refunds), Settled: b.Settlement.Day != "",
		Claims: len(o.Claims), Moved: len(o.Moved), Differences: []Difference{},
	}
	for _, d := range settlement.Reconcile(b, o) {
		out.Differences = append(out.Differences, wireDifference(d))
	}
	return out, nil
}

func (k Bookkeeper) others(ctx context.Context, in Reconcile, day pay.Day, simulated bool) (o settlement.Others, err error) {
	if in.Merchant != nil {
		if o.Claims, err = settlement.ReadClaims([]byte(*in.Merchant)); err != nil {
			return o, err
		}
	}
	for _, report := range in.Reports {
		moved, err := settlement.ReadMoved([]byte(report))
		if err != nil {
			return o, err
		}
		o.Moved = append(o.Moved, moved...)
	}
	switch {
	case len(in.Reports) > 0 && o.Moved == nil:
		o.Moved = []settlement.Moved{}
	case len(in.Reports) == 0 && simulated:
		records, err := k.Store.BankRecords(ctx, day.Start().Add(-24*time.Hour), day.End().Add(24*time.Hour))
		if err != nil {
			return o, err
		}
		o.Moved = settlement.MovedBy(records)
	}
	return o, nil
}

// BankReport is what the simulated bank says that it moved on a day.
func (k Bookkeeper) BankReport(ctx context.Context, text string) (File, error) {
	day, err := k.day(text)
	if err != nil {
		return File{}, err
	}
	records, err := k.Store.BankRecords(ctx, day.Start(), day.End())
	if err != nil {
		return File{}, err
	}
	slices.SortFunc(records, func(a, b bank.Record) int { return cmp.Or(a.KnownAt.Compare(b.KnownAt), cmp.Compare(a.Ref, b.Ref)) })
	return File{Name: "bank-" + string(day) + ".csv", Data: string(settlement.WriteMoved(settlement.MovedBy(records)))}, nil
}

func wireSettlement(st pay.Settlement) Settlement {
	return Settlement{
		App: int64(st.App), Day: string(st.Day), Number: st.Entry, At: st.At,
		Payments: st.Payments, PaymentAmount: int64(st.PaymentAmount), FeeAmount: int64(st.FeeAmount),
		Refunds: st.Refunds, RefundAmount: int64(st.RefundAmount),
		Reversals: st.Reversals, ReversalAmount: int64(st.ReversalAmount),
		Payouts: st.Payouts, PayoutAmount: int64(st.PayoutAmount), Net: int64(st.Net()),
		CarriedIn: int64(st.CarriedIn), PaidBack: int64(st.PaidBack), PaidOut: int64(st.PaidOut), CarriedOut: int64(st.CarriedOut),
	}
}

func wireDifference(d settlement.Difference) Difference {
	return Difference{
		Kind: string(d.Kind), AppTransID: d.AppTransID, Payment: d.Payment, MRefundID: d.MRefundID, Number: d.Number,
		Line: d.Line, Ours: d.Ours, Theirs: d.Theirs, Advice: d.Kind.Advice(),
	}
}

func (s *Server) books() Bookkeeper {
	rules := *s.Pay
	rules.Store = store.Audited(s.Pay.Store)
	return Bookkeeper{&rules, s.Store, s.Record, s.Changed}
}

func (s *Server) settlements(r *http.Request) (any, error) {
	n, err := page(r)
	if err != nil {
		return nil, err
	}
	app, err := strconv.ParseInt(cmp.Or(r.URL.Query().Get("app"), "0"), 10, 64)
	if err != nil || app < 0 {
		return nil, errBody.On("app", "must be the number of an app")
	}
	return s.books().Settlements(r.Context(), app, n)
}

func (s *Server) settle(r *http.Request) (any, error) {
	var in Settle
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return s.books().Settle(r.Context(), in)
}

func (s *Server) settlementFiles(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	return s.books().Files(r.Context(), app, r.PathValue("day"))
}

func (s *Server) reconcile(r *http.Request) (any, error) {
	var in Reconcile
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return s.books().Reconcile(r.Context(), in, true)
}

func (s *Server) bankReport(r *http.Request) (any, error) {
	return s.books().BankReport(r.Context(), strings.TrimSpace(r.URL.Query().Get("day")))
}
