package store

import (
	"context"
	"errors"
)

// scanSession runs statements one after the other, and hands out rows as they
// come: there may be millions.
type scanSession struct {
	*link
	ctx context.Context //nolint:containedctx // of the one transaction that it is for
}

var errScanWrites = errors.New("a scan only reads")

func (s *scanSession) exec(string, ...any) (int64, error)  { return 0, errScanWrites }
func (s *scanSession) guard(string, ...any) (int64, error) { return 0, errScanWrites }
func (s *scanSession) owe(error, string, ...any) error     { return errScanWrites }

func (s *scanSession) rows(text string, args []any, each func(scan func(...any) error) error) error {
	st, err := s.prepare(s.ctx, text)
	if err != nil {
		return err
	}
	types, err := columnTypes(text, st.Fields)
	if err != nil {
		return err
	}
	values, err := encodedAll(args)
	if err != nil {
		return err
	}
	rr := s.conn.ExecPrepared(s.ctx, st.Name, values, allBinary, allBinary)
	scan := func(dest ...any) error { return fill(wireRow{rr.Values(), types}, dest) }
	for err == nil && rr.NextRow() {
		err = each(scan)
	}
	_, end := rr.Close()
	return errors.Join(err, s.heard(end))
}

// scan runs fn over one consistent state.
func (l *link) scan(ctx context.Context, fn func(*tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	if err := l.connect(ctx); err != nil {
		return err
	}
	for _, text := range []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL statement_timeout = 0"} {
		if _, err := l.conn.Exec(ctx, text).ReadAll(); err != nil {
			err = l.heard(err)
			l.drop()
			return err
		}
	}
	// What fn was looking for is found or not; there is nothing to commit.
	defer func() {
		if _, err := l.conn.Exec(ctx, "ROLLBACK").ReadAll(); err != nil {
			l.drop()
		}
	}()
	return fn(&tx{session: &scanSession{l, ctx}})
}
