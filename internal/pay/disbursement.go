package pay

import (
	"context"
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sen/internal/fault"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
)

// DisbursementState is where a disbursement stands.
type DisbursementState string

// The states of a disbursement. They are stored: never change one.
const (
	DisbursementRunning   DisbursementState = "running"   // accepted; an operator holds the app's payouts up
	DisbursementPending   DisbursementState = "pending"   // the app's disbursement account does not cover it yet
	DisbursementHeld      DisbursementState = "held"      // an operator has to release or reject it
	DisbursementSucceeded DisbursementState = "succeeded" // the wallet has the money
	DisbursementFailed    DisbursementState = "failed"    // nothing was paid out
)

var disbursementMoves = map[DisbursementState][]DisbursementState{
	DisbursementRunning: {DisbursementRunning, DisbursementPending, DisbursementHeld, DisbursementSucceeded, DisbursementFailed},
	DisbursementPending: {DisbursementRunning, DisbursementPending, DisbursementHeld, DisbursementSucceeded, DisbursementFailed},
	DisbursementHeld:    {DisbursementRunning, DisbursementPending, DisbursementSucceeded, DisbursementFailed},
}

// Open reports whether the state can still change.
func (s DisbursementState) Open() bool { return len(disbursementMoves[s]) > 0 }

// DisbursementFailure is why nothing was paid out after all.
type DisbursementFailure string

// The failures. They are stored: never change one.
const (
	ReceiverLocked  DisbursementFailure = "receiver_locked"
	ReceiverFull    DisbursementFailure = "fund_in_limit"
	PayoutsRejected DisbursementFailure = "rejected" // by an operator
)

// DisbursementHold is why a disbursement was held for an operator.
type DisbursementHold string

// The holds. They are stored: never change one.
const (
	HeldAbove  DisbursementHold = "above"   // it was as much as the app's payouts are looked at from
	HeldByHand DisbursementHold = "by_hand" // by an operator
)

// A Disbursement pays money of a merchant out to a wallet. Its number is that of
// its entry.
type Disbursement struct {
	Number         int64
	App            merchant.ID
	PartnerOrderID string
	Wallet         WalletID
	Amount         money.Amount
	Description    string
	EmbedData      string // of the merchant, JSON
	ExtraInfo      string // likewise
	State          DisbursementState
	Failure        DisbursementFailure
	CreatedAt      time.Time
	DueAt          time.Time // when it is tried next; zero while it is held, and once it is closed
	ClosedAt       time.Time
	Hold           DisbursementHold // why it was held last
	HeldAt         time.Time        // since when it is, or was held last
	ReleasedAt     time.Time        // when an operator released it from that
}

// Standing says where it stands, for the audit log.
func (d Disbursement) Standing() string {
	return strings.TrimSpace(string(d.State) + " " + d.Amount.Digits() + " " + string(d.Failure))
}

// Subject names it in the audit log.
func (d Disbursement) Subject() string { return "payout " + strconv.FormatInt(d.Number, 10) }

// Refusals about disbursements.
var (
	ErrReceiver              = fault.New(fault.NotFound, "receiver_unknown", "There is no such receiver for this app: ask /v2/disbursement/user with the telephone number.")
	ErrReceiverLocked        = fault.New(fault.Declined, "receiver_locked", "The receiver's wallet is locked.")
	ErrFundIn                = fault.New(fault.Declined, "fund_in_limit", "The receiver's wallet would hold more than its verification level allows.")
	ErrPaymentID             = fault.New(fault.Invalid, "payment_id_unknown", "The payment_id is not that of the app.")
	ErrDisbursementDuplicate = fault.New(fault.Conflict, "disbursement_duplicate", "The app has used the partner_order_id before.")
	ErrDisbursementNotFound  = fault.New(fault.NotFound, "disbursement_not_found", "There is no such disbursement.")
	ErrDisbursementHeld      = fault.New(fault.Conflict, "disbursement_held", "The disbursement is held already: release or reject it.")
	ErrDisbursementNotHeld   = fault.New(fault.Conflict, "disbursement_not_held", "The disbursement is not held: there is nothing to release.")
	ErrFundingReference      = fault.New(fault.Invalid, "funding_reference", "The reference of a funding has at most 100 bytes, and no control characters.")
	ErrFunded                = fault.New(fault.Conflict, "funding_duplicate", "Money was put into the account of this app under the same reference before: look at its movements, and give another reference if this is other money.")
	ErrDisbursementClosed    = fault.New(fault.Conflict, "disbursement_closed", "The disbursement is closed: what became of it is final.")
)

// fundInLimits bound what a wallet may hold once money was paid out to it. They
// are ours; law and contracts name others.
var fundInLimits = map[KYC]money.Amount{Unverified: 20_000_000, Basic: 200_000_000}

// mayReceive reports why the wallet can't be paid the amount on top of what is
// in it, or nil.
func (w Wallet) mayReceive(amount, balance money.Amount) error {
	if !w.LockedAt.IsZero() {
		return ErrReceiverLocked
	}
	if most, ok := fundInLimits[w.KYC]; ok && (amount > most || balance > most-amount) {
		return ErrFundIn
	}
	return nil
}

// Receiver returns the wallet to which an app may pay out under a telephone
// number: ErrReceiver, or ErrReceiverLocked. An app that may pay out to nobody
// learns of nobody: merchant.ErrNoPayouts.
func (s *Service) Receiver(ctx context.Context, app merchant.App, phone string) (Wallet, error) {
	if !app.Disbursement.Enabled() {
		return Wallet{}, merchant.ErrNoPayouts
	}
	phone, err := Phone(phone)
	if err != nil {
		return Wallet{}, ErrPhone.On("phone", "must have ten digits and begin with 0")
	}
	w, err := s.WalletByPhone(ctx, phone)
	switch {
	case errors.Is(err, ErrWalletNotFound):
		return Wallet{}, ErrReceiver.On("phone", "is that of no wallet here")
	case err == nil && !w.LockedAt.IsZero():
		return Wallet{}, ErrReceiverLocked
	}
	return w, err
}

// ReceiverID is the name under which an app pays out to a wallet: the same each
// time, of no use to another app. It is one block of a cipher, so that nothing
// has to be kept to find the wallet again.
func (s *Service) ReceiverID(app merchant.ID, w WalletID) string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:8], uint64(w))     //nolint:gosec // a key is never negative
	binary.BigEndian.PutUint32(block[8:12], uint32(app)) //nolint:gosec // an app_id has 31 bits
	cipher, err := aes.NewCipher(s.receiverKey())
	if err != nil { // the key has the length of one
		panic(err)
	}
	cipher.Encrypt(block[:], block[:])
	return base64.RawURLEncoding.EncodeToString(block[:])
}

// receiverOf is the way back from a ReceiverID; ErrReceiver for what is none of
// the app's.
func (s *Service) receiverOf(app merchant.ID, name string) (WalletID, error) {
	block, err := base64.RawURLEncoding.DecodeString(name)
	if err != nil || len(block) != aes.BlockSize {
		return 0, ErrReceiver.On("m_u_id", "is none that /v2/disbursement/user answers")
	}
	cipher, err := aes.NewCipher(s.receiverKey())
	if err != nil {
		panic(err)
	}
	cipher.Decrypt(block, block)
	w := WalletID(binary.BigEndian.Uint64(block[:8])) //nolint:gosec // compared as it is
	if binary.BigEndian.Uint32(block[12:]) != 0 || merchant.ID(binary.BigEndian.Uint32(block[8:12])) != app || w < 0 {
		return 0, ErrReceiver.On("m_u_id", "is none that /v2/disbursement/user gave this app")
	}
	return w, nil
}

func (s *Service) receiverKey() []byte {
	mac := hmac.New(sha256.New, s.UserKey)
	mac.Write([]byte("receivers of disbursements"))
	return mac.Sum(nil)[:aes.BlockSize]
}

// NewDisbursement is what a merchant asks for.
type NewDisbursement struct {
	App            merchant.App
	PaymentID      string
	PartnerOrderID string
	Receiver       string // a ReceiverID
	Amount         money.Amount
	Description    string
	EmbedData      string
	ExtraInfo      string
	Time           time.Time // of the request
}

// Disburse pays out to a wallet, once for each partner_order_id of an app. What
// can't be paid out now waits: while the app's payouts are held up, and while
// its account does not cover it. A refusal leaves nothing behind.
func (s *Service) Disburse(ctx context.Context, n NewDisbursement) (d Disbursement, err error) {
	if err := s.CheckTime("time", n.Time); err != nil {
		return Disbursement{}, err
	}
	if err := checkPaymentID(n.App, n.PaymentID); err != nil {
		return Disbursement{}, err
	}
	if err := positive(n.Amount); err != nil {
		return Disbursement{}, err
	}
	now := s.Now()
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return Disbursement{}, err
	}
	receiver, unknown := s.receiverOf(n.App.ID, n.Receiver)
	err = s.Store.Update(ctx, func(tx Tx) error {
		d = Disbursement{
			Number: number, App: n.App.ID, PartnerOrderID: n.PartnerOrderID, Wallet: receiver, Amount: n.Amount,
			Description: n.Description, EmbedData: n.EmbedData, ExtraInfo: n.ExtraInfo,
			State: DisbursementRunning, CreatedAt: now, DueAt: now,
		}
		inserted, err := tx.InsertDisbursement(ctx, d)
		switch {
		case err != nil:
			return err
		case !inserted:
			return ErrDisbursementDuplicate.On("partner_order_id", "was used for another disbursement: /v2/disbursement/txn tells what became of it")
		case unknown != nil:
			return unknown
		}
		return s.payReceiver(ctx, tx, n.App, &d, now)
	})
	if err != nil {
		return Disbursement{}, err
	}
	return d, nil
}

func checkPaymentID(app merchant.App, id string) error {
	if app.Disbursement.PaymentID != id {
		return ErrPaymentID.On("payment_id", "is not that of the app")
	}
	return nil
}

// payReceiver pays an open disbursement out, or says in it what it waits for.
func (s *Service) payReceiver(ctx context.Context, tx Tx, app merchant.App, d *Disbursement, now time.Time) error {
	w, err := tx.Wallet(ctx, d.Wallet)
	if errors.Is(err, ErrWalletNotFound) {
		return ErrReceiver.On("m_u_id", "is that of no wallet")
	}
	if err != nil {
		return err
	}
	from, to := ledger.Account(ledger.Disbursement, int64(d.App)), ledger.Account(ledger.Wallet, int64(w.ID))
	var balance money.Amount
	if _, bounded := fundInLimits[w.KYC]; bounded {
		if balance, err = hold(ctx, tx, from, to); err != nil {
			return err
		}
	}
	if err := w.mayReceive(d.Amount, balance); err != nil {
		return err
	}
	if app.Disbursement.Reviews(d.Amount) && d.ReleasedAt.IsZero() {
		return holdDisbursement(ctx, tx, d, HeldAbove, now)
	}
	if app.Disbursement.Held() {
		return waitDisbursement(ctx, tx, d, DisbursementRunning, now)
	}
	entry, err := ledger.NewEntry(d.Number, ledger.Disbursed, now,
		ledger.Posting{Account: from, Amount: -d.Amount},
		ledger.Posting{Account: to, Amount: d.Amount},
	)
	if err != nil {
		return err
	}
	err = tx.Post(ctx, entry)
	if errors.Is(err, ledger.ErrFloor) {
		return waitDisbursement(ctx, tx, d, DisbursementPending, now)
	}
	if err != nil {
		return err
	}
	return moveDisbursement(ctx, tx, d, DisbursementSucceeded, now)
}

// hold keeps what is in a wallet as it is until it was paid, and returns it.
// Accounts are held in the order in which every entry touches them.
func hold(ctx context.Context, tx Tx, from, to ledger.AccountID) (money.Amount, error) {
	for _, account := range []ledger.AccountID{min(from, to), max(from, to)} {
		if err := tx.HoldAccount(ctx, account); err != nil {
			return 0, err
		}
	}
	return tx.Balance(ctx, to)
}

// disbursementPause is how long a disbursement waits before it is tried again
// when nobody wakes it.
const disbursementPause = time.Minute

func waitDisbursement(ctx context.Context, tx Tx, d *Disbursement, state DisbursementState, now time.Time) error {
	d.DueAt = now.Add(disbursementPause)
	return moveDisbursement(ctx, tx, d, state, now)
}

// holdDisbursement has it wait for an operator: nobody tries it meanwhile.
func holdDisbursement(ctx context.Context, tx Tx, d *Disbursement, why DisbursementHold, now time.Time) error {
	d.Hold, d.HeldAt, d.ReleasedAt, d.DueAt = why, now, time.Time{}, time.Time{}
	return moveDisbursement(ctx, tx, d, DisbursementHeld, now)
}

// moveDisbursement is the only way in which a disbursement changes.
func moveDisbursement(ctx context.Context, tx Tx, d *Disbursement, to DisbursementState, now time.Time) error {
	from := d.State
	if !slices.Contains(disbursementMoves[from], to) {
		return fault.New(fault.Internal, "disbursement_move", "A disbursement can't go from "+string(from)+" to "+string(to)+".")
	}
	if d.State = to; !to.Open() {
		d.ClosedAt, d.DueAt = now, time.Time{}
	}
	return tx.MoveDisbursement(ctx, *d, from)
}

// RunDisbursements tries those again that are due. It takes no lease: the row
// moves with the money, and whoever comes second finds it moved.
func (s *Service) RunDisbursements(ctx context.Context) (more bool, err error) {
	const batch = 100
	var due []int64
	err = s.Store.View(ctx, func(r Reader) (err error) {
		due, err = r.DisbursementsDue(ctx, s.Now(), batch)
		return err
	})
	if err != nil {
		return false, err
	}
	var failed error
	for _, number := range due {
		failed = errors.Join(failed, s.runDisbursement(ctx, number))
	}
	return failed == nil && len(due) == batch, failed
}

func (s *Service) runDisbursement(ctx context.Context, number int64) error {
	now := s.Now()
	return s.Store.Update(ctx, func(tx Tx) error {
		d, err := tx.Disbursement(ctx, number)
		if err != nil || d.DueAt.IsZero() || d.DueAt.After(now) {
			return err // somebody was faster
		}
		return s.tryDisbursement(ctx, tx, &d, now)
	})
}

// tryDisbursement is payReceiver for one that was accepted before: what can't be
// paid out any more fails.
func (s *Service) tryDisbursement(ctx context.Context, tx Tx, d *Disbursement, now time.Time) error {
	app, err := s.Apps.Known(d.App) // what was accepted is brought to its end
	if err != nil {
		return err
	}
	err = s.payReceiver(ctx, tx, app, d, now)
	switch {
	case errors.Is(err, ErrReceiverLocked):
		d.Failure = ReceiverLocked
	case errors.Is(err, ErrFundIn):
		d.Failure = ReceiverFull
	default:
		return err
	}
	return moveDisbursement(ctx, tx, d, DisbursementFailed, now)
}

// DisbursementNumbered returns the disbursement with that number, or
// ErrDisbursementNotFound.
func (s *Service) DisbursementNumbered(ctx context.Context, number int64) (d Disbursement, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		d, err = r.Disbursement(ctx, number)
		return err
	})
	return d, err
}

// Disbursement returns what became of a partner_order_id of an app, or
// ErrDisbursementNotFound.
func (s *Service) Disbursement(ctx context.Context, app merchant.ID, partnerOrderID string) (d Disbursement, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		d, err = r.DisbursementByPartnerID(ctx, app, partnerOrderID)
		return err
	})
	return d, err
}

// DisbursementBalance returns what an app has left to pay out, under the
// payment_id of its account.
func (s *Service) DisbursementBalance(ctx context.Context, app merchant.App, paymentID string) (money.Amount, error) {
	if err := checkPaymentID(app, paymentID); err != nil {
		return 0, err
	}
	return s.Disbursable(ctx, app.ID)
}

// Disbursable returns what is in the disbursement account of an app.
func (s *Service) Disbursable(ctx context.Context, app merchant.ID) (balance money.Amount, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		balance, err = r.Balance(ctx, ledger.Account(ledger.Disbursement, int64(app)))
		return err
	})
	return balance, err
}

// maxReference is how many bytes the reference of a funding may have.
const maxReference = 100

// FundDisbursements books what a merchant gave us to pay out, and has what waits
// for it tried at once. A reference, as of the transfer that brought it, is booked
// once for an app, whoever sends it how often; "" is none, and not compared.
func (s *Service) FundDisbursements(ctx context.Context, app merchant.ID, amount money.Amount, reference string) error {
	if err := positive(amount); err != nil {
		return err
	}
	if len(reference) > maxReference || !utf8.ValidString(reference) || strings.ContainsFunc(reference, unicode.IsControl) {
		return ErrFundingReference
	}
	a, err := s.Apps.Known(app)
	if err != nil {
		return err
	}
	if !a.Disbursement.Enabled() {
		return merchant.ErrNoPayouts
	}
	now := s.Now()
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return err
	}
	entry, err := ledger.NewEntry(number, ledger.Funding, now,
		ledger.Posting{Account: ledger.Account(ledger.Clearing, int64(PayoutChannel)), Amount: -amount},
		ledger.Posting{Account: ledger.Account(ledger.Disbursement, int64(app)), Amount: amount},
	)
	if err != nil {
		return err
	}
	err = s.Store.Update(ctx, func(tx Tx) error {
		if err := claimFunding(ctx, tx, app, reference); err != nil {
			return err
		}
		if err := tx.Post(ctx, entry); err != nil {
			return err
		}
		return tx.WakeDisbursements(ctx, app, now)
	})
	if err == nil {
		s.DisbursementOwed()
	}
	return err
}

// Funding says what was put in, for the audit log.
func Funding(amount money.Amount, reference string) string {
	return strings.TrimSpace("+" + amount.Digits() + " " + reference)
}

func claimFunding(ctx context.Context, tx Tx, app merchant.ID, reference string) error {
	if reference == "" {
		return nil
	}
	fresh, err := tx.ClaimFunding(ctx, app, reference)
	if err == nil && !fresh {
		err = ErrFunded
	}
	return err
}

// WakeDisbursements has what waits of an app tried at once.
func (s *Service) WakeDisbursements(ctx context.Context, app merchant.ID) error {
	now := s.Now()
	err := s.Store.Update(ctx, func(tx Tx) error { return tx.WakeDisbursements(ctx, app, now) })
	if err == nil {
		s.DisbursementOwed()
	}
	return err
}

// HoldDisbursement has one that is open wait until it is released or rejected.
func (s *Service) HoldDisbursement(ctx context.Context, number int64) (Disbursement, error) {
	return s.decideDisbursement(ctx, number, func(tx Tx, d *Disbursement, now time.Time) error {
		if d.State == DisbursementHeld {
			return ErrDisbursementHeld
		}
		return holdDisbursement(ctx, tx, d, HeldByHand, now)
	})
}

// ReleaseDisbursement pays one out that was held, or has it wait for what others
// wait for. It moves with the money, so whoever releases it a second time finds
// it no longer held.
func (s *Service) ReleaseDisbursement(ctx context.Context, number int64) (Disbursement, error) {
	return s.decideDisbursement(ctx, number, func(tx Tx, d *Disbursement, now time.Time) error {
		if d.State != DisbursementHeld {
			return ErrDisbursementNotHeld
		}
		d.ReleasedAt = now
		return s.tryDisbursement(ctx, tx, d, now)
	})
}

// RejectDisbursement ends a disbursement that waits: nothing was paid out, and
// nothing will be.
func (s *Service) RejectDisbursement(ctx context.Context, number int64) (Disbursement, error) {
	return s.decideDisbursement(ctx, number, func(tx Tx, d *Disbursement, now time.Time) error {
		d.Failure = PayoutsRejected
		return moveDisbursement(ctx, tx, d, DisbursementFailed, now)
	})
}

// decideDisbursement changes one that is open as an operator wants it.
func (s *Service) decideDisbursement(ctx context.Context, number int64, decide func(Tx, *Disbursement, time.Time) error) (d Disbursement, err error) {
	now := s.Now()
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		if d, err = tx.Disbursement(ctx, number); err != nil {
			return err
		}
		if !d.State.Open() {
			return ErrDisbursementClosed
		}
		return decide(tx, &d, now)
	})
	return d, err
}
