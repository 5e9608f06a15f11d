//go:build unix

package killtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen"
	"sen/internal/control"
	"sen/internal/history"
	"sen/internal/sandbox"
)

// purses is what is in the wallets of a shop's payers at first, in đồng. The
// first pays most; the last two soon have too little.
var purses = []int64{90_000_000, 20_000_000, 20_000_000, 20_000, 1_000}

// Amounts of orders, in đồng.
const largest = 1_000

// unexpected is an answer that the trial's calls can't have.
const unexpected history.Result = "unexpected"

// A shop is merchants, their clients, and the server that they are called
// back at.
type shop struct {
	t         *testing.T
	fleet     *fleet
	fronts    []string // what stands before the gateways, if anything does
	apps      []sen.App
	record    *history.Recorder
	callbacks *httptest.Server
	seed      uint64
	wallets   []string      // of the payers
	wait      time.Duration // for what the gateways still owe at the end
	serial    atomic.Int64
	acked     atomic.Int64 // writes
	hurry     atomic.Bool  // clients don't think
	stop      chan struct{}
	hands     sync.WaitGroup
	refused   sync.Map // orders of which a callback came

	mu     sync.Mutex
	orders map[string]*wanted // by app_trans_id
	wrong  []string           // what no history shows: callbacks that don't verify
}

// wanted is an order that somebody asked for.
type wanted struct {
	id     string
	app    sen.App
	amount int64
	token  string // if an answer brought it
}

// openShop opens the merchants' side. Their payers' wallets are new, and named
// by the serial of the shop. twist may come between the gateways and the
// merchants' server.
func openShop(t *testing.T, f *fleet, serial int, seed uint64, lines io.Writer, twist func(http.Handler) http.Handler) *shop {
	t.Helper()
	s := &shop{
		t: t, fleet: f, record: history.NewRecorder(lines), seed: seed, wait: goesOnWithin,
		apps: publicApps(), stop: make(chan struct{}), orders: map[string]*wanted{},
	}
	s.serial.Store(int64(serial) * 1_000_000)
	s.callbacks = httptest.NewServer(twist(s.merchants()))
	t.Cleanup(s.callbacks.Close)
	for i, amount := range purses {
		s.openWallet(fmt.Sprintf("098%05d%02d", serial, i), amount)
	}
	return s
}

// denied reports whether the control API said no, and will again.
func denied(err error) bool {
	no, ok := errors.AsType[*refusal](err)
	return ok && no.Status < http.StatusInternalServerError
}

// publicApps are the apps of the merchants. The first is the busiest.
func publicApps() (apps []sen.App) {
	for _, a := range sandbox.Apps()[:3] {
		apps = append(apps, sen.App{ID: int(a.ID), Key1: a.Key1, Key2: a.Key2})
	}
	return apps
}

// straight is a twist that is none.
func straight(h http.Handler) http.Handler { return h }

func (s *shop) openWallet(phone string, amount int64) {
	s.t.Helper()
	var w control.Wallet
	s.must("POST", "wallets", control.NewWallet{Phone: phone, Name: "kill test", PIN: sandbox.PIN, KYC: 2}, &w)
	s.must("POST", "wallets/"+phone+"/topup", control.Amount{Amount: amount}, &w)
	s.record.Add(history.Op{
		Kind: history.Opened, Begin: s.record.Now(), End: s.record.Now(), Wallet: phone, Amount: w.Balance, Result: history.Done,
	})
	s.wallets = append(s.wallets, phone)
}

// must makes a call of the control API that has to succeed.
func (s *shop) must(method, path string, in, out any) {
	s.t.Helper()
	var err error
	for limit := time.Now().Add(goesOnWithin); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		n := rand.IntN(len(s.fleet.nodes))
		if err = s.fleet.node(n).control(method, path, in, out); err == nil || denied(err) {
			break
		}
	}
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// merchants is the server that callbacks go to.
func (s *shop) merchants() http.Handler {
	mux := http.NewServeMux()
	for _, app := range s.apps {
		accept := sen.CallbackHandler(app, func(_ context.Context, c *sen.Callback) error {
			if c.Order == nil {
				return nil // of a binding
			}
			o := c.Order
			if s.busy(o.AppTransID) {
				return errBusy
			}
			now := s.record.Now()
			s.record.Add(history.Op{
				Kind: history.Callback, Begin: now, End: now, Order: o.AppTransID,
				Payment: int64(o.ZPTransID), Amount: o.Amount, Result: history.Done,
			})
			return nil
		})
		mux.HandleFunc("POST /"+strconv.Itoa(app.ID), func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			accept.ServeHTTP(answer, r)
			if !okOrRepeat(answer.Body.String()) {
				s.problem("a callback was answered with %s", answer.Body)
			}
			_, _ = w.Write(answer.Body.Bytes())
		})
	}
	return mux
}

// busy reports whether the merchant can't take a callback now: the first of one
// order in ten, unless nobody has the time to wait for the next.
func (s *shop) busy(order string) bool {
	_, before := s.refused.LoadOrStore(order, true)
	return !before && hash(order)%10 == 0 && s.wait == goesOnWithin
}

func hash(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32()
}

func (s *shop) problem(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// base is the address of a gateway, or of what stands before it.
func (s *shop) base(node int) string {
	if s.fronts != nil {
		return s.fronts[node]
	}
	return s.fleet.node(node).URL
}

func (s *shop) client(node int, app sen.App) *sen.Client {
	return sen.NewClient(app, sen.WithBaseURL(s.base(node)), sen.WithHTTPClient(s.fleet.node(node).http), sen.WithRetries(0))
}

// A hand is one client at work. It asks any gateway, and another one after it
// got no answer.
type hand struct {
	*shop
	id     int
	chance *rand.Rand
	node   int
}

func (s *shop) newHand(id int) *hand {
	chance := rand.New(rand.NewPCG(s.seed, uint64(id)))
	return &hand{shop: s, id: id, chance: chance, node: chance.IntN(len(s.fleet.nodes))}
}

// beside returns a hand that works at the same time, at another gateway.
func (h *hand) beside() *hand {
	return &hand{
		shop: h.shop, id: h.id, chance: rand.New(rand.NewPCG(h.chance.Uint64(), 0)),
		node: (h.node + 1) % len(h.fleet.nodes),
	}
}

// try makes one call and writes it down.
func (h *hand) try(o history.Op, call func(ctx context.Context, node int, o *history.Op) error, codes map[int]history.Result) history.Op {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	o.Client, o.Node, o.Begin = h.id, h.node, h.record.Now()
	err := call(ctx, h.node, &o)
	o.End = h.record.Now()
	if err != nil {
		o.Result, o.Answer = meaning(err, codes), err.Error()
	} else if o.Result == "" {
		o.Result = history.Done
	}
	switch o.Result {
	case history.Unknown, history.Unsent:
		o.End = 0
		h.node = (h.node + 1) % len(h.fleet.nodes)
	case history.Done:
		if o.Kind != history.Query && o.Kind != history.QueryRefund && o.Kind != history.QueryBinding {
			h.acked.Add(1)
		}
	default:
	}
	h.record.Add(o)
	return o
}

// Of the merchant API, the values of refusals; of the control API, the hash of
// their codes: see codeOf.
func meaning(err error, codes map[int]history.Result) history.Result {
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		return history.Unsent
	}
	code, answered := 0, true
	if e, ok := errors.AsType[*sen.Error](err); ok {
		code = int(e.Code())
	} else if e, ok := errors.AsType[*refusal](err); ok {
		code = codeOf(e.Code)
	} else {
		answered = false
	}
	switch r, ok := codes[code]; {
	case !answered, code == int(sen.CodeInternal), code == codeOf("internal"):
		return history.Unknown
	case ok:
		return r
	}
	return unexpected
}

func codeOf(text string) int { return int(hash(text)) }

// until makes the same call again until its outcome is known, as merchants do,
// or the trial is over, or has no more time to wait.
func (h *hand) until(known func() history.Op) history.Op {
	for limit := time.Now().Add(h.wait); ; {
		o := known()
		if o.Result != history.Unknown && o.Result != history.Unsent || time.Now().After(limit) {
			return o
		}
		select {
		case <-h.stop:
			return o
		case <-time.After(time.Duration(50+h.chance.IntN(300)) * time.Millisecond):
		}
	}
}

func (h *hand) newOrder() *wanted {
	app := h.apps[0] // most go to one merchant
	if h.chance.IntN(3) == 0 {
		app = h.apps[1+h.chance.IntN(len(h.apps)-1)]
	}
	w := &wanted{id: h.name(), app: app, amount: 1 + h.chance.Int64N(largest)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.orders[w.id] = w
	return w
}

// name returns an identifier that was not used before, of an order or binding.
func (h *hand) name() string {
	return sen.AppTransID(time.Now(), "k"+strconv.FormatInt(h.serial.Add(1), 10))
}

func (h *hand) create(w *wanted) history.Op {
	return h.try(history.Op{Kind: history.Create, Order: w.id, Amount: w.amount}, func(ctx context.Context, node int, _ *history.Op) error {
		res, err := h.client(node, w.app).Orders.Create(ctx, sen.CreateOrderRequest{
			AppTransID: w.id, AppUser: "user", Amount: w.amount, Description: "kill test",
			CallbackURL: h.callbacks.URL + "/" + strconv.Itoa(w.app.ID),
		})
		if err == nil {
			h.mu.Lock()
			w.token = res.ZPTransToken
			h.mu.Unlock()
		}
		return err
	}, map[int]history.Result{-68: history.Duplicate})
}

func (h *hand) tokenOf(w *wanted) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return w.token
}

func (h *hand) query(w *wanted) history.Op {
	return h.try(history.Op{Kind: history.Query, Order: w.id}, func(ctx context.Context, node int, o *history.Op) error {
		res, err := h.client(node, w.app).Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: w.id})
		if err != nil {
			return err
		}
		o.Result = history.Open
		if res.Paid() {
			o.Result, o.Payment, o.Amount = history.Paid, int64(res.ZPTransID), res.Amount
		}
		return nil
	}, map[int]history.Result{-101: history.Missing, -54: history.Shut, -63: history.Open})
}

func (h *hand) pay(w *wanted, wallet string) history.Op {
	return h.try(history.Op{Kind: history.Pay, Order: w.id, Wallet: wallet}, func(_ context.Context, node int, o *history.Op) error {
		var p control.Payment
		err := h.control(node, "pay", control.PayOrder{Order: w.id, App: int64(w.app.ID), Wallet: wallet}, &p)
		o.Payment, o.Amount = p.Number, p.Amount
		return err
	}, map[int]history.Result{
		codeOf("order_paid"): history.Paid, codeOf("order_cancelled"): history.Shut, codeOf("order_expired"): history.Shut,
		codeOf("order_not_found"): history.Missing, codeOf("balance_low"): history.Poor,
	})
}

// control calls the control API of a gateway, or what stands before it.
func (h *hand) control(node int, path string, in, out any) error {
	s := *h.fleet.node(node)
	s.URL = h.base(node)
	return s.control("POST", path, in, out)
}

func (h *hand) cancel(w *wanted) history.Op {
	return h.try(history.Op{Kind: history.Cancel, Order: w.id}, func(ctx context.Context, node int, _ *history.Op) error {
		_, err := h.client(node, w.app).Orders.Cancel(ctx, sen.CancelOrderRequest{AppTransID: w.id})
		return err
	}, map[int]history.Result{-403: history.Paid, -101: history.Missing})
}

func (h *hand) refund(w *wanted, id string, payment, amount int64) history.Op {
	return h.try(history.Op{Kind: history.Refund, Refund: id, Payment: payment, Amount: amount}, func(ctx context.Context, node int, o *history.Op) error {
		res, err := h.client(node, w.app).Refunds.Create(ctx, sen.RefundOrderRequest{
			MRefundID: id, ZPTransID: sen.TransID(payment), Amount: amount, Description: id, // two alike in one millisecond would share a mac
		})
		if err == nil {
			o.Number = int64(res.RefundID)
		}
		return err
	}, map[int]history.Result{-23: history.Duplicate, -101: history.Missing})
}

func (h *hand) queryRefund(app sen.App, id string) history.Op {
	return h.try(history.Op{Kind: history.QueryRefund, Refund: id}, func(ctx context.Context, node int, o *history.Op) error {
		res, err := h.client(node, app).Refunds.Query(ctx, sen.QueryRefundRequest{MRefundID: id})
		if err == nil && !res.Done() {
			o.Result = history.Open
		}
		return err
	}, map[int]history.Result{-101: history.Missing, -14: history.Failed})
}

// An agreement is a binding as its merchant knows it.
type agreement struct {
	id, token, payToken, wallet string
	app                         sen.App
}

const identifier = "user"

func (h *hand) bind(a *agreement) history.Op {
	return h.try(history.Op{Kind: history.Bind, Binding: a.id}, func(ctx context.Context, node int, _ *history.Op) error {
		res, err := h.client(node, a.app).Bindings.Create(ctx, sen.CreateBindingWalletRequest{AppTransID: a.id, Identifier: identifier})
		if err == nil {
			a.token = res.BindingToken
		}
		return err
	}, map[int]history.Result{-68: history.Duplicate})
}

func (h *hand) confirm(a *agreement) history.Op {
	return h.try(history.Op{Kind: history.Confirm, Binding: a.id, Wallet: a.wallet}, func(_ context.Context, node int, _ *history.Op) error {
		var b control.Binding
		err := h.control(node, "bindings/"+a.token+"/consent", control.Consent{Wallet: a.wallet}, &b)
		if err == nil {
			a.payToken = b.PayToken
		}
		return err
	}, map[int]history.Result{codeOf("binding_over"): history.Ended, codeOf("binding_not_found"): history.Missing})
}

func (h *hand) queryBinding(a *agreement) history.Op {
	return h.try(history.Op{Kind: history.QueryBinding, Binding: a.id}, func(ctx context.Context, node int, o *history.Op) error {
		res, err := h.client(node, a.app).Bindings.Query(ctx, sen.QueryPaymentTokenWalletRequest{AppTransID: a.id})
		if err != nil {
			return err
		}
		switch {
		case res.Confirmed():
			o.Result = history.Done
		case res.Data != nil:
			o.Result = history.Ended
		default:
			o.Result = history.Open
		}
		return nil
	}, map[int]history.Result{-101: history.Missing})
}

func (h *hand) payByToken(w *wanted, a *agreement) history.Op {
	return h.try(history.Op{Kind: history.PayByToken, Order: w.id, Binding: a.id, Wallet: a.wallet}, func(ctx context.Context, node int, o *history.Op) error {
		res, err := h.client(node, a.app).Bindings.Pay(ctx, sen.PayByTokenWalletRequest{
			PayToken: a.payToken, Identifier: identifier, ZPTransToken: h.tokenOf(w),
		})
		if err == nil {
			o.Payment = int64(res.ZPTransID)
		}
		return err
	}, map[int]history.Result{-1002: history.Ended, -401: history.Refused, -1010: history.Poor, -101: history.Missing})
}

func (h *hand) unbind(a *agreement) history.Op {
	return h.try(history.Op{Kind: history.Unbind, Binding: a.id}, func(ctx context.Context, node int, _ *history.Op) error {
		_, err := h.client(node, a.app).Bindings.End(ctx, sen.UnbindingWalletRequest{BindingID: a.token, Identifier: identifier})
		return err
	}, map[int]history.Result{-101: history.Missing})
}
