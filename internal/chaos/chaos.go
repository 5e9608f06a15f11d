// Package chaos makes a sandbox's store fail on demand, as a full disk would, so
// that merchants and operators can see what a failure of the gateway's own looks
// like from outside. A live gateway has none of it.
package chaos

import (
	"context"
	"errors"
	"time"

	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/snapshot"
)

// A Fault makes the store refuse transactions, for at least one of two bounds.
type Fault struct {
	ID    int64
	App   merchant.ID // only those made for this app; 0 for all, the gateway's own included
	Calls int64       // this many; 0 for all until Until
	Until time.Time   // in the sandbox's time; zero for no end but Calls
}

// ErrFault refuses a fault that would have no end, or none that makes sense.
var ErrFault = fault.New(fault.Invalid, "fault_invalid", "The fault can't be read.")

// maxCalls bounds a fault, because whoever set it may forget it.
const maxCalls = 1_000_000

// errRefused is what a transaction meets. It is no refusal of the gateway's
// rules: to everyone above it is a failure that nobody expected.
var errRefused = errors.New("the store refused the transaction: this sandbox was told to have a fault")

// Check tells whether the fault has an end.
func (f Fault) Check() error {
	switch {
	case f.Calls == 0 && f.Until.IsZero():
		return ErrFault.On("calls", "say how many calls, or for how long")
	case f.Calls < 0 || f.Calls > maxCalls:
		return ErrFault.On("calls", "must be 1 to 1000000")
	}
	return nil
}

// Faults is where faults are kept.
type Faults interface {
	// Faults returns those that are not over at now, the oldest first.
	Faults(ctx context.Context, now time.Time) ([]Fault, error)
	// TakeFault uses up one call of a fault that counts them, and reports whether
	// it had one left.
	TakeFault(ctx context.Context, id int64) (bool, error)
}

// Store is a store that fails when it is told to.
type Store struct {
	pay.Store
	Faults Faults
	Now    func() time.Time

	faults snapshot.Of[[]Fault]
}

// Refresh reads the faults again.
func (s *Store) Refresh(ctx context.Context) error {
	return s.faults.Refresh(ctx, func(ctx context.Context) ([]Fault, error) { return s.Faults.Faults(ctx, s.Now()) })
}

// Update commits what fn wrote, unless a fault is in the way.
func (s *Store) Update(ctx context.Context, fn func(pay.Tx) error) error {
	if err := s.strike(ctx); err != nil {
		return err
	}
	return s.Store.Update(ctx, fn)
}

// View lets fn read, unless a fault is in the way.
func (s *Store) View(ctx context.Context, fn func(pay.Reader) error) error {
	if err := s.strike(ctx); err != nil {
		return err
	}
	return s.Store.View(ctx, fn)
}

// strike reports whether a fault meets the transaction, and counts it.
func (s *Store) strike(ctx context.Context) error {
	faults := s.faults.Last()
	if len(faults) == 0 {
		return nil
	}
	app, now := merchant.Caller(ctx), s.Now()
	for _, f := range faults {
		if (f.App != 0 && f.App != app) || (!f.Until.IsZero() && !now.Before(f.Until)) {
			continue
		}
		if f.Calls == 0 {
			return errRefused
		}
		// The count in memory may be old; the store's is the one that holds.
		taken, err := s.Faults.TakeFault(ctx, f.ID)
		if err != nil {
			return err
		}
		if taken {
			return errRefused
		}
	}
	return nil
}
