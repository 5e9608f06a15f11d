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

// PayoutChannel is the way to merchants' banks. No payment comes through it: its
// clearing account tells what settlements sent there.
const PayoutChannel Channel = 1

// A Payment is money that was taken for an order.
type Payment struct {
	Number      int64 // what the merchant knows as zp_trans_id
	Order       OrderKey
	App         merchant.ID
	Wallet      WalletID
	Binding     BindingKey // 0 when the payer confirmed it by hand
	Channel     Channel
	BankCode    string       // of a card
	Card        string       // masked
	Amount      money.Amount // of the order
	Discount    money.Amount // part of Amount paid from the app's promotions account
	PayerFee    money.Amount // paid by the payer on top of Amount
	MerchantFee money.Amount // kept from what the merchant gets
	Refunded    money.Amount // taken back so far, running refunds included
	At          time.Time
}

// ErrPaymentNotFound refuses a number under which the app received nothing.
var ErrPaymentNotFound = fault.New(fault.NotFound, "payment_not_found", "This app has no such payment.")

// drawn is what a payment needs of time, chance and identity. It is drawn
// before the transaction, which may run more than once.
type drawn struct {
	now      time.Time
	number   int64 // of the payment
	refill   int64 // of the top-up that a sandbox wallet may get after it
	delivery callback.ID
	bound    callback.ID // of the second callback, when a card is bound by paying
}

func (s *Service) draw(ctx context.Context) (d drawn, err error) {
	d.now = s.Now()
	if d.number, err = s.Numbers.Next(ctx, d.now); err != nil {
		return drawn{}, err
	}
	if d.refill, err = s.Numbers.Next(ctx, d.now); err != nil {
		return drawn{}, err
	}
	d.delivery = callback.ID(s.IDs.Key(d.now, 0))
	d.bound = callback.ID(s.IDs.Key(d.now, 0))
	return d, nil
}

// PayFromWallet pays the order from the wallet's balance. Paying a second time
// from the same wallet returns the first payment; from another one it is
// ErrOrderPaid. What stops the payment is noted on the order, which stays
// payable.
func (s *Service) PayFromWallet(ctx context.Context, key OrderKey, walletID WalletID) (p Payment, err error) {
	d, err := s.draw(ctx)
	if err != nil {
		return Payment{}, err
	}
	err = s.Store.Update(ctx, func(tx Tx) error {
		order, err := tx.Order(ctx, key)
		if err != nil {
			return err
		}
		if order.State == OrderPaid {
			p, err = s.paidBy(ctx, tx, order, walletID)
			return err
		}
		if err := order.Payable(d.now); err != nil {
			return err
		}
		wallet, err := tx.Wallet(ctx, walletID)
		if err != nil {
			return err
		}
		if err := wallet.MayPay(); err != nil {
			return err
		}
		p, err = s.charge(ctx, tx, order, wallet, 0, d)
		return err
	})
	if err = s.paid(ctx, key, err); err != nil {
		return Payment{}, err
	}
	if p.Number == d.number { // and not one that was there already
		s.Moved.taken(p)
	}
	return p, nil
}

// charge takes the order's amount from the wallet's balance: the discount of
// its campaign off, the payer's limits kept, and all of it in tx.
func (s *Service) charge(ctx context.Context, tx Tx, o Order, w Wallet, b BindingKey, d drawn) (Payment, error) {
	p := Payment{
		Number: d.number, Order: o.Key, App: o.App, Wallet: w.ID, Binding: b,
		Channel: WalletChannel, Amount: o.Amount, At: d.now,
	}
	var err error
	if p.Discount, err = promote(ctx, tx, o, w.ID, d.now); err != nil {
		return Payment{}, err
	}
	if _, err := s.spend(ctx, tx, w, FromWallet, p.Amount-p.Discount+p.PayerFee, d.now); err != nil {
		return Payment{}, err
	}
	if err := s.settle(ctx, tx, o, &p, d.delivery); err != nil {
		return Payment{}, err
	}
	return p, s.refill(ctx, tx, w, d.refill, d.now)
}

// paid says what became of a payment after its transaction: work for the
// dispatcher, or a note on the order of why it failed.
func (s *Service) paid(ctx context.Context, key OrderKey, err error) error {
	if err == nil {
		s.CallbackOwed()
		return nil
	}
	return s.failed(ctx, key, err)
}

// failed notes on the order why an attempt to pay it failed.
func (s *Service) failed(ctx context.Context, key OrderKey, err error) error {
	if errors.Is(err, ledger.ErrFloor) {
		err = ErrBalanceLow
	}
	if f := failureOf(err); f != NoFailure {
		s.noteFailure(ctx, key, f)
	}
	return err
}

// failureOf is what an order remembers of a failed attempt: what the payer, or
// the payer's money, could not do.
func failureOf(err error) Failure {
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok:
		return NoFailure
	case errors.Is(err, ErrLimit), errors.Is(err, ErrBalanceLow), errors.Is(err, ErrPromotion), errors.Is(err, ErrPromotionEligible):
		return Failure(e.Code)
	}
	return NoFailure
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
	// Money that a bank took is booked for an app that was disabled meanwhile,
	// too.
	app, err := s.Apps.Known(o.App)
	if err == nil && p.Channel == WalletChannel && !app.Enabled() {
		err = merchant.ErrUnknown
	}
	if err != nil {
		return err
	}
	p.MerchantFee = p.Amount.Share(app.Terms.FeeBP)
	entry, err := ledger.NewEntry(p.Number, ledger.Payment, p.At,
		ledger.Posting{Account: p.source(), Amount: p.Discount - p.Amount - p.PayerFee},
		ledger.Posting{Account: ledger.Account(ledger.Promotions, int64(p.App)), Amount: -p.Discount},
		ledger.Posting{Account: ledger.Account(ledger.Payable, int64(p.App)), Amount: p.Amount - p.MerchantFee},
		ledger.Posting{Account: ledger.Account(ledger.Fees, int64(p.App)), Amount: p.PayerFee + p.MerchantFee},
	)
	if err != nil {
		return err
	}
	// First, so that who pays at the same time finds that it is too late, and not
	// that there is a payment already.
	o.Payment, o.Failure = p.Number, NoFailure
	if err := s.moveOrder(ctx, tx, &o, OrderPaid, p.At); err != nil {
		return err
	}
	if err := tx.InsertPayment(ctx, *p); err != nil {
		return err
	}
	if err := tx.Post(ctx, entry); err != nil {
		return err
	}
	return s.oweCallback(ctx, tx, app, o, *p, deliveryID)
}

// source is the account that the payer's money comes from: the wallet, or what
// is cleared with banks.
func (p Payment) source() ledger.AccountID {
	if p.Channel == WalletChannel {
		return ledger.Account(ledger.Wallet, int64(p.Wallet))
	}
	return ledger.Account(ledger.Clearing, int64(p.Channel))
}

func (s *Service) oweCallback(ctx context.Context, tx Tx, app merchant.App, o Order, p Payment, deliveryID callback.ID) error {
	body, err := s.RenderOrder(app, o, p)
	if err != nil {
		return err
	}
	return s.owe(ctx, tx, app, callback.Delivery{
		ID: deliveryID, App: o.App, Subject: callback.OrderPaid, Order: int64(o.Key),
		URL: o.CallbackURL, Body: body, CreatedAt: p.At,
	})
}

// owe makes a callback due at once, to the app's own address when it brings
// none.
func (s *Service) owe(ctx context.Context, tx Tx, app merchant.App, d callback.Delivery) error {
	if d.URL == "" {
		d.URL = app.CallbackURL
	}
	d.State, d.DueAt = callback.Due, d.CreatedAt
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
