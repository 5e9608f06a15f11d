package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"sen/internal/ledger"
)

// What accounts moved in each hour is kept, so that what was in one at a moment
// is found without reading all that came since. Entries are summed in the order of
// their seals: each is in one seal, and a chain has one after the other, so nothing
// is forgotten or taken twice, however late it comes or whatever its number and its
// time are. ADR 0028 has the reasons.

const (
	hourMicros = int64(time.Hour / time.Microsecond)
	// blockBits is how many bits of a number tell entries of one block apart.
	blockBits = 12
	// SummedAtOnce is how many entries are summed in one piece. As long as they are
	// fewer, whoever asks reads them.
	SummedAtOnce = 8192
	// mostUnsummed is where reading what is not summed costs more than reading all,
	// as in a database that an older version has left.
	mostUnsummed = 8 * SummedAtOnce
)

// hourOf is the start of the hour of a time, in microseconds since 1970.
func hourOf(at int64) int64 {
	into := at % hourMicros
	if into < 0 {
		into += hourMicros
	}
	return at - into
}

// errNoSeals is returned when the seals of a chain can't be followed to its end.
var errNoSeals = errors.New("seals are missing or can't be read: 'sen ledger verify' says which")

// A chainRest is what of a chain is not summed yet.
type chainRest struct {
	chain   int64
	n       int64 // of the last seal that is summed
	last    int64 // of the last seal
	summed  int64 // entries
	entries int64 // that are not summed
}

const chainsNotSummed = `
SELECT c.id, COALESCE(s.n, 0), c.n, COALESCE(s.entries, 0), c.entries FROM chains c LEFT JOIN summed_chains s ON s.chain = c.id
WHERE c.id > 0 AND c.n > COALESCE(s.n, 0) ORDER BY c.id`

// unsummed returns the chains that are not summed to their ends, and how many
// entries that leaves.
func (t *tx) unsummed() (all []chainRest, entries int64, err error) {
	err = t.rows(chainsNotSummed, nil, func(scan func(...any) error) error {
		var c chainRest
		var total int64
		err := scan(&c.chain, &c.n, &c.last, &c.summed, &total)
		c.entries = total - c.summed
		entries += c.entries
		all = append(all, c)
		return err
	})
	return all, entries, err
}

const (
	sealsAfter = `SELECT n, first_entry, list FROM seals WHERE chain = $1 AND n > $2 ORDER BY n LIMIT $3`

	sealsAtOnce = 256
)

// follow takes the numbers of the entries in the seals after c.n, until there are
// enough or the chain ends, and takes c along.
func (t *tx) follow(c *chainRest, enough int, ids []int64) ([]int64, error) {
	for c.n < c.last && len(ids) < enough {
		was := c.n
		err := t.rows(sealsAfter, []any{c.chain, c.n, int64(sealsAtOnce)}, func(scan func(...any) error) error {
			var n, first int64
			var list []byte
			if err := scan(&n, &first, &list); err != nil || len(ids) >= enough {
				return err
			}
			if n != c.n+1 {
				return errNoSeals
			}
			c.n = n
			for mark := (ledger.Mark{ID: first}); len(list) > 0; {
				var ok bool
				if mark, list, ok = ledger.NextMark(list, mark.ID); !ok {
					return errNoSeals
				}
				ids = append(ids, mark.ID)
				c.summed++
			}
			return nil
		})
		if err == nil && c.n == was {
			err = errNoSeals
		}
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// rest returns the numbers of the entries that are not summed, ascending. known is
// false if they are too many to be read, or can't be.
func (t *tx) rest() (ids []int64, known bool, err error) {
	chains, entries, err := t.unsummed()
	if err != nil || entries > mostUnsummed {
		return nil, false, err
	}
	for i := range chains {
		ids, err = t.follow(&chains[i], 2*mostUnsummed, ids)
		if errors.Is(err, errNoSeals) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true, nil
}

// A moved is a posting on an account that is no wallet's.
type moved struct {
	entry, at       int64
	account, amount int64
}

// Both tables have the bounds, so that no engine looks for one in all of the other.
const movedWithin = `
SELECT e.id, e.at, p.account_id, p.amount FROM entries e JOIN postings p ON p.entry_id = e.id
WHERE e.id >= $1 AND e.id <= $2 AND p.entry_id >= $1 AND p.entry_id <= $2 AND (p.account_id & 15) <> 1`

// moved calls each with the postings of the entries, whose numbers ascend. What is
// near together is read together.
func (t *tx) moved(ids []int64, each func(moved)) error {
	const near = 256
	for len(ids) > 0 {
		n := 1
		for n < len(ids) && ids[n]-ids[n-1] <= near {
			n++
		}
		some := ids[:n]
		ids = ids[n:]
		var m moved
		into := []any{&m.entry, &m.at, &m.account, &m.amount}
		err := t.rows(movedWithin, []any{some[0], some[n-1]}, func(scan func(...any) error) error {
			err := scan(into...)
			if _, ok := slices.BinarySearch(some, m.entry); ok {
				each(m)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// The keys of what is kept.
type (
	accountHour struct{ account, hour int64 }
	hourBlock   struct{ hour, block int64 }
)

// A span is from the first to the last number of entries.
type span struct{ first, last int64 }

func (s span) has(id int64) bool { return s.first <= id && id <= s.last }

// hourSums are what entries add to the sums that are kept.
type hourSums struct {
	chains  []chainRest // as they are then
	was     []int64     // up to which seal each was summed before
	amounts map[accountHour]int64
	spans   map[hourBlock]span
}

// errSummed means that somebody else has summed the same entries.
var errSummed = errors.New("somebody else was faster")

// SumHours adds up what accounts moved in the entries that are not summed yet, if
// there are at least so many, and reports whether there may be more. It may run in
// several processes.
func (s *Store) SumHours(ctx context.Context, least int64) (more bool, err error) {
	var sums *hourSums
	err = s.engine.scan(ctx, func(t *tx) (err error) {
		sums, err = t.sumSome(least)
		return err
	})
	if err != nil || sums == nil {
		return false, err
	}
	err = s.update(ctx, sums.keep)
	if errors.Is(err, errSummed) {
		return true, nil
	}
	return err == nil, err
}

// sumSome sums a piece of what is not summed; nil when that is less than least.
func (t *tx) sumSome(least int64) (*hourSums, error) {
	chains, entries, err := t.unsummed()
	if err != nil || entries < least || entries == 0 {
		return nil, err
	}
	s := &hourSums{amounts: map[accountHour]int64{}, spans: map[hourBlock]span{}}
	var ids []int64
	for _, c := range chains {
		was := c.n
		if ids, err = t.follow(&c, SummedAtOnce, ids); err != nil {
			return nil, err
		}
		if c.n != was {
			s.chains, s.was = append(s.chains, c), append(s.was, was)
		}
	}
	slices.Sort(ids)
	return s, t.moved(slices.Compact(ids), func(m moved) {
		hour := hourOf(m.at)
		s.amounts[accountHour{m.account, hour}] += m.amount
		in := hourBlock{hour, m.entry >> blockBits}
		one, ok := s.spans[in]
		if !ok {
			one = span{m.entry, m.entry}
		}
		s.spans[in] = span{min(one.first, m.entry), max(one.last, m.entry)}
	})
}

const (
	beginChain = `INSERT INTO summed_chains (chain, n, entries) VALUES ($1, $2, $3) ON CONFLICT (chain) DO NOTHING`

	moveChain = `UPDATE summed_chains SET n = $3, entries = $4 WHERE chain = $1 AND n = $2`

	addAccountHour = `
INSERT INTO account_hours (account_id, hour, amount) VALUES ($1, $2, $3)
ON CONFLICT (account_id, hour) DO UPDATE SET amount = account_hours.amount + excluded.amount`

	addEntryHour = `
INSERT INTO entry_hours (hour, block, first_entry, last_entry) VALUES ($1, $2, $3, $4)
ON CONFLICT (hour, block) DO UPDATE SET
	first_entry = CASE WHEN excluded.first_entry < entry_hours.first_entry THEN excluded.first_entry ELSE entry_hours.first_entry END,
	last_entry = CASE WHEN excluded.last_entry > entry_hours.last_entry THEN excluded.last_entry ELSE entry_hours.last_entry END`
)

// keep adds the sums to those that are kept, unless somebody else has.
func (s *hourSums) keep(t *tx) error {
	for i, c := range s.chains {
		var n int64
		var err error
		if s.was[i] == 0 {
			n, err = t.exec(beginChain, c.chain, c.n, c.summed)
		} else {
			n, err = t.exec(moveChain, c.chain, s.was[i], c.n, c.summed)
		}
		if err == nil && n == 0 {
			err = errSummed
		}
		if err != nil {
			return err
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.amounts), accountHour.compare) {
		if err := t.insert(addAccountHour, k.account, k.hour, s.amounts[k]); err != nil {
			return err
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.spans), hourBlock.compare) {
		if err := t.insert(addEntryHour, k.hour, k.block, s.spans[k].first, s.spans[k].last); err != nil {
			return err
		}
	}
	return nil
}

func (k accountHour) compare(o accountHour) int {
	return cmp.Or(cmp.Compare(k.account, o.account), cmp.Compare(k.hour, o.hour))
}

func (k hourBlock) compare(o hourBlock) int {
	return cmp.Or(cmp.Compare(k.hour, o.hour), cmp.Compare(k.block, o.block))
}
