// Package killtest kills the gateway again and again while it works, and holds
// what it says after each restart against what it had acknowledged before:
// one gateway over the embedded engine, and several over a database server or
// a cluster, whose nodes die as well.
//
// It shows that nothing acknowledged is lost with the process. It can't show
// that nothing is lost with the power: what a killed process has written is
// still in the system's memory, so a commit that does not wait for the disk
// passes here all the same.
package killtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"sen"
	"sen/internal/control"
	"sen/internal/pgtest"
	"sen/internal/sandbox"
)

// The wallets that pay: two that always can, two that soon can't, one that
// never could.
var wallets = []string{"0900000001", "0900000002", "0900000003", "0900000004", "0900000006"}

// What may be chosen from outside.
const (
	roundsVar, seedVar = "SEN_KILL_ROUNDS", "SEN_KILL_SEED"
	defaultRounds      = 20
)

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// A trial is the clients' side of the whole test.
type trial struct {
	t        *testing.T
	app      sen.App
	record   *record
	merchant *merchant
	server   *server
	client   *sen.Client
	now      func() time.Time
}

func TestKill(t *testing.T) {
	if pgtest.Wanted() {
		t.Skip("not run: the embedded engine (make test)")
	}
	t.Parallel()
	rounds, seed := number(t, roundsVar, defaultRounds), number(t, seedVar, uint64(time.Now().UnixNano()))
	t.Logf("%s=%d %s=%d", roundsVar, rounds, seedVar, seed)
	chance := rand.New(rand.NewPCG(seed, 1))
	app := sandbox.Apps()[0]
	tr := &trial{t: t, app: sen.App{ID: int(app.ID), Key1: app.Key1, Key2: app.Key2}, record: newRecord(), now: time.Now}
	tr.merchant = openMerchant(t, tr.app, seed)
	data := filepath.Join(t.TempDir(), "data")
	for round := range rounds {
		tr.live(data)
		tr.converge()
		tr.verify(tr.recent())
		tr.load(chance, seed+round)
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
	tr.live(data)
	tr.finish()
	for _, line := range failures(t, data) {
		t.Errorf("the server's log says: %s", line)
	}
	t.Logf("%d orders, %d refunds", len(tr.record.orders), len(tr.record.refunds))
}

// live starts the server, new or again.
func (tr *trial) live(data string) {
	tr.t.Helper()
	tr.server = start(tr.t, data)
	tr.client = sen.NewClient(tr.app, sen.WithBaseURL(tr.server.URL), sen.WithHTTPClient(tr.server.http),
		sen.WithRetries(0), sen.WithClock(func() time.Time { return tr.now() }))
}

// Load: how many goroutines, and how much is at least acknowledged before the
// server is killed at some moment.
const (
	hands    = 8
	atLeast  = 60
	spread   = 300 * time.Millisecond
	together = 5 // callers that pay the same order at once
)

// load works until the server is killed under it.
func (tr *trial) load(chance *rand.Rand, seed uint64) {
	tr.record.mu.Lock()
	tr.record.answers = 0
	clear(tr.record.touched)
	tr.record.mu.Unlock()
	stop := make(chan struct{})
	var all sync.WaitGroup
	for hand := range hands {
		chance := rand.New(rand.NewPCG(seed, uint64(hand)))
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					tr.step(chance)
				}
			}
		})
	}
	limit := time.Now().Add(time.Minute) // a slow machine does less, and is no failure
	for tr.record.answered() < atLeast && time.Now().Before(limit) {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Duration(chance.Int64N(int64(spread))))
	tr.server.kill()
	close(stop)
	all.Wait()
}

// step does one thing that a client may do.
func (tr *trial) step(chance *rand.Rand) {
	switch n := chance.IntN(20); {
	case n < 8:
		tr.create(chance)
	case n < 13:
		if o, ok := tr.record.pick(chance, payable); ok {
			tr.pay(o, wallets[chance.IntN(len(wallets))])
		}
	case n < 14:
		if o, ok := tr.record.pick(chance, payable); ok {
			tr.payTogether(o, chance)
		}
	case n < 15:
		if o, ok := tr.record.pick(chance, payable); ok {
			tr.cancel(o)
		}
	case n < 18:
		if o, ok := tr.record.pick(chance, func(o *order) bool { return o.payment != 0 }); ok {
			tr.refund(o, 1+chance.Int64N(o.amount))
		}
	default:
		if o, ok := tr.record.pick(chance, func(o *order) bool { return o.created }); ok {
			tr.checkOrder(o.id)
		}
	}
}

func payable(o *order) bool { return o.created && !o.cancelled && o.payment == 0 }

func (tr *trial) create(chance *rand.Rand) {
	id := sen.AppTransID(tr.now(), "k"+strconv.Itoa(tr.record.next()))
	amount := 1_000 + chance.Int64N(200_000)
	tr.record.asked(id, amount)
	tr.askForOrder(id, amount)
}

func (tr *trial) askForOrder(id string, amount int64) {
	res, err := tr.client.Orders.Create(tr.t.Context(), sen.CreateOrderRequest{
		AppTransID: id, AppUser: "user", Amount: amount, Description: "kill test", CallbackURL: tr.merchant.URL,
	})
	switch {
	case err == nil:
		tr.record.created(id, res.ZPTransToken)
	case errors.Is(err, sen.CodeDuplicate): // an answer was lost, but the order was made
		tr.record.created(id, "")
	case refused(err):
		tr.t.Errorf("create %s: %v", id, err)
	default:
		tr.record.lost(id)
	}
}

// refused tells an answer from none.
func refused(err error) bool {
	if _, ok := errors.AsType[*sen.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*sen.HTTPError](err); ok {
		return true
	}
	_, ok := errors.AsType[*refusal](err)
	return ok
}

func (tr *trial) pay(o order, wallet string) {
	in := control.PayOrder{Order: o.id, App: int64(tr.app.ID), Wallet: wallet}
	if o.token != "" {
		in = control.PayOrder{Order: o.token, Wallet: wallet}
	}
	var p control.Payment
	err := tr.server.control("POST", "pay", in, &p)
	no, _ := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		if p.Wallet != wallet || p.Amount != o.amount {
			tr.t.Errorf("pay %s of %d from %s: got %+v", o.id, o.amount, wallet, p)
		}
		tr.record.paid(o.id, sen.TransID(p.Number), wallet)
	case no == nil:
		tr.record.payLost(o.id, wallet)
	case no.Code != "order_paid" && no.Code != "order_cancelled" && no.Code != "balance_low":
		tr.t.Errorf("pay %s: %v", o.id, err)
	}
}

// payTogether lets many callers pay the same order at the same moment, some of
// them from the same wallet.
func (tr *trial) payTogether(o order, chance *rand.Rand) {
	var all sync.WaitGroup
	for range together {
		wallet := wallets[chance.IntN(len(wallets))]
		all.Go(func() { tr.pay(o, wallet) })
	}
	all.Wait()
}

func (tr *trial) cancel(o order) {
	_, err := tr.client.Orders.Cancel(tr.t.Context(), sen.CancelOrderRequest{AppTransID: o.id})
	switch {
	case err == nil:
		tr.record.cancelled(o.id)
	case refused(err) && !errors.Is(err, sen.CodeAlreadyPaid):
		tr.t.Errorf("cancel %s: %v", o.id, err)
	}
}

func (tr *trial) refund(o order, amount int64) {
	id := sen.MRefundID(tr.now(), tr.app.ID, "k"+strconv.Itoa(tr.record.next()))
	if f := tr.record.beginRefund(o.id, id, amount); f != nil {
		tr.askForRefund(f)
	}
}

func (tr *trial) askForRefund(f *refund) {
	_, err := tr.client.Refunds.Create(tr.t.Context(), sen.RefundOrderRequest{
		MRefundID: f.id, ZPTransID: f.payment, Amount: f.amount, Description: f.id, // two alike in one millisecond would share a mac
	})
	switch {
	case err == nil, errors.Is(err, sen.CodeDuplicateRefund):
		tr.record.refundKnown(f)
	case refused(err):
		tr.t.Errorf("refund %s: %v", f.id, err)
	}
}

// converge asks again for everything whose answer was lost, as clients do.
func (tr *trial) converge() {
	tr.t.Helper()
	for id := range tr.record.touched {
		if o := tr.record.orders[id]; o != nil {
			if o.lost {
				tr.askForOrder(id, o.amount)
			}
			if o.payLost != "" && payable(o) {
				tr.pay(*o, o.payLost)
			}
		}
		if f := tr.record.refunds[id]; f != nil && !f.known {
			tr.askForRefund(f)
		}
	}
}

// recent returns what the last life touched.
func (tr *trial) recent() (ids []string) {
	for id := range tr.record.touched {
		ids = append(ids, id)
	}
	return ids
}

// verify holds the gateway against the record.
func (tr *trial) verify(ids []string) {
	tr.t.Helper()
	for _, id := range ids {
		if tr.record.orders[id] != nil {
			tr.checkOrder(id)
		} else {
			tr.checkRefund(tr.record.refunds[id])
		}
	}
	for _, p := range tr.record.wrong {
		tr.t.Error(p)
	}
	var l control.Ledger
	if err := tr.server.control("GET", "ledger", nil, &l); err != nil {
		tr.t.Fatal(err)
	}
	for _, p := range l.Problems {
		tr.t.Errorf("ledger: %s", p)
	}
}

// checkOrder asks after an order and compares with what was known before.
func (tr *trial) checkOrder(id string) {
	tr.record.mu.Lock()
	before := *tr.record.orders[id]
	tr.record.mu.Unlock()
	res, err := tr.client.Orders.Query(tr.t.Context(), sen.QueryOrderRequest{AppTransID: id})
	if err != nil && !refused(err) {
		return // killed
	}
	paid := err == nil && res.Paid()
	switch {
	case errors.Is(err, sen.CodeNotFound) && before.created:
		tr.t.Errorf("order %s was acknowledged and is gone", id)
	case before.payment != 0 && !paid:
		tr.t.Errorf("order %s was paid by %v, and now it is not: %v", id, before.payment, err)
	case paid && before.payment != 0 && res.ZPTransID != before.payment:
		tr.t.Errorf("order %s was paid by %v, and now by %v", id, before.payment, res.ZPTransID)
	case before.cancelled && !errors.Is(err, sen.CodeExpired):
		tr.t.Errorf("order %s was cancelled, and now it is not: %v", id, err)
	case paid:
		tr.record.paid(id, res.ZPTransID, "")
	}
}

func (tr *trial) checkRefund(f *refund) {
	res, err := tr.client.Refunds.Query(tr.t.Context(), sen.QueryRefundRequest{MRefundID: f.id})
	switch {
	case err != nil && (f.known || refused(err) && !errors.Is(err, sen.CodeNotFound)):
		tr.t.Errorf("refund %s (acknowledged: %v): %v", f.id, f.known, err)
	case err == nil && f.done && !res.Done():
		tr.t.Errorf("refund %s was carried out, and now it is not", f.id)
	case err == nil:
		f.done = res.Done()
	}
}

// finish lets the gateway do all it owes and looks at everything once more.
func (tr *trial) finish() {
	tr.t.Helper()
	tr.converge()
	tr.merchant.bePatient()
	tr.await("refunds are carried out", func() string {
		open := 0
		for _, f := range tr.record.refunds {
			if !f.done {
				if tr.checkRefund(f); !f.done {
					open++
				}
			}
		}
		return none(open, "refunds are not carried out")
	})
	var all []string
	for id := range tr.record.orders {
		all = append(all, id)
	}
	for id := range tr.record.refunds {
		all = append(all, id)
	}
	tr.verify(all)
	tr.awaitCallbacks()
	tr.compareLedger()
}

// awaitCallbacks moves the clock over the pauses between the attempts.
func (tr *trial) awaitCallbacks() {
	paid := map[string]sen.TransID{}
	for id, o := range tr.record.orders {
		if o.payment != 0 {
			paid[id] = o.payment
		}
	}
	if len(paid) == 0 {
		tr.t.Error("nothing was paid, so nothing is shown")
	}
	moved := 0
	tr.await("callbacks are delivered", func() string {
		n, problems := tr.merchant.missing(paid)
		if len(problems) > 0 {
			tr.t.Fatalf("%d problems with callbacks, the first: %s", len(problems), problems[0])
		}
		if moved++; n > 0 && moved%20 == 1 {
			var now control.Clock
			if err := tr.server.control("POST", "clock", control.MoveClock{Advance: "5m"}, &now); err != nil {
				tr.t.Fatal(err)
			}
		}
		return none(n, "paid orders have no callback accepted")
	})
}

// compareLedger counts: as many payments as paid orders, as many refunds as
// were asked for. With the ledger's own check that every payment has one entry
// and every order one payment, nothing is left over.
func (tr *trial) compareLedger() {
	paid := 0
	for _, o := range tr.record.orders {
		if o.payment != 0 {
			paid++
		}
	}
	var l control.Ledger
	if err := tr.server.control("GET", "ledger", nil, &l); err != nil {
		tr.t.Fatal(err)
	}
	if !l.OK || l.Payments != int64(paid) || l.Refunds != int64(len(tr.record.refunds)) {
		tr.t.Errorf("the ledger has %d payments and %d refunds, the clients know of %d and %d: %q",
			l.Payments, l.Refunds, paid, len(tr.record.refunds), l.Problems)
	}
}

func none(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", n, what)
}

// await waits until open says nothing any more.
func (tr *trial) await(what string, open func() string) {
	tr.t.Helper()
	limit := time.Now().Add(2 * time.Minute)
	for {
		problem := open()
		if problem == "" {
			return
		}
		if tr.t.Failed() || time.Now().After(limit) {
			tr.t.Fatalf("until %s: %s", what, problem)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
