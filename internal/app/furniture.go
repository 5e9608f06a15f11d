package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sen/internal/store"
)

// Furniture is the data of a new sandbox as files. Making it takes most of a
// sandbox's start: tables, and a hash that is slow on purpose. Copying it takes
// a millisecond, so whoever starts many makes it once.
type Furniture struct {
	files map[string][]byte
}

// built is when the wallets of copied furniture were opened: before every time
// that a sandbox's clock can show.
var built = time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)

// NewFurniture makes furniture. It is always the same, but for the keys of
// cards, so that a sandbox with a seed can be made of it.
func NewFurniture(ctx context.Context) (f *Furniture, err error) {
	dir, err := os.MkdirTemp("", "sen-furniture-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	g, err := Open(ctx, Config{
		Mode: Sandbox, Addr: "127.0.0.1:0", Data: dir, Log: slog.New(slog.DiscardHandler), Start: built, Seed: new(uint64),
	})
	if err != nil {
		return nil, err
	}
	if err := g.Close(); err != nil {
		return nil, err
	}
	f = &Furniture{files: map[string][]byte{}}
	for _, name := range []string{store.FileName, vaultFile} {
		if f.files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Into furnishes a directory. It makes it if it is not there, and refuses one
// that has a database.
func (f *Furniture) Into(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, store.FileName)); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fs.ErrExist)
	}
	for name, data := range f.files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
