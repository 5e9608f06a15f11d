// Package chaos makes a sandbox's store fail on demand, as a full disk would, so
// that merchants and operators can see what a failure of the gateway's own looks
// like from outside. A live gateway has none of it.
package chaos

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/pay"
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

// Store is a store that fails when it is told to. A restart ends all faults.
type Store struct {
	pay.Store
	Now func() time.Time

	mu     sync.Mutex
	faults []Fault
}

// Inject adds a fault.
func (s *Store) Inject(f Fault) error {
	if f.Calls == 0 && f.Until.IsZero() {
		return ErrFault.On("calls", "say how many calls, or for how long")
	}
	if f.Calls < 0 || f.Calls > maxCalls {
		return ErrFault.On("calls", "must be 1 to 1000000")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
	return nil
}

// Faults returns the faults that are not over, the oldest first.
func (s *Store) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	return slices.Clone(s.faults)
}

// Mend ends all faults.
func (s *Store) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// forget drops the faults whose time is up.
func (s *Store) forget() {
	now := s.Now()
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return !f.Until.IsZero() && !now.Before(f.Until) })
}

// Update commits what fn wrote, unless a fault is in the way.
func (s *Store) Update(ctx context.Context, fn func(pay.Tx) error) error {
	if s.strikes(merchant.Caller(ctx)) {
		return errRefused
	}
	return s.Store.Update(ctx, fn)
}

// View lets fn read, unless a fault is in the way.
func (s *Store) View(ctx context.Context, fn func(pay.Reader) error) error {
	if s.strikes(merchant.Caller(ctx)) {
		return errRefused
	}
	return s.Store.View(ctx, fn)
}

// strikes reports whether a fault meets a transaction made for the app, and
// counts it.
func (s *Store) strikes(app merchant.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return false
	}
	s.forget()
	for i := range s.faults {
		f := &s.faults[i]
		if f.App != 0 && f.App != app {
			continue
		}
		if f.Calls > 0 {
			if f.Calls--; f.Calls == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return true
	}
	return false
}
