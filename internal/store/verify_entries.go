package store

import (
	"math"

	"sen/internal/ledger"
	"sen/internal/money"
)

// balances are sums of postings.
type balances map[ledger.AccountID]money.Amount

// A stretch is what was read of the entries with numbers up to last, from where
// the stretch before it ended, and of all that goes by those numbers.
type stretch struct {
	after, last int64
	entries     []posted
	postings    int64
	seals       []*openSeal // that begin in it
	problems    []string
	seen        tally
}

// stretchNumbers is how many numbers a stretch has at the most, gaps after them
// not counted.
const stretchNumbers = 8192

const nextEntry = `SELECT COALESCE(MIN(id), 0) FROM entries WHERE id > $1`

// stretches calls each with the bounds of one stretch after the other: together
// they have all numbers there are, so that postings without an entry are read
// too. Numbers are given out one after the other, so most are in use.
func (t *tx) stretches(each func(after, last int64) error) error {
	after, first := int64(math.MinInt64), int64(0)
	if err := t.row(nextEntry, []any{after}, &first); err != nil {
		return err
	}
	for first != 0 && first < math.MaxInt64-stretchNumbers {
		var next int64
		if err := t.row(nextEntry, []any{first + stretchNumbers - 1}, &next); err != nil {
			return err
		}
		if next == 0 {
			break
		}
		if err := each(after, next-1); err != nil {
			return err
		}
		after, first = next-1, next
	}
	return each(after, math.MaxInt64)
}

const (
	entriesWithin = `SELECT id, reason, at FROM entries WHERE id > $1 AND id <= $2 ORDER BY id`

	postingsWithin = `
SELECT entry_id, account_id, amount FROM postings WHERE entry_id > $1 AND entry_id <= $2 ORDER BY entry_id, account_id`
)

// An entryRow is an entry and where its postings are.
type entryRow struct {
	id, at     int64
	reason     string
	begin, end int
}

// A page is entries with their postings, to look things up in.
type page struct {
	rows     []entryRow
	postings []ledger.Posting
	next     int // where the search goes on: what is looked for ascends
}

// find returns the entry with that number, which is not below the one before, or
// nil.
func (p *page) find(id int64) *entryRow {
	for p.next < len(p.rows) && p.rows[p.next].id < id {
		p.next++
	}
	if p.next == len(p.rows) || p.rows[p.next].id != id {
		return nil
	}
	return &p.rows[p.next]
}

// amount is what an entry moved on an account; of no entry, 0.
func (p *page) amount(e *entryRow, account int64) int64 {
	if e == nil {
		return 0
	}
	for _, po := range p.postings[e.begin:e.end] {
		if int64(po.Account) == account {
			return int64(po.Amount)
		}
	}
	return 0
}

// payer returns where an entry gave money back to, a wallet or what clears a
// channel, and how much; 0 if there is no such account.
func (p *page) payer(e *entryRow) (account, amount int64) {
	if e == nil {
		return 0, 0
	}
	for _, po := range p.postings[e.begin:e.end] {
		if kind := po.Account.Kind(); kind == ledger.Wallet || kind == ledger.Clearing {
			return int64(po.Account), int64(po.Amount)
		}
	}
	return 0, 0
}

// stretch reads a stretch: its entries and their hashes, what its postings sum up
// to, its seals, and whether payments, refunds, disbursements and settled movements
// fit.
func (r *lookReader) stretch(after, last int64) (*stretch, error) {
	s := &stretch{after: after, last: last}
	p := &r.page
	p.rows, p.postings, p.next = p.rows[:0], p.postings[:0], 0
	var e entryRow
	into := []any{&e.id, &e.reason, &e.at}
	err := r.rows(entriesWithin, []any{after, last}, func(scan func(...any) error) error {
		err := scan(into...)
		p.rows = append(p.rows, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := r.postings(s, p); err != nil {
		return nil, err
	}
	s.hash(p)
	if err := r.seals(s); err != nil {
		return nil, err
	}
	return s, r.movements(s, p)
}

// postings reads the postings of the entries.
func (r *lookReader) postings(s *stretch, p *page) error {
	var id int64
	var po ledger.Posting
	var e ledger.Entry
	// finish is called when all postings of a number were read.
	finish := func() {
		if len(e.Postings) == 0 {
			return
		}
		if err := e.Check(); err != nil {
			s.problems = append(s.problems, "entry "+idText(e.ID)+": "+err.Error())
		}
		row := p.find(e.ID)
		r.sum(e.ID, e.Postings, row)
		if row != nil {
			row.begin = len(p.postings)
			p.postings = append(p.postings, e.Postings...)
			row.end = len(p.postings)
		} else {
			s.seen.doubts[books] = true
		}
	}
	into := []any{&id, (*int64)(&po.Account), (*int64)(&po.Amount)}
	err := r.rows(postingsWithin, []any{s.after, s.last}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if id != e.ID {
			finish()
			e = ledger.Entry{ID: id, Postings: e.Postings[:0]}
		}
		e.Postings = append(e.Postings, po)
		s.postings++
		return nil
	})
	finish()
	return err
}

// hash computes the hashes of the entries as their seals know them.
func (s *stretch) hash(p *page) {
	var work []byte
	s.entries = make([]posted, len(p.rows))
	for i := range p.rows {
		e := &p.rows[i]
		s.entries[i].id = e.id
		s.entries[i].hash, work = ledger.EntryHash(work, e.id, e.reason, e.at, p.postings[e.begin:e.end])
		if e.begin == e.end {
			s.seen.doubts[books] = true
		}
	}
}

// entries checks that every entry balances and is what was sealed, sums the
// postings of each account, and holds against the entries what goes by their
// numbers.
func (l *look) entries() error {
	check, err := l.readers[0].newSealCheck(l.report, l.keys, l.since)
	if err != nil {
		return err
	}
	take := func(read *stretch) error {
		l.report.Entries += int64(len(read.entries))
		l.report.Postings += read.postings
		for _, text := range read.problems {
			l.report.problem("%s", text)
		}
		l.seen.add(&read.seen)
		if l.progress != nil {
			l.progress(l.report.Entries)
		}
		return check.stretch(read)
	}
	err = l.spread(l.cutter.stretches, func(r *lookReader, after, last int64) (func() error, error) {
		read, err := r.stretch(after, last)
		return func() error { return take(read) }, err
	})
	if err != nil {
		return err
	}
	check.end()
	return nil
}
