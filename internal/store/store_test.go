package store_test

import (
	"testing"

	"sen/internal/store"
	"sen/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) *store.Store { return serve(t, t.TempDir()) })
}

// serve opens the store in dir and closes it when the test is over.
func serve(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Serve(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
