package pay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
)

// Day is a business day at GMT+7, written YYYY-MM-DD.
type Day string

// ErrDay refuses what is no day.
var ErrDay = fault.New(fault.Invalid, "day_invalid", "A day is written YYYY-MM-DD, as in 2026-11-21.")

// ErrDayOpen refuses to close a day that is not over.
var ErrDayOpen = fault.New(fault.Conflict, "day_open", "The day is not over yet by the gateway's clock, so it can't be settled.")

// ErrSettlementNotFound says that an app's day has no settlement.
var ErrSettlementNotFound = fault.New(fault.NotFound, "settlement_not_found", "The app has no settlement for this day: either nothing was moved on it, or it was not closed yet.")

const dayFormat = "2006-01-02"

// DayOf returns the business day of a time.
func DayOf(at time.Time) Day { return Day(at.In(id.Vietnam).Format(dayFormat)) }

// ParseDay reads a day, or returns ErrDay.
func ParseDay(text string) (Day, error) {
	at, err := time.ParseInLocation(dayFormat, text, id.Vietnam)
	if err != nil || DayOf(at) != Day(text) {
		return "", ErrDay.On("day", "")
	}
	return Day(text), nil
}

// Start is the first moment of the day; zero of no day.
func (d Day) Start() time.Time {
	at, err := time.ParseInLocation(dayFormat, string(d), id.Vietnam)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// End is the first moment after the day.
func (d Day) End() time.Time { return d.Start().Add(24 * time.Hour) }

// Next is the day after.
func (d Day) Next() Day { return DayOf(d.End()) }

// Previous is the day before.
func (d Day) Previous() Day { return DayOf(d.Start().Add(-time.Hour)) }

// Totals are the sums of what a settlement is made of. Amounts have the sign of
// what they do to what we owe the merchant.
type Totals struct {
	Payments       int64
	PaymentAmount  money.Amount
	FeeAmount      money.Amount // kept from payments, not positive
	Refunds        int64
	RefundAmount   money.Amount // not positive
	Reversals      int64
	ReversalAmount money.Amount // of refunds that banks refused
	Payouts        int64
	PayoutAmount   money.Amount // by hand, not positive
}

// Net is what the movements together did to what we owe the merchant.
func (t Totals) Net() money.Amount {
	return t.PaymentAmount + t.FeeAmount + t.RefundAmount + t.ReversalAmount + t.PayoutAmount
}

// A Settlement closes a day of an app. The rules are in ADR 0017.
type Settlement struct {
	App   merchant.ID
	Day   Day
	Entry int64 // number of the entry; there is one unless nothing was moved
	At    time.Time
	Totals
	CarriedIn  money.Amount // what the settlement before left; negative: the merchant's debt
	PaidBack   money.Amount // from payable to receivable
	PaidOut    money.Amount // to the merchant's bank
	CarriedOut money.Amount // what is left for the next one
}

// Moved reports whether the settlement has an entry.
func (st Settlement) Moved() bool { return st.PaidBack != 0 || st.PaidOut != 0 }

// lateFor is how long after its end a closed day is looked at again for
// movements that were on their way when it was closed. They count for the next
// day that is closed. No transaction is under way that long.
const lateFor = 48 * time.Hour

// SettleDay closes every day of the app that is open, up to and including
// through, the oldest first, and returns their settlements. What is closed stays
// as it is. It is ErrDayOpen while through is not over.
func (s *Service) SettleDay(ctx context.Context, app merchant.ID, through Day) (closed []Settlement, err error) {
	for {
		st, err := s.SettleNext(ctx, app, through)
		if err != nil || st.Day == "" {
			return closed, err
		}
		closed = append(closed, st)
	}
}

// SettleNext closes the oldest open day of the app up to and including through. A
// settlement of no day says that there is none. It is ErrDayOpen while through is
// not over.
func (s *Service) SettleNext(ctx context.Context, app merchant.ID, through Day) (st Settlement, err error) {
	if _, err := s.Apps.Known(app); err != nil {
		return Settlement{}, err
	}
	now := s.Now()
	if now.Before(through.End()) {
		return Settlement{}, ErrDayOpen.On("day", string(through)+" ends at "+through.End().In(id.Vietnam).Format(time.RFC3339))
	}
	var first time.Time
	err = s.Store.View(ctx, func(r Reader) (err error) {
		_, _, first, err = openDay(ctx, r, app, through)
		return err
	})
	if err != nil || first.IsZero() {
		return Settlement{}, err
	}
	number, err := s.Numbers.Next(ctx, now)
	if err != nil {
		return Settlement{}, err
	}
	err = s.Store.Update(ctx, func(tx Tx) error {
		st = Settlement{}
		last, from, first, err := openDay(ctx, tx, app, through)
		if err != nil || first.IsZero() {
			return err // somebody was faster
		}
		st = Settlement{App: app, Day: DayOf(first), Entry: number, At: now, CarriedIn: last.CarriedOut}
		if last.Day >= st.Day {
			st.Day = last.Day.Next() // it came too late for its own
		}
		if st.Day > through {
			st = Settlement{}
			return nil
		}
		if st.Totals, err = tx.SettleMovements(ctx, app, st.Day, from, st.Day.End()); err != nil {
			return err
		}
		return s.payOutDay(ctx, tx, &st)
	})
	return st, err
}

// openDay looks for the first movement that is not settled, and from when on.
func openDay(ctx context.Context, r Reader, app merchant.ID, through Day) (last Settlement, from, first time.Time, err error) {
	if last, err = r.LastSettlement(ctx, app); err != nil {
		return last, from, first, err
	}
	if last.Day >= through && last.Day != "" {
		return last, from, first, nil
	}
	if last.Day != "" {
		from = last.Day.End().Add(-lateFor)
	}
	first, err = r.FirstUnsettled(ctx, app, from, through.End())
	return last, from, first, err
}

// payOutDay pays the merchant's debt back from what is held for it, pays out what
// the day earned, and keeps the settlement.
func (s *Service) payOutDay(ctx context.Context, tx Tx, st *Settlement) error {
	payable := ledger.Account(ledger.Payable, int64(st.App))
	receivable := ledger.Account(ledger.Receivable, int64(st.App))
	var balance [2]money.Amount
	for _, account := range []ledger.AccountID{payable, receivable} {
		if err := tx.HoldAccount(ctx, account); err != nil {
			return err
		}
	}
	for i, account := range []ledger.AccountID{payable, receivable} {
		var err error
		if balance[i], err = tx.Balance(ctx, account); err != nil {
			return err
		}
	}
	held, owed := balance[0], -balance[1]
	due := st.CarriedIn + st.Net()
	st.PaidBack = max(0, min(held, owed))
	// What later refunds took from payable already can't be paid out: it is
	// carried, and those refunds with it.
	st.PaidOut = max(0, min(due, held-st.PaidBack))
	st.CarriedOut = due - st.PaidOut
	if !st.Moved() {
		st.Entry = 0
		return tx.InsertSettlement(ctx, *st)
	}
	if err := tx.InsertSettlement(ctx, *st); err != nil {
		return err
	}
	entry, err := ledger.NewEntry(st.Entry, ledger.Settlement, st.At,
		ledger.Posting{Account: payable, Amount: -st.PaidBack - st.PaidOut},
		ledger.Posting{Account: receivable, Amount: st.PaidBack},
		ledger.Posting{Account: ledger.Account(ledger.Clearing, int64(PayoutChannel)), Amount: st.PaidOut},
	)
	if err != nil {
		return err
	}
	return tx.Post(ctx, entry)
}

// settleAfter is how long after its end a day is closed by itself: what was paid
// in its last second is in the books by then.
const settleAfter = 10 * time.Minute

// SettleAll closes the day before the present one for all apps, enabled or not,
// unless done is that day or a later one, and returns the day that is done now. An
// app whose day can't be closed holds up no other.
func (s *Service) SettleAll(ctx context.Context, apps []merchant.ID, done Day) (Day, error) {
	day := DayOf(s.Now().Add(-settleAfter)).Previous()
	if day <= done {
		return done, nil
	}
	var failed error
	for _, app := range apps {
		if _, err := s.SettleDay(ctx, app, day); err != nil {
			failed = errors.Join(failed, fmt.Errorf("settle %s of app %d: %w", day, app, err))
		}
	}
	if failed != nil {
		return done, failed
	}
	return day, nil
}
