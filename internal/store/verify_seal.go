package store

import (
	"bytes"
	"container/heap"
	"crypto/hmac"
	"maps"
	"slices"
	"strconv"

	"sen/internal/ledger"
)

// Seals is what a verification found of the chains.
type Seals struct {
	// Database is the name that chance gave the database; "": nothing in it is
	// sealed.
	Database string
	// Chains counts the lives of writers, Seals their commits, Entries what is
	// in them. Of those, Before were sealed when this version first started,
	// and Adopted on an operator's word.
	Chains, Seals, Entries, Before, Adopted int64
	// Tagged says that the keys were at hand: without them a change by somebody
	// who computed all hashes after it again is not seen.
	Tagged bool
	// Heads are the ends of the chains, the list of chains first.
	Heads []ledger.Head
}

// A chainCheck follows one chain.
type chainCheck struct {
	head   ledger.Head // as its row says
	label  string
	keyID  string
	tag    []byte
	listed bool // it has a row
	loose  bool // what its next seal comes after is not known

	last    ledger.Hash // of the seal before the next one
	next    int64       // place of the next seal
	entries int64
	waiting map[int64]*openSeal // by place: seals whose turn has not come
}

// An openSeal is one of which not all entries were met yet.
type openSeal struct {
	at            ledger.Place
	first         int64
	hash          ledger.Hash
	tag           []byte
	list          []byte      // what is left of it
	mark          ledger.Mark // of the next entry
	contents      ledger.Contents
	count         int64
	gone, changed []int64
	broken        bool // its list can't be read to the end
}

// A sealCheck holds entries, which come by their numbers, against seals, which
// come by the first of theirs: so it has in memory only what is open.
type sealCheck struct {
	r      *Report
	keys   *ledger.Keys
	since  map[int64]ledger.Head
	sealed bool // there are chains at all
	chains map[int64]*chainCheck
	open   openSeals // a heap
	seals  []*openSeal
	first  int64 // the first entry of the first seal of origin
	origin int64 // the lowest chain whose first seal does not fit what it begins with; 0: none
}

// openSeals is a heap by the next entry.
type openSeals []*openSeal

func (o openSeals) Len() int           { return len(o) }
func (o openSeals) Less(i, j int) bool { return o[i].mark.ID < o[j].mark.ID }
func (o openSeals) Swap(i, j int)      { o[i], o[j] = o[j], o[i] }

// Push adds a seal.
func (o *openSeals) Push(x any) {
	s, _ := x.(*openSeal)
	*o = append(*o, s)
}

// Pop removes the last one.
func (o *openSeals) Pop() any {
	last := (*o)[len(*o)-1]
	*o = (*o)[:len(*o)-1]
	return last
}

const allChains = `SELECT id, label, key_id, opened_at, n, entries, head, tag FROM chains ORDER BY id`

const anySeal = `SELECT COUNT(*) FROM (SELECT 1 FROM seals LIMIT 1) AS any_seal`

// newSealCheck reads the list of chains.
func (t *tx) newSealCheck(r *Report, keys *ledger.Keys, since *ledger.Checkpoint) (*sealCheck, error) {
	c := &sealCheck{r: r, keys: keys, chains: map[int64]*chainCheck{}, since: map[int64]ledger.Head{}}
	r.Seals.Tagged = keys != nil
	if since != nil {
		for _, h := range since.Heads {
			c.since[h.Chain] = h
		}
	}
	var root ledger.Hash
	known := true // what the next chain begins with
	err := t.rows(allChains, nil, func(scan func(...any) error) error {
		one := &chainCheck{listed: true, next: 1, waiting: map[int64]*openSeal{}}
		var opened int64
		var head []byte
		h := &one.head
		if err := scan(&h.Chain, &one.label, &one.keyID, &opened, &h.N, &h.Entries, &head, &one.tag); err != nil {
			return err
		}
		if copy(h.Hash[:], head); len(head) != len(h.Hash) {
			r.problem("chains: the head of row %d has %d bytes", h.Chain, len(head))
		}
		c.chains[h.Chain] = one
		switch expected := int64(len(c.chains)) - 1; {
		case h.Chain == 0:
			root = ledger.Root(one.label, opened)
			r.Seals.Database = one.label
		case h.Chain != expected:
			known = false
		default:
			root = ledger.Origin(root, h.Chain, one.label, opened)
		}
		one.last, one.loose = root, !known
		c.compare(ledger.Head{Place: ledger.Place{N: h.Chain}, Hash: root})
		if h.Chain != 0 {
			c.compare(ledger.Head{Place: ledger.Place{Chain: h.Chain}, Hash: root})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var seals int64
	if err := t.row(anySeal, nil, &seals); err != nil {
		return nil, err
	}
	c.sealed = len(c.chains) > 0 || seals > 0 || keys != nil
	if since != nil {
		c.expect(since)
	}
	c.checkList(root)
	return c, nil
}

// expect asks for the database of the checkpoint.
func (c *sealCheck) expect(since *ledger.Checkpoint) {
	c.sealed = true
	if since.Database != c.r.Seals.Database {
		c.r.problem("the checkpoint is of the database %s, and this one is called %q", since.Database, c.r.Seals.Database)
	}
	if c.keys != nil && !bytes.Equal(since.Key, c.keys.Public()) {
		c.r.problem("the checkpoint was signed with other keys than those at hand")
	}
}

// checkList holds the list of chains, which is chain 0, against what it says.
func (c *sealCheck) checkList(root ledger.Hash) {
	if len(c.chains) == 0 {
		return
	}
	list := c.chains[0]
	if list == nil {
		c.r.problem("chains: the list of chains, row 0, is gone")
		return
	}
	for id := int64(1); id <= list.head.N && len(c.r.Problems) < maxProblems; id++ { // n can be anything
		if c.chains[id] == nil {
			c.r.problem("chains: row %d is gone", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.chains)) {
		if id < 0 || id > list.head.N {
			c.r.problem("chains: row %d is not in the list of chains, or the list was cut", id)
		}
	}
	if root != list.head.Hash {
		c.r.problem("chains: the rows are not those that were opened: a label or opened_at was changed, or the head of row 0")
	}
	if list.head.Entries != 0 {
		c.r.problem("chains: row 0 has entries")
	}
	c.checkHeadTag(list)
}

// checkHeadTag checks the tag of a chain's end, if the keys are at hand.
func (c *sealCheck) checkHeadTag(one *chainCheck) {
	switch {
	case c.keys == nil:
	case one.keyID != c.keys.ID():
		c.r.problem("chains: row %d was sealed with keys %s, and those at hand are %s", one.head.Chain, one.keyID, c.keys.ID())
	case !hmac.Equal(one.tag, c.keys.HeadTag(one.head)):
		c.r.problem("chains: the tag of row %d is not of its n, entries and head: somebody without the keys has written there", one.head.Chain)
	}
}

const sealsWithin = `
SELECT first_entry, chain, n, list, hash, tag FROM seals WHERE first_entry > $1 AND first_entry <= $2 ORDER BY first_entry`

// seals reads the seals that begin in a stretch.
func (r *lookReader) seals(into *stretch) error {
	return r.rows(sealsWithin, []any{into.after, into.last}, func(scan func(...any) error) error {
		s := &openSeal{}
		var hash, list, tag []byte
		err := scan(&s.first, &s.at.Chain, &s.at.N, &list, &hash, &tag)
		copy(s.hash[:], hash)
		s.list, s.tag = bytes.Clone(list), bytes.Clone(tag)
		s.broken = len(hash) != len(s.hash)
		into.seals = append(into.seals, s)
		return err
	})
}

// stretch holds a stretch of entries against the seals that begin in it.
func (c *sealCheck) stretch(read *stretch) error {
	c.seals = read.seals
	for _, e := range read.entries {
		c.begin(e.id)
		if err := c.entry(e); err != nil {
			return err
		}
	}
	c.begin(read.last)
	return nil
}

// begin opens the seals whose first entry is one up to id.
func (c *sealCheck) begin(id int64) {
	for len(c.seals) > 0 && c.seals[0].first <= id {
		s := c.seals[0]
		c.seals = c.seals[1:]
		s.mark.ID = s.first
		c.r.Seals.Seals++
		if c.step(s) {
			heap.Push(&c.open, s)
		}
	}
}

// step goes to the next entry of a seal. After the last one the seal takes its
// place in the chain, and step is false.
func (c *sealCheck) step(s *openSeal) bool {
	if len(s.list) == 0 {
		c.complete(s)
		return false
	}
	mark, rest, ok := ledger.NextMark(s.list, s.mark.ID)
	if !ok || s.count > 0 && mark.ID == s.mark.ID {
		s.broken = true
		c.complete(s)
		return false
	}
	s.mark, s.list = mark, rest
	s.count++
	return true
}

// entry finds the seal of the next entry.
func (c *sealCheck) entry(e posted) error {
	c.passed(e.id)
	found := false
	for len(c.open) > 0 && c.open[0].mark.ID == e.id {
		s := c.open[0]
		if found {
			c.r.problem("entry %d is in a second seal, %v", e.id, s.at)
		}
		found = true
		s.contents.Add(e.hash)
		if !s.mark.Of(e.hash) {
			s.changed = append(s.changed, e.id)
		}
		c.advance()
	}
	switch {
	case found:
		c.r.Seals.Entries++
	case c.r.outside != nil:
		return c.r.outside(e)
	case c.sealed:
		c.r.problem("entry %d is in no seal: it was not made by this gateway, or by an older version", e.id)
	}
	return nil
}

// passed notes the entries below id that seals have and nobody else has.
func (c *sealCheck) passed(id int64) {
	for len(c.open) > 0 && c.open[0].mark.ID < id {
		s := c.open[0]
		s.gone = append(s.gone, s.mark.ID)
		c.advance()
	}
}

// advance takes the first of the open seals to its next entry.
func (c *sealCheck) advance() {
	if c.step(c.open[0]) {
		heap.Fix(&c.open, 0)
		return
	}
	heap.Pop(&c.open)
}

// complete puts a seal whose entries were all met into its place.
func (c *sealCheck) complete(s *openSeal) {
	one := c.chains[s.at.Chain]
	if one == nil || s.at.Chain == 0 {
		c.r.problem("seals: the row of entry %d is of chain %d, which there is not", s.first, s.at.Chain)
		one = &chainCheck{head: ledger.Head{Place: ledger.Place{Chain: s.at.Chain}}, next: 1, loose: true, waiting: map[int64]*openSeal{}}
		c.chains[s.at.Chain] = one
	}
	if s.at.N < one.next || one.waiting[s.at.N] != nil {
		c.r.problem("seals: the row of entry %d is at place %v, where another one is", s.first, s.at)
		c.nameEntries(s)
		return
	}
	one.waiting[s.at.N] = s
	c.link(one)
}

// link follows a chain as far as its seals are there.
func (c *sealCheck) link(one *chainCheck) {
	for s := one.waiting[one.next]; s != nil; s = one.waiting[one.next] {
		delete(one.waiting, one.next)
		c.check(one, s)
		one.next++
		one.entries += s.count
	}
}

// check holds a seal against its entries and against the seal before it.
func (c *sealCheck) check(one *chainCheck, s *openSeal) {
	computed := s.contents.Seal(one.last, s.at)
	tagged := c.tagged(one, s.hash, s.tag)
	fits := !s.broken && (computed == s.hash || one.loose)
	whole := len(s.changed)+len(s.gone) == 0 && !s.broken
	switch {
	case computed == s.hash && !whole:
		c.r.problem("seals: the list of the row of entry %d (seal %v) was changed; its entries are what was sealed", s.first, s.at)
	case !whole:
		c.nameEntries(s)
	case !fits && c.keys != nil && !tagged && c.tagged(one, computed, s.tag):
		c.r.problem("seals: the hash of the row of entry %d (seal %v) was changed", s.first, s.at)
		s.hash, tagged = computed, true
	case !fits && s.at.N == 1 && tagged:
		if c.origin == 0 || s.at.Chain < c.origin {
			c.origin, c.first = s.at.Chain, s.first
		}
	case !fits:
		c.r.problem("seals: the hash of the row of entry %d (seal %v, %d entries up to %d) is not that of its entries after the seal before it",
			s.first, s.at, s.count, s.mark.ID)
	}
	if !tagged {
		c.r.problem("seals: the tag of the row of entry %d (seal %v, %d entries up to %d) is wrong: somebody without the keys has written there, or changed its entries",
			s.first, s.at, s.count, s.mark.ID)
	}
	one.last, one.loose = s.hash, false
	c.compare(ledger.Head{Place: s.at, Hash: s.hash})
}

// tagged reports whether a tag is of that seal, as far as one can know.
func (c *sealCheck) tagged(one *chainCheck, hash ledger.Hash, tag []byte) bool {
	return c.keys == nil || one.keyID != c.keys.ID() || hmac.Equal(tag, c.keys.SealTag(hash))
}

func (c *sealCheck) nameEntries(s *openSeal) {
	for _, id := range s.changed {
		c.r.problem("entry %d, or one of its postings, was changed since it was sealed (seal %v)", id, s.at)
	}
	for _, id := range s.gone {
		c.r.problem("entry %d is gone: seal %v has it", id, s.at)
	}
	if s.broken {
		c.r.problem("seals: the row of entry %d (seal %v) can't be read", s.first, s.at)
	}
}

// compare holds a place in a chain against the checkpoint.
func (c *sealCheck) compare(h ledger.Head) {
	want, ok := c.since[h.Chain]
	if ok && want.N == h.N {
		if want.Hash != h.Hash {
			c.r.problem("seal %v is not the one of the checkpoint: the chain up to there was written again", h.Place)
		}
		delete(c.since, h.Chain)
	}
}

// end says what was not met, and holds the ends of the chains against their
// rows.
func (c *sealCheck) end() {
	for len(c.open) > 0 {
		s := c.open[0]
		s.gone = append(s.gone, s.mark.ID)
		c.advance()
	}
	if c.origin != 0 {
		c.r.problem("chains: row %d is not as it was when the chain was opened, or its first seal, the row of entry %d, was changed", c.origin, c.first)
	}
	for _, id := range slices.Sorted(maps.Keys(c.chains)) {
		if id != 0 {
			c.endChain(c.chains[id])
		}
	}
	c.endList()
	for _, id := range slices.Sorted(maps.Keys(c.since)) {
		c.r.problem("chain %d had %d seals when the checkpoint was made, and has less: its end was removed", id, c.since[id].N)
	}
	if c.r.Seals.Database == "" && c.sealed && c.r.Entries > 0 {
		c.r.problem("there are no chains, so nothing seals the entries: a gateway that starts seals what it finds, as from before")
	}
}

// endList notes the list of chains as the first of the heads.
func (c *sealCheck) endList() {
	list := c.chains[0]
	if list == nil {
		return
	}
	c.r.Seals.Heads = append([]ledger.Head{list.head}, c.r.Seals.Heads...)
}

func (c *sealCheck) endChain(one *chainCheck) {
	for len(one.waiting) > 0 {
		there := slices.Min(slices.Collect(maps.Keys(one.waiting)))
		c.r.problem("seals: %d of chain %d are gone, from place %d on; the next is at the row of entry %d",
			there-one.next, one.head.Chain, one.next, one.waiting[there].first)
		one.next, one.loose = there, true
		c.link(one)
	}
	if !one.listed {
		return
	}
	c.r.Seals.Chains++
	switch one.label {
	case labelBefore:
		c.r.Seals.Before += one.entries
	case labelAdopted:
		c.r.Seals.Adopted += one.entries
	}
	end := ledger.Head{Place: ledger.Place{Chain: one.head.Chain, N: one.next - 1}, Entries: one.entries, Hash: one.last}
	switch {
	case end.N < one.head.N:
		c.r.problem("chain %d ends at place %d, and its seals at %d: the last were removed", end.Chain, one.head.N, end.N)
	case end.N > one.head.N:
		c.r.problem("chain %d ends at place %d, and there are seals up to %d", end.Chain, one.head.N, end.N)
	case end.Entries != one.head.Entries:
		c.r.problem("chains: row %d counts %d entries, and its seals have %d", end.Chain, one.head.Entries, end.Entries)
	case end.Hash != one.head.Hash && !one.loose:
		c.r.problem("chains: the head of row %d is not that of its last seal", end.Chain)
	}
	c.checkHeadTag(one)
	c.r.Seals.Heads = append(c.r.Seals.Heads, one.head)
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }
