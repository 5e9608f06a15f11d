package app_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"sen/internal/app"
	"sen/internal/pgtest"
	"sen/internal/vault"
)

// TestVaultKeysLost starts on data whose keys are gone: its secrets could not be
// opened, and new keys would only hide that.
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
	if err := open(); err != nil {
		t.Fatalf("a new sandbox: %v", err)
	}
	if err := open(); !errors.Is(err, vault.ErrLost) {
		t.Errorf("without its keys: %v, want %v", err, vault.ErrLost)
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
