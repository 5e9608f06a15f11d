package store

import (
	"math"

	"sen/internal/ledger"
	"sen/internal/money"
)

// balances are sums of postings.
type balances map[ledger.AccountID]money.Amount

// A stretch is what was read of the entries with numbers up to last, from where
// the stretch before it ended.
type stretch struct {
	after, last int64
	entries     []posted
	postings    int64
	sums        balances
	problems    []string
	err         error
}

// stretchRows is how many entries are read at once.
const stretchRows = 4096

const endOfStretch = `
SELECT COALESCE(MAX(id), 0), COUNT(*) FROM (SELECT id FROM entries WHERE id > $1 ORDER BY id LIMIT $2) AS stretch`

// stretches calls each with the bounds of one stretch after the other. The last
// has no end, so that postings without an entry are read too.
func (t *tx) stretches(each func(after, last int64) error) error {
	for after := int64(math.MinInt64); ; {
		var last, n int64
		if err := t.row(endOfStretch, []any{after, int64(stretchRows)}, &last, &n); err != nil {
			return err
		}
		if n < stretchRows {
			return each(after, math.MaxInt64)
		}
		if err := each(after, last); err != nil {
			return err
		}
		after = last
	}
}

const (
	entriesWithin = `SELECT id, reason, at FROM entries WHERE id > $1 AND id <= $2 ORDER BY id`

	postingsWithin = `
SELECT entry_id, account_id, amount FROM postings WHERE entry_id > $1 AND entry_id <= $2 ORDER BY entry_id, account_id`
)

// An entryRow is an entry without its postings.
type entryRow struct {
	id, at int64
	reason string
}

// read reads a stretch: the hashes of its entries and the sums of its postings.
func (t *tx) read(after, last int64) *stretch {
	s := &stretch{after: after, last: last, sums: balances{}}
	rows := make([]entryRow, 0, stretchRows)
	var e entryRow
	into := []any{&e.id, &e.reason, &e.at}
	s.err = t.rows(entriesWithin, []any{after, last}, func(scan func(...any) error) error {
		err := scan(into...)
		rows = append(rows, e)
		return err
	})
	if s.err == nil {
		s.err = t.readPostings(s, rows)
	}
	return s
}

// readPostings reads the postings of the entries beside them.
func (t *tx) readPostings(s *stretch, rows []entryRow) error {
	var work []byte
	s.entries = make([]posted, len(rows))
	var e ledger.Entry
	next := 0 // of the entries
	hash := func(postings []ledger.Posting) {
		s.entries[next].id = rows[next].id
		s.entries[next].hash, work = ledger.EntryHash(work, rows[next].id, rows[next].reason, rows[next].at, postings)
		next++
	}
	// finish is called when all postings of a number were read.
	finish := func() {
		if len(e.Postings) == 0 {
			return
		}
		if err := e.Check(); err != nil {
			s.problems = append(s.problems, "entry "+idText(e.ID)+": "+err.Error())
		}
		for next < len(rows) && rows[next].id < e.ID {
			hash(nil)
		}
		if next < len(rows) && rows[next].id == e.ID {
			hash(e.Postings)
		}
	}
	var id int64
	var p ledger.Posting
	into := []any{&id, (*int64)(&p.Account), (*int64)(&p.Amount)}
	err := t.rows(postingsWithin, []any{s.after, s.last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if id != e.ID {
			finish()
			e = ledger.Entry{ID: id, Postings: e.Postings[:0]}
		}
		e.Postings = append(e.Postings, p)
		s.sums[p.Account] += p.Amount
		s.postings++
		return nil
	})
	if err != nil {
		return err
	}
	finish()
	for next < len(rows) {
		hash(nil)
	}
	return nil
}

// verifyEntries checks that every entry balances and is what was sealed, and
// sums the postings of each account.
func (t *tx) verifyEntries(s *Store, r *Report, since *ledger.Checkpoint) (balances, error) {
	check, err := t.newSealCheck(r, s.keys.Load(), since)
	if err != nil {
		return nil, err
	}
	sums := balances{}
	take := func(read *stretch) error {
		if read.err != nil {
			return read.err
		}
		r.Entries += int64(len(read.entries))
		r.Postings += read.postings
		for _, text := range read.problems {
			r.problem("%s", text)
		}
		for id, sum := range read.sums {
			sums[id] += sum
		}
		return t.checkStretch(check, read)
	}
	err = t.stretches(func(after, last int64) error { return take(t.read(after, last)) })
	if err != nil {
		return nil, err
	}
	check.end()
	return sums, nil
}
