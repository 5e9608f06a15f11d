package store

import (
	"context"
	"fmt"

	"sen/internal/ledger"
	"sen/internal/money"
)

// A Report is what a look at the whole ledger found.
type Report struct {
	Accounts, Entries, Postings int64
	Payments, Refunds           int64
	// Problems says in words what is wrong, at most maxProblems of it.
	Problems []string
}

const maxProblems = 100

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify computes every balance again from its postings and holds orders,
// payments, refunds, entries and callbacks against each other, in one
// consistent state of the data.
func (s *Store) Verify(ctx context.Context) (*Report, error) {
	r := &Report{}
	err := s.view(ctx, func(t *tx) error {
		sums, err := t.verifyEntries(r)
		if err != nil {
			return err
		}
		if err := t.verifyAccounts(r, sums); err != nil {
			return err
		}
		for _, c := range crossChecks {
			if err := t.verifyCross(r, c); err != nil {
				return err
			}
		}
		for text, n := range map[string]*int64{
			`SELECT COUNT(*) FROM payments`: &r.Payments,
			`SELECT COUNT(*) FROM refunds`:  &r.Refunds,
		} {
			if err := t.row(text, nil, n); err != nil {
				return err
			}
		}
		return nil
	})
	return r, err
}

const allPostings = `SELECT entry_id, account_id, amount FROM postings ORDER BY entry_id, account_id`

// verifyEntries checks that every entry balances, and sums the postings of
// each account.
func (t *tx) verifyEntries(r *Report) (map[ledger.AccountID]money.Amount, error) {
	sums := map[ledger.AccountID]money.Amount{}
	var e ledger.Entry
	entries := int64(0)
	finish := func() {
		if e.ID != 0 {
			entries++
			if err := e.Check(); err != nil {
				r.problem("entry %d: %v", e.ID, err)
			}
		}
	}
	err := t.rows(allPostings, nil, func(scan func(...any) error) error {
		var id int64
		var p ledger.Posting
		if err := scan(&id, &p.Account, &p.Amount); err != nil {
			return err
		}
		if id != e.ID {
			finish()
			e = ledger.Entry{ID: id, Postings: e.Postings[:0]}
		}
		e.Postings = append(e.Postings, p)
		sums[p.Account] += p.Amount
		r.Postings++
		return nil
	})
	if err != nil {
		return nil, err
	}
	finish()
	if err := t.row(`SELECT COUNT(*) FROM entries`, nil, &r.Entries); err != nil {
		return nil, err
	}
	if r.Entries != entries {
		r.problem("%d entries, but postings of %d", r.Entries, entries)
	}
	return sums, nil
}

const allAccounts = `SELECT id, balance, floor IS NOT NULL AND balance < floor FROM accounts ORDER BY id`

// verifyAccounts holds each balance against the sum of its postings.
func (t *tx) verifyAccounts(r *Report, sums map[ledger.AccountID]money.Amount) error {
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

// A crossCheck selects the ids of rows that break a rule.
type crossCheck struct{ rule, text string }

var crossChecks = []crossCheck{
	{"payment %d has no entry", `
SELECT p.number FROM payments p LEFT JOIN entries e ON e.id = p.number AND e.reason = 'payment' WHERE e.id IS NULL`},
	{"entry %d says payment, but there is none", `
SELECT e.id FROM entries e LEFT JOIN payments p ON p.number = e.id WHERE e.reason = 'payment' AND p.number IS NULL`},
	{"payment %d took another amount from the wallet than it says", `
SELECT p.number FROM payments p
LEFT JOIN postings po ON po.entry_id = p.number AND po.account_id = p.wallet_id * 16 + 1
WHERE COALESCE(po.amount, 0) <> p.discount - p.amount - p.payer_fee`},
	{"payment %d: its order is not paid by it", `
SELECT p.number FROM payments p LEFT JOIN orders o ON o.id = p.order_id AND o.payment = p.number AND o.amount = p.amount
WHERE o.id IS NULL`},
	{"order %d is paid by a payment that is not there", `
SELECT o.id FROM orders o LEFT JOIN payments p ON p.number = o.payment AND p.order_id = o.id
WHERE o.state = 'paid' AND p.number IS NULL`},
	{"order %d is paid, but no callback was ever owed", `
SELECT o.id FROM orders o LEFT JOIN deliveries d ON d.order_id = o.id AND d.subject = 'order' WHERE o.state = 'paid' AND d.id IS NULL`},
	{"order %d is paid, but more than one callback was owed", `
SELECT order_id FROM deliveries WHERE subject = 'order' GROUP BY order_id HAVING COUNT(*) > 1`},
	{"refund %d succeeded without an entry", `
SELECT r.number FROM refunds r LEFT JOIN entries e ON e.id = r.number AND e.reason = 'refund'
WHERE r.state = 'succeeded' AND e.id IS NULL`},
	{"entry %d says refund, but none succeeded", `
SELECT e.id FROM entries e LEFT JOIN refunds r ON r.number = e.id AND r.state = 'succeeded'
WHERE e.reason = 'refund' AND r.number IS NULL`},
	{"payment %d counts another amount as refunded than its refunds make", `
SELECT p.number FROM payments p
LEFT JOIN refunds r ON r.payment = p.number AND r.state IN ('succeeded', 'blocked')
GROUP BY p.number, p.refunded HAVING p.refunded <> COALESCE(SUM(r.amount), 0)`},
}

func (t *tx) verifyCross(r *Report, c crossCheck) error {
	return t.rows(c.text, nil, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		r.problem(c.rule, id)
		return err
	})
}
