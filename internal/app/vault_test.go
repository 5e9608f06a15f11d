package app_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sen/internal/app"
	"sen/internal/bank"
	"sen/internal/pay"
	"sen/internal/pgtest"
	"sen/internal/store"
	"sen/internal/vault"
)

// TestVaultKeysLost starts on data whose keys are gone: a gateway without
// cards makes new ones, one with cards must not.
func TestVaultKeysLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() error {
		g, err := app.Open(t.Context(), app.Config{Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: dir, Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			err = g.Close()
		}
		return errors.Join(err, removeKeys(dir))
	}
	for range 2 {
		if err := open(); err != nil {
			t.Fatalf("without cards: %v", err)
		}
	}
	keepCard(t, dir)
	if err := open(); !errors.Is(err, vault.ErrLost) {
		t.Errorf("with a card: %v, want %v", err, vault.ErrLost)
	}
}

// TestVaultOnNewMachine serves from a database server with a data directory
// that is not there yet, as the default one is on a new machine.
func TestVaultOnNewMachine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sen-data")
	g, err := app.Open(t.Context(), app.Config{
		Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: dir, Database: pgtest.DSN(t), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("the directory with the keys is open to others: %v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "vault.json")); err != nil {
		t.Error(err)
	}
}

func removeKeys(dir string) error {
	err := os.Remove(filepath.Join(dir, "vault.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func keepCard(t *testing.T, dir string) {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx pay.Tx) error {
		_, err := tx.InsertCard(t.Context(), pay.Card{ID: 1, Sealed: []byte("sealed"), Masked: bank.Number("4111111111111111").Masked(), CreatedAt: time.Unix(1, 0)})
		return err
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}
