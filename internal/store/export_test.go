package store

import "context"

// VerifyEntries is the part of Verify that reads entries, postings and seals.
func (s *Store) VerifyEntries(ctx context.Context) (entries int64, err error) {
	r := &Report{}
	err = s.engine.scan(ctx, func(t *tx) error {
		_, err := t.verifyEntries(s, r, nil)
		return err
	})
	return r.Seals.Entries, err
}
