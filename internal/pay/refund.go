package pay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sen/internal/bank"
	"sen/internal/fault"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
)

// RefundState is where a refund stands.
type RefundState string

// The states of a refund. They are stored: never change one.
const (
	RefundPending   RefundState = "pending" // waits for an operator
	RefundRunning   RefundState = "running"
	RefundBlocked   RefundState = "blocked" // the merchant's funds do not cover it yet
	RefundSent      RefundState = "sent"    // booked; the bank is being asked to carry it out
	RefundSucceeded RefundState = "succeeded"
	RefundFailed    RefundState = "failed"
)

// refundMoves lists every legal change of state.
var refundMoves = map[RefundState][]RefundState{
	RefundPending: {RefundRunning, RefundFailed},
	RefundRunning: {RefundSucceeded, RefundFailed, RefundBlocked, RefundSent},
	RefundBlocked: {RefundSucceeded, RefundBlocked, RefundSent},
	RefundSent:    {RefundSucceeded, RefundFailed, RefundSent},
}

// RefundFailure is why a refund failed.
type RefundFailure string

// The failures of a refund. They are stored: never change one.
const (
	RefundAmount   RefundFailure = "amount"   // more than what is left
	RefundPeriod   RefundFailure = "period"   // the payment is too old
	RefundRejected RefundFailure = "rejected" // by an operator, for its amount
	RefundPartial  RefundFailure = "partial"  // of a payment that can only be refunded in full
	RefundChannel  RefundFailure = "channel"  // the payer's bank takes nothing back
	RefundBank     RefundFailure = "bank"     // the payer's bank refused it
)

// A Refund gives a payment, or a part of it, back to the payer.
type Refund struct {
	Number      int64 // what the merchant knows as refund_id
	App         merchant.ID
	MRefundID   string
	Payment     int64
	Amount      money.Amount
	Fee         money.Amount // part of Amount withheld from the payer
	Description string
	State       RefundState
	Failure     RefundFailure
	Reversal    int64 // number of the entry that undid it, when a bank refused it
	CreatedAt   time.Time
	DueAt       time.Time
	ClosedAt    time.Time
	Lease       Lease // of the worker who has it
}

// Refusals about refunds.
var (
	ErrRefundNotFound  = fault.New(fault.NotFound, "refund_not_found", "This app has no such refund.")
	ErrRefundDuplicate = fault.New(fault.Conflict, "refund_duplicate", "This app used the m_refund_id before.")
	ErrRefundReplayed  = fault.New(fault.Conflict, "refund_replayed", "A refund was asked for under this mac before, with another m_refund_id.")
	ErrRefundClock     = fault.New(fault.Invalid, "refund_clock", "The timestamp of the refund is more than 15 minutes away from the server's clock.")
	ErrRefundAmount    = fault.New(fault.Declined, "refund_amount", "The amount is more than what is left to refund.")
	ErrRefundPartial   = fault.New(fault.Declined, "refund_partial", "The payment had a promotion and can only be refunded in full.")
	ErrRefundChannel   = fault.New(fault.Unavailable, "refund_channel", "The channel that must carry the refund can't be reached; nothing was recorded.")
	ErrRefundDecided   = fault.New(fault.Conflict, "refund_decided", "The refund does not wait for approval.")
)

// blockedPause is how long a blocked refund waits before it is tried again.
const blockedPause = time.Minute

// NewRefund is what RequestRefund needs to know.
type NewRefund struct {
	App         merchant.App
	MRefundID   string
	Payment     int64
	Amount      money.Amount
	Fee         money.Amount // 0 to Amount
	Description string
	Timestamp   time.Time
	// MAC is what the merchant signed the request with, in lower case; it covers
	// everything above but MRefundID. Empty: nobody signed it.
	MAC string
}

// RequestRefund accepts a refund, to be carried out later. What is wrong with
// it beyond an unknown payment, a used m_refund_id and a stale timestamp is
// found when it is carried out.
func (s *Service) RequestRefund(ctx context.Context, n NewRefund) (Refund, error) {
	now := s.Now()
	if err := checkClock("timestamp", n.Timestamp, now); err != nil {
		detail, _ := errors.AsType[*fault.Error](err)
		return Refund{}, ErrRefundClock.On(detail.Field, detail.Detail)
	}
	if err := checkDatePrefix("m_refund_id", n.MRefundID, now, n.Timestamp); err != nil {
		return Refund{}, err
	}
	if err := s.refundReachable(ctx, n); err != nil {
		return Refund{}, err
	}
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return Refund{}, err
	}
	wanted := Refund{
		Number: number, App: n.App.ID, MRefundID: n.MRefundID, Payment: n.Payment,
		Amount: n.Amount, Fee: n.Fee, Description: n.Description,
		State: RefundRunning, CreatedAt: now, DueAt: now.Add(s.RefundDelay),
	}
	if from := n.App.Terms.RefundApprovalFrom; from > 0 && n.Amount >= from {
		wanted.State, wanted.DueAt = RefundPending, time.Time{}
	}
	var r Refund
	err = s.Store.Update(ctx, func(tx Tx) error {
		r = wanted
		inserted, err := tx.InsertRefund(ctx, r)
		if err != nil {
			return err
		}
		if !inserted {
			return ErrRefundDuplicate
		}
		if err := s.claimMAC(ctx, tx, r, n); err != nil {
			return err
		}
		p, err := tx.Payment(ctx, n.Payment)
		switch {
		case err != nil:
			return err
		case p.App != n.App.ID:
			return ErrPaymentNotFound
		case !p.refundable(n.Amount, n.Fee):
			// Known at once, and still a refund that its query can find.
			return s.failRefund(ctx, tx, &r, RefundPartial, now)
		}
		return nil
	})
	switch {
	case err != nil:
		return Refund{}, err
	case r.Failure == RefundPartial:
		return r, ErrRefundPartial
	}
	s.RefundOwed()
	return r, nil
}

// claimMAC lets each mac ask for one refund. Somebody who captured a request could
// send it again under another m_refund_id, which the mac does not cover, as long
// as its timestamp is young. Two refunds of a merchant's own differ in their
// timestamps at least, unless the clock that they are made by stands. ADR 0018
// says why it is kept like this.
func (s *Service) claimMAC(ctx context.Context, tx Tx, r Refund, n NewRefund) error {
	if s.InTurn || n.MAC == "" {
		return nil
	}
	first, err := tx.ClaimRefundMAC(ctx, r, n.MAC)
	if err == nil && !first {
		err = ErrRefundReplayed.On("timestamp", "was signed for another refund: each refund needs a timestamp of its own, in milliseconds")
	}
	return err
}

// refundReachable reports ErrRefundChannel when the app's payment came through a
// bank that can't be reached now.
func (s *Service) refundReachable(ctx context.Context, n NewRefund) error {
	var p Payment
	err := s.Store.View(ctx, func(r Reader) (err error) {
		p, err = r.Payment(ctx, n.Payment)
		return err
	})
	if errors.Is(err, ErrPaymentNotFound) || (err == nil && (p.App != n.App.ID || p.Channel == WalletChannel)) {
		return nil // what is wrong with it is told in its turn
	}
	if err != nil {
		return err
	}
	if err := s.Bank.Reachable(ctx); err != nil {
		return ErrRefundChannel.Because(err)
	}
	return nil
}

// refundable reports whether that part of the payment can be refunded at all. A
// discount goes back to the campaign's account, not to the payer, so such a
// payment is undone as a whole or not at all.
func (p Payment) refundable(amount, fee money.Amount) bool {
	return p.Discount == 0 || (amount == p.Amount && fee <= amount-p.Discount)
}

// RefundByMerchantID returns the app's refund, or ErrRefundNotFound.
func (s *Service) RefundByMerchantID(ctx context.Context, app merchant.ID, mRefundID string) (rf Refund, err error) {
	err = s.Store.View(ctx, func(r Reader) (err error) {
		rf, err = r.RefundByMerchantID(ctx, app, mRefundID)
		return err
	})
	return rf, err
}

// DecideRefund lets a waiting refund run, or rejects it for its amount.
func (s *Service) DecideRefund(ctx context.Context, number int64, approve bool) (rf Refund, err error) {
	now := s.Now()
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		if rf, err = tx.Refund(ctx, number); err != nil {
			return err
		}
		if rf.State != RefundPending {
			return ErrRefundDecided
		}
		if !approve {
			return s.failRefund(ctx, tx, &rf, RefundRejected, now)
		}
		rf.DueAt = now.Add(s.RefundDelay)
		return s.moveRefund(ctx, tx, &rf, RefundRunning, now)
	})
	if err == nil {
		s.RefundOwed()
	}
	return rf, err
}

// RunRefunds carries out refunds that are due, a batch at a time and each one
// step: to a wallet there is one, to a card booking and asking the bank are two.
// Any number of nodes share the work.
func (s *Service) RunRefunds(ctx context.Context) (more bool, err error) {
	const batch = 100
	claimed, err := claim(ctx, s,
		func(r Reader, now, machine time.Time) (bool, error) { return r.RefundsDue(ctx, now, machine) },
		func(tx Tx, now, machine, until time.Time) ([]Refund, error) {
			return tx.ClaimRefunds(ctx, now, machine, until, batch)
		})
	if err == nil {
		err = together(s.InTurn, claimed, func(r Refund) error { return s.runClaimed(ctx, r) })
	}
	// What was done may let the next refund of the same payment run.
	return len(claimed) > 0 && err == nil, err
}

// runClaimed runs a refund, and gives the claim back when that fails: whoever
// looks next may try again.
func (s *Service) runClaimed(ctx context.Context, claimed Refund) error {
	err := s.runRefund(ctx, claimed)
	if err == nil {
		return nil
	}
	return fmt.Errorf("refund %d: %w", claimed.Number, errors.Join(err, s.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error {
		return tx.UnclaimRefund(ctx, claimed)
	})))
}

func (s *Service) runRefund(ctx context.Context, claimed Refund) error {
	now := s.Now()
	if claimed.State == RefundSent {
		return s.sendRefund(ctx, claimed)
	}
	var booked Refund
	err := s.Store.Update(ctx, func(tx Tx) error {
		r, p, err := claimedRefund(ctx, tx, claimed)
		booked = Refund{}
		if err != nil || r.Number == 0 {
			return err
		}
		err = s.bookRefund(ctx, tx, &r, p, now)
		booked = r
		return err
	})
	if errors.Is(err, ledger.ErrFloor) {
		return s.blockRefund(ctx, claimed)
	}
	if err == nil {
		s.Moved.refunded(booked)
	}
	return err
}

// bookRefund judges a refund and moves its money. To a wallet that is all; to a
// card the bank still has to carry it.
func (s *Service) bookRefund(ctx context.Context, tx Tx, r *Refund, p Payment, now time.Time) error {
	// An app that is disabled by now keeps what was accepted from it.
	app, err := s.Apps.Known(r.App)
	if err != nil {
		return err
	}
	if r.State == RefundRunning {
		if period := app.Terms.RefundPeriod; period > 0 && r.CreatedAt.After(p.At.Add(period)) {
			return s.failRefund(ctx, tx, r, RefundPeriod, now)
		}
		err := tx.ReserveRefund(ctx, p.Number, r.Amount)
		if errors.Is(err, ErrRefundAmount) {
			return s.failRefund(ctx, tx, r, RefundAmount, now)
		}
		if err != nil {
			return err
		}
	}
	to := RefundSucceeded
	if p.Channel != WalletChannel {
		to, r.DueAt = RefundSent, now
	}
	// Before the money: a second worker must find that it is too late, and not
	// that the entry is there already.
	if err := s.moveRefund(ctx, tx, r, to, now); err != nil {
		return err
	}
	return s.postRefund(ctx, tx, *r, p, now)
}

// sendRefund asks the payer's bank to carry a refund that is booked. Asking
// again is safe: the bank knows it by its number.
func (s *Service) sendRefund(ctx context.Context, r Refund) error {
	var p Payment
	err := s.Store.View(ctx, func(v Reader) (err error) {
		p, err = v.Payment(ctx, r.Payment)
		return err
	})
	if err != nil {
		return err
	}
	claimed := r
	out, silence := s.askBank(ctx, func(ctx context.Context) (bank.Outcome, error) {
		return s.Bank.Refund(ctx, r.Number, p.Number, r.Amount-p.Discount-r.Fee)
	})
	d, err := s.draw(ctx)
	if err != nil {
		return err
	}
	var moved Refund
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		r, _, err := claimedRefund(ctx, tx, claimed)
		moved = Refund{}
		if err != nil || r.State != RefundSent {
			return err
		}
		defer func() { moved = r }()
		switch {
		case silence != nil, out.State == bank.Pending:
			r.DueAt = d.now.Add(askAgain)
			return s.moveRefund(ctx, tx, &r, RefundSent, d.now)
		case out.State == bank.Approved:
			return s.moveRefund(ctx, tx, &r, RefundSucceeded, d.now)
		}
		return s.undoRefund(ctx, tx, &r, out.Reason, d)
	})
	if err == nil {
		s.Moved.refunded(moved)
	}
	return err
}

// undoRefund books back what a bank refused to carry.
func (s *Service) undoRefund(ctx context.Context, tx Tx, r *Refund, why bank.Reason, d drawn) error {
	postings, err := tx.Postings(ctx, r.Number)
	if err == nil {
		postings, err = undone(ctx, tx, r.App, postings)
	}
	if err != nil {
		return err
	}
	entry, err := ledger.NewEntry(d.number, ledger.RefundReversal, d.now, postings...)
	if err != nil {
		return err
	}
	r.Reversal, r.Failure = d.number, RefundBank
	if why == bank.NoRefunds {
		r.Failure = RefundChannel
	}
	if err := s.moveRefund(ctx, tx, r, RefundFailed, d.now); err != nil {
		return err
	}
	if err := tx.ReleaseRefund(ctx, r.Payment, r.Amount); err != nil {
		return err
	}
	return tx.Post(ctx, entry)
}

// undone turns the postings of a refund round. What the merchant came to owe by
// it, and has paid back since, is held for the merchant again: no settlement
// pays out what stands in the account of its debts.
func undone(ctx context.Context, tx Tx, app merchant.ID, of []ledger.Posting) ([]ledger.Posting, error) {
	payable, receivable := ledger.Account(ledger.Payable, int64(app)), ledger.Account(ledger.Receivable, int64(app))
	moved := map[ledger.AccountID]money.Amount{}
	for _, p := range of {
		moved[p.Account] = -p.Amount
	}
	if moved[receivable] != 0 {
		moved[payable] += 0 // held like the others, whether the refund took from it or not
		for _, account := range slices.Sorted(maps.Keys(moved)) {
			if err := tx.HoldAccount(ctx, account); err != nil {
				return nil, err
			}
		}
		debt, err := tx.Balance(ctx, receivable)
		if err != nil {
			return nil, err
		}
		paidBack := max(0, moved[receivable]+min(0, debt))
		moved[receivable] -= paidBack
		moved[payable] += paidBack
	}
	var all []ledger.Posting
	for account, amount := range moved {
		all = append(all, ledger.Posting{Account: account, Amount: amount})
	}
	return all, nil
}

// claimedRefund reads a refund that was claimed, and its payment. When the
// claim is over it returns no refund: somebody else has it.
func claimedRefund(ctx context.Context, tx Tx, claimed Refund) (Refund, Payment, error) {
	r, err := tx.Refund(ctx, claimed.Number)
	if err != nil {
		return Refund{}, Payment{}, err
	}
	if r.Lease != claimed.Lease || r.State != claimed.State {
		return Refund{}, Payment{}, nil
	}
	p, err := tx.Payment(ctx, r.Payment)
	return r, p, err
}

// postRefund reverses a payment through the accounts it went through: first
// from what we hold for the merchant, the rest as a debt of the merchant.
func (s *Service) postRefund(ctx context.Context, tx Tx, r Refund, p Payment, now time.Time) error {
	payable := ledger.Account(ledger.Payable, int64(r.App))
	held, err := tx.Balance(ctx, payable)
	if err != nil {
		return err
	}
	fromHeld := min(held, r.Amount)
	entry, err := ledger.NewEntry(r.Number, ledger.Refund, now,
		ledger.Posting{Account: payable, Amount: -fromHeld},
		ledger.Posting{Account: ledger.Account(ledger.Receivable, int64(r.App)), Amount: fromHeld - r.Amount},
		ledger.Posting{Account: p.source(), Amount: r.Amount - p.Discount - r.Fee},
		ledger.Posting{Account: ledger.Account(ledger.Promotions, int64(r.App)), Amount: p.Discount},
		ledger.Posting{Account: ledger.Account(ledger.Fees, int64(r.App)), Amount: r.Fee},
	)
	if err != nil {
		return err
	}
	err = tx.Post(ctx, entry)
	if e, ok := errors.AsType[*fault.Error](err); ok && errors.Is(err, ledger.ErrFloor) && e.Detail == payable.String() {
		return ErrStale // less is held than when we looked: look again
	}
	return err
}

// blockRefund keeps a refund that the merchant's funds do not cover: its
// amount is reserved, and it runs on when funds arrive.
func (s *Service) blockRefund(ctx context.Context, claimed Refund) error {
	now := s.Now()
	return s.Store.Update(ctx, func(tx Tx) error {
		r, p, err := claimedRefund(ctx, tx, claimed)
		if err != nil || r.Number == 0 {
			return err
		}
		if r.State == RefundRunning {
			if err := tx.ReserveRefund(ctx, p.Number, r.Amount); err != nil {
				return err
			}
		}
		r.DueAt = now.Add(blockedPause)
		return s.moveRefund(ctx, tx, &r, RefundBlocked, now)
	})
}

func (s *Service) failRefund(ctx context.Context, tx Tx, r *Refund, why RefundFailure, now time.Time) error {
	r.Failure = why
	return s.moveRefund(ctx, tx, r, RefundFailed, now)
}

// moveRefund is the only way in which a refund changes.
func (s *Service) moveRefund(ctx context.Context, tx Tx, r *Refund, to RefundState, now time.Time) error {
	from := r.State
	if !slices.Contains(refundMoves[from], to) {
		return fault.New(fault.Internal, "refund_move", "A refund can't go from "+string(from)+" to "+string(to)+".")
	}
	r.State = to
	if to == RefundSucceeded || to == RefundFailed {
		r.ClosedAt, r.DueAt = now, time.Time{}
	}
	return tx.MoveRefund(ctx, *r, from)
}
