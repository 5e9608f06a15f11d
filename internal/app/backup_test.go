package app_test

import (
	"database/sql"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"sen/internal/app"
	"sen/internal/pgtest"
)

// TestBackupUnderLoad makes backups of a database that is being written to: the
// books of each are right, and the last one has every payment.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	if pgtest.Wanted() {
		t.Skip("backups of a server are the server's own: see deploy/postgres")
	}
	s := openShop(t)
	fill(t, s.File())
	const orders = 200
	for i := range orders {
		s.made(order("b" + strconv.Itoa(i)).with(members{"amount": "1000"}))
	}
	var paying sync.WaitGroup
	paying.Go(func() {
		atOnce(orders, func(i int) { s.payFrom("b"+strconv.Itoa(i), rich) })
	})
	done := make(chan struct{})
	go func() { paying.Wait(); close(done) }()

	dir := t.TempDir()
	for i, last := 0, false; !last; i++ {
		select {
		case <-done:
			last = true
		default:
		}
		found, err := app.Backup(t.Context(), s.Dir, filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			t.Fatal(err)
		}
		if !found.OK {
			t.Errorf("backup %d: %q", i, found.Problems)
		}
		if last && found.Payments != orders {
			t.Errorf("the last backup has %d payments, want %d", found.Payments, orders)
		}
	}
}

// fill makes the file larger than what is copied in one step.
func fill(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO settings (name, value) SELECT 'filler ' || i, hex(zeroblob(2500)) FROM n`)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
