package pay_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"sen/internal/bank"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// A move is a change of state, as in "pending to lapsed".
type move string

func moveOf[S ~string](from, to S) move { return move(from) + " to " + move(to) }

// legal lists the moves of a table.
func legal[S ~string](table map[S][]S) (all []move) {
	for from, some := range table {
		for _, to := range some {
			all = append(all, moveOf(from, to))
		}
	}
	slices.SortFunc(all, cmp.Compare)
	return all
}

// watched is a store that notes how bindings and charges moved through it.
type watched struct {
	pay.Store
	mu                sync.Mutex
	bindings, charges map[move]bool
}

func watch(g *gateway) *watched {
	w := &watched{Store: g.store, bindings: map[move]bool{}, charges: map[move]bool{}}
	g.Store = w
	return w
}

// Update notes what fn moved, once that is committed.
func (w *watched) Update(ctx context.Context, fn func(pay.Tx) error) error {
	var tx *watchedTx
	err := w.Store.Update(ctx, func(real pay.Tx) error {
		tx = &watchedTx{Tx: real}
		return fn(tx)
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range tx.bindings {
		w.bindings[m] = true
	}
	for _, m := range tx.charges {
		w.charges[m] = true
	}
	return nil
}

type watchedTx struct {
	pay.Tx
	bindings, charges []move
}

func (tx *watchedTx) MoveBinding(ctx context.Context, b pay.Binding, from pay.BindingState) error {
	tx.bindings = append(tx.bindings, moveOf(from, b.State))
	return tx.Tx.MoveBinding(ctx, b, from)
}

func (tx *watchedTx) LapseBindings(ctx context.Context, now time.Time, n int) (int, error) {
	lapsed, err := tx.Tx.LapseBindings(ctx, now, n)
	if lapsed > 0 {
		tx.bindings = append(tx.bindings, moveOf(pay.BindingPending, pay.BindingLapsed))
	}
	return lapsed, err
}

func (tx *watchedTx) MoveCharge(ctx context.Context, c pay.Charge, from pay.ChargeState) error {
	tx.charges = append(tx.charges, moveOf(from, c.State))
	return tx.Tx.MoveCharge(ctx, c, from)
}

// wantMoves checks that what was seen is the whole table and nothing else.
func wantMoves[S ~string](t *testing.T, table map[S][]S, seen map[move]bool) {
	t.Helper()
	if diff := gocmp.Diff(legal(table), slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Errorf("the moves that were seen are not those of the table (-table +seen):\n%s", diff)
	}
}

// TestBindingMoves does everything that can be done with a binding in every
// state of one: each line of the table is walked, and nothing else.
func TestBindingMoves(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w := watch(g)
	a, mine, other := g.app(t, merchant.Terms{}), g.wallet(t, 0), g.wallet(t, 0)
	end := func(by pay.Ender) func(pay.Binding) error {
		return func(b pay.Binding) error { _, err := g.EndBinding(t.Context(), b.Token, by); return err }
	}
	acts := map[string]func(pay.Binding) error{
		"confirm": func(b pay.Binding) error { _, err := g.ConfirmBinding(t.Context(), b.Token, mine.ID); return err },
		"confirm from elsewhere": func(b pay.Binding) error {
			_, err := g.ConfirmBinding(t.Context(), b.Token, other.ID)
			return err
		},
		"decline":  func(b pay.Binding) error { _, err := g.DeclineBinding(t.Context(), b.Token); return err },
		"wait":     func(pay.Binding) error { g.move(pay.ConfirmTime); _, err := g.LapseBindings(t.Context()); return err },
		"merchant": end(pay.Ender{Merchant: a.ID, Identifier: "an"}),
		"user":     end(pay.Ender{Wallet: mine.ID}),
		"operator": end(pay.Ender{Operator: true}),
	}
	type outcome struct {
		state pay.BindingState
		err   error
	}
	const pending, confirmed, cancelled = pay.BindingPending, pay.BindingConfirmed, pay.BindingCancelled
	over, none := pay.ErrBindingOver, pay.ErrBindingNotFound
	for _, c := range []struct {
		state pay.BindingState
		way   []string // to it
		want  map[string]outcome
	}{
		{pending, nil, map[string]outcome{
			"confirm": {confirmed, nil}, "confirm from elsewhere": {confirmed, nil}, "decline": {pay.BindingLapsed, nil},
			"wait": {pay.BindingLapsed, nil}, "merchant": {pending, none}, "user": {pending, none}, "operator": {pending, none},
		}},
		{confirmed, []string{"confirm"}, map[string]outcome{
			"confirm": {confirmed, nil}, "confirm from elsewhere": {confirmed, over}, "decline": {confirmed, over},
			"wait": {confirmed, nil}, "merchant": {cancelled, nil}, "user": {cancelled, nil}, "operator": {pay.BindingDisabled, nil},
		}},
		{cancelled, []string{"confirm", "user"}, nil},
		{pay.BindingDisabled, []string{"confirm", "operator"}, nil},
		{pay.BindingLapsed, []string{"decline"}, nil},
	} {
		for name, act := range acts {
			b, err := g.CreateBinding(t.Context(), pay.NewBinding{
				App: a, AppTransID: g.name(), Kind: pay.WalletBinding, Identifier: "an", Data: "{}", ReqDate: g.time(),
			})
			for _, step := range c.way {
				err = errors.Join(err, acts[step](b))
			}
			if err != nil {
				t.Fatal(err)
			}
			want := c.want[name]
			if c.want == nil { // it is over
				want = outcome{c.state, over}
				switch name {
				case "merchant", "user", "operator":
					want.err = none
				case "wait":
					want.err = nil
				}
			}
			if err := act(b); !errors.Is(err, want.err) {
				t.Errorf("%s, %s: %v, want %v", c.state, name, err, want.err)
			}
			if got, err := g.BindingByToken(t.Context(), b.Token); err != nil || got.State != want.state {
				t.Errorf("%s, %s: it is %s (%v), want %s", c.state, name, got.State, err, want.state)
			}
		}
	}
	wantMoves(t, pay.BindingMoves, w.bindings)
	g.sound(t)
}

// TestBindingMovesRefused tries every move between two states that the table
// does not have.
func TestBindingMovesRefused(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	states := []pay.BindingState{
		pay.BindingPending, pay.BindingConfirmed, pay.BindingCancelled, pay.BindingDisabled, pay.BindingLapsed, "unheard",
	}
	for _, from := range states {
		for _, to := range states {
			b := pay.Binding{Key: pay.BindingKey(g.serial.Add(1)), App: 1, AppTransID: g.name(), State: from, CreatedAt: start, ConfirmBy: start}
			err := g.store.Update(t.Context(), func(tx pay.Tx) error {
				if _, err := tx.InsertBinding(t.Context(), b); err != nil {
					return err
				}
				moved := b
				return pay.MoveBinding(t.Context(), tx, &moved, to, g.time())
			})
			wantMove(t, moveOf(from, to), slices.Contains(pay.BindingMoves[from], to), "binding_move", err)
		}
	}
}

// wantMove checks that a move is refused with that code, as a mistake of ours,
// unless the table has it.
func wantMove(t *testing.T, m move, legal bool, code string, err error) {
	t.Helper()
	if legal && err != nil {
		t.Errorf("%s: %v", m, err)
	}
	refusal, ok := errors.AsType[*fault.Error](err)
	if !legal && (!ok || refusal.Code != code || refusal.Kind != fault.Internal) {
		t.Errorf("%s: %v, want the refusal %s", m, err, code)
	}
}

// slowBank is a bank whose answer to a charge comes after after has run, or
// not at all.
type slowBank struct {
	bank.Channel
	after func(number int64) error
}

func (b *slowBank) Authorise(ctx context.Context, c bank.Charge) (bank.Outcome, error) {
	out, err := b.Channel.Authorise(ctx, c)
	return out, errors.Join(err, b.after(c.Ref))
}

// TestChargeMoves walks every line of the table of charges by what holders and
// banks do.
func TestChargeMoves(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	w := watch(g)
	a := g.app(t, merchant.Terms{})
	errLost := errors.New("the answer was lost")
	code := func(otp string) func(int64) error {
		return func(n int64) error { _, err := g.SubmitOTP(t.Context(), n, otp); return err }
	}
	wait := func(d time.Duration) func(int64) error {
		return func(int64) error { g.move(d); _, err := g.RunCharges(t.Context()); return err }
	}
	outage := func(on bool) func(int64) error {
		return func(int64) error { g.bank.SetOutage(on); return nil }
	}
	type step struct {
		do    func(int64) error
		want  error
		state pay.ChargeState
	}
	const otp, unknown, good, failed = pay.ChargeOTP, pay.ChargeUnknown, pay.ChargeSucceeded, pay.ChargeFailed
	for _, c := range []struct {
		name  string
		card  bank.Number
		after func(int64) error // between the bank's answer and our hearing it
		want  error
		state pay.ChargeState
		steps []step
	}{
		{"approved at once", visaCard, nil, nil, good, []step{
			{code(bank.OTP), pay.ErrChargeNotFound, good}, {wait(time.Hour), nil, good},
		}},
		{"declined at once", lostCard, nil, pay.ErrBankDeclined, failed, []step{
			{code(bank.OTP), pay.ErrChargeNotFound, failed}, {wait(time.Hour), nil, failed},
		}},
		{"the right code", goodCard, nil, nil, otp, []step{
			{code("000000"), pay.ErrOTPWrong, otp}, {code(bank.OTP), nil, good}, {code(bank.OTP), pay.ErrChargeNotFound, good},
		}},
		{"three wrong codes", goodCard, nil, nil, otp, []step{
			{code("000000"), pay.ErrOTPWrong, otp},
			{code("000000"), pay.ErrOTPWrong, otp},
			{code("000000"), pay.ErrBankDeclined, failed},
			{code(bank.OTP), pay.ErrChargeNotFound, failed},
		}},
		{"no code", goodCard, nil, nil, otp, []step{
			{wait(5*time.Minute - time.Microsecond), nil, otp}, {wait(time.Microsecond), nil, failed},
		}},
		{"a code in an outage", goodCard, nil, nil, otp, []step{
			{outage(true), nil, otp},
			{code(bank.OTP), nil, unknown},
			{code(bank.OTP), pay.ErrChargeNotFound, unknown},
			{wait(30 * time.Second), nil, unknown},
			{outage(false), nil, unknown},
			{wait(30 * time.Second), nil, otp},
			{code(bank.OTP), nil, good},
		}},
		{"silent, then approved", lateCard, nil, nil, unknown, []step{
			{code(bank.OTP), pay.ErrChargeNotFound, unknown},
			{wait(30 * time.Second), nil, unknown},
			{wait(30 * time.Second), nil, good},
		}},
		{"silent, then declined", silentCard, nil, nil, unknown, []step{{wait(30 * time.Second), nil, failed}}},
		{"the answer is lost", goodCard, func(int64) error { return errLost }, nil, unknown, []step{
			{wait(30 * time.Second), nil, otp}, {code(bank.OTP), nil, good},
		}},
		{"asked while the answer is on its way", goodCard, wait(20 * time.Second), nil, otp, []step{{code(bank.OTP), nil, good}}},
		{"a code before the bank asked for one", goodCard, func(n int64) error {
			if err := code(bank.OTP)(n); !errors.Is(err, pay.ErrChargeNotFound) {
				t.Errorf("a code for a charge that has just started: %v, want ErrChargeNotFound", err)
			}
			return nil
		}, nil, otp, nil},
	} {
		if c.after == nil {
			c.after = func(int64) error { return nil }
		}
		g.Bank = &slowBank{g.bank, c.after}
		o := g.order(t, a, 100)
		charge, err := g.PayWithCard(t.Context(), pay.CardPayment{Order: o.Key, Card: card(c.card)})
		steps := append([]step{{func(int64) error { return err }, c.want, c.state}}, c.steps...)
		for i, s := range steps {
			if err := s.do(charge.Number); !errors.Is(err, s.want) {
				t.Errorf("%s, step %d: %v, want %v", c.name, i, err, s.want)
			}
			now, err := g.charge(t, charge.Number)
			if err != nil || now.State != s.state {
				t.Errorf("%s, step %d: %s (%v), want %s", c.name, i, now.State, err, s.state)
			}
			g.orderIs(t, o, map[pay.ChargeState]pay.OrderState{
				otp: pay.OrderProcessing, unknown: pay.OrderProcessing, good: pay.OrderPaid, failed: pay.OrderCreated,
			}[s.state])
		}
	}
	wantMoves(t, pay.ChargeMoves, w.charges)
	g.sound(t)
}

// TestChargeMovesRefused tries every move between two states that the table
// does not have.
func TestChargeMovesRefused(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	states := []pay.ChargeState{
		pay.ChargeStarted, pay.ChargeOTP, pay.ChargeUnknown, pay.ChargeSucceeded, pay.ChargeFailed, "unheard",
	}
	for _, from := range states {
		for _, to := range states {
			c := pay.Charge{Number: g.serial.Add(1), State: from, CreatedAt: start, DueAt: start}
			moved := c
			err := g.store.Update(t.Context(), func(tx pay.Tx) error {
				if err := tx.InsertCharge(t.Context(), c); err != nil {
					return err
				}
				return pay.MoveCharge(t.Context(), tx, &moved, to, g.time())
			})
			ok := slices.Contains(pay.ChargeMoves[from], to)
			wantMove(t, moveOf(from, to), ok, "charge_move", err)
			if over := pay.ChargeMoves[to] == nil; ok && (over != !moved.ClosedAt.IsZero() || over != moved.DueAt.IsZero()) {
				t.Errorf("%s: closed %v, due %v", moveOf(from, to), moved.ClosedAt, moved.DueAt)
			}
		}
	}
}
