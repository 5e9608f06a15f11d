package pay

import (
	"context"
	"errors"

	"sen/internal/bank"
	"sen/internal/fault"
	"sen/internal/id"
)

// Refusals of payments by the token of a card, beside those of bindings.
var (
	// ErrOrderToken means that the order's token is malformed or another app's.
	ErrOrderToken = fault.New(fault.Invalid, "order_token_invalid", "The zp_trans_token is malformed, or belongs to another app.")
	// ErrNoSuchCardToken is ErrTokenUnknown as cards have it: also a token that
	// belongs to another app or user.
	ErrNoSuchCardToken = fault.New(fault.NotFound, "card_token_unknown", "There is no such token of a card.")
	// ErrCardTokenState means that the token's binding can't pay.
	ErrCardTokenState = fault.New(fault.Declined, "card_token_state", "The binding of the token is not confirmed, or was ended.")
	// ErrNoSuchOrder means that the token's order can't be paid.
	ErrNoSuchOrder = fault.New(fault.NotFound, "card_order_not_found", "There is no order behind the zp_trans_token that could be paid.")
)

// StartCardBinding has the bank check a card that its holder typed in on the
// page of the binding, and charges it if the binding came with an order. What
// comes back may still be open, as with PayWithCard.
func (s *Service) StartCardBinding(ctx context.Context, token string, card bank.Card) (Charge, error) {
	d, err := s.draw(ctx)
	if err != nil {
		return Charge{}, err
	}
	if err := checkCard(card, d.now); err != nil {
		return Charge{}, err
	}
	var c Charge
	err = s.withKey(d.now, func(key int64) error {
		return s.Store.Update(ctx, func(tx Tx) (err error) {
			c, err = s.checkForBinding(ctx, tx, token, CardID(key), card, d)
			return err
		})
	})
	if err != nil {
		return Charge{}, err
	}
	return s.authorise(ctx, c, card)
}

// checkForBinding keeps the card, and begins the charge that checks it.
func (s *Service) checkForBinding(ctx context.Context, tx Tx, token string, key CardID, card bank.Card, d drawn) (Charge, error) {
	b, err := bindingByToken(ctx, tx, token)
	if err != nil {
		return Charge{}, err
	}
	switch {
	case b.Kind != CardBinding:
		return Charge{}, ErrBindingKind
	case !b.Pending(d.now):
		return Charge{}, ErrBindingOver
	}
	if _, err := tx.OpenBindingCharge(ctx, b.Key); !errors.Is(err, ErrChargeNotFound) {
		return Charge{}, either(err, ErrOrderInFlight)
	}
	if err := s.storeCard(ctx, tx, key, card, d.now); err != nil {
		return Charge{}, err
	}
	return s.beginCardCheck(ctx, tx, b, Charge{Card: key, Binding: b.Key, App: b.App}, card.Number, d)
}

func (s *Service) beginCardCheck(ctx context.Context, tx Tx, b Binding, c Charge, n bank.Number, d drawn) (Charge, error) {
	if b.Order != 0 {
		o, err := tx.Order(ctx, b.Order)
		if err == nil {
			err = o.Payable(d.now)
		}
		if err != nil {
			return Charge{}, err
		}
		return s.beginCharge(ctx, tx, o, c, n, d)
	}
	c.Number, c.Channel, c.BankCode, c.Masked = d.number, channelOf(n), bank.IssuerOf(n).Code, n.Masked()
	s.start(&c, d)
	return c, tx.InsertCharge(ctx, c)
}

// either returns err, or other where there is none.
func either(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// OpenBindingCharge returns the charge that checks the card of a binding, or
// ErrChargeNotFound.
func (s *Service) OpenBindingCharge(ctx context.Context, b BindingKey) (c Charge, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		c, err = r.OpenBindingCharge(ctx, b)
		return err
	})
	return c, err
}

// LastBindingCharge returns the latest charge of the binding, open or not, or
// ErrChargeNotFound.
func (s *Service) LastBindingCharge(ctx context.Context, b BindingKey) (c Charge, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		c, err = r.LastBindingCharge(ctx, b)
		return err
	})
	return c, err
}

// bindCard confirms the binding whose card a bank has just found good. One that
// is confirmed was merely paid with.
func (s *Service) bindCard(ctx context.Context, tx Tx, c Charge, d drawn) error {
	b, err := tx.Binding(ctx, c.Binding)
	if err != nil || b.Card == c.Card {
		return err
	}
	if b.State != BindingPending { // its time was up while the bank took its own
		return tx.DeleteCard(ctx, c.Card, d.now)
	}
	app, err := s.Apps.Known(b.App)
	if err != nil {
		return err
	}
	b.Card = c.Card
	b.begin(app.Terms, d.now)
	if err := moveBinding(ctx, tx, &b, BindingConfirmed, d.now); err != nil {
		return err
	}
	return s.oweBindingCallback(ctx, tx, b, d.bound, d.now)
}

// dropCard forgets a card that was typed in to be bound or linked and was not
// found good.
func dropCard(ctx context.Context, tx Tx, c Charge, d drawn) error {
	if c.links() {
		return tx.DeleteCard(ctx, c.Card, d.now)
	}
	if c.Binding == 0 {
		return nil
	}
	b, err := tx.Binding(ctx, c.Binding)
	if err != nil || b.Card == c.Card {
		return err
	}
	return tx.DeleteCard(ctx, c.Card, d.now)
}

// PayByCardToken charges the card of a binding for the app's order. The charge
// in the answer is zero when the order was paid by the same binding before;
// otherwise it may still be open. A declined card is ErrBankDeclined.
func (s *Service) PayByCardToken(ctx context.Context, t TokenPayment) (rc Receipt, c Charge, err error) {
	d, err := s.draw(ctx)
	if err != nil {
		return Receipt{}, Charge{}, err
	}
	var card bank.Card
	var begun bool
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		rc, c, card, begun = Receipt{}, Charge{}, bank.Card{}, false
		b, err := s.orderOfCardToken(ctx, tx, t, &rc)
		if err != nil || rc.Payment.Number != 0 {
			return err
		}
		if rc.Order.State == OrderProcessing {
			c, err = tx.OpenCharge(ctx, rc.Order.Key)
			if err == nil && c.Binding == b.Key {
				rc.Repeated = true
				return nil // asked again while it is under way
			}
			return either(err, ErrNoSuchOrder)
		}
		if rc.Order.Payable(d.now) != nil {
			return ErrNoSuchOrder
		}
		if b.Ended(d.now) != nil {
			return ErrCardTokenState
		}
		stored, err := tx.Card(ctx, b.Card)
		if err != nil {
			return err
		}
		if card, err = s.revealCard(stored); err != nil {
			return err
		}
		day, err := useBinding(ctx, tx, b, t.App.Terms, rc.Order.Amount, d.now)
		if err != nil {
			return err
		}
		begun = true
		c, err = s.beginCharge(ctx, tx, rc.Order, Charge{Card: b.Card, Binding: b.Key, CountedDay: day}, card.Number, d)
		return err
	})
	if err != nil {
		return Receipt{}, Charge{}, s.failed(ctx, rc.Order.Key, err)
	}
	if begun {
		c, err = s.authorise(ctx, c, card)
	}
	if c.State == ChargeSucceeded {
		rc.Payment.Number = c.Number
	}
	return rc, c, err
}

// orderOfCardToken finds the binding and the order of a payment, in the order
// in which their refusals are documented, and the payment if there is one.
func (s *Service) orderOfCardToken(ctx context.Context, tx Tx, t TokenPayment, rc *Receipt) (Binding, error) {
	key, ok := id.TokenKey(t.OrderToken)
	if !ok {
		return Binding{}, ErrOrderToken
	}
	o, err := tx.Order(ctx, OrderKey(key))
	switch {
	case errors.Is(err, ErrOrderNotFound) || (err == nil && !same(o.Token, t.OrderToken)):
		return Binding{}, ErrNoSuchOrder
	case err != nil:
		return Binding{}, err
	case o.App != t.App.ID:
		return Binding{}, ErrOrderToken
	}
	rc.Order = o
	b, err := bindingOfUser(ctx, tx, t.App.ID, t.PayToken, t.Identifier)
	if errors.Is(err, ErrTokenUnknown) || errors.Is(err, ErrTokenForeign) || (err == nil && b.Kind != CardBinding) {
		return Binding{}, ErrNoSuchCardToken
	}
	if err != nil || o.State != OrderPaid {
		return b, err
	}
	rc.Payment, err = tx.Payment(ctx, o.Payment)
	rc.Repeated = true
	if err == nil && rc.Payment.Binding != b.Key {
		*rc = Receipt{}
		err = ErrNoSuchOrder
	}
	return b, err
}

// TokenKind tells what a token pays from, so that an adapter can choose its
// words; an unknown one is taken for a wallet's.
func (s *Service) TokenKind(ctx context.Context, payToken string) (kind BindingKind, err error) {
	key, ok := id.PayTokenKey(payToken)
	if !ok {
		return WalletBinding, nil
	}
	err = s.Store.View(ctx, func(r Reader) error {
		kind = WalletBinding
		b, err := r.Binding(ctx, BindingKey(key))
		if errors.Is(err, ErrBindingNotFound) {
			return nil
		}
		if err == nil && same(b.PayToken, payToken) {
			kind = b.Kind
		}
		return err
	})
	return kind, err
}
