package store

import (
	"slices"
	"time"

	"sen/internal/ledger"
	"sen/internal/money"
)

// How the sums of hours are held against the postings that they are of. All rows
// are compared at once, by sums of hashes that are drawn for each look, and named
// only if those are not the same.

// An accountSum is what one reader has read of an account.
type accountSum struct {
	total  money.Amount
	hour   int64        // of what came last
	inHour money.Amount // that was read of it, since hour began
}

const (
	anySummed = `SELECT COUNT(*) FROM (SELECT 1 FROM summed_chains LIMIT 1) AS any_chain`

	allSpans = `SELECT hour, block, first_entry, last_entry FROM entry_hours`

	allAccountHours = `SELECT account_id, hour, amount FROM account_hours`

	allMoved = `
SELECT e.id, e.at, p.account_id, p.amount FROM entries e JOIN postings p ON p.entry_id = e.id WHERE (p.account_id & 15) <> 1`
)

// openSums reads what the postings are held against. Where nothing is summed, or so
// little that nobody uses it, nothing is.
func (l *look) openSums() error {
	t := l.readers[0].tx
	var summed int64
	if err := t.row(anySummed, nil, &summed); err != nil || summed == 0 {
		return err
	}
	rest, known, err := t.rest()
	if err != nil || !known {
		return err
	}
	l.rest, l.spans = rest, map[hourBlock]span{}
	var k hourBlock
	var s span
	into := []any{&k.hour, &k.block, &s.first, &s.last}
	return t.rows(allSpans, nil, func(scan func(...any) error) error {
		err := scan(into...)
		l.spans[k] = s
		return err
	})
}

// sum adds up the postings of an entry; row is nil if it is not there.
func (r *lookReader) sum(id int64, postings []ledger.Posting, row *entryRow) {
	hours := row != nil && r.look.spans != nil
	hour, spanned := int64(0), false
	if hours {
		hour = hourOf(row.at)
	}
	for _, po := range postings {
		one := r.sums[po.Account]
		if one == nil {
			one = &accountSum{}
			r.sums[po.Account] = one
		}
		one.total += po.Amount
		if !hours || po.Account.Kind() == ledger.Wallet {
			continue
		}
		if one.hour != hour {
			r.endHour(po.Account, one)
			one.hour = hour
		}
		one.inHour += po.Amount
		spanned = true
	}
	if spanned && !r.spanned(id, hour) {
		r.outside = append(r.outside, id)
	}
}

// endHour takes what an account moved in an hour into the sum of hashes.
func (r *lookReader) endHour(account ledger.AccountID, one *accountSum) {
	if one.inHour != 0 {
		r.hours = r.hours.plus(r.look.hashHour(int64(account), one.hour).times(int64(one.inHour)))
		one.inHour = 0
	}
}

func (l *look) hashHour(account, hour int64) residue { return l.hash([4]int64{account, hour}) }

// spanned reports whether a lookup by the hour finds an entry. Most come after one
// of the same hour and block.
func (r *lookReader) spanned(id, hour int64) bool {
	if k := (hourBlock{hour, id >> blockBits}); k != r.at || r.atSpan == (span{}) {
		r.at, r.atSpan = k, r.look.spans[k]
	}
	return r.atSpan.has(id)
}

// hours holds the sums that are kept against what was read.
func (l *look) hours() error {
	if l.spans == nil {
		return nil
	}
	for _, r := range l.readers {
		l.seen.count(summed, here, r.hours)
		for _, id := range r.outside {
			if _, ok := slices.BinarySearch(l.rest, id); !ok {
				l.seen.doubts[summed] = true
			}
		}
	}
	t := l.readers[0].tx
	var account, hour, amount int64
	into := []any{&account, &hour, &amount}
	err := t.rows(allAccountHours, nil, func(scan func(...any) error) error {
		err := scan(into...)
		l.seen.count(summed, there, l.hashHour(account, hour).times(amount))
		return err
	})
	if err != nil {
		return err
	}
	err = t.moved(l.rest, func(m moved) {
		l.seen.count(summed, there, l.hashHour(m.account, hourOf(m.at)).times(m.amount))
	})
	if err != nil || !l.seen.doubted(summed) {
		return err
	}
	return t.nameHours(l)
}

// nameHours says which sums are wrong.
func (t *tx) nameHours(l *look) error {
	made := map[accountHour]int64{}
	var m moved
	into := []any{&m.entry, &m.at, &m.account, &m.amount}
	last := int64(0)
	err := t.rows(allMoved, nil, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if _, ok := slices.BinarySearch(l.rest, m.entry); ok {
			return nil
		}
		made[accountHour{m.account, hourOf(m.at)}] += m.amount
		if !l.spans[hourBlock{hourOf(m.at), m.entry >> blockBits}].has(m.entry) && m.entry != last {
			l.report.problem("entry_hours: the row of the hour from %s has not the number of its entry %d", hourText(m.at), m.entry)
			last = m.entry
		}
		return nil
	})
	if err != nil {
		return err
	}
	var k accountHour
	var amount int64
	into = []any{&k.account, &k.hour, &amount}
	err = t.rows(allAccountHours, nil, func(scan func(...any) error) error {
		err := scan(into...)
		made[k] -= amount
		return err
	})
	for k, more := range made {
		if more != 0 {
			l.report.problem("account_hours: account %v moved %v more in the hour from %s than is kept",
				ledger.AccountID(k.account), money.Amount(more), hourText(k.hour))
		}
	}
	return err
}

func hourText(at int64) string { return time.UnixMicro(hourOf(at)).UTC().Format(time.RFC3339) }
