package pay

import (
	"cmp"
	"context"
	"time"

	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/money"
)

// Scope is what a limit counts.
type Scope int

// The scopes.
const (
	AllSources Scope = iota
	FromWallet       // the wallet's balance
	FromBank         // linked bank accounts and domestic cards
	FromCard         // international cards
	scopes
)

var scopeNames = [scopes]string{"all", "wallet", "bank", "card"}

// String returns the scope's name.
func (s Scope) String() string { return scopeNames[s] }

// ByScope is an amount for each scope.
type ByScope [scopes]money.Amount

// Limits bound what a payer may spend in a day and in a month, at GMT+7. Zero
// means: no such limit.
type Limits struct {
	Day, Month ByScope
}

// Spending is what a wallet has paid so far on one day and in its month.
type Spending struct {
	Wallet     WalletID
	Version    int64 // 0: nothing kept yet
	Day, Month string
	ByDay      ByScope
	ByMonth    ByScope
	YearBefore money.Amount // over all sources in the eleven months before Month
}

// KYC is how well we know a wallet's owner.
type KYC int

// The levels. They are stored: never change one.
const (
	Unverified KYC = 0
	Basic      KYC = 1
	Full       KYC = 2
)

// kycLimits bound a single payment and a rolling year: the present month and
// the eleven before it. They are ours; law and contracts name others.
var kycLimits = map[KYC]struct{ payment, year money.Amount }{
	Unverified: {2_000_000, 20_000_000},
	Basic:      {20_000_000, 200_000_000},
}

// Bounds returns the most that a wallet of that level may pay at once and in a
// rolling year. Zero means: no such bound.
func (k KYC) Bounds() (payment, year money.Amount) {
	l := kycLimits[k]
	return l.payment, l.year
}

// ErrKYC refuses what the wallet's level does not allow.
var ErrKYC = fault.New(fault.Declined, "kyc", "The payment is more than the verification level of the wallet allows.")

// ErrLimit is in the chain of every refusal for a daily or monthly limit.
var ErrLimit = fault.New(fault.Declined, "limit", "The payment passes a spending limit of the payer.")

// limitError is the refusal for one limit; its code is also the failure noted
// on the order.
func limitError(period string, s Scope) error {
	return fault.New(fault.Declined, string(limitFailure(period, s)), "The payment passes the payer's limit for the "+period+".").Because(ErrLimit)
}

func limitFailure(period string, s Scope) Failure {
	return Failure("limit_" + period + "_" + s.String())
}

// spend counts a payment against every limit of the wallet, and returns the day
// that it counts for. Two payments at once can't both take the last of a limit:
// the counters are written only if nobody else wrote them meanwhile.
func (s *Service) spend(ctx context.Context, tx Tx, w Wallet, scope Scope, amount money.Amount, now time.Time) (day string, err error) {
	sp, err := tx.Spending(ctx, w.ID)
	if err != nil {
		return "", err
	}
	if err := turnPage(ctx, tx, &sp, now); err != nil {
		return "", err
	}
	counted := []Scope{AllSources, scope}
	for _, c := range counted {
		sp.ByDay[c] += amount
		sp.ByMonth[c] += amount
	}
	if err := w.within(sp, counted); err != nil {
		return "", err
	}
	if err := w.withinKYC(amount, sp.ByMonth[AllSources]+sp.YearBefore); err != nil {
		return "", err
	}
	return sp.Day, tx.KeepSpending(ctx, sp)
}

// lateness is how far behind the clock of others a payment's own may be: it was
// read before the payment had to wait, or on another machine.
const lateness = 5 * time.Minute

// countedDay is the day that a payment counts for: that of its time, or the one
// that others opened after it already. Turning back would forget what was paid
// on the new day, and with it the limit.
func countedDay(open string, now time.Time) string {
	day := id.Day(now)
	if open > day && open <= id.Day(now.Add(lateness)) {
		return open
	}
	return day
}

// turnPage begins a new day, and a new month with it, when now is in one.
func turnPage(ctx context.Context, tx Tx, sp *Spending, now time.Time) error {
	day := countedDay(sp.Day, now)
	month := day[:4]
	if sp.Month != month {
		if sp.Month != "" {
			if err := tx.CloseMonth(ctx, sp.Wallet, sp.Month, sp.ByMonth[AllSources]); err != nil {
				return err
			}
		}
		before, err := tx.SpentBetween(ctx, sp.Wallet, yearFrom(now), month)
		if err != nil {
			return err
		}
		sp.Month, sp.ByMonth, sp.YearBefore = month, ByScope{}, before
	}
	if sp.Day != day {
		sp.Day, sp.ByDay = day, ByScope{}
	}
	return nil
}

// Spent returns what the wallet has paid on this day, in this month and in the
// rolling year, as the next payment will find it.
func (s *Service) Spent(ctx context.Context, w WalletID) (sp Spending, err error) {
	now := s.Now()
	err = s.Store.View(ctx, func(r Reader) (err error) {
		if sp, err = r.Spending(ctx, w); err != nil {
			return err
		}
		day := countedDay(sp.Day, now)
		if sp.Day != day {
			sp.Day, sp.ByDay = day, ByScope{}
		}
		first, month := yearFrom(now), day[:4]
		if sp.Month == month {
			return nil
		}
		closed, err := r.SpentBetween(ctx, w, first, month)
		if sp.Month >= first { // over, but not closed before the next payment
			closed += sp.ByMonth[AllSources]
		}
		sp.Month, sp.ByMonth, sp.YearBefore = month, ByScope{}, closed
		return err
	})
	return sp, err
}

// yearFrom returns the first month, as yyMM, of the rolling year that now's ends.
func yearFrom(now time.Time) string {
	y, m, _ := now.In(id.Vietnam).Date()
	return time.Date(y, m-11, 1, 0, 0, 0, 0, id.Vietnam).Format("0601")
}

func (w Wallet) within(sp Spending, counted []Scope) error {
	for _, c := range counted {
		if over(sp.ByDay[c], w.Limits.Day[c]) {
			return limitError("day", c)
		}
	}
	for _, c := range counted {
		if over(sp.ByMonth[c], w.Limits.Month[c]) {
			return limitError("month", c)
		}
	}
	return nil
}

func over(spent, limit money.Amount) bool { return limit > 0 && spent > limit }

// withinKYC reports ErrKYC when a payment, or the year with it, is more than
// the wallet's level allows.
func (w Wallet) withinKYC(payment, year money.Amount) error {
	if l, ok := kycLimits[w.KYC]; ok && (payment > l.payment || year > l.year) {
		return ErrKYC
	}
	return nil
}

// unspend gives back what a charge that failed had counted: of its day if that
// is still open, and of its month, open or not, since a year counts both.
func (s *Service) unspend(ctx context.Context, tx Tx, c Charge) error {
	sp, err := tx.Spending(ctx, c.Wallet)
	if err != nil {
		return err
	}
	amount, day := c.Amount-c.Discount, c.limitDay()
	month := day[:4]
	for _, scope := range []Scope{AllSources, c.Channel.scope()} {
		if sp.Day == day {
			sp.ByDay[scope] = max(0, sp.ByDay[scope]-amount)
		}
		if sp.Month == month {
			sp.ByMonth[scope] = max(0, sp.ByMonth[scope]-amount)
		}
	}
	if sp.Month != month {
		if err := correctMonth(ctx, tx, &sp, month, amount); err != nil {
			return err
		}
	}
	return tx.KeepSpending(ctx, sp)
}

// correctMonth takes an amount off a month that is over, and counts the year
// again. Nobody can close a month meanwhile: KeepSpending would notice.
func correctMonth(ctx context.Context, tx Tx, sp *Spending, month string, amount money.Amount) error {
	if err := tx.CorrectMonth(ctx, sp.Wallet, month, amount); err != nil {
		return err
	}
	open, err := time.ParseInLocation("0601", sp.Month, id.Vietnam)
	if err != nil {
		return err
	}
	sp.YearBefore, err = tx.SpentBetween(ctx, sp.Wallet, yearFrom(open), sp.Month)
	return err
}

// limitDay is the day, as yyMMdd, that the charge counts for.
func (c Charge) limitDay() string { return cmp.Or(c.CountedDay, id.Day(c.CreatedAt)) }
