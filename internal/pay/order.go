package pay

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
)

// OrderKey names an order inside the gateway.
type OrderKey int64

// OrderState is where an order stands.
type OrderState string

// The states of an order. They are stored: never change one.
const (
	OrderCreated    OrderState = "created"
	OrderProcessing OrderState = "processing" // a charge is in flight
	OrderPaid       OrderState = "paid"
	OrderExpired    OrderState = "expired"
	OrderCancelled  OrderState = "cancelled"
)

// orderMoves lists every legal change of state.
var orderMoves = map[OrderState][]OrderState{
	// To itself: an attempt failed, and the order can still be paid.
	OrderCreated: {OrderCreated, OrderProcessing, OrderPaid, OrderExpired, OrderCancelled},
	// The charge ends one way or the other, also after the order's time: money
	// that was on its way is not turned back at the door.
	OrderProcessing: {OrderCreated, OrderPaid},
}

// Failure is why the last attempt to pay failed.
type Failure string

// The failures are the codes of the refusals that they record, and stored:
// never change one. Those of limits are made by limitFailure.
const (
	NoFailure         Failure = ""
	LowBalance        Failure = "balance_low"
	NoPromotion       Failure = "promotion"
	NoPromotionForYou Failure = "promotion_eligible"
	BankFailure       Failure = "bank"
)

// An Order is what a merchant wants to be paid for. Item and EmbedData are
// kept and sent back character by character.
type Order struct {
	Key         OrderKey
	App         merchant.ID
	AppTransID  string
	AppUser     string
	AppTime     time.Time // to the millisecond
	Amount      money.Amount
	Description string
	Title       string
	Item        string
	EmbedData   string
	BankCode    string
	CallbackURL string // as given; empty: the app's
	RedirectURL string // resolved when the order was made; may be empty
	Extra       string // JSON object of the optional members we only keep
	Token       string
	Version     Version // in which its merchant is told about it

	State     OrderState
	Failure   Failure
	Payment   int64 // number of the payment that paid it, or 0
	CreatedAt time.Time
	ExpiresAt time.Time
	ClosedAt  time.Time // when it left OrderCreated
}

// Version is one of the merchant API.
type Version int

// The versions, which are stored: never change one. An order that is made by no
// merchant's call is of the second. ZOD has names of its own beside the second.
const (
	V1  Version = 1
	V2  Version = 2
	ZOD Version = 3
)

// Refusals about orders.
var (
	ErrOrderNotFound  = fault.New(fault.NotFound, "order_not_found", "This app has no such order.")
	ErrOrderDuplicate = fault.New(fault.Conflict, "order_duplicate", "This app used the app_trans_id before.")
	ErrOrderPaid      = fault.New(fault.Conflict, "order_paid", "The order is paid.")
	ErrOrderExpired   = fault.New(fault.Conflict, "order_expired", "The order's time is up.")
	ErrOrderCancelled = fault.New(fault.Conflict, "order_cancelled", "The merchant cancelled the order.")
	ErrClock          = fault.New(fault.Invalid, "clock", "The time in the request is more than 15 minutes away from the server's clock.")
	ErrDatePrefix     = fault.New(fault.Invalid, "date_prefix", "The identifier must begin with the current day at GMT+7 as yyMMdd.")
)

// ClockWindow is how far a request's own time may be from ours, both ways,
// the ends included. The merchant protocol gives 15 minutes.
const ClockWindow = 15 * time.Minute

// Bounds of an order's life; the merchant protocol gives all three.
const (
	MinLife     = 300 * time.Second
	DefaultLife = 900 * time.Second
	MaxLife     = 2_592_000 * time.Second
)

// NewOrder is what CreateOrder needs to know. Shape and lengths of the members
// are the adapter's to check.
type NewOrder struct {
	App         merchant.App
	AppTransID  string
	AppUser     string
	AppTime     time.Time
	Amount      money.Amount
	Description string
	Title       string
	Item        string
	EmbedData   string
	BankCode    string
	CallbackURL string
	RedirectURL string
	Extra       string
	Life        time.Duration // 0: DefaultLife
	Version     Version       // 0: V2
}

// CreateOrder opens an order. No money moves. Using an app_trans_id twice is
// ErrOrderDuplicate, whatever became of the first order.
func (s *Service) CreateOrder(ctx context.Context, n NewOrder) (Order, error) {
	now := s.Now()
	if err := checkClock("app_time", n.AppTime, now); err != nil {
		return Order{}, err
	}
	if err := checkDatePrefix("app_trans_id", n.AppTransID, now, n.AppTime); err != nil {
		return Order{}, err
	}
	return s.openOrder(ctx, n, now)
}

func (s *Service) openOrder(ctx context.Context, n NewOrder, now time.Time) (Order, error) {
	if n.Life == 0 {
		n.Life = DefaultLife
	}
	for {
		o := s.newOrder(n, now)
		var inserted bool
		err := s.Store.Update(ctx, func(tx Tx) (err error) {
			inserted, err = tx.InsertOrder(ctx, o)
			return err
		})
		if err != nil || inserted {
			return o, err
		}
		_, err = s.OrderByTransID(ctx, n.App.ID, n.AppTransID)
		if err == nil {
			return Order{}, ErrOrderDuplicate
		}
		if !errors.Is(err, ErrOrderNotFound) {
			return Order{}, err
		}
		// Two processes drew the same key: draw again.
	}
}

func (s *Service) newOrder(n NewOrder, now time.Time) Order {
	key := s.IDs.Key(now, shard(n.App.ID, n.AppTransID))
	return Order{
		Key: OrderKey(key), App: n.App.ID, AppTransID: n.AppTransID, AppUser: n.AppUser,
		AppTime: n.AppTime, Amount: n.Amount, Description: n.Description, Title: n.Title,
		Item: n.Item, EmbedData: n.EmbedData, BankCode: n.BankCode,
		CallbackURL: n.CallbackURL, RedirectURL: n.RedirectURL, Extra: n.Extra,
		Token: s.IDs.Token(key), Version: cmp.Or(n.Version, V2), State: OrderCreated,
		CreatedAt: now, ExpiresAt: now.Add(n.Life),
	}
}

// shard spreads orders over the key ranges of an engine that splits tables.
func shard(app merchant.ID, appTransID string) uint64 {
	h := fnv.New64a()
	h.Write(strconv.AppendInt(nil, int64(app), 10))
	h.Write([]byte(appTransID))
	return h.Sum64()
}

// OrderByTransID returns the app's order, or ErrOrderNotFound.
func (s *Service) OrderByTransID(ctx context.Context, app merchant.ID, appTransID string) (o Order, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		o, err = r.OrderByTransID(ctx, app, appTransID)
		return err
	})
	return o, err
}

// OrderByToken returns the order with that token, or ErrOrderNotFound.
func (s *Service) OrderByToken(ctx context.Context, token string) (o Order, err error) {
	key, ok := id.TokenKey(token)
	if !ok {
		return Order{}, ErrOrderNotFound
	}
	err = s.Store.View(ctx, func(r Reader) (err error) {
		o, err = r.Order(ctx, OrderKey(key))
		return err
	})
	if err == nil && subtle.ConstantTimeCompare([]byte(o.Token), []byte(token)) != 1 {
		return Order{}, ErrOrderNotFound
	}
	return o, err
}

// Receipt is an order and, once it is paid, its payment.
type Receipt struct {
	Order   Order
	Payment Payment
	// Repeated says of a payment by token that it was made, or is under way,
	// since an earlier call: this one did nothing.
	Repeated bool
}

// Receipt returns the app's order as its merchant may see it.
func (s *Service) Receipt(ctx context.Context, app merchant.ID, appTransID string) (rc Receipt, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		if rc.Order, err = r.OrderByTransID(ctx, app, appTransID); err != nil || rc.Order.Payment == 0 {
			return err
		}
		rc.Payment, err = r.Payment(ctx, rc.Order.Payment)
		return err
	})
	return rc, err
}

// CancelOrder closes an unpaid order for good. Cancelling a cancelled or
// expired order changes nothing and is no error; a paid one is ErrOrderPaid.
func (s *Service) CancelOrder(ctx context.Context, app merchant.ID, appTransID string) (cancelled bool, err error) {
	now := s.Now()
	err = s.Store.Update(ctx, func(tx Tx) error {
		cancelled = false
		o, err := tx.OrderByTransID(ctx, app, appTransID)
		if err != nil {
			return err
		}
		switch {
		case o.State == OrderPaid:
			return ErrOrderPaid
		case o.State == OrderProcessing:
			return ErrOrderInFlight
		case o.State != OrderCreated || o.overdue(now):
			return nil
		}
		cancelled = true
		return s.moveOrder(ctx, tx, &o, OrderCancelled, now)
	})
	return cancelled && err == nil, err
}

// ExpireOrders closes the orders whose time is up, a batch at a time. What an
// order answers does not wait for it: Payable looks at the clock itself.
func (s *Service) ExpireOrders(ctx context.Context) (more bool, err error) {
	const batch = 500
	now := s.Now()
	var n int
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		n, err = tx.ExpireOrders(ctx, now, batch)
		return err
	})
	return n == batch, err
}

// Payable reports why the order can't be paid at now, or nil if it can.
func (o Order) Payable(now time.Time) error {
	switch o.State {
	case OrderPaid:
		return ErrOrderPaid
	case OrderProcessing:
		return ErrOrderInFlight
	case OrderCancelled:
		return ErrOrderCancelled
	case OrderExpired:
		return ErrOrderExpired
	case OrderCreated:
	}
	if o.overdue(now) {
		return ErrOrderExpired
	}
	return nil
}

func (o Order) overdue(now time.Time) bool { return !now.Before(o.ExpiresAt) }

// moveOrder is the only way in which an order changes.
func (s *Service) moveOrder(ctx context.Context, tx Tx, o *Order, to OrderState, now time.Time) error {
	from := o.State
	if !slices.Contains(orderMoves[from], to) {
		return fault.New(fault.Internal, "order_move", "An order can't go from "+string(from)+" to "+string(to)+".")
	}
	o.State = to
	if to != OrderCreated && to != OrderProcessing {
		o.ClosedAt = now
	}
	return tx.MoveOrder(ctx, *o, from)
}

func checkClock(field string, theirs, ours time.Time) error {
	off := theirs.Sub(ours)
	if off <= ClockWindow && off >= -ClockWindow {
		return nil
	}
	if theirs.Year() == 1970 { // the most usual mistake: the seconds of our days, read as milliseconds
		return ErrClock.On(field, "must be in milliseconds; is it in seconds? It says "+
			clockText(theirs)+", the server's clock says "+clockText(ours))
	}
	return ErrClock.On(field, "is "+offBy(off)+" the server's clock, at most "+strconv.Itoa(int(ClockWindow.Minutes()))+
		" minutes are allowed: it says "+clockText(theirs)+", the server's clock says "+clockText(ours))
}

func offBy(off time.Duration) string {
	off = off.Round(time.Second)
	if off < 0 {
		return (-off).String() + " behind"
	}
	return off.String() + " ahead of"
}

func clockText(at time.Time) string {
	return strconv.FormatInt(at.UnixMilli(), 10) + " (" + at.In(id.Vietnam).Format("2006-01-02 15:04:05") + " GMT+7)"
}

// checkDatePrefix takes our day and the day of the request's own time, so that
// a request made just before midnight and read just after it is no error.
func checkDatePrefix(field, value string, ours, theirs time.Time) error {
	if len(value) >= 6 && (value[:6] == id.Day(ours) || value[:6] == id.Day(theirs)) {
		return nil
	}
	return ErrDatePrefix.On(field, "must begin with "+id.Day(ours)+", today as yyMMdd at GMT+7, not "+strconv.Quote(value[:min(len(value), 6)]))
}
