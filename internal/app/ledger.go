package app

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"sen/internal/control"
	"sen/internal/ledger"
	"sen/internal/store"
	"sen/internal/vault"
)

// A Book is a ledger to look at: where it is, and the file with the keys of its
// seals. Without a file it is the vault of the data directory, if that has one:
// Data when the place is a server, else the place itself.
type Book struct {
	Place, Data, Keys string
	// Progress hears how many entries a verification has read; nil: nobody.
	Progress func(entries int64)
}

// ErrNoKeys is the refusal to sign without keys.
var ErrNoKeys = errors.New("the keys of the seals are needed: give the gateway's vault.json with --keys FILE")

// keys reads the keys; nil: there are none at hand.
func (b Book) keys() (*ledger.Keys, error) {
	if b.Keys != "" {
		return vault.SealsIn(b.Keys)
	}
	dir := b.Place
	if store.IsServer(b.Place) {
		dir = b.Data
	}
	if dir == "" {
		return nil, nil //nolint:nilnil // none is an answer
	}
	keys, err := vault.SealsIn(filepath.Join(dir, vaultFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	return keys, err
}

func (b Book) needKeys() (*ledger.Keys, error) {
	keys, err := b.keys()
	if err == nil && keys == nil {
		err = ErrNoKeys
	}
	return keys, err
}

// Verify checks the ledger. since names a file with a checkpoint that was kept
// elsewhere; "": none.
func (b Book) Verify(ctx context.Context, since string) (l control.Ledger, err error) {
	keys, err := b.keys()
	if err != nil {
		return l, err
	}
	var checkpoint *ledger.Checkpoint
	if since != "" {
		text, err := os.ReadFile(since) //nolint:gosec // the operator names the file
		if err != nil {
			return l, err
		}
		if checkpoint, err = ledger.ParseCheckpoint(text); err != nil {
			return l, fmt.Errorf("%s: %w", since, err)
		}
	}
	err = inside(ctx, b.Place, func(s *store.Store) error {
		s.Trust(keys)
		rep, err := s.VerifyWith(ctx, store.Verification{Since: checkpoint, Processors: runtime.GOMAXPROCS(0), Progress: b.Progress})
		if err == nil {
			l = control.LedgerOf(rep)
		}
		return err
	})
	return l, err
}

// Checkpoint signs where the chains end.
func (b Book) Checkpoint(ctx context.Context) (c *ledger.Checkpoint, err error) {
	keys, err := b.needKeys()
	if err != nil {
		return nil, err
	}
	err = inside(ctx, b.Place, func(s *store.Store) (err error) {
		c, err = s.Checkpoint(ctx, keys, time.Now())
		return err
	})
	return c, err
}

// Export writes the chains with all entries to a new file, and returns the
// checkpoint at its end.
func (b Book) Export(ctx context.Context, file string) (c *ledger.Checkpoint, err error) {
	keys, err := b.needKeys()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(f)
	err = inside(ctx, b.Place, func(s *store.Store) (err error) {
		c, err = s.ExportLedger(ctx, keys, time.Now(), w)
		return err
	})
	return c, errors.Join(err, w.Flush(), f.Sync(), f.Close())
}

// Adopt seals the entries that no seal is over, and returns how many there were.
func (b Book) Adopt(ctx context.Context) (n int64, err error) {
	keys, err := b.needKeys()
	if err != nil {
		return 0, err
	}
	err = inside(ctx, b.Place, func(s *store.Store) (err error) {
		n, err = s.Adopt(ctx, keys, store.Origins{Chance: rand.Reader, Now: time.Now})
		return err
	})
	return n, err
}
