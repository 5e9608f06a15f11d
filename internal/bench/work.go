package bench

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"sen"
)

// A workload is one thing to measure.
type workload struct {
	name string
	what string
	addr address // of whom it asks
	// market makes ready the merchants and payers that it is spread over, once;
	// nil: it needs none.
	market func(ctx context.Context) error
	// prepare makes ready what n operations need; nil: nothing.
	prepare func(ctx context.Context, n int) error
	op      operation
	// settle waits until the work that the operations left to the server is
	// done; nil: they leave none. It returns how much that was since the last
	// time.
	settle func(ctx context.Context) (int64, error)

	// A yardstick is not the gateway, and has callers of its own.
	callers int
	// external runs a program that makes the calls; nil: op does.
	external  func(ctx context.Context, d time.Duration) (calls int64, took time.Duration, err error)
	yardstick bool
}

// A paidOrder is what queries and refunds need to know about one.
type paidOrder struct {
	app     sen.App
	transID string
	payment string
}

type refunded struct {
	app sen.App
	id  string // m_refund_id
}

// work is what the workloads share: whom they ask, and what they made.
type work struct {
	addr     address // of the gateway
	ceiling  address // of the yardstick; empty: there is none
	app      sen.App
	wallets  []string // phone numbers
	now      func() time.Time
	receiver *receiver
	run      string // tells this run's identifiers from others'
	serial   atomic.Int64

	mu        sync.Mutex
	market    market
	unpaid    []unpaidOrder // that nobody pays
	paid      []paidOrder
	plain     pool // orders to be paid
	announced pool // the same, with a callback URL
	spread    pool // orders of many merchants, and their payers
	hot       pool // orders of one merchant, and their payers
	dayOrders pool // orders of many merchants that the day's mix pays
	owed      int64
	refunded  []refunded // since the last settling
	turn      atomic.Int64
	dayTurn   atomic.Int64
}

// A pool holds orders to be paid.
type pool struct {
	mu     sync.Mutex
	orders []openOrder
}

type openOrder struct {
	transID, token string
	payer          *payer // nil: a test wallet
}

type unpaidOrder struct {
	app     sen.App
	transID string
}

func (p *pool) put(o openOrder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders = append(p.orders, o)
}

func (p *pool) take() (o openOrder, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.orders) == 0 {
		return o, false
	}
	o = p.orders[len(p.orders)-1]
	p.orders = p.orders[:len(p.orders)-1]
	return o, true
}

func (p *pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.orders)
}

// workloads lists what can be measured, in the order in which it is.
func (w *work) workloads(merchants, wallets int) []workload {
	apps := func(ctx context.Context) error { return w.haveApps(ctx, merchants) }
	payers := func(ctx context.Context) error { return w.haveSpread(ctx, merchants, wallets) }
	all := []workload{
		{name: "create", what: "signed order of one of many merchants", market: apps, op: w.create},
		{name: "query-unpaid", what: "query of an open order", market: apps, prepare: w.haveUnpaid, op: w.queryUnpaid},
		{name: "query-paid", what: "query of a paid order", prepare: w.havePaid, op: w.queryPaid},
		{
			name: "pay", what: "payment from a wallet that is refilled", op: func(c *caller) error { return w.pay(c, &w.plain) },
			prepare: func(ctx context.Context, n int) error { return w.haveOrders(ctx, &w.plain, n, "") },
		},
		{
			name: payToken, what: "signed payment by token, spread over merchants and wallets",
			market:  payers,
			prepare: func(ctx context.Context, n int) error { return w.haveTokenOrders(ctx, &w.spread, w.market.spread, n) },
			op:      func(c *caller) error { return w.payByToken(c, &w.spread) },
		},
		{
			name: payTokenHot, what: "the same, all to one merchant",
			market:  func(ctx context.Context) error { return w.haveHot(ctx, wallets) },
			prepare: func(ctx context.Context, n int) error { return w.haveTokenOrders(ctx, &w.hot, w.market.hot, n) },
			op:      func(c *caller) error { return w.payByToken(c, &w.hot) },
		},
		{name: "create-pay", what: "signed order and its payment by token: two calls", market: payers, op: w.createAndPay},
		{name: "refund", what: "refund, carried out too", prepare: w.havePaid, op: w.refund, settle: w.settleRefunds},
	}
	if w.ceiling.host != "" {
		all = slices.Insert(all, 0, workload{
			name: ceiling, what: "bare handler of net/http that checks a mac", addr: w.ceiling, op: w.yardstick,
		})
	}
	if w.receiver != nil {
		all = append(all, workload{
			name: "pay-callback", what: "pay, and the callback delivered", op: w.payAnnounced,
			prepare: func(ctx context.Context, n int) error { return w.haveOrders(ctx, &w.announced, n, w.receiver.URL) },
			settle:  w.settleCallbacks,
		})
	}
	all = append(all, workload{name: day, what: "calls as a day brings them", market: payers, prepare: w.haveDay, op: w.day(), settle: w.settleDay})
	for i := range all {
		all[i].addr = cmp.Or(all[i].addr, w.addr)
	}
	return all
}

// asMerchant lists what can be measured with nothing but an app.
func (w *work) asMerchant() []workload {
	return []workload{
		{name: "create", what: "signed order", addr: w.addr, op: w.create},
		{name: "query-unpaid", what: "query of an open order", addr: w.addr, prepare: w.haveUnpaid, op: w.queryUnpaid},
	}
}

// Names of workloads that others are compared with.
const (
	payToken    = "pay-token"
	payTokenHot = "pay-token-hot"
	day         = "day"
)

const ceiling = "ceiling"

func (w *work) transID() string {
	return sen.AppTransID(w.now(), w.run+strconv.FormatInt(w.serial.Add(1), 36))
}

func (w *work) millis() string { return strconv.FormatInt(w.now().UnixMilli(), 10) }

func (w *work) yardstick(c *caller) error {
	r := c.request(yardstickPath, formType)
	r.yardstick(w.transID())
	status, body, err := c.do(r.bytes())
	if err == nil && (status != http.StatusOK || len(body) != len(yardstickAnswer)) {
		err = unexpected(ceiling, status, body)
	}
	return err
}

var (
	succeeded  = []byte(`{"return_code":1,`)
	processing = []byte(`{"return_code":3,`)
)

// api makes a call of the merchant API whose answer must begin as given.
func (c *caller) api(op *sen.Operation, r *request, begin []byte) ([]byte, error) {
	status, body, err := c.do(r.bytes())
	if err == nil && (status != http.StatusOK || !bytes.HasPrefix(body, begin)) {
		err = unexpected(op.Name, status, body)
	}
	return body, err
}

// create makes an order that nobody pays.
func (w *work) create(c *caller) error {
	app, transID := w.anyApp(), w.transID()
	if _, err := w.createOrder(c, app, transID, ""); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	const enough = 100_000
	if len(w.unpaid) < enough {
		w.unpaid = append(w.unpaid, unpaidOrder{app, transID})
	}
	return nil
}

// anyApp returns one merchant after the other.
func (w *work) anyApp() sen.App {
	if len(w.market.apps) == 0 {
		return w.app
	}
	return w.market.apps[int(w.turn.Add(1))%len(w.market.apps)]
}

func (w *work) createOrder(c *caller, app sen.App, transID, callbackURL string) (token string, err error) {
	r := c.request(sen.OpCreateOrder.Path, formType)
	r.create(app, transID, w.millis(), callbackURL)
	body, err := c.api(sen.OpCreateOrder, r, succeeded)
	if err != nil {
		return "", err
	}
	token, ok := text(body, "zp_trans_token")
	if !ok || token == "" {
		return "", unexpected("create_order", http.StatusOK, body)
	}
	return token, nil
}

// text cuts a member out of an answer. Its value must have no escapes in it.
func text(body []byte, name string) (string, bool) {
	_, rest, ok := bytes.Cut(body, []byte(`"`+name+`":`))
	rest = bytes.TrimPrefix(bytes.TrimLeft(rest, " "), []byte(`"`))
	end := bytes.IndexAny(rest, "\",}\n")
	if !ok || end < 0 {
		return "", false
	}
	return string(rest[:end]), true
}

func (w *work) queryUnpaid(c *caller) error {
	w.mu.Lock()
	o := w.unpaid[int(w.turn.Add(1))%len(w.unpaid)]
	w.mu.Unlock()
	r := c.request(sen.OpQueryOrder.Path, formType)
	r.query(o.app, o.transID)
	_, err := c.api(sen.OpQueryOrder, r, processing)
	return err
}

// anyPaid returns one paid order after the other.
func (w *work) anyPaid() paidOrder {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.paid[int(w.turn.Add(1))%len(w.paid)]
}

func (w *work) queryPaid(c *caller) error {
	o := w.anyPaid()
	r := c.request(sen.OpQueryOrder.Path, formType)
	r.query(o.app, o.transID)
	body, err := c.api(sen.OpQueryOrder, r, succeeded)
	if err != nil {
		return err
	}
	if payment, _ := text(body, "zp_trans_id"); payment != o.payment {
		return unexpected("query of payment "+o.payment, http.StatusOK, body)
	}
	return nil
}

const payPath = "/control/pay"

func (w *work) pay(c *caller, from *pool) error {
	o, ok := from.take()
	if !ok {
		return errEmpty
	}
	r := c.request(payPath, jsonType)
	r.pay(o.token, w.wallets[c.n%len(w.wallets)])
	status, body, err := c.do(r.bytes())
	if err != nil {
		return err
	}
	if status == http.StatusServiceUnavailable {
		from.put(o) // nothing was done with it
	}
	payment, _ := text(body, "zp_trans_id")
	amount, _ := text(body, "amount")
	if status != http.StatusOK || payment == "" || amount != orderAmountS {
		return unexpected("pay", status, body)
	}
	w.keepPaid(paidOrder{w.app, o.transID, payment})
	return nil
}

func (w *work) keepPaid(o paidOrder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paid = append(w.paid, o)
}

// payByToken charges the order's payer, as a merchant's server does.
func (w *work) payByToken(c *caller, from *pool) error {
	o, ok := from.take()
	if !ok {
		return errEmpty
	}
	r := c.request(sen.OpPayByTokenWallet.Path, formType)
	r.payByToken(o.payer, o.token, w.millis())
	body, err := c.api(sen.OpPayByTokenWallet, r, succeeded)
	if err != nil {
		return err
	}
	transID, _ := text(body, "app_trans_id")
	payment, _ := text(body, "zp_trans_id")
	if transID != o.transID || payment == "" || payment == "0" {
		return unexpected("payment of "+o.transID, http.StatusOK, body)
	}
	w.keepPaid(paidOrder{o.payer.app, o.transID, payment})
	return nil
}

func (w *work) payAnnounced(c *caller) error {
	err := w.pay(c, &w.announced)
	if err == nil {
		w.mu.Lock()
		w.owed++
		w.mu.Unlock()
	}
	return err
}

func (w *work) refund(c *caller) error {
	o := w.anyPaid()
	id := sen.MRefundID(w.now(), o.app.ID, w.run+strconv.FormatInt(w.serial.Add(1), 36))
	r := c.request(sen.OpRefundOrder.Path, formType)
	r.refund(o.app, id, o.payment, w.millis())
	if _, err := c.api(sen.OpRefundOrder, r, processing); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refunded = append(w.refunded, refunded{o.app, id})
	return nil
}

// Work that is prepared is done by as many callers as the server likes best.
const preparers = 64

// prepare runs op until it has succeeded n times, or failed once: what a caller
// could not do patiently, the next one can't do either.
func (w *work) prepare(ctx context.Context, n int, op operation) error {
	l := newLoad(w.addr, preparers, nil)
	defer l.close()
	var left atomic.Int64
	left.Store(int64(n))
	l.op = func(c *caller) error {
		if left.Add(-1) < 0 {
			return errEmpty
		}
		err := op(c)
		if err != nil {
			l.stop.Store(true)
		}
		return err
	}
	if _, err := l.run(ctx, preparing); err != nil {
		return err
	}
	for _, c := range l.callers {
		if c.failure != nil {
			return fmt.Errorf("prepare: %w", c.failure)
		}
	}
	if left.Load() > 0 {
		return fmt.Errorf("prepare: not done after %v", preparing)
	}
	return nil
}

const preparing = 5 * time.Minute

// patiently makes what is not measured. A gateway on a very busy machine can lose
// touch with its database, and refuses everything until it has it again.
func (c *caller) patiently(do func() error) error {
	const tries = 10
	err := do()
	for n := 1; n < tries && err != nil && !errors.Is(err, errEmpty) && c.ready(); n++ {
		err = do()
	}
	return err
}

// ready waits until the gateway says that it is.
func (c *caller) ready() bool {
	const again = 100 * time.Millisecond
	ask := []byte("GET /readyz HTTP/1.1\r\nHost: " + c.addr.host + "\r\n\r\n")
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(again) {
		if status, _, err := c.do(ask); err == nil && status == http.StatusOK {
			return true
		}
	}
	return false
}

func newLoad(addr address, callers int, op operation) *load {
	l := &load{op: op}
	for n := range callers {
		l.callers = append(l.callers, newCaller(addr, n))
	}
	return l
}

func (w *work) haveOrders(ctx context.Context, p *pool, n int, callbackURL string) error {
	return w.prepare(ctx, n-p.size(), func(c *caller) error {
		return c.patiently(func() error {
			transID := w.transID()
			token, err := w.createOrder(c, w.app, transID, callbackURL)
			if err == nil {
				p.put(openOrder{transID: transID, token: token})
			}
			return err
		})
	})
}

// haveTokenOrders makes orders of the payers' merchants, one payer after the
// other.
func (w *work) haveTokenOrders(ctx context.Context, p *pool, payers []*payer, n int) error {
	return w.prepare(ctx, n-p.size(), func(c *caller) error {
		return c.patiently(func() error { return w.createFor(c, p, payers, "") })
	})
}

// createFor makes an order that the next of the payers is to pay.
func (w *work) createFor(c *caller, p *pool, payers []*payer, callbackURL string) error {
	transID, who := w.transID(), payers[int(w.turn.Add(1))%len(payers)]
	token, err := w.createOrder(c, who.app, transID, callbackURL)
	if err == nil {
		p.put(openOrder{transID, token, who})
	}
	return err
}

// some is how many different orders queries and refunds go round; fewer calls
// find twice as many orders as they are.
const some = 2_000

func (w *work) haveUnpaid(ctx context.Context, n int) error {
	return w.prepare(ctx, min(2*n, some)-len(w.unpaid), func(c *caller) error { return c.patiently(func() error { return w.create(c) }) })
}

func (w *work) havePaid(ctx context.Context, n int) error {
	missing := min(2*n, some) - len(w.paid)
	if err := w.haveOrders(ctx, &w.plain, missing, ""); err != nil {
		return err
	}
	return w.prepare(ctx, missing, func(c *caller) error { return c.patiently(func() error { return w.pay(c, &w.plain) }) })
}

var errCallbacks = errors.New("callbacks that are owed do not come")

func (w *work) settleCallbacks(ctx context.Context) (int64, error) {
	n := w.owed
	w.owed = 0
	if err := w.receiver.await(ctx, n); err != nil {
		return 0, err
	}
	w.receiver.count.Add(-n)
	return n, nil
}

// settleRefunds waits until the youngest refunds have succeeded: the gateway
// takes the oldest first. Asking after every one would be a load of its own.
func (w *work) settleRefunds(ctx context.Context) (int64, error) {
	n := len(w.refunded)
	youngest := w.refunded[max(0, n-preparers):]
	w.refunded = nil
	c := newCaller(w.addr, 0)
	defer c.close()
	deadline := time.Now().Add(preparing)
	if err := c.until(deadline); err != nil {
		return 0, err
	}
	for _, r := range youngest {
		if err := w.awaitRefund(ctx, c, r, deadline); err != nil {
			return 0, err
		}
	}
	return int64(n), nil
}

func (w *work) awaitRefund(ctx context.Context, c *caller, of refunded, deadline time.Time) error {
	r := c.request(sen.OpQueryRefund.Path, formType)
	for ctx.Err() == nil && time.Now().Before(deadline) {
		r.queryRefund(of.app, of.id, w.millis())
		body, err := c.api(sen.OpQueryRefund, r, nil)
		switch {
		case err != nil:
			return err
		case bytes.HasPrefix(body, succeeded):
			return nil
		case !bytes.HasPrefix(body, processing):
			return unexpected("query_refund", http.StatusOK, body)
		}
		time.Sleep(time.Millisecond)
	}
	return errors.Join(errors.New("refunds are not carried out"), ctx.Err())
}
