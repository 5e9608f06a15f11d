package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// ErrOld says that the tables are not those of this program. Changing them
// under a process that serves is not for a second one to do.
var ErrOld = errors.New("the database was written by an older version of sen: start `sen serve` once to bring it up to date")

// ErrNewer says that a newer program changed the tables. This one can't know
// what they mean now.
var ErrNewer = errors.New("the database was written by a newer version of sen: start that one, or restore the backup that was made before the upgrade")

// provider holds the migrations of one engine. They only go forward, and only
// add: processes of the last version may still be at work.
func provider(dialect goose.Dialect, db *sql.DB, dir string, options ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, dir)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, files, options...)
}

func bringUp(ctx context.Context, p *goose.Provider) error {
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case have > want:
		return fmt.Errorf("%w (its tables are of version %d, and this sen knows %d)", ErrNewer, have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func isCurrent(ctx context.Context, p *goose.Provider) error {
	have, want, err := p.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case have > want:
		return fmt.Errorf("%w (its tables are of version %d, and this sen knows %d)", ErrNewer, have, want)
	case have < want:
		return ErrOld
	}
	return nil
}
