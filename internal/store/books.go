package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"sen/internal/fault"
	"sen/internal/id"
	"sen/internal/ledger"
	"sen/internal/money"
)

// The ledger as people read it.

// Refusals about the ledger.
var (
	ErrNoEntry   = fault.New(fault.NotFound, "entry_unknown", "The ledger has no entry with this number.")
	ErrNoAccount = fault.New(fault.NotFound, "account_unknown", "The ledger has no such account.")
)

const entryByID = `SELECT id, reason, at FROM entries WHERE id = $1`

func (t *tx) booking(ctx context.Context, number int64) (b Booking, err error) {
	err = t.row(entryByID, []any{number}, &b.ID, &b.Reason, instant{&b.At})
	if errors.Is(err, sql.ErrNoRows) {
		return b, ErrNoEntry
	}
	if err == nil {
		b.Postings, err = t.Postings(ctx, number)
	}
	return b, err
}

// Booking returns the entry with that number, or ErrNoEntry.
func (s *Store) Booking(ctx context.Context, number int64) (b Booking, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		b, err = t.booking(ctx, number)
		return err
	})
	return b, err
}

const entriesBefore = `SELECT id, reason, at FROM entries WHERE id < $1 ORDER BY id DESC LIMIT $2`

// Bookings returns at most n entries with numbers below before, the newest
// first; 0 is the newest.
func (s *Store) Bookings(ctx context.Context, number int64, n int) (all []Booking, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		err := t.rows(entriesBefore, []any{before(number).Key, int64(n)}, func(scan func(...any) error) error {
			var b Booking
			err := scan(&b.ID, &b.Reason, instant{&b.At})
			all = append(all, b)
			return err
		})
		for i := range all {
			if err == nil {
				all[i].Postings, err = t.Postings(ctx, all[i].ID)
			}
		}
		return err
	})
	return all, err
}

// An Account is an account and what is in it.
type Account struct {
	ID      ledger.AccountID
	Balance money.Amount
	Floor   *money.Amount // nil: the balance may be anything
	// NoDebitsAt is since when no money may leave it; zero while it may.
	NoDebitsAt time.Time
}

// Account returns the account, or ErrNoAccount.
func (s *Store) Account(ctx context.Context, account ledger.AccountID) (a Account, err error) {
	err = s.view(ctx, func(t *tx) (err error) {
		a, err = t.account(account)
		return err
	})
	return a, err
}

const hasFloor = `SELECT COUNT(*) FROM accounts WHERE id = $1 AND floor IS NOT NULL`

const accountOf = `SELECT balance, COALESCE(floor, 0), no_debits_at FROM accounts WHERE id = $1`

func (t *tx) account(account ledger.AccountID) (a Account, err error) {
	a.ID = account
	var floor money.Amount
	err = t.row(accountOf, []any{int64(account)}, &a.Balance, &floor, instant{&a.NoDebitsAt})
	if errors.Is(err, sql.ErrNoRows) {
		return a, ErrNoAccount
	}
	var bounded int
	if err == nil {
		err = t.row(hasFloor, []any{int64(account)}, &bounded)
	}
	if bounded > 0 {
		a.Floor = &floor
	}
	return a, err
}

// Accounts returns those of the accounts that are there, as they are at one
// moment.
func (s *Store) Accounts(ctx context.Context, ids []ledger.AccountID) (all []Account, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		for _, id := range ids {
			a, err := t.account(id)
			if errors.Is(err, ErrNoAccount) {
				continue
			}
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		return nil
	})
	return all, err
}

// The partial index of wallets' postings is used only where the text says what
// it covers. The postings of other accounts are found among all of them.
const (
	statementOfWallet = `
SELECT p.entry_id, e.reason, e.at, p.amount FROM postings p JOIN entries e ON e.id = p.entry_id
WHERE p.account_id = $1 AND (p.account_id & 15) = 1 AND p.entry_id < $2 ORDER BY p.entry_id DESC LIMIT $3`

	statementOfOther = `
SELECT p.entry_id, e.reason, e.at, p.amount
FROM (SELECT entry_id, account_id, amount FROM postings WHERE entry_id < $2 ORDER BY entry_id DESC LIMIT $4) AS p
JOIN entries e ON e.id = p.entry_id
WHERE p.account_id = $1 ORDER BY p.entry_id DESC LIMIT $3`

	oldestLookedAt = `
SELECT COALESCE(MIN(entry_id), 0), COUNT(*)
FROM (SELECT entry_id FROM postings WHERE entry_id < $1 ORDER BY entry_id DESC LIMIT $2) AS p`
)

// A Line is a movement on one account.
type Line struct {
	Entry  int64
	Reason ledger.Reason
	At     time.Time
	Amount money.Amount
}

// Statement returns at most n movements of the account in entries with numbers
// below before, the newest first, and the number where the search ended, 0 when
// there are no more.
func (s *Store) Statement(ctx context.Context, account ledger.AccountID, number int64, n int) (all []Line, end int64, err error) {
	at := before(number).Key
	err = s.view(ctx, func(t *tx) error {
		all, end = nil, 0
		text, args := statementOfOther, []any{int64(account), at, int64(n + 1), int64(searchRows)}
		if account.Kind() == ledger.Wallet {
			text, args = statementOfWallet, args[:3]
		}
		err := t.rows(text, args, func(scan func(...any) error) error {
			var l Line
			err := scan(&l.Entry, &l.Reason, instant{&l.At}, &l.Amount)
			all = append(all, l)
			return err
		})
		switch {
		case err != nil:
			return err
		case len(all) > n:
			all = all[:n]
			end = all[n-1].Entry
		case account.Kind() != ledger.Wallet:
			var oldest, seen int64
			if err := t.row(oldestLookedAt, []any{at, int64(searchRows)}, &oldest, &seen); err != nil {
				return err
			}
			if seen == searchRows {
				end = oldest + 1 // the entry itself may have more postings
			}
		}
		return nil
	})
	return all, end, err
}

const (
	walletMovedAfter = `
SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM postings p JOIN entries e ON e.id = p.entry_id
WHERE p.account_id = $1 AND (p.account_id & 15) = 1 AND e.at > $2`

	movedAfter = `
SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM postings p JOIN entries e ON e.id = p.entry_id
WHERE p.account_id = $1 AND e.at > $2`
)

// BalanceAt returns what was in the account at that moment, movements of the
// moment itself included: what is in it now, less what came later by the times of
// the entries. Of a wallet it reads all postings; of another account the sums that
// are kept, the entries of one hour, and what is not summed yet.
func (s *Store) BalanceAt(ctx context.Context, account ledger.AccountID, at time.Time) (b money.Amount, err error) {
	err = s.engine.scan(ctx, func(t *tx) error {
		now, err := t.Balance(ctx, account)
		if err != nil {
			return ErrNoAccount.Because(err)
		}
		var later money.Amount
		if account.Kind() == ledger.Wallet {
			err = t.row(walletMovedAfter, []any{int64(account), at.UnixMicro()}, &later)
		} else {
			later, err = t.movedAfter(account, at.UnixMicro(), now)
		}
		b = now - later
		return err
	})
	return b, err
}

const (
	summedAfter = `
SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN hour > $2 THEN amount ELSE 0 END), 0) AS BIGINT)
FROM account_hours WHERE account_id = $1`

	spansOfHour = `SELECT first_entry, last_entry FROM entry_hours WHERE hour = $1 ORDER BY block`

	movedInHour = `
SELECT CAST(COALESCE(SUM(p.amount), 0) AS BIGINT) FROM postings p JOIN entries e ON e.id = p.entry_id
WHERE p.account_id = $1 AND p.entry_id >= $2 AND p.entry_id <= $3 AND e.id >= $2 AND e.id <= $3 AND e.at > $4 AND e.at < $5`
)

// movedAfter returns what an account that is no wallet's moved after a time. Sums
// that do not add up to the balance are not believed: then every posting is read.
func (t *tx) movedAfter(account ledger.AccountID, at int64, balance money.Amount) (later money.Amount, err error) {
	later, all, known, err := t.movedBySums(account, at)
	if err == nil && (!known || all != balance) {
		err = t.row(movedAfter, []any{int64(account), at}, &later)
	}
	return later, err
}

// movedBySums returns what the account moved after a time, and at all, by the sums
// that are kept; known is false if they can't be used.
func (t *tx) movedBySums(account ledger.AccountID, at int64) (later, all money.Amount, known bool, err error) {
	rest, known, err := t.rest()
	if err != nil || !known {
		return 0, 0, false, err
	}
	hour := hourOf(at)
	if err := t.row(summedAfter, []any{int64(account), hour}, &all, &later); err != nil {
		return 0, 0, false, err
	}
	spans, err := t.spans(hour)
	if err != nil {
		return 0, 0, false, err
	}
	for _, s := range spans {
		var some money.Amount
		if err := t.row(movedInHour, []any{int64(account), s.first, s.last, at, hour + hourMicros}, &some); err != nil {
			return 0, 0, false, err
		}
		later += some
	}
	err = t.moved(rest, func(m moved) {
		if m.account != int64(account) {
			return
		}
		all += money.Amount(m.amount)
		counted := hourOf(m.at) == hour && slices.ContainsFunc(spans, func(s span) bool { return s.has(m.entry) })
		if m.at > at && !counted {
			later += money.Amount(m.amount)
		}
	})
	return later, all, err == nil, err
}

// spans are between which numbers the entries of an hour are. Blocks that touch
// are one.
func (t *tx) spans(hour int64) (all []span, err error) {
	err = t.rows(spansOfHour, []any{hour}, func(scan func(...any) error) error {
		var s span
		err := scan(&s.first, &s.last)
		if k := len(all) - 1; k >= 0 && s.first-all[k].last < 1<<blockBits {
			all[k].last = s.last
		} else {
			all = append(all, s)
		}
		return err
	})
	return all, err
}

// firstNumber is below every number of the business day of a time and above
// those of the days before.
func firstNumber(at time.Time) int64 {
	prefix := int64(0)
	for _, c := range []byte(id.Day(at)) {
		prefix = prefix*10 + int64(c-'0')
	}
	return prefix * perDay
}

const sealedSoFar = `
SELECT CAST(COALESCE(SUM(CASE WHEN id = 0 THEN n ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(entries), 0) AS BIGINT) FROM chains`

// Sealed returns how many chains of seals there are, how many entries are in
// them, and the end of the one that was opened last; "": there is none.
func (s *Store) Sealed(ctx context.Context) (chains, entries int64, head string, err error) {
	err = s.view(ctx, func(t *tx) error {
		if err := t.row(sealedSoFar, nil, &chains, &entries); err != nil || chains == 0 {
			return err
		}
		var h ledger.Head
		var hash []byte
		err := t.row(headOf, []any{chains}, &h.N, &h.Entries, &hash)
		head = hex.EncodeToString(hash)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // somebody has removed it; a verification says so
		}
		return err
	})
	return chains, entries, head, err
}

const sumOfBalances = `SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM accounts`

// SumOfBalances returns what all accounts hold together, which is zero in a
// ledger that is in order. It reads every account: ask seldom.
func (s *Store) SumOfBalances(ctx context.Context) (sum money.Amount, err error) {
	err = s.view(ctx, func(t *tx) error { return t.row(sumOfBalances, nil, &sum) })
	return sum, err
}
