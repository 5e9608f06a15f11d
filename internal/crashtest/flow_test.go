package crashtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"

	"sen"
	"sen/internal/bank"
	"sen/internal/control"
	"sen/internal/sandbox"
)

// A flow is something that clients ask of a gateway, in steps.
type flow struct {
	name     string
	prepare  func(*trial) error // is on the disk for good before it begins
	steps    []step
	together bool // the steps are asked for at once
}

// A step is one request that writes.
type step struct {
	// do asks. It can be asked again, and is then no failure.
	do func(*trial) error
	// leaves is how lines of the summary begin that are there from the answer on.
	leaves []string
	// due says that do only lets time pass: what the gateway then does by itself
	// it does later if the disk fails.
	due bool
}

// order is what the trial calls its nth order, refund or binding.
func order(n int) string { return fmt.Sprintf("261122_t%d", n) }

const (
	price = 50_000
	thin  = "0900000003" // the telephone number of a wallet with 5,000,000 ₫
	visa  = "4111111111111111"
)

// bound is the identifier of the user who binds.
const bound = "u1"

var ctx = context.Background()

func app1() int64 { return int64(sandbox.Apps()[0].ID) }

// already takes these answers to a repeated request for what they are.
func already(err error, codes ...any) error {
	if refusal, ok := errors.AsType[*sen.Error](err); ok && slices.Contains(codes, any(int(refusal.Code()))) {
		return nil
	}
	if refusal, ok := errors.AsType[*control.Error](err); ok && slices.Contains(codes, any(refusal.Code)) {
		return nil
	}
	return err
}

// errInFlight says that the bank is still to be asked what came of it.
var errInFlight = errors.New("it is under way")

func creating(n int) func(*trial) error { return creatingFor(n, price, "", days) }

// Lives of orders, in seconds.
const (
	days    = 2_592_000
	minutes = 300
)

func creatingFor(n int, amount int64, product string, life int64) func(*trial) error {
	return func(tr *trial) error {
		_, err := tr.shop().Orders.Create(ctx, sen.CreateOrderRequest{
			AppTransID: order(n), AppUser: "u", Amount: amount, Description: "tea", CallbackURL: tr.callbacks.URL, ProductCode: product, ExpireSeconds: life,
		})
		return already(err, -68)
	}
}

func paying(n int, wallet string) func(*trial) error {
	return func(tr *trial) error {
		_, err := tr.Pay(ctx, control.PayOrder{Order: order(n), App: app1(), Wallet: wallet})
		return err // asked again by the same payer, it answers the same
	}
}

func (tr *trial) token(n int) (string, error) {
	o, err := tr.Order(ctx, app1(), order(n))
	return o.Token, err
}

func payingByCard(tr *trial) error {
	c, err := tr.PayByCard(ctx, control.PayOrder{Order: order(1), App: app1(), Card: visa})
	if err == nil && c.State != "succeeded" {
		err = errInFlight
	}
	return already(err, "order_paid")
}

func cancelling(tr *trial) error {
	_, err := tr.shop().Orders.Cancel(ctx, sen.CancelOrderRequest{AppTransID: order(1)})
	return err
}

func refundID(n int) string { return fmt.Sprintf("261122_%d_r%d", app1(), n) }

func refunding(n int, amount int64) func(*trial) error {
	return func(tr *trial) error {
		o, err := tr.Order(ctx, app1(), order(1))
		if err != nil {
			return err
		}
		if o.Payment == nil {
			return errors.New("the order is not paid")
		}
		_, err = tr.shop().Refunds.Create(ctx, sen.RefundOrderRequest{
			MRefundID: refundID(n), ZPTransID: sen.TransID(o.Payment.Number), Amount: amount, Description: "cold",
		})
		return already(err, -23, -68)
	}
}

// goingOn sets the clock to a time after noon, and lets the gateway do what that
// makes due.
func goingOn(d time.Duration) func(*trial) error {
	return func(tr *trial) error {
		at := noon.Add(d)
		_, err := tr.MoveClock(ctx, control.MoveClock{Set: &at})
		return err
	}
}

// calling waits for the calls that are due.
func calling(tr *trial) error {
	_, err := tr.Callbacks(ctx, 10)
	return err
}

// salary is the partner_order_id of a payout.
const salary = "salary-1"

func payingWallet(tr *trial) error {
	p, err := tr.Payouts(ctx, app1())
	if err != nil {
		return err
	}
	key, err := sen.ParsePrivateKey(p.PrivateKey)
	if err != nil {
		return err
	}
	shop := tr.shop(sen.WithPrivateKey(key))
	to, err := shop.Disbursements.User(ctx, sen.DisbursementUserRequest{Phone: thin})
	if err != nil {
		return err
	}
	_, err = shop.Disbursements.TopUp(ctx, sen.DisbursementTopupRequest{PartnerOrderID: salary, MUID: to.Data.MUID, Amount: price, Description: "salary"})
	return already(err, -68)
}

// holding looks first, as an operator does: each change is on record, also one
// that changes nothing. Once the salary was asked for, nobody holds it up again.
func holding(held bool) func(*trial) error {
	return func(tr *trial) error {
		done, err := tr.query(fmt.Sprintf(`SELECT (payouts_held_at IS NOT NULL) = %t OR (%t AND EXISTS (SELECT 1 FROM disbursements)) FROM apps WHERE id = %d`,
			held, held, app1()))
		if err != nil || done == "1" {
			return err
		}
		_, err = tr.ChangePayouts(ctx, app1(), control.ChangePayouts{Held: &held})
		return err
	}
}

func refundApproval(from int64) func(*trial) error {
	return func(tr *trial) error {
		_, err := tr.ChangeApp(ctx, app1(), control.ChangeApp{RefundApprovalFrom: &from})
		return err
	}
}

func deciding(tr *trial) error {
	r, err := tr.Refund(ctx, app1(), refundID(1))
	if err != nil {
		return err
	}
	if r.State != "pending" {
		return nil // decided
	}
	_, err = tr.Decide(ctx, r.Number, true)
	return err
}

func binding(tr *trial) error {
	_, err := tr.shop().Bindings.Create(ctx, sen.CreateBindingWalletRequest{AppTransID: order(9), Identifier: bound, CallbackURL: tr.callbacks.URL})
	return already(err, -68)
}

func bindingCard(tr *trial) error {
	_, err := tr.shop().Cards.Create(ctx, sen.CreateBindingCardRequest{AppTransID: order(9), Identifier: bound, CallbackURL: tr.callbacks.URL})
	return already(err, -68)
}

// binding is the trial's binding as the gateway knows it. Its token is what the
// merchant was told, or would have been.
func (tr *trial) binding() (control.Binding, error) {
	token, err := tr.query(`SELECT token FROM bindings WHERE app_trans_id = '` + order(9) + `'`)
	if err != nil {
		return control.Binding{}, err
	}
	return tr.Binding(ctx, token)
}

func consenting(with control.Consent) func(*trial) error {
	return func(tr *trial) error {
		b, err := tr.binding()
		if err != nil || b.State != "pending" {
			return err
		}
		b, err = tr.Consent(ctx, b.ID, with)
		if err == nil && b.State != "confirmed" {
			err = errInFlight
		}
		return err
	}
}

func payingByToken(tr *trial) error {
	b, err := tr.binding()
	if err != nil {
		return err
	}
	token, err := tr.token(1)
	if err != nil {
		return err
	}
	p, err := tr.shop().Bindings.Pay(ctx, sen.PayByTokenWalletRequest{PayToken: b.PayToken, Identifier: bound, ZPTransToken: token})
	if err == nil && p.ZPTransID == 0 {
		err = errInFlight
	}
	return err
}

func unbinding(tr *trial) error {
	b, err := tr.binding()
	if err != nil || b.State != "confirmed" {
		return err
	}
	_, err = tr.shop().Bindings.End(ctx, sen.UnbindingWalletRequest{BindingID: b.ID, Identifier: bound})
	return err
}

// toppingUp looks first: the same top-up twice is two.
func toppingUp(tr *trial) error {
	all, err := tr.Wallets(ctx)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.Phone == thin && w.Balance >= 5_000_000+price {
			return nil
		}
	}
	_, err = tr.TopUp(ctx, thin, price)
	return err
}

func openingWallet(tr *trial) error {
	_, err := tr.OpenWallet(ctx, control.NewWallet{Phone: "0911111111", Name: "An", KYC: 2})
	return already(err, "phone_taken", "wallet_exists")
}

func locking(tr *trial) error {
	yes := true
	_, err := tr.ChangeWallet(ctx, thin, control.Conditions{Locked: &yes})
	return err
}

func addingApp(tr *trial) error {
	_, err := tr.AddApp(ctx, control.NewApp{ID: 77, Name: "New"})
	return already(err, "app_exists", "app_taken")
}

func changingApp(tr *trial) error {
	fee := int64(150)
	_, err := tr.ChangeApp(ctx, app1(), control.ChangeApp{FeeBP: &fee})
	return err
}

func payingOut(tr *trial) error {
	a, err := tr.App(ctx, app1())
	if err != nil || a.Balance < price {
		return err
	}
	_, err = tr.PayOut(ctx, app1(), price)
	return err
}

func announcing(tr *trial) error {
	all, err := tr.Windows(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	from := noon.Add(24 * time.Hour)
	_, err = tr.Announce(ctx, control.Window{Operation: "refund_order", From: &from})
	return err
}

func ruling(tr *trial) error {
	all, err := tr.Rules(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	value := -429
	_, err = tr.AddRule(ctx, control.Rule{Operation: "query_refund", Value: &value})
	return err
}

func rulingCallbacks(tr *trial) error {
	all, err := tr.CallbackRules(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	_, err = tr.AddCallbackRule(ctx, control.CallbackRule{Kind: "drop", AppTransID: "never"})
	return err
}

func openingCampaign(tr *trial) error {
	_, err := tr.OpenCampaign(ctx, control.Campaign{
		Code: "TET", StartsAt: noon, EndsAt: noon.Add(24 * time.Hour), Budget: 1_000_000, Discount: 10_000,
	})
	return already(err, "campaign_exists", "campaign_taken")
}

func changingCampaign(tr *trial) error {
	budget := int64(2_000_000)
	_, err := tr.ChangeCampaign(ctx, "TET", control.ChangeCampaign{Budget: &budget})
	return err
}

// all runs what has to be there before.
func all(do ...func(*trial) error) func(*trial) error {
	return func(tr *trial) error {
		for i, f := range do {
			if err := f(tr); err != nil {
				return fmt.Errorf("the %dth of what comes before: %w", i+1, err)
			}
		}
		return nil
	}
}

func one(do func(*trial) error, leaves ...string) []step { return []step{asks(do, leaves...)} }

func asks(do func(*trial) error, leaves ...string) step { return step{do: do, leaves: leaves} }

func waits(do func(*trial) error, leaves ...string) step {
	return step{do: do, leaves: leaves, due: true}
}

// refusing lets the merchant refuse the next call.
func refusing(tr *trial) error {
	tr.callbacks.refusals.Store(1)
	return nil
}

var (
	byWallet = control.Consent{Wallet: rich}
	byCard   = control.Consent{Card: visa, OTP: bank.OTP}
	paid     = fmt.Sprintf("order %s paid", order(1))
	payment  = fmt.Sprintf("payment of %s ", order(1))
	owed     = fmt.Sprintf("callback order %s ", order(1))
)

// flows are all that a gateway is asked to write.
func flows() []flow {
	bind := fmt.Sprintf("binding %s ", order(9))
	return []flow{
		{name: "create order", steps: one(creating(1), "order "+order(1))},
		{name: "pay from wallet", prepare: creating(1), steps: one(paying(1, thin), paid, payment, owed)},
		{name: "create and pay", steps: []step{asks(creating(1), "order "+order(1)), asks(paying(1, thin), paid, payment, owed)}},
		{name: "pay with a discount", prepare: all(openingCampaign, creating(1)), steps: one(paying(1, thin), paid, payment, owed)},
		{name: "pay by card", prepare: creating(1), steps: one(payingByCard, paid, payment, owed)},
		{name: "pay by token", prepare: all(creatingFor(1, price, "AGREEMENT", days), binding, consenting(byWallet)), steps: one(payingByToken, paid, payment, owed)},
		{name: "pay by token of a card", prepare: all(creatingFor(1, price, "AGREEMENT", days), bindingCard, consenting(byCard)), steps: one(payingByToken, paid, payment, owed)},
		{name: "cancel", prepare: creating(1), steps: one(cancelling, "order "+order(1)+" cancelled")},
		{name: "expire", prepare: creatingFor(1, price, "", minutes), steps: []step{waits(goingOn(10*time.Minute), "order "+order(1)+" expired")}},
		{name: "refund", prepare: all(creating(1), paying(1, thin)), steps: one(refunding(1, price), "refund "+refundID(1))},
		{name: "refund, carried out", prepare: all(creating(1), paying(1, thin), refunding(1, price/2)), steps: []step{
			waits(goingOn(time.Minute), "refund "+refundID(1)+" succeeded"),
		}},
		{name: "refund, approved and carried out", prepare: all(refundApproval(1), creating(1), paying(1, thin), refunding(1, price)), steps: []step{
			asks(deciding), waits(goingOn(time.Minute), "refund "+refundID(1)+" succeeded"),
		}},
		{name: "refund of a card", prepare: all(creating(1), payingByCard), steps: []step{
			asks(refunding(1, price), "refund "+refundID(1)), waits(goingOn(time.Minute), "refund "+refundID(1)+" succeeded"),
		}},
		{name: "bind", steps: []step{asks(binding, bind), asks(consenting(byWallet), bind+"WALLET confirmed", "callbacks binding")}},
		{name: "bind a card", steps: []step{asks(bindingCard, bind), asks(consenting(byCard), bind+"CARD confirmed", "callbacks binding")}},
		{name: "unbind", prepare: all(binding, consenting(byWallet)), steps: one(unbinding, bind+"WALLET cancelled")},
		{name: "unbind a card", prepare: all(bindingCard, consenting(byCard)), steps: one(unbinding, bind+"CARD cancelled")},
		{name: "binding lapses", prepare: binding, steps: []step{waits(goingOn(2*time.Hour), bind+"WALLET lapsed")}},
		{name: "call back", prepare: creating(1), steps: []step{
			asks(paying(1, thin), paid, owed), waits(calling, owed+"delivered"),
		}},
		{name: "call back, refused at first", prepare: all(creating(1), refusing), steps: []step{
			asks(paying(1, thin), paid, owed), waits(calling, owed), waits(goingOn(time.Hour), owed+"delivered"),
		}},
		{name: "top up", steps: one(toppingUp, "wallet "+thin+" 5050000")},
		{name: "pay out", prepare: all(creating(1), paying(1, thin)), steps: one(payingOut, "entries payout 1")},
		{name: "pay out to a wallet", steps: one(payingWallet, "payout "+salary+" succeeded", "wallet "+thin+" 5050000", "entries disbursement 1")},
		{name: "payout that is held up", steps: []step{
			asks(holding(true)), asks(payingWallet, "payout "+salary), asks(holding(false)), waits(goingOn(time.Hour), "payout "+salary+" succeeded", "entries disbursement 1"),
		}},
		{name: "wallet opened and locked", steps: []step{asks(openingWallet, "wallet 0911111111"), asks(locking, "wallet "+thin+" 5000000 1")}},
		{name: "app added and changed", steps: []step{asks(addingApp, "app 77 "), asks(changingApp, "app 2553 Sen Coffee 0 0 150")}},
		{name: "campaign opened and changed", steps: []step{asks(openingCampaign, "campaign TET"), asks(changingCampaign, "campaign TET 2000000")}},
		{name: "operator funds a wallet and sets its limits", prepare: signingIn, steps: []step{
			asks(fundingWallet, "wallet "+thin+" 5050000", "record wallet_top_up"), asks(limitingWallet, "terms "+thin+" 1 ", "record wallet_change"),
		}},
		{name: "operator locks a wallet", prepare: signingIn, steps: one(lockingWallet, "wallet "+thin+" 5000000 1", "record wallet_change")},
		{name: "operator approves a refund", prepare: all(signingIn, refundApproval(1), creating(1), paying(1, thin), refunding(1, price)), steps: []step{
			asks(approving, "refund "+refundID(1), "record refund_approve"), waits(goingOn(time.Minute), "refund "+refundID(1)+" succeeded"),
		}},
		{name: "operator rotates the keys of an app", prepare: signingIn, steps: one(rotatingKeys, fmt.Sprintf("old keys %d 1", app1()), "record keys_rotate")},
		{name: "settings", steps: []step{asks(announcing, "maintenance"), asks(ruling, "rule"), asks(rulingCallbacks, "callback rule")}},
		{name: "write back", prepare: all(creating(1), paying(1, thin)), steps: []step{
			asks(writingBack, paid), asks(creating(2), "order "+order(2)), asks(writingBack),
			asks(paying(2, thin), "order "+order(2)+" paid"), asks(creating(3), "order "+order(3)),
		}},
		batch(),
	}
}

// writingBack moves what was committed from the log of SQLite to its place, as
// SQLite does by itself after many commits.
func writingBack(tr *trial) (err error) {
	conn, err := sqlite3.Open(tr.disk.url())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return conn.Exec("PRAGMA wal_checkpoint(RESTART)")
}

// batch has several calls in one commit, one of which is refused.
func batch() flow {
	f := flow{name: "several at once", together: true}
	var before []func(*trial) error
	for n := 1; n <= 5; n++ {
		amount := int64(price)
		if n == 1 {
			amount = 6_000_000 // more than the wallet has
		}
		before = append(before, creatingFor(n, amount, "", days))
		leaves := []string{fmt.Sprintf("order %s paid", order(n)), fmt.Sprintf("callback order %s ", order(n))}
		do := paying(n, thin)
		if n == 1 {
			leaves = []string{"order " + order(1) + " created"}
			do = func(tr *trial) error {
				err := paying(1, thin)(tr)
				if already(err, "balance_low") == nil && err != nil {
					return nil
				}
				return fmt.Errorf("paying what is not there: %w", err)
			}
		}
		f.steps = append(f.steps, asks(do, leaves...))
	}
	f.prepare = all(before...)
	return f
}

// answered is when a step was answered with success.
type answered struct {
	step, events int
}

// run asks for every step and returns which were answered, when, and the errors
// of the others.
func (f flow) run(tr *trial) (got []answered, failed []error) {
	if !f.together {
		for i, s := range f.steps {
			if err := s.do(tr); err != nil {
				return got, append(failed, fmt.Errorf("step %d: %w", i+1, err))
			}
			got = append(got, answered{i, tr.disk.events()})
			for _, f := range tr.afterwards {
				f()
			}
			tr.afterwards = nil
		}
		return got, failed
	}
	var mu sync.Mutex
	var asked sync.WaitGroup
	for i, s := range f.steps {
		asked.Go(func() {
			err := s.do(tr)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, fmt.Errorf("step %d: %w", i+1, err))
				return
			}
			got = append(got, answered{i, tr.disk.events()})
		})
	}
	asked.Wait()
	return got, failed
}

// wrong reports what of the answered steps is not in the summary.
func (f flow) wrong(got []answered, all []string) (problems []string) {
	for _, a := range got {
		for _, want := range f.steps[a.step].leaves {
			if !has(all, want) {
				problems = append(problems, "step "+strconv.Itoa(a.step+1)+" was answered, and is gone: no "+strconv.Quote(want))
			}
		}
	}
	return problems
}
