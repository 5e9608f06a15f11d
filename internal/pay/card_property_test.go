package pay_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sen/internal/bank"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

// lossyBank does what it is asked and sometimes loses the answer, as when the
// process dies between the two.
type lossyBank struct {
	bank.Channel
	mu    sync.Mutex
	rand  *rand.Rand
	every int // one answer in so many is lost
}

var errLost = errors.New("the answer was lost")

func (l *lossyBank) tell(out bank.Outcome, err error) (bank.Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.rand.IntN(l.every) == 0 {
		return bank.Outcome{}, errLost
	}
	return out, err
}

func (l *lossyBank) Authorise(ctx context.Context, c bank.Charge) (bank.Outcome, error) {
	return l.tell(l.Channel.Authorise(ctx, c))
}

func (l *lossyBank) Confirm(ctx context.Context, ref int64, otp string) (bank.Outcome, error) {
	return l.tell(l.Channel.Confirm(ctx, ref, otp))
}

func (l *lossyBank) Ask(ctx context.Context, ref int64) (bank.Outcome, error) {
	return l.tell(l.Channel.Ask(ctx, ref))
}

func (l *lossyBank) Void(ctx context.Context, ref int64) (bank.Outcome, error) {
	return l.tell(l.Channel.Void(ctx, ref))
}

func (l *lossyBank) Refund(ctx context.Context, ref, charge int64, amount money.Amount) (bank.Outcome, error) {
	return l.tell(l.Channel.Refund(ctx, ref, charge, amount))
}

// A cardShop is a gateway where everybody pays by card.
type cardShop struct {
	g       *gateway
	dir     string
	app     merchant.App
	wallets []pay.Wallet
	tokens  []pay.Binding

	mu      sync.Mutex
	orders  []pay.Order
	charges []int64 // every number that the bank may know
	refunds []pay.Refund
}

const promotion = `{"promotioninfo":"{\"campaigncode\":\"TET\"}"}`

func newCardShop(t testing.TB) *cardShop {
	t.Helper()
	x := &cardShop{g: &gateway{pins: &plainPINs{}, place: place(t)}, dir: t.TempDir()}
	x.g.set(start.Add(-21 * time.Hour)) // early in the day, so that all of it counts against one
	if err := x.g.open(t.Context(), x.dir); err != nil {
		t.Fatal(err)
	}
	x.app = x.g.app(t, merchant.Terms{ReceivableLimit: 500})
	for range 3 {
		w := x.g.wallet(t, 500)
		w, err := x.g.ChangeWallet(t.Context(), w.Phone, func(w *pay.Wallet) error { w.Limits.Day[pay.FromBank] = 900; return nil })
		if err != nil {
			t.Fatal(err)
		}
		x.wallets = append(x.wallets, w)
	}
	for _, n := range []bank.Number{goodCard, visaCard} {
		x.tokens = append(x.tokens, x.g.bindCard(t, x.app, n))
	}
	err := x.g.OpenCampaign(t.Context(), pay.Campaign{
		Code: "TET", StartsAt: x.g.time().Add(-time.Hour), EndsAt: x.g.time().Add(48 * time.Hour), Budget: 300, Discount: 7,
	})
	if err != nil {
		t.Fatal(err)
	}
	x.lose(1)
	return x
}

// lose puts the lossy bank before the real one.
func (x *cardShop) lose(seed uint64) {
	x.g.Bank = &lossyBank{Channel: x.g.bank, rand: rand.New(rand.NewPCG(seed, 2)), every: 6}
}

func (x *cardShop) keep(c pay.Charge) {
	if c.Number == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.charges = append(x.charges, c.Number)
}

// some picks one of a list that grows.
func some[T any](x *cardShop, all *[]T, r *rand.Rand) (one T, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(*all) == 0 {
		return one, false
	}
	return (*all)[len(*all)-1-r.IntN(min(8, len(*all)))], true
}

func (x *cardShop) create(ctx context.Context, r *rand.Rand) error {
	n := x.g.newOrder(x.app, money.Amount(10+r.IntN(90)))
	if r.IntN(3) == 0 {
		n.EmbedData = promotion
	}
	o, err := x.g.CreateOrder(ctx, n)
	if err == nil {
		x.mu.Lock()
		x.orders = append(x.orders, o)
		x.mu.Unlock()
	}
	return err
}

var allCards = []bank.Number{goodCard, goodCard, visaCard, visaCard, lostCard, silentCard, lateCard, flakyCard, nrbCard, "9704540000009999"}

func (x *cardShop) pay(ctx context.Context, r *rand.Rand) error {
	o, ok := some(x, &x.orders, r)
	if !ok {
		return nil
	}
	p := pay.CardPayment{Order: o.Key, Card: card(allCards[r.IntN(len(allCards))])}
	if i := r.IntN(5); i < len(x.wallets) {
		p.Wallet = x.wallets[i].ID
	}
	c, err := x.g.PayWithCard(ctx, p)
	x.keep(c)
	return err
}

func (x *cardShop) token(ctx context.Context, r *rand.Rand) error {
	o, ok := some(x, &x.orders, r)
	if !ok {
		return nil
	}
	b := x.tokens[r.IntN(len(x.tokens))]
	_, c, err := x.g.PayByCardToken(ctx, pay.TokenPayment{App: x.app, PayToken: b.PayToken, Identifier: b.Identifier, OrderToken: o.Token})
	x.keep(c)
	return err
}

func (x *cardShop) wallet(ctx context.Context, r *rand.Rand) error {
	o, ok := some(x, &x.orders, r)
	if !ok {
		return nil
	}
	_, err := x.g.PayFromWallet(ctx, o.Key, x.wallets[r.IntN(len(x.wallets))].ID)
	return err
}

func (x *cardShop) cancel(ctx context.Context, r *rand.Rand) error {
	o, ok := some(x, &x.orders, r)
	if !ok || r.IntN(4) != 0 {
		return nil
	}
	_, err := x.g.CancelOrder(ctx, o.App, o.AppTransID)
	return err
}

func (x *cardShop) otp(ctx context.Context, r *rand.Rand) error {
	number, ok := some(x, &x.charges, r)
	if !ok {
		return nil
	}
	code := bank.OTP
	if r.IntN(3) == 0 {
		code = "000000"
	}
	_, err := x.g.SubmitOTP(ctx, number, code)
	return err
}

func (x *cardShop) refund(ctx context.Context, r *rand.Rand) error {
	o, ok := some(x, &x.orders, r)
	if !ok {
		return nil
	}
	rc, err := x.g.Receipt(ctx, o.App, o.AppTransID)
	if err != nil || rc.Payment.Number == 0 {
		return err
	}
	n := pay.NewRefund{App: x.app, MRefundID: x.g.name(), Payment: rc.Payment.Number, Amount: rc.Payment.Amount, Timestamp: x.g.time()}
	if rc.Payment.Discount == 0 {
		n.Amount = money.Amount(1 + r.IntN(int(rc.Payment.Amount)))
		n.Fee = money.Amount(r.IntN(int(n.Amount)))
	}
	rf, err := x.g.RequestRefund(ctx, n)
	if err == nil {
		x.mu.Lock()
		x.refunds = append(x.refunds, rf)
		x.mu.Unlock()
	}
	return err
}

func (x *cardShop) work(ctx context.Context, r *rand.Rand) error {
	x.g.move(time.Duration(r.IntN(90)) * time.Second)
	_, charges := x.g.RunCharges(ctx)
	_, refunds := x.g.RunRefunds(ctx)
	_, expired := x.g.ExpireOrders(ctx)
	return errors.Join(charges, refunds, expired)
}

func (x *cardShop) outage(_ context.Context, r *rand.Rand) error {
	x.g.bank.SetOutage(r.IntN(3) == 0)
	return nil
}

func (x *cardShop) jump(_ context.Context, r *rand.Rand) error {
	x.g.move(time.Duration(r.IntN(7)-2) * time.Minute)
	return nil
}

func (x *cardShop) reopen(ctx context.Context, r *rand.Rand) error {
	down := x.g.bank.Outage()
	if err := x.g.store.Close(); err != nil {
		return err
	}
	err := x.g.open(ctx, x.dir)
	x.g.bank.SetOutage(down)
	x.lose(r.Uint64())
	return err
}

func (x *cardShop) steps() []func(context.Context, *rand.Rand) error {
	return []func(context.Context, *rand.Rand) error{
		x.create, x.create, x.create, x.pay, x.pay, x.pay, x.pay, x.token, x.token, x.wallet, x.otp, x.otp, x.otp, x.cancel,
		x.refund, x.refund, x.work, x.work, x.outage, x.jump,
	}
}

// refusals are answers, not failures of ours.
var refusals = []error{
	pay.ErrOrderPaid, pay.ErrOrderCancelled, pay.ErrOrderExpired, pay.ErrOrderInFlight, pay.ErrNoSuchOrder, pay.ErrBankDeclined,
	pay.ErrOTPWrong, pay.ErrChargeNotFound, pay.ErrLimit, pay.ErrPromotion, pay.ErrBalanceLow, pay.ErrRefundChannel, pay.ErrRefundAmount,
}

func unexpected(err error) error {
	for _, refusal := range refusals {
		if errors.Is(err, refusal) {
			return nil
		}
	}
	return err
}

// settle lets everything come to its end.
func (x *cardShop) settle(t rapid.TB) {
	t.Helper()
	x.g.bank.SetOutage(false)
	x.g.Bank = x.g.bank
	for range 14 {
		x.g.move(time.Minute)
		if err := x.work(context.Background(), rand.New(rand.NewPCG(1, 1))); err != nil {
			t.Fatal(err)
		}
	}
	x.g.sound(t)
}

// books compares what the bank took, what the ledger says that it took, and
// what counts against limits and campaign.
func (x *cardShop) books(t rapid.TB) (paid int) {
	t.Helper()
	ctx := context.Background()
	want := map[pay.WalletID]pay.ByScope{}
	var discounts, cleared money.Amount
	uses := map[pay.BindingKey]use{}
	for _, o := range x.orders {
		rc, err := x.g.Receipt(ctx, o.App, o.AppTransID)
		if err != nil || rc.Order.State == pay.OrderProcessing {
			t.Fatalf("order: %s, %v", rc.Order.State, err)
		}
		p := rc.Payment
		if p.Number == 0 {
			continue
		}
		discounts += p.Discount
		u := uses[p.Binding]
		uses[p.Binding] = use{u.count + 1, u.amount + p.Amount}
		counted := want[p.Wallet]
		scope := map[pay.Channel]pay.Scope{pay.WalletChannel: pay.FromWallet, pay.CardChannel: pay.FromCard, pay.DomesticChannel: pay.FromBank}[p.Channel]
		counted[pay.AllSources] += p.Amount - p.Discount
		counted[scope] += p.Amount - p.Discount
		want[p.Wallet] = counted
		if p.Channel != pay.WalletChannel {
			paid++
		}
	}
	for _, w := range x.wallets {
		if sp, err := x.g.Spent(ctx, w.ID); err != nil || sp.ByDay != want[w.ID] || sp.ByMonth != want[w.ID] {
			t.Errorf("wallet %d has spent %v of its day, %v of its month, %v, want %v", w.ID, sp.ByDay, sp.ByMonth, err, want[w.ID])
		}
	}
	for _, b := range x.tokens {
		u := uses[b.Key]
		got, err := x.g.BindingByToken(ctx, b.Token)
		if err != nil || got.Uses != u.count || got.UsedCount != u.count || got.UsedAmount != u.amount {
			t.Errorf("token %d has been used %d times, %d today for %v, %v, want %d for %v", b.Key, got.Uses, got.UsedCount, got.UsedAmount, err, u.count, u.amount)
		}
	}
	err := x.g.store.View(ctx, func(r pay.Reader) error {
		c, err := r.Campaign(ctx, "TET")
		if err != nil || c.Spent != discounts {
			t.Errorf("the campaign has spent %v, %v, want %v", c.Spent, err, discounts)
		}
		for _, channel := range []pay.Channel{pay.CardChannel, pay.DomesticChannel} {
			b, err := r.Balance(ctx, ledger.Account(ledger.Clearing, int64(channel)))
			if err != nil {
				return err
			}
			cleared += b
		}
		return nil
	})
	if took := x.took(t); err != nil || took != -cleared {
		t.Errorf("the bank took %v, the ledger says %v (%v)", took, -cleared, err)
	}
	return paid
}

// took is what the bank has taken and not given back.
func (x *cardShop) took(t rapid.TB) (sum money.Amount) {
	t.Helper()
	seen := map[int64]bool{}
	add := func(ref int64, sign money.Amount) {
		r, found, err := x.g.store.BankRecord(context.Background(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if found && !seen[ref] && r.State == bank.Approved {
			sum += sign * r.Amount
		}
		seen[ref] = true
	}
	for _, number := range x.charges {
		add(number, 1)
	}
	for _, rf := range x.refunds {
		add(rf.Number, -1)
	}
	return sum
}

func TestCardsKeepTheBooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		x := newCardShop(t)
		defer func() { _ = x.g.store.Close() }()
		steps := append(x.steps(), x.reopen)
		for range rapid.IntRange(20, 120).Draw(rt, "steps") {
			i := rapid.IntRange(0, len(steps)-1).Draw(rt, "step")
			r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "how"), 0))
			if err := unexpected(steps[i](t.Context(), r)); err != nil {
				rt.Fatalf("step %d: %v", i, err)
			}
			if i%5 == 0 {
				x.g.sound(rt)
			}
		}
		x.settle(rt)
		x.books(rt)
	})
}

// TestCardsTogether does the same at a time.
func TestCardsTogether(t *testing.T) {
	t.Parallel()
	const workers, each = 6, 60
	x := newCardShop(t)
	defer func() { _ = x.g.store.Close() }()
	var done sync.WaitGroup
	for i := range workers {
		done.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(i)))
			steps := x.steps()
			for range each {
				if err := unexpected(steps[r.IntN(len(steps))](t.Context(), r)); err != nil {
					t.Errorf("worker %d: %v", i, err)
				}
			}
		})
	}
	done.Wait()
	x.settle(t)
	if x.books(t) == 0 {
		t.Error("nothing was paid by card: the test shows nothing")
	}
}
