package store

import "context"

// VerifyEntries is the part of Verify that reads entries, postings and seals.
func (s *Store) VerifyEntries(ctx context.Context) (entries int64, err error) {
	r := &Report{}
	err = s.look(ctx, r, Verification{Processors: 1}, (*look).entries)
	return r.Seals.Entries, err
}

// VerifyInDoubt is Verify that asks the database about every rule.
func (s *Store) VerifyInDoubt(ctx context.Context, processors int) (*Report, error) {
	return s.VerifyWith(ctx, Verification{Processors: processors, doubtful: true})
}
