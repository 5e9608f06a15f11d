package pay

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/money"
)

// BindingKey names a binding inside the gateway.
type BindingKey int64

// BindingState is where a binding stands.
type BindingState string

// The states of a binding. They are stored: never change one.
const (
	BindingPending   BindingState = "pending"   // waits for its user
	BindingConfirmed BindingState = "confirmed" // pays
	BindingCancelled BindingState = "cancelled" // ended by its user or the merchant
	BindingDisabled  BindingState = "disabled"  // ended by an operator
	BindingLapsed    BindingState = "lapsed"    // never confirmed, or declined
)

// bindingMoves lists every legal change of state.
var bindingMoves = map[BindingState][]BindingState{
	BindingPending:   {BindingConfirmed, BindingLapsed},
	BindingConfirmed: {BindingCancelled, BindingDisabled},
}

// BindingKind is what a binding pays from.
type BindingKind string

// The kinds. They are stored: never change one.
const (
	WalletBinding BindingKind = "WALLET"
	CardBinding   BindingKind = "CARD"
)

// A Binding lets an app charge a payer without asking each time.
type Binding struct {
	Key              BindingKey
	App              merchant.ID
	AppTransID       string
	Kind             BindingKind
	Identifier       string       // the merchant's name for the payer
	MaxAmount        money.Amount // per payment; 0: no limit
	Data             string       // what the payer consents to, JSON
	CallbackURL      string       // as given; empty: the app's
	RedirectURL      string
	RedirectDeepLink string
	Token            string   // names the binding: binding_token, later binding_id
	PayToken         string   // pays; known to the merchant once confirmed
	Wallet           WalletID // of a wallet binding, once confirmed
	Card             CardID   // of a card binding, once confirmed
	Order            OrderKey // that is paid while a card is bound; or 0
	State            BindingState
	CreatedAt        time.Time
	ConfirmBy        time.Time
	ConfirmedAt      time.Time
	EndsAt           time.Time // zero: no end
	ClosedAt         time.Time
	// Uses counts payments, made or under way; the rest counts those of one day.
	Uses       int64
	UsedDay    string
	UsedCount  int64
	UsedAmount money.Amount
}

// Refusals about bindings.
var (
	ErrBindingNotFound  = fault.New(fault.NotFound, "binding_not_found", "This app has no such binding.")
	ErrBindingDuplicate = fault.New(fault.Conflict, "binding_duplicate", "This app used the app_trans_id for a binding before.")
	ErrTokenUnknown     = fault.New(fault.NotFound, "token_unknown", "There is no such token.")
	ErrTokenForeign     = fault.New(fault.Forbidden, "token_foreign", "The token or the binding belongs to another app or another user.")
	ErrBindingEnded     = fault.New(fault.Declined, "binding_ended", "The binding was ended.")
	ErrTokenExpired     = fault.New(fault.Declined, "token_expired", "The end date of the token has passed.")
	ErrOverMaxAmount    = fault.New(fault.Declined, "over_max_amount", "The amount is more than the user agreed to.")
	ErrOverAppLimit     = fault.New(fault.Declined, "over_app_limit", "The app's limit for one binding and day is used up.")
	ErrBindingKind      = fault.New(fault.Conflict, "binding_kind", "A card binding is confirmed with a card, a wallet binding with a wallet.")
	ErrIdentifier       = fault.New(fault.Forbidden, "identifier_wrong", "The identifier is not the one that the card was bound for.")
	ErrBindingOver      = fault.New(fault.Conflict, "binding_over", "The binding can't be confirmed any more.")
)

// ConfirmTime is how long a user has to confirm a binding; the merchant
// protocol gives it.
const ConfirmTime = 15 * time.Minute

// NewBinding is what CreateBinding needs to know.
type NewBinding struct {
	App              merchant.App
	AppTransID       string
	Kind             BindingKind
	Identifier       string
	MaxAmount        money.Amount
	Data             string
	CallbackURL      string
	RedirectURL      string
	RedirectDeepLink string
	ReqDate          time.Time
	Pay              *NewOrder // a card is bound by paying this; or nil
}

// CreateBinding asks a user for a binding. Nothing can be paid with it before
// the user confirms.
func (s *Service) CreateBinding(ctx context.Context, n NewBinding) (Binding, error) {
	now := s.Now()
	if err := checkClock("req_date", n.ReqDate, now); err != nil {
		return Binding{}, err
	}
	if err := checkDatePrefix("app_trans_id", n.AppTransID, now, n.ReqDate); err != nil {
		return Binding{}, err
	}
	for {
		b := s.newBinding(n, now)
		var o Order
		if n.Pay != nil {
			o = s.newOrder(*n.Pay, now)
			b.Order = o.Key
		}
		var inserted bool
		err := s.Store.Update(ctx, func(tx Tx) (err error) {
			if inserted, err = tx.InsertBinding(ctx, b); err != nil || !inserted || n.Pay == nil {
				return err
			}
			made, err := tx.InsertOrder(ctx, o)
			if err != nil || made {
				return err
			}
			if _, err := tx.OrderByTransID(ctx, o.App, o.AppTransID); !errors.Is(err, ErrOrderNotFound) {
				return either(err, ErrBindingDuplicate) // an order of the app has that identifier
			}
			return errKeyTaken
		})
		if errors.Is(err, errKeyTaken) {
			continue
		}
		if err != nil || inserted {
			return b, err
		}
		_, err = s.BindingByTransID(ctx, n.App.ID, n.AppTransID)
		if err == nil {
			return Binding{}, ErrBindingDuplicate
		}
		if !errors.Is(err, ErrBindingNotFound) {
			return Binding{}, err
		}
		// Two processes drew the same key: draw again.
	}
}

func (s *Service) newBinding(n NewBinding, now time.Time) Binding {
	key := s.IDs.Key(now, shard(n.App.ID, n.AppTransID))
	return Binding{
		Key: BindingKey(key), App: n.App.ID, AppTransID: n.AppTransID, Kind: n.Kind, Identifier: n.Identifier,
		MaxAmount: n.MaxAmount, Data: n.Data, CallbackURL: n.CallbackURL, RedirectURL: n.RedirectURL,
		RedirectDeepLink: n.RedirectDeepLink, Token: s.IDs.BindingToken(now, key), PayToken: s.IDs.PayToken(key),
		State: BindingPending, CreatedAt: now, ConfirmBy: now.Add(ConfirmTime),
	}
}

// BindingByTransID returns the app's binding, or ErrBindingNotFound.
func (s *Service) BindingByTransID(ctx context.Context, app merchant.ID, appTransID string) (b Binding, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		b, err = r.BindingByTransID(ctx, app, appTransID)
		return err
	})
	return b, err
}

// BindingByToken returns the binding with that token, or ErrBindingNotFound.
func (s *Service) BindingByToken(ctx context.Context, token string) (b Binding, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		b, err = bindingByToken(ctx, r, token)
		return err
	})
	return b, err
}

func bindingByToken(ctx context.Context, r Reader, token string) (Binding, error) {
	key, ok := id.BindingTokenKey(token)
	if !ok {
		return Binding{}, ErrBindingNotFound
	}
	b, err := r.Binding(ctx, BindingKey(key))
	if err == nil && !same(b.Token, token) {
		err = ErrBindingNotFound
	}
	return b, err
}

// bindingByPayToken returns the binding that a token of the app pays by. What
// the identifier must be is checked with it: a token in the wrong hands is
// worth nothing.
func bindingByPayToken(ctx context.Context, r Reader, app merchant.ID, payToken string) (Binding, error) {
	key, ok := id.PayTokenKey(payToken)
	if !ok {
		return Binding{}, ErrTokenUnknown
	}
	b, err := r.Binding(ctx, BindingKey(key))
	if errors.Is(err, ErrBindingNotFound) || (err == nil && !same(b.PayToken, payToken)) {
		return Binding{}, ErrTokenUnknown
	}
	if err == nil && b.Kind == WalletBinding && b.ConfirmedAt.IsZero() {
		return Binding{}, ErrTokenUnknown // nobody was given it
	}
	if err == nil && b.App != app {
		err = ErrTokenForeign
	}
	return b, err
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Pending reports whether the binding still waits for its user at now.
func (b Binding) Pending(now time.Time) bool {
	return b.State == BindingPending && now.Before(b.ConfirmBy)
}

// Ended reports why the binding pays no more, or nil.
func (b Binding) Ended(now time.Time) error {
	switch {
	case b.State != BindingConfirmed:
		return ErrBindingEnded
	case !b.EndsAt.IsZero() && !now.Before(b.EndsAt):
		return ErrTokenExpired
	}
	return nil
}

// ConfirmBinding records the user's consent. Confirming a second time from the
// same wallet changes nothing.
func (s *Service) ConfirmBinding(ctx context.Context, token string, w WalletID) (b Binding, err error) {
	return s.closePending(ctx, token, func(tx Tx, b *Binding, now time.Time) (BindingState, error) {
		if b.Kind != WalletBinding {
			return "", ErrBindingKind
		}
		wallet, err := tx.Wallet(ctx, w)
		if err != nil {
			return "", err
		}
		if !wallet.LockedAt.IsZero() {
			return "", ErrWalletLocked
		}
		app, err := s.Apps.App(b.App)
		if err != nil {
			return "", err
		}
		b.Wallet = w
		b.begin(app.Terms, now)
		return BindingConfirmed, nil
	}, w)
}

// begin dates the consent.
func (b *Binding) begin(terms merchant.Terms, now time.Time) {
	b.ConfirmedAt = now
	if terms.TokenLife > 0 {
		b.EndsAt = now.Add(terms.TokenLife)
	}
}

// DeclineBinding records that the user does not consent. While a bank looks at
// the card that the user gave, it is too late for that: ErrOrderInFlight.
func (s *Service) DeclineBinding(ctx context.Context, token string) (Binding, error) {
	return s.closePending(ctx, token, func(tx Tx, b *Binding, _ time.Time) (BindingState, error) {
		if _, err := tx.OpenBindingCharge(ctx, b.Key); !errors.Is(err, ErrChargeNotFound) {
			return "", either(err, ErrOrderInFlight)
		}
		return BindingLapsed, nil
	}, 0)
}

func (s *Service) closePending(ctx context.Context, token string,
	decide func(Tx, *Binding, time.Time) (BindingState, error), w WalletID,
) (b Binding, err error) {
	now := s.Now()
	deliveryID := callback.ID(s.IDs.Key(now, 0))
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		if b, err = bindingByToken(ctx, tx, token); err != nil {
			return err
		}
		if b.State == BindingConfirmed && w != 0 && b.Wallet == w {
			return nil
		}
		if !b.Pending(now) {
			return ErrBindingOver
		}
		to, err := decide(tx, &b, now)
		if err != nil {
			return err
		}
		if err := moveBinding(ctx, tx, &b, to, now); err != nil || to != BindingConfirmed {
			return err
		}
		return s.oweBindingCallback(ctx, tx, b, deliveryID, now)
	})
	if err == nil {
		s.CallbackOwed()
	}
	return b, err
}

// An Ender is who ends a binding.
type Ender struct {
	Merchant   merchant.ID // the app, with the identifier that it gave when binding
	Identifier string
	Wallet     WalletID // or its user
	Operator   bool     // or an operator
}

// EndBinding ends a binding at once and for good. The merchant is told.
func (s *Service) EndBinding(ctx context.Context, token string, by Ender) (b Binding, err error) {
	now := s.Now()
	deliveryID := callback.ID(s.IDs.Key(now, 0))
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		if b, err = bindingByToken(ctx, tx, token); err != nil {
			return err
		}
		if err := by.mayEnd(b); err != nil {
			return err
		}
		if b.State != BindingConfirmed {
			return ErrBindingNotFound
		}
		to := BindingCancelled
		if by.Operator {
			to = BindingDisabled
		}
		if err := moveBinding(ctx, tx, &b, to, now); err != nil {
			return err
		}
		return s.oweBindingCallback(ctx, tx, b, deliveryID, now)
	})
	if err == nil {
		s.CallbackOwed()
	}
	return b, err
}

func (e Ender) mayEnd(b Binding) error {
	switch {
	case e.Operator:
		return nil
	case e.Wallet != 0:
		if b.Wallet != e.Wallet {
			return ErrBindingNotFound
		}
	case b.Kind == CardBinding && b.App != e.Merchant:
		return ErrBindingNotFound
	case b.Kind == CardBinding && b.Identifier != e.Identifier:
		return ErrIdentifier
	case b.App != e.Merchant || b.Identifier != e.Identifier:
		return ErrTokenForeign
	}
	return nil
}

// LapseBindings closes the bindings that nobody confirmed in time.
func (s *Service) LapseBindings(ctx context.Context) (more bool, err error) {
	const batch = 500
	now := s.Now()
	var n int
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		n, err = tx.LapseBindings(ctx, now, batch)
		return err
	})
	return n == batch, err
}

// moveBinding is the only way in which a binding changes its state.
func moveBinding(ctx context.Context, tx Tx, b *Binding, to BindingState, now time.Time) error {
	from := b.State
	if !slices.Contains(bindingMoves[from], to) {
		return fault.New(fault.Internal, "binding_move", "A binding can't go from "+string(from)+" to "+string(to)+".")
	}
	b.State = to
	if to != BindingConfirmed {
		b.ClosedAt = now
	}
	return tx.MoveBinding(ctx, *b, from)
}

func (s *Service) oweBindingCallback(ctx context.Context, tx Tx, b Binding, deliveryID callback.ID, now time.Time) error {
	app, err := s.Apps.Known(b.App)
	if err != nil {
		return err
	}
	subject, err := subjectOf(ctx, tx, b)
	if err != nil {
		return err
	}
	body, err := s.RenderBinding(app, subject, now)
	if err != nil {
		return err
	}
	return s.owe(ctx, tx, app, callback.Delivery{
		ID: deliveryID, App: b.App, Subject: callback.BindingChanged, Order: int64(b.Key),
		URL: b.CallbackURL, Body: body, CreatedAt: now,
	})
}

// BindingStatus is a binding with what it pays from, once there is that.
type BindingStatus struct {
	Binding Binding
	Wallet  Wallet
	Card    Card
	Order   Order // that is paid while a card is bound
}

// BindingStatus returns the app's binding as its merchant may see it.
func (s *Service) BindingStatus(ctx context.Context, app merchant.ID, appTransID string) (st BindingStatus, err error) {
	err = s.Store.View(ctx, func(r Reader) error {
		b, err := r.BindingByTransID(ctx, app, appTransID)
		if err == nil {
			st, err = subjectOf(ctx, r, b)
		}
		return err
	})
	return st, err
}

func subjectOf(ctx context.Context, r Reader, b Binding) (st BindingStatus, err error) {
	st.Binding = b
	if b.Wallet != 0 {
		if st.Wallet, err = r.Wallet(ctx, b.Wallet); err != nil {
			return st, err
		}
	}
	if b.Card != 0 {
		if st.Card, err = r.Card(ctx, b.Card); err != nil {
			return st, err
		}
	}
	if b.Order != 0 {
		st.Order, err = r.Order(ctx, b.Order)
	}
	return st, err
}

// TokenUser returns the wallet behind a token, as long as the binding lasts.
// Behind the token of a card there is none.
func (s *Service) TokenUser(ctx context.Context, app merchant.ID, payToken string) (w Wallet, err error) {
	now := s.Now()
	err = s.Store.View(ctx, func(r Reader) error {
		b, err := bindingByPayToken(ctx, r, app, payToken)
		if err != nil {
			return err
		}
		if err := b.Ended(now); err != nil {
			return err
		}
		if b.Kind == CardBinding {
			return nil // of whoever holds a card no phone number is known
		}
		w, err = r.Wallet(ctx, b.Wallet)
		return err
	})
	return w, err
}
