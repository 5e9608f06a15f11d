package store

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sen/internal/ledger"
)

// ErrNotSealed means that there are no chains.
var ErrNotSealed = errors.New("nothing in this database is sealed: a gateway that starts seals what it finds")

// Checkpoint signs where the chains end.
func (s *Store) Checkpoint(ctx context.Context, keys *ledger.Keys, at time.Time) (c *ledger.Checkpoint, err error) {
	err = s.engine.scan(ctx, func(t *tx) error {
		c, err = t.checkpoint(keys, at, func(exportedChain) error { return nil })
		return err
	})
	return c, err
}

// An exportedChain is a row of the list of chains.
type exportedChain struct {
	Type     string `json:"type"` // chain
	ID       int64  `json:"id"`
	Label    string `json:"label"`
	KeyID    string `json:"key_id"`
	OpenedAt int64  `json:"opened_at"`
	N        int64  `json:"n"`
	Entries  int64  `json:"entries"`
	Head     string `json:"head"`
	Tag      string `json:"tag"`
}

// checkpoint calls each with every chain, and signs their ends.
func (t *tx) checkpoint(keys *ledger.Keys, at time.Time, each func(exportedChain) error) (*ledger.Checkpoint, error) {
	c := &ledger.Checkpoint{At: at}
	err := t.rows(allChains, nil, func(scan func(...any) error) error {
		one := exportedChain{Type: "chain"}
		var head, tag []byte
		if err := scan(&one.ID, &one.Label, &one.KeyID, &one.OpenedAt, &one.N, &one.Entries, &head, &tag); err != nil {
			return err
		}
		h := ledger.Head{Place: ledger.Place{Chain: one.ID, N: one.N}, Entries: one.Entries}
		copy(h.Hash[:], head)
		if one.KeyID == keys.ID() && !hmac.Equal(tag, keys.HeadTag(h)) {
			return fmt.Errorf("the end of chain %d is not what was sealed, so it is not signed: sen ledger verify says more", one.ID)
		}
		if one.ID == 0 {
			c.Database = one.Label
		}
		c.Heads = append(c.Heads, h)
		one.Head, one.Tag = hex.EncodeToString(head), hex.EncodeToString(tag)
		return each(one)
	})
	if err == nil && c.Database == "" {
		err = ErrNotSealed
	}
	if err != nil {
		return nil, err
	}
	c.Sign(keys)
	return c, nil
}

// exportedEntry and the types below are lines of an export.
type (
	exportedEntry struct {
		Type     string     `json:"type"` // entry
		ID       int64      `json:"id"`
		Reason   string     `json:"reason"`
		At       int64      `json:"at"`
		Postings [][2]int64 `json:"postings"`
	}
	exportedSeal struct {
		Type    string  `json:"type"` // seal
		Chain   int64   `json:"chain"`
		N       int64   `json:"n"`
		Entries []int64 `json:"entries"`
		Hash    string  `json:"hash"`
		Tag     string  `json:"tag"`
	}
	exportedCheckpoint struct {
		Type string `json:"type"` // checkpoint
		Text string `json:"text"`
	}
)

// ExportLedger writes the chains, their entries and a checkpoint as lines of
// JSON, as they are at one moment. docs/ledger-format.md describes them.
func (s *Store) ExportLedger(ctx context.Context, keys *ledger.Keys, at time.Time, w io.Writer) (c *ledger.Checkpoint, err error) {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	err = s.engine.scan(ctx, func(t *tx) error {
		if c, err = t.checkpoint(keys, at, func(one exportedChain) error { return lines.Encode(one) }); err != nil {
			return err
		}
		err := t.stretches(func(after, last int64) error {
			if err := t.exportEntries(lines, after, last); err != nil {
				return err
			}
			return t.exportSeals(lines, after, last)
		})
		if err != nil {
			return err
		}
		return lines.Encode(exportedCheckpoint{"checkpoint", string(c.Text())})
	})
	return c, err
}

func (t *tx) exportEntries(lines *json.Encoder, after, last int64) error {
	var all []exportedEntry
	err := t.rows(entriesWithin, []any{after, last}, func(scan func(...any) error) error {
		e := exportedEntry{Type: "entry"}
		err := scan(&e.ID, &e.Reason, &e.At)
		all = append(all, e)
		return err
	})
	if err != nil {
		return err
	}
	next := 0
	err = t.rows(postingsWithin, []any{after, last}, func(scan func(...any) error) error {
		var id, account, amount int64
		if err := scan(&id, &account, &amount); err != nil {
			return err
		}
		for next < len(all) && all[next].ID < id {
			next++
		}
		if next < len(all) && all[next].ID == id {
			all[next].Postings = append(all[next].Postings, [2]int64{account, amount})
		}
		return nil
	})
	for _, e := range all {
		err = errors.Join(err, lines.Encode(e))
	}
	return err
}

func (t *tx) exportSeals(lines *json.Encoder, after, last int64) error {
	return t.rows(sealsWithin, []any{after, last}, func(scan func(...any) error) error {
		s := exportedSeal{Type: "seal"}
		var first int64
		var list, hash, tag []byte
		if err := scan(&first, &s.Chain, &s.N, &list, &hash, &tag); err != nil {
			return err
		}
		for last := first; len(list) > 0; s.Entries = append(s.Entries, last) {
			mark, rest, ok := ledger.NextMark(list, last)
			if !ok {
				return fmt.Errorf("the list of the seal of entry %d can't be read: sen ledger verify says more", first)
			}
			last, list = mark.ID, rest
		}
		s.Hash, s.Tag = hex.EncodeToString(hash), hex.EncodeToString(tag)
		return lines.Encode(s)
	})
}
