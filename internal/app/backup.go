package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sen/internal/control"
	"sen/internal/store"
	"sen/internal/vault"
)

// Backup writes the embedded database in dir, as it is at one moment, to a new
// file, and returns what a check of the copy's ledger found. A gateway may serve
// meanwhile. A copy whose ledger is not right is kept all the same: it is what
// there is.
func Backup(ctx context.Context, dir, file string) (l control.Ledger, err error) {
	err = store.Backup(ctx, dir, file, func(s *store.Store) error {
		l, err = checked(ctx, s)
		return err
	})
	return l, err
}

// A Restored database is one that a backup was put into.
type Restored struct {
	Ledger control.Ledger
	// KeysMissing says that there are secrets in it, and no keys of secrets beside
	// it: nobody can serve from it before they are there.
	KeysMissing bool
	// Last is the time of the last change that an archive had until the moment;
	// zero for a backup.
	Last time.Time
}

// Restore puts a backup, or what an archive has until a moment, into a directory
// that has no database. Of the zero time it is all that the archive has.
func Restore(ctx context.Context, from, dir string, until time.Time) (r Restored, err error) {
	r.Last, err = store.Restore(ctx, from, dir, until, time.Now(), func(s *store.Store) error {
		if r.Ledger, err = checked(ctx, s); err != nil {
			return err
		}
		r.KeysMissing, err = hasSecrets(ctx, s)
		return err
	})
	if err != nil || !r.KeysMissing {
		return r, err
	}
	_, err = os.Stat(filepath.Join(dir, vaultFile))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	r.KeysMissing = false
	return r, err
}

func checked(ctx context.Context, s *store.Store) (control.Ledger, error) {
	report, err := s.Verify(ctx)
	if err != nil {
		return control.Ledger{}, err
	}
	return control.LedgerOf(report), nil
}

// ErrVaultExists is the refusal to make keys over others.
var ErrVaultExists = errors.New("there is a vault already: sen vault rotate gives it a new key")

// CreateVault makes the keys of secrets in a directory that has none, for the
// nodes of one database to share.
func CreateVault(dir string) error {
	file := filepath.Join(dir, vaultFile)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(ErrVaultExists, err)
	}
	if err := store.MakeDirectory(dir); err != nil {
		return err
	}
	_, err := vault.Open(file, false)
	return err
}
