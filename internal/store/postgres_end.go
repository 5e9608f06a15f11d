package store

import (
	"context"

	"github.com/jackc/pgx/v5/pgconn"
)

// endSession runs what a batch itself has to say at the end of its transaction,
// after all of its calls.
type endSession struct {
	*link
	ctx  context.Context //nolint:containedctx // of the one transaction that it is for
	owed []request       // to go with the mark, which the commit waits for anyway
}

func (s *endSession) request(text string, args []any) (q request, err error) {
	if q.prepared, err = s.prepare(s.ctx, text); err != nil {
		return q, err
	}
	q.args, err = encodedAll(args)
	return q, err
}

func (s *endSession) exec(text string, args ...any) (n int64, err error) {
	q, err := s.request(text, args)
	if err != nil {
		return 0, err
	}
	q.read = func(rr *pgconn.ResultReader) error {
		tag, err := rr.Close()
		n = tag.RowsAffected()
		return err
	}
	return n, s.pipeline(s.ctx, []request{q})
}

func (s *endSession) guard(text string, args ...any) (int64, error) { return s.exec(text, args...) }

func (s *endSession) owe(missed error, text string, args ...any) error {
	q, err := s.request(text, args)
	if err != nil {
		return err
	}
	q.read = func(rr *pgconn.ResultReader) error {
		tag, err := rr.Close()
		if err == nil && tag.RowsAffected() == 0 {
			err = missed
		}
		return err
	}
	s.owed = append(s.owed, q)
	return nil
}

func (s *endSession) rows(text string, args []any, each func(scan func(...any) error) error) (err error) {
	q, err := s.request(text, args)
	if err != nil {
		return err
	}
	var found result
	q.read = func(rr *pgconn.ResultReader) error {
		found, _, err = readAll(text, rr)
		return err
	}
	if err := s.pipeline(s.ctx, []request{q}); err != nil {
		return err
	}
	return found.each(each)
}
