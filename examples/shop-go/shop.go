package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sen"
)

// customer is who is signed in. This shop knows one person; yours has a login.
const customer = "khach-1"

// A product is something to buy.
type product struct {
	ID, Name string
	Price    int64 // dong, whole: there is nothing smaller, so no floats and no "× 100"
}

var products = []product{
	{"tra", "Trà sen · Lotus tea", 45_000},
	{"caphe", "Cà phê sữa · Milk coffee", 29_000},
	{"banhmi", "Bánh mì · Baguette", 25_000},
}

// The states of an order.
const (
	waiting   = "waiting"
	paid      = "paid"
	failed    = "failed" // it can't be paid any more
	refunding = "refunding"
	refunded  = "refunded"
)

type order struct {
	ID         string // app_trans_id
	Product    product
	State      string
	Note       string // why something was refused
	URL        string // of the page where it is paid
	token      string // zp_trans_token
	zpTransID  sen.TransID
	mRefundID  string
	deliveries int
}

type wallet struct{ Phone, payToken, bindingID string }

// A shop has its books in memory. A mutex stands where yours has a database:
// "if the state is waiting, make it paid" is there an UPDATE … WHERE state = 'waiting'.
type shop struct {
	app    sen.App
	client *sen.Client
	url    string
	now    func() time.Time

	mu      sync.Mutex
	orders  map[string]*order
	newest  []string
	wallets map[string]wallet // by customer
	asked   string            // app_trans_id of the last binding that was asked for
}

// newID is an identifier that is used once. It must begin with today's date at
// GMT+7, whatever the zone of this machine is (-401 otherwise), and is gone for
// good once it was used (-68), also when that order was never paid.
func (s *shop) newID() string { return sen.AppTransID(s.now(), rand.Text()[:16]) }

// create makes an order. It is in the books before the gateway hears of it: the
// callback may overtake the answer.
func (s *shop) create(ctx context.Context, p product, productCode string) (order, error) {
	o := &order{ID: s.newID(), Product: p, State: waiting}
	s.mu.Lock()
	s.orders[o.ID], s.newest = o, append([]string{o.ID}, s.newest...)
	s.mu.Unlock()
	made, err := s.client.Orders.Create(ctx, sen.CreateOrderRequest{
		AppTransID: o.ID, AppUser: customer, Amount: p.Price, Description: p.Name, ProductCode: productCode,
		CallbackURL: s.url + "/callback",
		EmbedData:   `{"redirecturl":"` + s.url + `/back"}`,
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		// The client has tried three times by itself. Whatever arrived is not paid,
		// because nobody has its page; the customer buys again under a new identifier.
		o.State, o.Note = failed, err.Error()
		return *o, err
	}
	o.URL, o.token = made.OrderURL, made.ZPTransToken
	return *o, nil
}

var (
	errUnknown = fmt.Errorf("the shop has no such order: %w", sen.ErrNotWanted)
	errAmount  = fmt.Errorf("that is not what the order costs: %w", sen.ErrNotWanted)
)

// settle books a payment: once, however often it is told. A callback can come
// twice, at the same time as a query says the same, and after the order seemed lost.
func (s *shop) settle(id string, amount int64, number sen.TransID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[id]
	switch {
	case o == nil:
		return errUnknown
	case amount != o.Product.Price:
		return errAmount
	case o.State == waiting || o.State == failed:
		o.State, o.Note, o.zpTransID = paid, "", number
		o.deliveries++ // here the goods go out
	}
	return nil
}

// accept takes a callback. Its mac was verified over the string data exactly as
// it was received; decoding and encoding it again would change the text.
func (s *shop) accept(ctx context.Context, c *sen.Callback) error {
	if c.Agreement != nil {
		s.bound(*c.Agreement)
		return nil
	}
	if c.Order == nil { // an invoice of ZOD: this shop makes none
		return sen.ErrNotWanted
	}
	err := s.settle(c.Order.AppTransID, c.Order.Amount, c.Order.ZPTransID)
	if err != nil {
		slog.WarnContext(ctx, "a callback was refused", "app_trans_id", c.Order.AppTransID, "error", err)
	}
	return err
}

// bound notes what became of a binding. Its server_time is in seconds, unlike
// that of an order's callback.
func (s *shop) bound(a sen.AgreementCallback) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case a.Status == sen.BindingConfirmed:
		s.wallets[a.MerchantUserID] = wallet{a.MaskedUserPhone, a.PayToken, a.BindingID}
	case s.wallets[a.MerchantUserID].bindingID == a.BindingID:
		delete(s.wallets, a.MerchantUserID) // the user ended it in the wallet
	}
}

// get returns a copy of an order.
func (s *shop) get(id string) (order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[id]; o != nil {
		return *o, true
	}
	return order{}, false
}

// move changes an order's state, if it is still the one that was seen.
func (s *shop) move(id, from, to, note string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[id]; o.State == from {
		o.State, o.Note = to, note
	}
}

// sync asks the gateway what the shop does not know yet: callbacks get lost, and
// refunds have none.
func (s *shop) sync(ctx context.Context, id string) {
	o, _ := s.get(id)
	var err error
	switch o.State {
	case waiting:
		var q *sen.QueryOrderResponse
		if q, err = s.client.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: id}); err == nil && q.Paid() {
			err = s.settle(id, q.Amount, q.ZPTransID)
		}
		if final(err) { // expired, for one. What is not final, like -63, can still be paid.
			s.move(id, waiting, failed, err.Error())
		}
	case refunding:
		var q *sen.QueryRefundResponse
		if q, err = s.client.Refunds.Query(ctx, sen.QueryRefundRequest{MRefundID: o.mRefundID}); err == nil && q.Done() {
			s.move(id, refunding, refunded, "")
		}
		if final(err) {
			s.move(id, refunding, paid, err.Error())
		}
	}
	if err != nil {
		slog.InfoContext(ctx, "asked the gateway", "app_trans_id", id, "answer", err)
	}
}

// final reports whether an answer says that it will never be otherwise.
func final(err error) bool {
	refused, ok := errors.AsType[*sen.Error](err)
	return ok && refused.Status.Finality == sen.Final
}

// payByWallet pays with the wallet that the customer has saved.
func (s *shop) payByWallet(ctx context.Context, o order) {
	s.mu.Lock()
	w := s.wallets[customer]
	s.mu.Unlock()
	_, err := s.client.Bindings.Pay(ctx, sen.PayByTokenWalletRequest{PayToken: w.payToken, Identifier: customer, ZPTransToken: o.token})
	if err != nil { // the order can still be paid on its page
		s.move(o.ID, waiting, waiting, err.Error())
	}
	if errors.Is(err, sen.CodeBindingEnded) || errors.Is(err, sen.CodeTokenExpired) || errors.Is(err, sen.CodeNotFound) {
		s.bound(sen.AgreementCallback{MerchantUserID: customer, BindingID: w.bindingID, Status: sen.BindingCancelled})
	}
	s.sync(ctx, o.ID) // a success may also be "under way": the query and the callback say
}

// refund gives all of a payment back. The identifier is in the books before the
// call, and a repeated click uses the same one: -23 then says that it was there.
func (s *shop) refund(ctx context.Context, id string) {
	s.mu.Lock()
	o := s.orders[id]
	if o.State == paid {
		o.State, o.Note, o.mRefundID = refunding, "", sen.MRefundID(s.now(), s.app.ID, rand.Text()[:16])
	}
	seen := *o
	s.mu.Unlock()
	if seen.State != refunding {
		return
	}
	_, err := s.client.Refunds.Create(ctx, sen.RefundOrderRequest{
		MRefundID: seen.mRefundID, ZPTransID: seen.zpTransID, Amount: seen.Product.Price, Description: "Khách đổi ý",
	})
	if refused, ok := errors.AsType[*sen.Error](err); ok && refused.Code() != sen.CodeDuplicateRefund && refused.Code() != sen.CodeInternal {
		s.move(id, refunding, paid, err.Error()) // surely nothing was done
		return
	}
	s.sync(ctx, id)
}
