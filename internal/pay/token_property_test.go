package pay_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// A tokenMachine is a machine whose payers have limits and bindings, and whose
// apps run campaigns. Its model counts nothing: it keeps every payment, and
// sums them again whenever somebody asks.
type tokenMachine struct {
	machine
	bindings  []*modelBinding
	campaigns []pay.Campaign
	paid      []modelPayment
}

type modelBinding struct {
	pay.Binding
	app       *modelApp
	wallet    *modelWallet // nil until it is confirmed
	callbacks int
	ended     atomic.Bool // its end was answered
}

type modelPayment struct {
	wallet      *modelWallet
	binding     *modelBinding // nil when paid by hand
	campaign    string
	day, useDay string // that it counts for: of the wallet, of the binding
	amount, off money.Amount
}

// day is the one that a payment counts for: today, unless the one before it
// counted for tomorrow already, the clock having gone back over midnight.
func (x *tokenMachine) day(same func(modelPayment) bool, late func(modelPayment) string) string {
	day := id.Day(x.g.time())
	for _, p := range x.paid {
		if same(p) {
			day = max(day, late(p))
		}
	}
	return day
}

func (x *tokenMachine) sum(of func(modelPayment) bool) (sum money.Amount, n int64) {
	for _, p := range x.paid {
		if of(p) {
			sum += p.amount - p.off
			n++
		}
	}
	return sum, n
}

// monthOf numbers the months.
func monthOf(day string) int {
	year, _ := strconv.Atoi(day[:2])
	month, _ := strconv.Atoi(day[2:4])
	return year*12 + month
}

// spent is what the wallet paid on the day, in its month, and in the year that
// ends with that month.
func (x *tokenMachine) spent(w *modelWallet, day string) (byDay, byMonth, byYear money.Amount) {
	byDay, _ = x.sum(func(p modelPayment) bool { return p.wallet == w && p.day == day })
	byMonth, _ = x.sum(func(p modelPayment) bool { return p.wallet == w && p.day[:4] == day[:4] })
	byYear, _ = x.sum(func(p modelPayment) bool {
		return p.wallet == w && monthOf(p.day) <= monthOf(day) && monthOf(p.day) > monthOf(day)-12
	})
	return byDay, byMonth, byYear
}

// discount is what the order's campaign gives, or why it gives nothing.
func (x *tokenMachine) discount(code string, o *modelOrder, w *modelWallet) (money.Amount, error) {
	if code == "" {
		return 0, nil
	}
	i := slices.IndexFunc(x.campaigns, func(c pay.Campaign) bool { return c.Code == code })
	now := x.g.time()
	if i < 0 || now.Before(x.campaigns[i].StartsAt) || !now.Before(x.campaigns[i].EndsAt) {
		return 0, pay.ErrPromotion
	}
	c := x.campaigns[i]
	spent, uses := x.given(c.Code, w)
	off := min(c.Discount, o.Amount-1)
	switch {
	case o.Amount < c.MinAmount, c.Apps != nil && !slices.Contains(c.Apps, o.App), c.UsesPerPayer > 0 && uses >= c.UsesPerPayer:
		return 0, pay.ErrPromotionEligible
	case spent+off > c.Budget:
		return 0, pay.ErrPromotion
	}
	return off, nil
}

// given is what the campaign gave to all, and how often it gave to one.
func (x *tokenMachine) given(code string, w *modelWallet) (sum money.Amount, uses int64) {
	for _, p := range x.paid {
		if p.campaign == code {
			sum += p.off
			if p.wallet == w {
				uses++
			}
		}
	}
	return sum, uses
}

// limit names the first limit that the payment passes.
func limit(w *modelWallet, amount, byDay, byMonth money.Amount) string {
	for _, l := range []struct {
		name         string
		spent, limit money.Amount
	}{
		{"limit_day_all", byDay, w.Limits.Day[pay.AllSources]},
		{"limit_day_wallet", byDay, w.Limits.Day[pay.FromWallet]},
		{"limit_month_all", byMonth, w.Limits.Month[pay.AllSources]},
		{"limit_month_wallet", byMonth, w.Limits.Month[pay.FromWallet]},
	} {
		if l.limit > 0 && l.spent+amount > l.limit {
			return l.name
		}
	}
	return ""
}

func overKYC(w *modelWallet, amount, year money.Amount) bool {
	switch w.KYC {
	case pay.Unverified:
		return amount > 2_000_000 || year > 20_000_000
	case pay.Basic:
		return amount > 20_000_000 || year > 200_000_000
	default:
		return false
	}
}

// settle pays in the model, by the token of b or by hand.
func (x *tokenMachine) settle(o *modelOrder, w *modelWallet, b *modelBinding) error {
	now := x.g.time()
	byToken := b != nil
	switch {
	case o.State == pay.OrderPaid && byToken && o.payment.Binding != b.Key, o.State == pay.OrderPaid && o.payer != w:
		return pay.ErrOrderPaid
	case o.State == pay.OrderPaid:
		return nil
	case byToken && b.State != pay.BindingConfirmed:
		return pay.ErrBindingEnded
	case byToken && !b.EndsAt.IsZero() && !now.Before(b.EndsAt):
		return pay.ErrTokenExpired
	case o.State == pay.OrderCancelled:
		return pay.ErrOrderCancelled
	case o.State == pay.OrderExpired, !now.Before(o.ExpiresAt):
		return pay.ErrOrderExpired
	case !w.LockedAt.IsZero():
		return pay.ErrWalletLocked
	case !w.PaymentsOffAt.IsZero():
		return pay.ErrPaymentsOff
	case w.PINHash == "":
		return pay.ErrPINNotSet
	}
	p := modelPayment{
		wallet: w, binding: b, campaign: o.CampaignCode(), amount: o.Amount,
		day: x.day(func(p modelPayment) bool { return p.wallet == w }, func(p modelPayment) string { return p.day }),
	}
	if byToken {
		p.useDay = x.day(func(p modelPayment) bool { return p.binding == b }, func(p modelPayment) string { return p.useDay })
		if b.MaxAmount > 0 && o.Amount > b.MaxAmount {
			return pay.ErrOverMaxAmount
		}
		if terms := b.app.Terms; !withinDay(terms, x.usedOn(b, p.useDay, o.Amount)) {
			return pay.ErrOverAppLimit
		}
	}
	err := x.afford(o, &p)
	if err != nil {
		if code := failureCode(err); code != "" {
			o.Failure = pay.Failure(code)
		}
		return err
	}
	fee := o.Amount * money.Amount(o.app.Terms.FeeBP) / 10_000
	w.balance = max(w.balance-o.Amount+p.off, w.RefillTo)
	o.app.held += o.Amount - fee
	o.app.fees += fee
	o.app.given += p.off
	o.State, o.Failure, o.payer = pay.OrderPaid, pay.NoFailure, w
	x.paid = append(x.paid, p)
	return nil
}

// use is what a binding paid on a day.
type use struct {
	count  int64
	amount money.Amount
}

func (x *tokenMachine) usedOn(b *modelBinding, day string, more money.Amount) use {
	u := use{1, more}
	for _, p := range x.paid {
		if p.binding == b && p.useDay == day {
			u.count++
			u.amount += p.amount
		}
	}
	return u
}

func withinDay(terms merchant.Terms, u use) bool {
	return (terms.TokenDayCount == 0 || u.count <= terms.TokenDayCount) && (terms.TokenDayAmount == 0 || u.amount <= terms.TokenDayAmount)
}

// afford reports what the payer, or the payer's money, can't do.
func (x *tokenMachine) afford(o *modelOrder, p *modelPayment) (err error) {
	if p.off, err = x.discount(p.campaign, o, p.wallet); err != nil {
		return err
	}
	amount := p.amount - p.off
	byDay, byMonth, byYear := x.spent(p.wallet, p.day)
	if name := limit(p.wallet, amount, byDay, byMonth); name != "" {
		return fault.New(fault.Declined, name, "").Because(pay.ErrLimit)
	}
	switch {
	case overKYC(p.wallet, amount, byYear+amount):
		return pay.ErrKYC
	case p.wallet.balance < amount:
		return pay.ErrBalanceLow
	}
	return nil
}

// failureCode is what an order remembers of a refusal.
func failureCode(err error) string {
	e, _ := errors.AsType[*fault.Error](err)
	if errors.Is(err, pay.ErrKYC) {
		return ""
	}
	return e.Code
}

// expectCode compares refusals by their code, which for limits tells which.
func expectCode(t rapid.TB, what string, got, want error) {
	t.Helper()
	g, _ := errors.AsType[*fault.Error](got)
	w, _ := errors.AsType[*fault.Error](want)
	if (got == nil) != (want == nil) || (got != nil && (g == nil || g.Code != w.Code && !(w.Code == "balance_low" && errors.Is(got, pay.ErrBalanceLow)))) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// newTokenMachine has apps, wallets and campaigns with little room, so that a
// few payments reach every limit.
func newTokenMachine(t testing.TB) *tokenMachine {
	t.Helper()
	x := &tokenMachine{machine: *emptyMachine(t)}
	for _, terms := range []merchant.Terms{
		{ReceivableLimit: 100, TokenDayCount: 3},
		{FeeBP: 333, TokenLife: 40 * 24 * time.Hour, TokenDayAmount: 250, RefundPeriod: 24 * time.Hour},
		{TokenLife: 20 * time.Minute, RefundApprovalFrom: 90},
	} {
		x.m.apps = append(x.m.apps, &modelApp{App: x.g.app(t, terms)})
	}
	for _, w := range []modelWallet{
		{Wallet: pay.Wallet{KYC: pay.Full, Limits: pay.Limits{Day: pay.ByScope{300, 0, 1, 1}, Month: pay.ByScope{700, 0, 1, 1}}}, balance: 20_000},
		{Wallet: pay.Wallet{KYC: pay.Full, Limits: pay.Limits{Day: pay.ByScope{0, 200}, Month: pay.ByScope{900, 500}}}, balance: 20_000},
		{Wallet: pay.Wallet{KYC: pay.Unverified}, balance: 90_000_000},
		{Wallet: pay.Wallet{KYC: pay.Basic}, balance: 900_000_000},
		{Wallet: pay.Wallet{KYC: pay.Full}, balance: 250},
	} {
		x.addWallet(t, w)
	}
	now := x.g.time()
	for _, c := range []pay.Campaign{
		{Code: "ALL", StartsAt: now.Add(-time.Hour), EndsAt: now.Add(9000 * time.Hour), Budget: 41, Discount: 7, MinAmount: 20},
		{Code: "ONE", StartsAt: now, EndsAt: now.Add(9000 * time.Hour), Budget: 1000, Discount: 60, UsesPerPayer: 2, Apps: []merchant.ID{x.m.apps[0].ID}},
		{Code: "SOON", StartsAt: now.Add(2 * time.Hour), EndsAt: now.Add(48 * time.Hour), Budget: 500, Discount: 10},
	} {
		if err := x.g.OpenCampaign(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		x.campaigns = append(x.campaigns, c)
	}
	return x
}

// bind makes a binding; with a wallet it is confirmed, too.
func (x *tokenMachine) bind(t rapid.TB, app *modelApp, w *modelWallet, maxAmount money.Amount) *modelBinding {
	ctx := context.Background()
	b, err := x.g.CreateBinding(ctx, pay.NewBinding{
		App: app.App, AppTransID: x.g.name(), Kind: pay.WalletBinding, Identifier: "an", MaxAmount: maxAmount, ReqDate: x.g.time(),
	})
	expect(t, "bind", err, nil)
	mb := &modelBinding{Binding: b, app: app}
	x.bindings = append(x.bindings, mb)
	if w != nil {
		x.confirmBy(t, mb, w)
	}
	return mb
}

func (x *tokenMachine) create(t *rapid.T) {
	app := rapid.SampledFrom(x.m.apps).Draw(t, "app")
	x.bind(t, app, nil, rapid.SampledFrom([]money.Amount{0, 100}).Draw(t, "max amount"))
}

func (x *tokenMachine) bound(t *rapid.T) {
	app, w := rapid.SampledFrom(x.m.apps).Draw(t, "app"), rapid.SampledFrom(x.m.wallets).Draw(t, "wallet")
	if w.LockedAt.IsZero() {
		x.bind(t, app, w, rapid.SampledFrom([]money.Amount{0, 0, 0, 100}).Draw(t, "max amount"))
	}
}

func (x *tokenMachine) createAgain(t *rapid.T) {
	b := anyOf(t, x.bindings, "binding")
	_, err := x.g.CreateBinding(context.Background(), pay.NewBinding{
		App: b.app.App, AppTransID: b.AppTransID, Kind: pay.WalletBinding, Identifier: "an", ReqDate: x.g.time(),
	})
	want := pay.ErrBindingDuplicate
	if b.AppTransID[:6] != id.Day(x.g.time()) {
		want = pay.ErrDatePrefix
	}
	expect(t, "bind again", err, want)
}

func (x *tokenMachine) confirm(t *rapid.T) {
	x.confirmBy(t, anyOf(t, x.bindings, "binding"), anyOf(t, x.m.wallets, "wallet"))
}

func (x *tokenMachine) confirmBy(t rapid.TB, b *modelBinding, w *modelWallet) {
	now := x.g.time()
	var want error
	switch {
	case b.State == pay.BindingConfirmed && b.wallet == w:
	case b.State != pay.BindingPending, !now.Before(b.ConfirmBy):
		want = pay.ErrBindingOver
	case !w.LockedAt.IsZero():
		want = pay.ErrWalletLocked
	default:
		b.State, b.wallet, b.callbacks = pay.BindingConfirmed, w, 1
		if b.app.Terms.TokenLife > 0 {
			b.EndsAt = now.Add(b.app.Terms.TokenLife)
		}
	}
	_, err := x.g.ConfirmBinding(context.Background(), b.Token, w.ID)
	expect(t, "confirm", err, want)
}

func (x *tokenMachine) decline(t *rapid.T) {
	b := anyOf(t, x.bindings, "binding")
	var want error
	if b.State != pay.BindingPending || !x.g.time().Before(b.ConfirmBy) {
		want = pay.ErrBindingOver
	} else {
		b.State = pay.BindingLapsed
	}
	_, err := x.g.DeclineBinding(context.Background(), b.Token)
	expect(t, "decline", err, want)
}

func (x *tokenMachine) lapse(t *rapid.T) {
	_, err := x.g.LapseBindings(context.Background())
	expect(t, "lapse", err, nil)
	for _, b := range x.bindings {
		if b.State == pay.BindingPending && !x.g.time().Before(b.ConfirmBy) {
			b.State = pay.BindingLapsed
		}
	}
}

func (x *tokenMachine) end(t *rapid.T) {
	b := anyOf(t, x.bindings, "binding")
	var by pay.Ender
	var want error
	to := pay.BindingCancelled
	switch rapid.IntRange(0, 2).Draw(t, "who") {
	case 0:
		by.Operator, to = true, pay.BindingDisabled
	case 1:
		w := anyOf(t, x.m.wallets, "wallet")
		if by.Wallet = w.ID; b.wallet != w {
			want = pay.ErrBindingNotFound
		}
	case 2:
		app := rapid.SampledFrom(append([]*modelApp{b.app, b.app}, x.m.apps...)).Draw(t, "app")
		by.Merchant, by.Identifier = app.ID, rapid.SampledFrom([]string{"an", "an", "binh"}).Draw(t, "identifier")
		if app != b.app || by.Identifier != "an" {
			want = pay.ErrTokenForeign
		}
	}
	if want == nil && b.State != pay.BindingConfirmed {
		want = pay.ErrBindingNotFound
	}
	if want == nil {
		b.State = to
		b.callbacks++
	}
	_, err := x.g.EndBinding(context.Background(), b.Token, by)
	expect(t, "end", err, want)
}

var (
	small = rapid.OneOf(rapid.Int64Range(1, 120), rapid.SampledFrom([]int64{100, 101}))
	large = rapid.SampledFrom([]int64{1_900_000, 2_000_000, 2_000_000, 2_000_001, 19_999_999, 20_000_000, 20_000_001})
)

// order makes one with an amount near the limits of w.
func (x *tokenMachine) order(t *rapid.T, app *modelApp, w *modelWallet) *modelOrder {
	amount := small
	if w != nil && w.KYC != pay.Full {
		amount = large
	}
	n := x.g.newOrder(app.App, money.Amount(amount.Draw(t, "amount")))
	n.Life = rapid.SampledFrom([]time.Duration{0, pay.MinLife, pay.MaxLife}).Draw(t, "life")
	code := rapid.SampledFrom([]string{"", "", "", "ALL", "ALL", "ONE", "ONE", "SOON", "NONE"}).Draw(t, "campaign")
	n.EmbedData = embed(code)
	o, err := x.g.CreateOrder(context.Background(), n)
	expect(t, "create", err, nil)
	mo := &modelOrder{Order: o, app: app}
	x.m.orders = append(x.m.orders, mo)
	return mo
}

func embed(code string) string {
	if code == "" {
		return "{}"
	}
	return fmt.Sprintf(`{"promotioninfo":"{\"campaigncode\":\"%s\"}"}`, code)
}

// byToken pays one order, sometimes with something that is not the binding's.
func (x *tokenMachine) byToken(t *rapid.T, b *modelBinding, o *modelOrder, app *modelApp, identifier string) {
	before := o.payment
	rc, err := x.g.PayByToken(context.Background(), pay.TokenPayment{
		App: app.App, PayToken: b.PayToken, Identifier: identifier, OrderToken: o.Token,
	})
	var want error
	switch {
	case b.wallet == nil:
		want = pay.ErrTokenUnknown
	case app != b.app, identifier != "an":
		want = pay.ErrTokenForeign
	case o.app != app:
		want = pay.ErrOrderNotFound
	default:
		want = x.settle(o, b.wallet, b)
	}
	expectCode(t, "pay by token", err, want)
	if err == nil {
		x.note(t, o, before, rc.Payment)
	}
}

func (x *tokenMachine) note(t *rapid.T, o *modelOrder, before, p pay.Payment) {
	if before.Number != 0 && p.Number != before.Number {
		t.Fatalf("paid again: payment %d, then %d", before.Number, p.Number)
	}
	if last := len(x.paid) - 1; before.Number == 0 && p.Discount != x.paid[last].off {
		t.Fatalf("%v off %v, want %v", p.Discount, p.Amount, x.paid[last].off)
	}
	o.payment = p
}

func (x *tokenMachine) byHand(t *rapid.T, o *modelOrder, w *modelWallet) {
	before := o.payment
	p, err := x.g.PayFromWallet(context.Background(), o.Key, w.ID)
	expectCode(t, "pay by hand", err, x.settle(o, w, nil))
	if err == nil {
		x.note(t, o, before, p)
	}
}

// old pays an order of before, whatever became of it.
func (x *tokenMachine) old(t *rapid.T) {
	o := anyOf(t, x.m.orders, "order")
	if rapid.Bool().Draw(t, "by hand") {
		x.byHand(t, o, anyOf(t, x.m.wallets, "wallet"))
		return
	}
	b := anyOf(t, x.bindings, "binding")
	app := rapid.SampledFrom(append([]*modelApp{b.app, b.app, b.app, b.app}, x.m.apps...)).Draw(t, "app")
	x.byToken(t, b, o, app, rapid.SampledFrom([]string{"an", "an", "an", "an", "binh"}).Draw(t, "identifier"))
}

// repeat pays once more what was paid by a token.
func (x *tokenMachine) repeat(t *rapid.T) {
	o := anyOf(t, x.m.orders, "order")
	for _, b := range x.bindings {
		if b.Key == o.payment.Binding {
			x.byToken(t, b, o, b.app, "an")
		}
	}
}

// buy makes an order and pays it, again and again, as time goes by.
func (x *tokenMachine) buy(t *rapid.T) {
	b, pause := anyOf(t, x.bindings, "binding"), rapid.SampledFrom([]func(*rapid.T){nil, nil, nil, x.jump}).Draw(t, "pause")
	for range rapid.IntRange(1, 5).Draw(t, "times") {
		o := x.order(t, b.app, b.wallet)
		if b.wallet != nil && rapid.IntRange(0, 3).Draw(t, "by hand") == 0 {
			x.byHand(t, o, b.wallet)
		} else {
			x.byToken(t, b, o, b.app, "an")
		}
		if pause != nil {
			pause(t)
		}
	}
}

// look asks what a token could pay.
func (x *tokenMachine) look(t *rapid.T) {
	b := anyOf(t, x.bindings, "binding")
	amount := money.Amount(rapid.OneOf(small, large).Draw(t, "amount"))
	got, err := x.g.TokenBalance(context.Background(), b.app.App, b.PayToken, "an", amount)
	var year money.Amount
	if b.wallet != nil {
		_, _, year = x.spent(b.wallet, x.day(func(p modelPayment) bool { return p.wallet == b.wallet }, func(p modelPayment) string { return p.day }))
	}
	var want error
	switch {
	case b.wallet == nil:
		want = pay.ErrTokenUnknown
	case b.State != pay.BindingConfirmed:
		want = pay.ErrBindingEnded
	case !b.EndsAt.IsZero() && !x.g.time().Before(b.EndsAt):
		want = pay.ErrTokenExpired
	case !b.wallet.LockedAt.IsZero():
		want = pay.ErrWalletLocked
	case overKYC(b.wallet, amount, year+amount):
		want = pay.ErrKYC
	}
	expect(t, "look", err, want)
	if err != nil {
		return
	}
	var best money.Amount
	for _, c := range x.campaigns {
		off, _ := x.discount(c.Code, &modelOrder{Order: pay.Order{App: b.App, Amount: amount}}, b.wallet)
		best = max(best, off)
	}
	payable := b.wallet.PaymentsOffAt.IsZero() && b.wallet.balance >= amount && (b.MaxAmount == 0 || amount <= b.MaxAmount)
	if got.Discount != best || got.Payable != payable {
		t.Fatalf("%+v, want discount %v, payable %v", got, best, payable)
	}
}

// jump moves the clock to where something turns.
func (x *tokenMachine) jump(t *rapid.T) {
	now := x.g.time()
	y, m, d := now.In(id.Vietnam).Date()
	turn := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, id.Vietnam) }
	second := time.Duration(rapid.IntRange(-1, 1).Draw(t, "second")) * time.Second
	switch rapid.IntRange(0, 9).Draw(t, "jump") {
	case 0, 1, 2:
		x.g.set(turn(y, m, d+1).Add(second))
	case 3, 4:
		x.g.set(turn(y, m+1, 1).Add(second))
	case 5:
		x.g.set(turn(y+1, 1, 1).Add(second))
	case 6:
		x.g.set(turn(y, m+11, 1).Add(second))
	case 7, 8: // back over midnight, as between two machines
		if today := turn(y, m, d); now.Sub(today) < time.Minute {
			x.g.set(today.Add(-time.Second))
		}
	case 9: // the end of a binding
		if b := anyOf(t, x.bindings, "binding"); b.EndsAt.After(now) {
			x.g.set(b.EndsAt.Add(second))
		}
	}
}

func (x *tokenMachine) minutes(t *rapid.T) {
	x.g.move(time.Duration(rapid.IntRange(0, 12).Draw(t, "minutes")) * time.Minute)
}

func (x *tokenMachine) level(t *rapid.T) {
	w, kyc := anyOf(t, x.m.wallets, "wallet"), rapid.SampledFrom([]pay.KYC{pay.Unverified, pay.Basic, pay.Full}).Draw(t, "level")
	_, err := x.g.ChangeWallet(context.Background(), w.Phone, func(w *pay.Wallet) error { w.KYC = kyc; return nil })
	expect(t, "level", err, nil)
	w.KYC = kyc
}

// check compares everything that can be seen, after each step.
func (x *tokenMachine) check(t *rapid.T) {
	x.machine.check(t)
	ctx := context.Background()
	for _, w := range x.m.wallets {
		day := x.day(func(p modelPayment) bool { return p.wallet == w }, func(p modelPayment) string { return p.day })
		byDay, byMonth, byYear := x.spent(w, day)
		got, err := x.g.Spent(ctx, w.ID)
		all := got.ByMonth[pay.AllSources]
		if err != nil || got.ByDay[pay.AllSources] != byDay || got.ByDay[pay.FromWallet] != byDay || all != byMonth ||
			got.ByMonth[pay.FromWallet] != byMonth || all+got.YearBefore != byYear {
			t.Fatalf("wallet %d has spent %+v, %v, want %v, %v, %v on %s", w.ID, got, err, byDay, byMonth, byYear, day)
		}
	}
	expect(t, "look", x.g.store.View(ctx, func(r pay.Reader) error {
		for _, b := range x.bindings {
			_, uses := x.sum(func(p modelPayment) bool { return p.binding == b })
			got, err := r.Binding(ctx, b.Key)
			if err != nil || got.State != b.State || got.Uses != uses || !got.EndsAt.Equal(b.EndsAt) || !withinDay(b.app.Terms, use{got.UsedCount, got.UsedAmount}) {
				t.Fatalf("binding %+v, %v, want %+v used %d times", got, err, b.Binding, uses)
			}
		}
		for _, c := range x.campaigns {
			got, err := r.Campaign(ctx, c.Code)
			spent, _ := x.given(c.Code, nil)
			if err != nil || got.Spent != spent || spent > c.Budget {
				t.Fatalf("campaign %s has spent %v, %v, want %v of %v", c.Code, got.Spent, err, spent, c.Budget)
			}
		}
		return nil
	}), nil)
}

// bindingCallbacks wants one for each binding that was confirmed, and one more
// when it was ended.
func (x *tokenMachine) bindingCallbacks(t rapid.TB) {
	t.Helper()
	for _, b := range x.bindings {
		if got, err := x.g.about(callback.BindingChanged, int64(b.Key)); err != nil || len(got) != b.callbacks {
			t.Fatalf("%d callbacks for a binding that is %s, %v, want %d", len(got), b.State, err, b.callbacks)
		}
	}
}

func TestTokensAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		x := newTokenMachine(t)
		defer func() { _ = x.g.store.Close() }()
		for i, w := range x.m.wallets {
			x.bind(rt, x.m.apps[i%3], w, []money.Amount{100, 0, 0, 0, 100}[i])
			x.bind(rt, x.m.apps[0], w, 0)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": x.create, "bound": x.bound, "create again": x.createAgain, "confirm": x.confirm, "confirm another": x.confirm,
			"decline": x.decline, "lapse": x.lapse, "end": x.end, "end another": x.end,
			"buy": x.buy, "buy more": x.buy, "buy a third": x.buy, "buy a fourth": x.buy, "buy a fifth": x.buy,
			"old": x.old, "another old": x.old, "repeat": x.repeat, "look": x.look, "jump": x.jump, "minutes": x.minutes,
			"level": x.level, "conditions": x.conditions, "free": x.free, "free another": x.free, "top up": x.topUp,
			"cancel": x.cancel, "expire": x.expire, "refund": x.refund, "refund another": x.refund, "decide": x.decide,
			"run refunds": x.runRefunds, "second": x.second, "pay out": x.payOut, "reopen": x.reopen, "crash": x.crash,
			"": x.check,
		})
		x.callbacks(rt)
		x.bindingCallbacks(rt)
		x.g.sound(rt)
	})
}

// A laggingStore shows a transaction at first what an earlier one read, as an
// engine may that does not make writers wait. Only the conditions of the writes
// can tell.
type laggingStore struct {
	pay.Store
	bindings, spending sync.Map
}

func (l *laggingStore) Update(ctx context.Context, fn func(pay.Tx) error) error {
	attempt := 0
	return l.Store.Update(ctx, func(tx pay.Tx) error {
		attempt++
		return fn(&laggingTx{Tx: tx, l: l, fresh: attempt > 1})
	})
}

type laggingTx struct {
	pay.Tx
	l     *laggingStore
	fresh bool
}

func (tx *laggingTx) Binding(ctx context.Context, key pay.BindingKey) (pay.Binding, error) {
	if old, ok := tx.l.bindings.Load(key); ok && !tx.fresh {
		return old.(pay.Binding), nil
	}
	b, err := tx.Tx.Binding(ctx, key)
	if err == nil {
		tx.l.bindings.Store(key, b)
	}
	return b, err
}

func (tx *laggingTx) Spending(ctx context.Context, w pay.WalletID) (pay.Spending, error) {
	if old, ok := tx.l.spending.Load(w); ok && !tx.fresh {
		return old.(pay.Spending), nil
	}
	sp, err := tx.Tx.Spending(ctx, w)
	if err == nil {
		tx.l.spending.Store(w, sp)
	}
	return sp, err
}

// TestTokensTogether does everything at a time, around midnight. Which call
// wins is chance; what must hold when all are done is not.
func TestTokensTogether(t *testing.T) {
	t.Parallel()
	const workers, steps = 8, 50
	x := newTokenMachine(t)
	defer func() { _ = x.g.store.Close() }()
	for range 3 {
		for i, w := range x.m.wallets {
			x.bind(t, x.m.apps[i%2], w, 0)
		}
	}
	x.g.set(time.Date(2026, 3, 31, 23, 59, 58, 0, id.Vietnam))
	shared := make([]*modelOrder, 12)
	for i := range shared {
		shared[i] = &modelOrder{Order: x.g.order(t, x.m.apps[i%2].App, money.Amount(10+i)), app: x.m.apps[i%2]}
	}
	x.m.orders = slices.Clone(shared)
	x.g.Store = &laggingStore{Store: x.g.store}
	var mu sync.Mutex // of x.m.orders
	var done sync.WaitGroup
	for i := range workers {
		done.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(i)))
			for range steps {
				o, err := x.any(t.Context(), r, shared)
				if err = declined(err); err != nil {
					t.Errorf("worker %d: %v", i, err)
				}
				if o != nil {
					mu.Lock()
					x.m.orders = append(x.m.orders, o)
					mu.Unlock()
				}
			}
		})
	}
	done.Wait()
	x.g.move(time.Minute)
	if _, err := x.g.RunRefunds(t.Context()); err != nil {
		t.Error(err)
	}
	x.bounds(t)
	x.callbacks(t)
	x.bindingCallbacks(t)
	x.g.sound(t)
}

// declined hides what is an answer.
func declined(err error) error {
	for _, refusal := range []error{
		pay.ErrOverAppLimit, pay.ErrBindingEnded, pay.ErrBindingNotFound, pay.ErrBindingOver, pay.ErrKYC, pay.ErrPromotionEligible,
		pay.ErrWalletLocked, pay.ErrRefundPartial, ledger.ErrFloor,
	} {
		if errors.Is(err, refusal) {
			return nil
		}
	}
	return unexpected(err)
}

// any does one thing, and returns the order that it made for it.
func (x *tokenMachine) any(ctx context.Context, r *rand.Rand, shared []*modelOrder) (*modelOrder, error) {
	b := x.bindings[r.IntN(len(x.bindings))]
	yes, no := true, false
	switch r.IntN(24) {
	case 0:
		return nil, x.endAny(ctx, r, b)
	case 1:
		_, err := x.g.ConfirmBinding(ctx, b.Token, b.wallet.ID)
		return nil, err
	case 2:
		x.g.move(time.Duration(r.IntN(3)-1) * time.Second)
		return nil, nil
	case 3:
		_, err := x.g.SetConditions(ctx, b.wallet.Phone, &yes, nil)
		return nil, err
	case 4, 5:
		_, err := x.g.SetConditions(ctx, b.wallet.Phone, &no, nil)
		return nil, err
	case 6, 7:
		_, err := x.g.RunRefunds(ctx)
		return nil, err
	case 8, 9:
		return nil, x.refundAny(ctx, shared[r.IntN(len(shared))], r)
	case 10, 11, 12:
		o := shared[r.IntN(len(shared))]
		if o.app != b.app {
			return nil, nil
		}
		_, err := x.g.PayByToken(ctx, pay.TokenPayment{App: b.app.App, PayToken: b.PayToken, Identifier: "an", OrderToken: o.Token})
		return nil, err
	case 13:
		_, err := x.g.PayFromWallet(ctx, shared[r.IntN(len(shared))].Key, b.wallet.ID)
		return nil, err
	}
	return x.buyAny(ctx, r, b)
}

func (x *tokenMachine) endAny(ctx context.Context, r *rand.Rand, b *modelBinding) error {
	if r.IntN(4) != 0 {
		return nil
	}
	by := []pay.Ender{{Operator: true}, {Wallet: b.wallet.ID}, {Merchant: b.App, Identifier: "an"}}[r.IntN(3)]
	_, err := x.g.EndBinding(ctx, b.Token, by)
	if err == nil && b.ended.Swap(true) {
		return errors.New("a binding was ended twice")
	}
	return err
}

// buyAny pays a new order, which the token of a binding that was ended before
// must not.
func (x *tokenMachine) buyAny(ctx context.Context, r *rand.Rand, b *modelBinding) (*modelOrder, error) {
	n := x.g.newOrder(b.app.App, money.Amount(20+r.IntN(60)))
	if b.wallet.KYC != pay.Full {
		n.Amount = 2_000_000
	}
	n.EmbedData = embed([]string{"", "", "ALL", "ONE"}[r.IntN(4)])
	o, err := x.g.CreateOrder(ctx, n)
	if errors.Is(err, pay.ErrDatePrefix) {
		return nil, nil // midnight passed meanwhile
	}
	if err != nil {
		return nil, err
	}
	ended := b.ended.Load()
	_, err = x.g.PayByToken(ctx, pay.TokenPayment{App: b.app.App, PayToken: b.PayToken, Identifier: "an", OrderToken: o.Token})
	if ended && !errors.Is(err, pay.ErrBindingEnded) {
		err = fmt.Errorf("a binding that was ended answers %w", errors.Join(err, errors.New("not that it is over")))
	}
	return &modelOrder{Order: o, app: b.app}, err
}

// bounds adds up what was paid and holds it against every limit. The test lives
// through two days in two months; a payment may have waited over midnight, so
// that the days are held together.
func (x *tokenMachine) bounds(t *testing.T) {
	const days = 2
	uses, given, byWallet := map[pay.BindingKey]use{}, map[string]money.Amount{}, map[pay.WalletID]money.Amount{}
	times := map[pay.WalletID]int{}
	for _, o := range x.m.orders {
		rc, err := x.g.Receipt(t.Context(), o.App, o.AppTransID)
		if err != nil {
			t.Fatal(err)
		}
		o.State = rc.Order.State
		p := rc.Payment
		if p.Number == 0 {
			continue
		}
		if p.Refunded > p.Amount {
			t.Errorf("%v of %v refunded", p.Refunded, p.Amount)
		}
		u := uses[p.Binding]
		uses[p.Binding] = use{u.count + 1, u.amount + p.Amount}
		byWallet[p.Wallet] += p.Amount - p.Discount
		given[o.CampaignCode()] += p.Discount
		if o.CampaignCode() == "ONE" {
			times[p.Wallet]++
		}
	}
	for _, b := range x.bindings {
		u, terms := uses[b.Key], b.app.Terms
		if (terms.TokenDayCount > 0 && u.count > days*terms.TokenDayCount) || (terms.TokenDayAmount > 0 && u.amount > days*terms.TokenDayAmount) {
			t.Errorf("a binding paid %+v, the terms are %+v", u, terms)
		}
		got, err := x.g.BindingByToken(t.Context(), b.Token)
		if err != nil || got.Uses != u.count || (got.State == pay.BindingConfirmed) == b.ended.Load() || !withinDay(terms, use{got.UsedCount, got.UsedAmount}) {
			t.Errorf("binding %+v, %v, paid %+v", got, err, u)
		}
		if b.ended.Load() {
			b.callbacks++
		}
	}
	for _, w := range x.m.wallets {
		spent := byWallet[w.ID]
		for _, l := range []money.Amount{w.Limits.Day[pay.AllSources], w.Limits.Day[pay.FromWallet]} {
			if l > 0 && spent > days*l {
				t.Errorf("wallet %d paid %v with %v for a day", w.ID, spent, l)
			}
		}
		got, err := x.g.Spent(t.Context(), w.ID)
		year := got.ByMonth[pay.AllSources] + got.YearBefore
		if err != nil || year != spent || overKYC(w, 0, spent) || limit(w, 0, got.ByDay[pay.AllSources], got.ByMonth[pay.AllSources]) != "" {
			t.Errorf("wallet %d paid %v, %v, counted %+v", w.ID, spent, err, got)
		}
		if times[w.ID] > 2 {
			t.Errorf("wallet %d used a campaign %d times", w.ID, times[w.ID])
		}
		if b := x.g.balance(t, ledger.Wallet, int64(w.ID)); b < 0 {
			t.Errorf("wallet %d has %v", w.ID, b)
		}
	}
	all, err := x.g.store.Campaigns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Spent != given[c.Code] || c.Spent > c.Budget {
			t.Errorf("campaign %s spent %v of %v, and gave %v", c.Code, c.Spent, c.Budget, given[c.Code])
		}
	}
	if given["ALL"] == 0 || given["ONE"] == 0 || len(uses) < 4 {
		t.Error("too little was paid: the test shows nothing")
	}
}
