package store

import (
	"context"
	"time"

	"sen/internal/chaos"
)

const faultColumns = `id, app_id, calls_left, ends_at`

const allFaults = `SELECT ` + faultColumns + ` FROM faults WHERE calls_left <> 0 AND (ends_at IS NULL OR ends_at > $1) ORDER BY id`

// unlimited is how a fault without a count is stored.
const unlimited = -1

// Faults returns the faults of a sandbox that are not over at now, the oldest
// first.
func (s *Store) Faults(ctx context.Context, now time.Time) (all []chaos.Fault, err error) {
	err = s.view(ctx, func(t *tx) error {
		all = nil
		return t.rows(allFaults, []any{micros(now)}, func(scan func(...any) error) error {
			var f chaos.Fault
			err := scan(&f.ID, &f.App, &f.Calls, instant{&f.Until})
			if f.Calls == unlimited {
				f.Calls = 0
			}
			all = append(all, f)
			return err
		})
	})
	return all, err
}

const insertFault = `INSERT INTO faults (` + faultColumns + `) VALUES ($1, $2, $3, $4)`

// InsertFault adds a fault.
func (s *Store) InsertFault(ctx context.Context, f chaos.Fault) error {
	calls := f.Calls
	if calls == 0 {
		calls = unlimited
	}
	return s.configure(ctx, func(t *tx) error {
		_, err := t.exec(insertFault, f.ID, int64(f.App), calls, micros(f.Until))
		return err
	})
}

const takeFault = `UPDATE faults SET calls_left = calls_left - 1 WHERE id = $1 AND calls_left > 0`

// TakeFault uses up one call of a fault and reports whether it had one left.
func (s *Store) TakeFault(ctx context.Context, id int64) (taken bool, err error) {
	err = s.update(ctx, func(t *tx) error {
		n, err := t.exec(takeFault, id)
		taken = n == 1
		return err
	})
	return taken, err
}

const deleteFaults = `DELETE FROM faults`

// DeleteFaults ends all faults.
func (s *Store) DeleteFaults(ctx context.Context) error {
	return s.configure(ctx, func(t *tx) error {
		_, err := t.exec(deleteFaults)
		return err
	})
}
