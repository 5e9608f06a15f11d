package scenario

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"sen/internal/merchant"
)

// Store is where rules are kept.
type Store interface {
	Rules(ctx context.Context) ([]Rule, error)
	// TakeRule uses up one call of a rule and reports whether it had one left.
	TakeRule(ctx context.Context, id int64) (bool, error)
}

// A Book keeps the rules of a sandbox in memory, where every call asks for
// them.
type Book struct {
	Store Store
	Now   func() time.Time

	refreshing sync.Mutex
	rules      atomic.Pointer[[]Rule]
}

// Refresh reads the rules again. One at a time: a slow one could put back what a
// later one has replaced.
func (b *Book) Refresh(ctx context.Context) error {
	b.refreshing.Lock()
	defer b.refreshing.Unlock()
	rules, err := b.Store.Rules(ctx)
	if err == nil {
		b.rules.Store(&rules)
	}
	return err
}

// For returns the first rule that matches the call and has calls left.
func (b *Book) For(ctx context.Context, operation string, app merchant.ID, member func(string) string) (Rule, bool, error) {
	rules := b.rules.Load()
	if rules == nil {
		return Rule{}, false, nil
	}
	for _, r := range *rules {
		if !r.Matches(operation, app, member, b.Now()) {
			continue
		}
		if r.Left == Unlimited {
			return r, true, nil
		}
		// The count in memory may be old; the store's is the one that holds.
		taken, err := b.Store.TakeRule(ctx, r.ID)
		if err != nil {
			return Rule{}, false, err
		}
		if taken {
			return r, true, b.Refresh(ctx)
		}
	}
	return Rule{}, false, nil
}
