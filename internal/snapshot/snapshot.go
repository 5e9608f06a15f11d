// Package snapshot keeps in memory what every call asks for and hardly any
// changes.
package snapshot

import (
	"context"
	"sync"
	"sync/atomic"
)

// Of is the last state of something that was read. The zero value has read
// nothing yet.
type Of[T any] struct {
	refreshing sync.Mutex
	last       atomic.Pointer[T]
}

// Refresh reads the state again. When that fails the old one stays. One at a
// time: a slow one could put back what a later one has replaced.
func (s *Of[T]) Refresh(ctx context.Context, read func(context.Context) (T, error)) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	state, err := read(ctx)
	if err == nil {
		s.last.Store(&state)
	}
	return err
}

// Last returns the state, which nobody may change; the zero one before the
// first Refresh.
func (s *Of[T]) Last() (state T) {
	if last := s.last.Load(); last != nil {
		state = *last
	}
	return state
}
