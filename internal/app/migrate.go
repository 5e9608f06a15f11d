package app

import (
	"context"
	"errors"
	"fmt"

	"sen/internal/control"
	"sen/internal/store"
)

// Copy moves a database to an empty place, as it is at one moment, compares
// both and checks the ledger of the copy. No gateway may serve from a directory
// that is copied; from a server it can, and what it does meanwhile is not
// copied. done is called after each table.
func Copy(ctx context.Context, from, to string, done func(table string, rows int64)) (l control.Ledger, err error) {
	source, err := openSource(ctx, from)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := store.Serve(ctx, to)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if err := store.Copy(ctx, source, target, func(c store.Copied) { done(c.Table, c.Rows) }); err != nil {
		return l, err
	}
	found, err := target.Verify(ctx)
	if err != nil {
		return l, fmt.Errorf("check the ledger of the copy: %w", err)
	}
	return control.LedgerOf(found), nil
}

// openSource opens the database to copy, and keeps others from serving from it
// if it is a directory.
func openSource(ctx context.Context, place string) (*store.Store, error) {
	beside, err := store.Open(ctx, place) // which makes none where there is none
	if err != nil || store.IsServer(place) {
		return beside, err
	}
	if err := beside.Close(); err != nil {
		return nil, err
	}
	return store.Serve(ctx, place)
}
