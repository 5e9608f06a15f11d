package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sen/internal/ledger"
	"sen/internal/money"
	"sen/internal/pay"
)

const openAccount = `
INSERT INTO accounts (id, balance, floor, no_debits_at) VALUES ($1, 0, $2, NULL) ON CONFLICT (id) DO NOTHING`

// openAccount makes an empty account if there is none. A nil floor means that
// the balance may be anything.
func (t *tx) openAccount(id ledger.AccountID, floor *int64) error {
	var f any
	if floor != nil {
		f = *floor
	}
	_, err := t.exec(openAccount, int64(id), f)
	return err
}

const balanceOf = `SELECT balance FROM accounts WHERE id = $1`

// Balance returns what is in the account.
func (t *tx) Balance(_ context.Context, id ledger.AccountID) (b money.Amount, err error) {
	err = t.row(balanceOf, []any{int64(id)}, &b)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, noAccount(id)
	}
	return b, err
}

// The floor and the stop are tested in the update itself, so that no read can
// go stale between the test and the write.
const moveBalance = `
UPDATE accounts SET balance = balance + $2
WHERE id = $1 AND (floor IS NULL OR balance + $2 >= floor) AND ($2 > 0 OR no_debits_at IS NULL)`

const insertEntry = `INSERT INTO entries (id, reason, at) VALUES ($1, $2, $3)`

const insertPosting = `INSERT INTO postings (entry_id, account_id, amount) VALUES ($1, $2, $3)`

// refusable reports whether the account may be unable to give the money.
func refusable(p ledger.Posting) bool { return p.Amount < 0 && p.Account.Kind().Bounded() }

// Post makes the entry and moves the balances with it.
func (t *tx) Post(ctx context.Context, e ledger.Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	// What can be refused comes before anything is written.
	for _, p := range e.Postings {
		if !refusable(p) {
			continue
		}
		n, err := t.guard(moveBalance, int64(p.Account), int64(p.Amount))
		if err != nil {
			return err
		}
		if n == 0 {
			return t.whyNot(ctx, p)
		}
	}
	if err := t.insert(insertEntry, e.ID, string(e.Reason), micros(e.At)); err != nil {
		return err
	}
	for _, p := range e.Postings {
		if !refusable(p) {
			if err := t.owe(noAccount(p.Account), moveBalance, int64(p.Account), int64(p.Amount)); err != nil {
				return err
			}
		}
		if err := t.insert(insertPosting, e.ID, int64(p.Account), int64(p.Amount)); err != nil {
			return err
		}
	}
	hash, _ := ledger.EntryHash(nil, e.ID, string(e.Reason), e.At.UnixMicro(), e.Postings)
	t.posted = append(t.posted, posted{e.ID, hash})
	return nil
}

// noAccount is the failure to find an account.
type noAccount ledger.AccountID

func (a noAccount) Error() string { return "there is no account " + ledger.AccountID(a).String() }

const accountByID = `SELECT balance, no_debits_at FROM accounts WHERE id = $1`

// whyNot tells why a posting moved nothing.
func (t *tx) whyNot(_ context.Context, p ledger.Posting) error {
	var balance money.Amount
	var stopped time.Time
	err := t.row(accountByID, []any{int64(p.Account)}, &balance, instant{&stopped})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return noAccount(p.Account)
	case err != nil:
		return err
	case p.Amount < 0 && !stopped.IsZero():
		// The wallet was stopped after it was read: look at it again.
		return pay.ErrStale
	}
	return ledger.ErrFloor.On("account", p.Account.String())
}

const postingsOf = `SELECT account_id, amount FROM postings WHERE entry_id = $1 ORDER BY account_id`

// Postings returns what an entry moved.
func (t *tx) Postings(_ context.Context, entry int64) (all []ledger.Posting, err error) {
	err = t.rows(postingsOf, []any{entry}, func(scan func(...any) error) error {
		var p ledger.Posting
		err := scan(&p.Account, &p.Amount)
		all = append(all, p)
		return err
	})
	return all, err
}
