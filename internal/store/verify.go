package store

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"sen/internal/ledger"
	"sen/internal/money"
)

// A Report is what a look at the whole ledger found.
type Report struct {
	Accounts, Entries, Postings int64
	Payments, Refunds           int64
	Seals                       Seals
	// Problems says in words what is wrong, at most maxProblems of it.
	Problems []string

	outside func(posted) error // is given each entry that no seal is over; nil: that is a problem
}

const maxProblems = 100

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// A Verification says how a ledger is looked at.
type Verification struct {
	// Since is a checkpoint that was kept elsewhere, to hold the chains against;
	// nil: none.
	Since *ledger.Checkpoint
	// Processors is how many the look may keep busy; 0: half of what there is. A
	// server's own are not counted.
	Processors int
	// Progress hears again and again how many entries were read; nil: nobody.
	Progress func(entries int64)

	doubtful bool // ask the database about every rule, in doubt or not
}

// Verify computes every balance and every seal again, and holds orders,
// payments, refunds, entries and callbacks against each other, in one
// consistent state of the data. Nobody waits for it.
func (s *Store) Verify(ctx context.Context) (*Report, error) {
	return s.VerifyWith(ctx, Verification{})
}

// VerifyWith is Verify as it is asked for.
func (s *Store) VerifyWith(ctx context.Context, how Verification) (*Report, error) {
	r := &Report{}
	err := s.look(ctx, r, how, (*look).everything)
	return r, err
}

// everything looks at all there is.
func (l *look) everything() error {
	if err := l.openSums(); err != nil {
		return err
	}
	if err := l.entries(); err != nil {
		return err
	}
	first := l.readers[0].tx
	if err := first.verifyNumbers(l.report); err != nil {
		return err
	}
	if err := first.verifyAccounts(l.report, l.balances()); err != nil {
		return err
	}
	if err := l.hours(); err != nil {
		return err
	}
	if err := l.orders(); err != nil {
		return err
	}
	if err := l.settlements(); err != nil {
		return err
	}
	if err := l.discounts(); err != nil {
		return err
	}
	l.report.Payments, l.report.Refunds = l.seen.payments, l.seen.refunds
	return l.crossChecks()
}

const allNumbers = `SELECT day, next FROM numbers`

const largestNumber = `SELECT COALESCE(MAX(id), 0) FROM entries WHERE id > $1 AND id < $2`

// perDay is how many numbers a day has; see package id.
const perDay = 1_000_000_000

// verifyNumbers checks that no number was used that is still to be given out.
func (t *tx) verifyNumbers(r *Report) error {
	next := map[int64]int64{}
	err := t.rows(allNumbers, nil, func(scan func(...any) error) error {
		var day string
		var n int64
		if err := scan(&day, &n); err != nil {
			return err
		}
		prefix, err := strconv.ParseInt(day, 10, 64)
		next[prefix] = n
		return err
	})
	if err != nil {
		return err
	}
	// From the last used number backwards, a day at a time.
	for last, below := int64(0), int64(math.MaxInt64); ; below = last - last%perDay {
		if err := t.row(largestNumber, []any{int64(perDay), below}, &last); err != nil || last == 0 {
			return err
		}
		if last%perDay >= next[last/perDay] {
			r.problem("number %d was never reserved: it may be given out again", last)
		}
	}
}

const allAccounts = `SELECT id, balance, floor IS NOT NULL AND balance < floor FROM accounts ORDER BY id`

// verifyAccounts holds each balance against the sum of its postings.
func (t *tx) verifyAccounts(r *Report, sums balances) error {
	var total money.Amount
	err := t.rows(allAccounts, nil, func(scan func(...any) error) error {
		var id ledger.AccountID
		var balance money.Amount
		var under int64
		if err := scan(&id, &balance, &under); err != nil {
			return err
		}
		if balance != sums[id] {
			r.problem("account %v: balance %v, but its postings make %v", id, balance, sums[id])
		}
		if under != 0 {
			r.problem("account %v: balance %v is below its floor", id, balance)
		}
		delete(sums, id)
		total += balance
		r.Accounts++
		return nil
	})
	for id := range sums {
		r.problem("account %v: has postings but does not exist", id)
	}
	if total != 0 {
		r.problem("all balances together are %v instead of 0", total)
	}
	return err
}
