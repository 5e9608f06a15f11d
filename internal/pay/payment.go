package pay

import (
	"context"
	"errors"
	"time"

	"sen/internal/callback"
	"sen/internal/fault"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
)

// Channel is how money came in. The numbers are the merchant protocol's.
type Channel int64

// WalletChannel is the wallet's own balance.
const WalletChannel Channel = 38

// A Payment is money that was taken for an order.
type Payment struct {
	Number      int64 // what the merchant knows as zp_trans_id
	Order       OrderKey
	App         merchant.ID
	Wallet      WalletID
	Channel     Channel
	Amount      money.Amount // of the order
	Discount    money.Amount // part of Amount paid from the app's promotions account
	PayerFee    money.Amount // paid by the payer on top of Amount
	MerchantFee money.Amount // kept from what the merchant gets
	Refunded    money.Amount // taken back so far, running refunds included
	At          time.Time
}

// ErrPaymentNotFound refuses a number under which the app received nothing.
var ErrPaymentNotFound = fault.New(fault.NotFound, "payment_not_found", "This app has no such payment.")

// PayFromWallet pays the order from the wallet's balance. Paying a second time
// from the same wallet returns the first payment; from another one it is
// ErrOrderPaid. A balance that is too low is ErrBalanceLow; it is noted on the
// order, which stays payable.
func (s *Service) PayFromWallet(ctx context.Context, key OrderKey, walletID WalletID) (Payment, error) {
	now := s.Now()
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return Payment{}, err
	}
	refill, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return Payment{}, err
	}
	deliveryID := callback.ID(s.IDs.Key(now, 0))
	var payment Payment
	err = s.Store.Update(ctx, func(tx Tx) error {
		order, err := tx.Order(ctx, key)
		if err != nil {
			return err
		}
		if order.State == OrderPaid {
			payment, err = s.paidBy(ctx, tx, order, walletID)
			return err
		}
		if err := order.Payable(now); err != nil {
			return err
		}
		wallet, err := tx.Wallet(ctx, walletID)
		if err != nil {
			return err
		}
		if err := wallet.MayPay(); err != nil {
			return err
		}
		payment = Payment{
			Number: number, Order: key, App: order.App, Wallet: walletID,
			Channel: WalletChannel, Amount: order.Amount, At: now,
		}
		if err := s.settle(ctx, tx, order, &payment, deliveryID); err != nil {
			return err
		}
		return s.refill(ctx, tx, wallet, refill, now)
	})
	if errors.Is(err, ledger.ErrFloor) {
		s.noteFailure(ctx, key, LowBalance)
		return Payment{}, ErrBalanceLow
	}
	if err != nil {
		return Payment{}, err
	}
	s.CallbackOwed()
	return payment, nil
}

// paidBy returns the payment of an order that the same wallet paid before, so
// that a payer who confirms twice sees success twice.
func (s *Service) paidBy(ctx context.Context, tx Tx, o Order, w WalletID) (Payment, error) {
	p, err := tx.Payment(ctx, o.Payment)
	if err == nil && p.Wallet != w {
		err = ErrOrderPaid
	}
	return p, err
}

// settle closes the order, moves the money and owes the merchant a callback,
// all in tx. Every way to pay ends here.
func (s *Service) settle(ctx context.Context, tx Tx, o Order, p *Payment, deliveryID callback.ID) error {
	app, err := s.Apps.App(o.App)
	if err != nil {
		return err
	}
	p.MerchantFee = p.Amount.Share(app.Terms.FeeBP)
	entry, err := ledger.NewEntry(p.Number, ledger.Payment, p.At,
		ledger.Posting{Account: ledger.Account(ledger.Wallet, int64(p.Wallet)), Amount: p.Discount - p.Amount - p.PayerFee},
		ledger.Posting{Account: ledger.Account(ledger.Promotions, int64(p.App)), Amount: -p.Discount},
		ledger.Posting{Account: ledger.Account(ledger.Payable, int64(p.App)), Amount: p.Amount - p.MerchantFee},
		ledger.Posting{Account: ledger.Account(ledger.Fees, int64(p.App)), Amount: p.PayerFee + p.MerchantFee},
	)
	if err != nil {
		return err
	}
	if err := tx.Post(ctx, entry); err != nil {
		return err
	}
	if err := tx.InsertPayment(ctx, *p); err != nil {
		return err
	}
	o.Payment, o.Failure = p.Number, NoFailure
	if err := s.moveOrder(ctx, tx, &o, OrderPaid, p.At); err != nil {
		return err
	}
	return s.oweCallback(ctx, tx, app, o, *p, deliveryID)
}

func (s *Service) oweCallback(ctx context.Context, tx Tx, app merchant.App, o Order, p Payment, deliveryID callback.ID) error {
	body, err := s.RenderOrder(app, o, p)
	if err != nil {
		return err
	}
	d := callback.Delivery{
		ID: deliveryID, App: o.App, Subject: callback.OrderPaid, Order: int64(o.Key),
		URL: o.CallbackURL, Body: body, State: callback.Due, CreatedAt: p.At, DueAt: p.At,
	}
	if d.URL == "" {
		d.URL = app.CallbackURL
	}
	if d.URL == "" {
		d.State, d.DueAt = callback.Unaddressed, time.Time{}
	}
	return tx.InsertDelivery(ctx, d)
}

// noteFailure records on the order why the attempt failed. The attempt itself
// left nothing behind, so losing the note in a crash loses no money; and when
// the order was closed meanwhile there is nothing to note.
func (s *Service) noteFailure(ctx context.Context, key OrderKey, f Failure) {
	// The payer may be gone by now; the note is still wanted.
	ctx = context.WithoutCancel(ctx)
	err := s.Store.Update(ctx, func(tx Tx) error {
		o, err := tx.Order(ctx, key)
		if err != nil || o.State != OrderCreated {
			return err
		}
		o.Failure = f
		return s.moveOrder(ctx, tx, &o, OrderCreated, time.Time{})
	})
	if err != nil {
		s.NoteLost(ctx, key, err)
	}
}

// PayOut moves money that we hold for a merchant to its bank.
func (s *Service) PayOut(ctx context.Context, app merchant.ID, amount money.Amount) error {
	if err := positive(amount); err != nil {
		return err
	}
	now := s.Now()
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return err
	}
	entry, err := ledger.NewEntry(number, ledger.Payout, now,
		ledger.Posting{Account: ledger.Account(ledger.Payable, int64(app)), Amount: -amount},
		ledger.Posting{Account: ledger.Account(ledger.Clearing, int64(WalletChannel)), Amount: amount},
	)
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx Tx) error { return tx.Post(ctx, entry) })
}
