package store

import (
	"cmp"
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"time"

	"sen/internal/ledger"
)

// A posted is an entry that a transaction made, as its seal will know it.
type posted struct {
	id   int64
	hash ledger.Hash
}

// A chain is what one writer seals its entries in, one seal for each commit
// that has any, in the transaction of the commit. So no two writers ever wait
// for each other, and what is not committed is not in the chain either.
type chain struct {
	keys  *ledger.Keys
	label string
	from  Origins

	head ledger.Head // the last that was seen to be committed; zero: the chain is not open yet
	// next is what the transaction under way makes of it, if it has a seal. When
	// nobody knows what became of that, it is kept: the database has it, or head.
	next   ledger.Head
	sealed bool
	doubt  bool
}

// errChainMoved means that the end of a chain is not where its writer left it.
var errChainMoved = errors.New("the end of the chain of seals is not where it was: somebody else has written to it")

const insertSeal = `INSERT INTO seals (first_entry, chain, n, list, hash, tag) VALUES ($1, $2, $3, $4, $5, $6)`

// The old end is a condition, so that a chain can't fork.
const moveHead = `UPDATE chains SET n = $3, entries = $4, head = $5, tag = $6 WHERE id = $1 AND n = $2`

// seal adds a seal over the entries to the chain, and opens one first if there
// is none. A nil chain seals nothing.
func (c *chain) seal(t *tx, entries []posted) error {
	if c == nil || len(entries) == 0 {
		return nil
	}
	before, err := c.current(t)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b posted) int { return cmp.Compare(a.id, b.id) })
	var contents ledger.Contents
	list, last := make([]byte, 0, 8*len(entries)), entries[0].id
	for _, e := range entries {
		contents.Add(e.hash)
		list = ledger.AppendMark(list, e.id-last, e.hash)
		last = e.id
	}
	next := ledger.Head{
		Place:   ledger.Place{Chain: before.Chain, N: before.N + 1},
		Entries: before.Entries + int64(len(entries)),
	}
	next.Hash = contents.Seal(before.Hash, next.Place)
	err = t.insert(insertSeal, entries[0].id, next.Chain, next.N, list, next.Hash[:], c.keys.SealTag(next.Hash))
	if err != nil {
		return err
	}
	c.next, c.sealed = next, true
	return c.move(t, before, next)
}

func (c *chain) move(t *tx, before, next ledger.Head) error {
	return t.owe(errChainMoved, moveHead, next.Chain, before.N, next.N, next.Entries, next.Hash[:], c.keys.HeadTag(next))
}

// ended takes note of what became of a transaction. One without a seal says
// nothing about the chain, least of all that a seal that failed before it was
// kept.
func (c *chain) ended(kept bool) {
	if c == nil || !c.sealed {
		return
	}
	c.sealed = false
	if c.doubt = !kept; kept {
		c.head, c.next = c.next, ledger.Head{}
	}
}

const headOf = `SELECT n, entries, head FROM chains WHERE id = $1`

// current is the end of the chain. After a commit of which nobody knows the end
// the database says which one it is; what is neither of the two is left alone,
// for a verification to find, and the chain goes on as another one.
func (c *chain) current(t *tx) (ledger.Head, error) {
	if c.head.Chain != 0 && !c.doubt {
		return c.head, nil
	}
	for _, h := range []ledger.Head{c.next, c.head} {
		if h.Chain == 0 {
			continue
		}
		found := ledger.Head{Place: ledger.Place{Chain: h.Chain}}
		var hash []byte
		err := t.row(headOf, []any{h.Chain}, &found.N, &found.Entries, &hash)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return h, err
		}
		copy(found.Hash[:], hash)
		if err == nil && found == h {
			c.head, c.doubt = h, false
			return h, nil
		}
	}
	return c.open(t)
}

const (
	rootOf = `SELECT label, key_id, opened_at, n, head, tag FROM chains WHERE id = 0`

	insertChain = `
INSERT INTO chains (id, label, key_id, opened_at, n, entries, head, tag) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// open makes a chain, which is entered in the list of chains.
func (c *chain) open(t *tx) (ledger.Head, error) {
	at := c.from.Now().UnixMicro()
	list, tag, err := c.list(t, at)
	if err != nil {
		return list, err
	}
	h := ledger.Head{Place: ledger.Place{Chain: list.N + 1}}
	h.Hash = ledger.Origin(list.Hash, h.Chain, c.label, at)
	longer := ledger.Head{Place: ledger.Place{N: h.Chain}, Hash: h.Hash}
	// A list that somebody has tampered with must not become right by our
	// signature: it has none from then on.
	if hmac.Equal(tag, c.keys.HeadTag(list)) {
		tag = c.keys.HeadTag(longer)
	} else {
		tag = []byte{}
	}
	err = t.owe(errChainMoved, moveHead, int64(0), list.N, longer.N, int64(0), longer.Hash[:], tag)
	if err != nil {
		return h, err
	}
	return h, t.insert(insertChain, h.Chain, c.label, c.keys.ID(), at, h.N, h.Entries, h.Hash[:], c.keys.HeadTag(h))
}

// list returns the end of the list of chains, and its tag. It makes the list of
// a database that has none.
func (c *chain) list(t *tx, at int64) (h ledger.Head, tag []byte, err error) {
	var label, key string
	var opened int64
	var hash []byte
	err = t.row(rootOf, nil, &label, &key, &opened, &h.N, &hash, &tag)
	copy(h.Hash[:], hash)
	if !errors.Is(err, sql.ErrNoRows) {
		return h, tag, err
	}
	var drawn [16]byte
	if _, err := io.ReadFull(c.from.Chance, drawn[:]); err != nil {
		return h, nil, err
	}
	name := hex.EncodeToString(drawn[:])
	h.Hash = ledger.Root(name, at)
	tag = c.keys.HeadTag(h)
	return h, tag, t.insert(insertChain, int64(0), name, c.keys.ID(), at, h.N, h.Entries, h.Hash[:], tag)
}

// The labels of chains: who wrote them.
const (
	labelGateway = "gateway" // as the entries were made
	labelBefore  = "before"  // entries of before there were seals
	labelAdopted = "adopted" // entries that nothing had sealed, on an operator's word
)

// sealedSetting says that the entries of before there were seals have theirs.
const sealedSetting = "ledger_sealed"

// Origins are what chains are told apart by: the name of a database comes from
// chance, the time at which one was opened from the machine's clock.
type Origins struct {
	Chance io.Reader
	Now    func() time.Time
}

// Seal has everything that is posted from now on sealed with these keys. What
// an older version has left in the database is sealed first.
func (s *Store) Seal(ctx context.Context, keys *ledger.Keys, from Origins) error {
	s.keys.Store(keys)
	done, err := s.Setting(ctx, sealedSetting)
	if err != nil {
		return err
	}
	if done == "" {
		if _, err := s.adopt(ctx, &chain{keys: keys, label: labelBefore, from: from}); err != nil {
			return err
		}
		if err := s.SetSetting(ctx, sealedSetting, "yes"); err != nil {
			return err
		}
	}
	s.engine.seal(&chain{keys: keys, label: labelGateway, from: from})
	return nil
}

// Trust has verifications check tags with these keys.
func (s *Store) Trust(keys *ledger.Keys) { s.keys.Store(keys) }

// Adopt seals the entries that no seal is over, on the operator's word, and
// returns how many there were. An old version that went on serving beside a new
// one leaves such.
func (s *Store) Adopt(ctx context.Context, keys *ledger.Keys, from Origins) (n int64, err error) {
	return s.adopt(ctx, &chain{keys: keys, label: labelAdopted, from: from})
}

// adoptedAtOnce is how many entries get one seal.
const adoptedAtOnce = 1000

func (s *Store) adopt(ctx context.Context, c *chain) (n int64, err error) {
	var some []posted
	write := func() error {
		err := s.audited(ctx, func(t *tx) error { return c.seal(t, some) })
		c.ended(err == nil)
		n += int64(len(some))
		some = some[:0]
		return err
	}
	r := &Report{}
	r.outside = func(e posted) error {
		if some = append(some, e); len(some) < adoptedAtOnce {
			return nil
		}
		return write()
	}
	err = s.look(ctx, r, Verification{Processors: 1}, (*look).entries)
	if err == nil && len(some) > 0 {
		err = write()
	}
	return n, err
}
