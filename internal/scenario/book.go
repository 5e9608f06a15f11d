package scenario

import (
	"context"
	"time"

	"sen/internal/merchant"
	"sen/internal/snapshot"
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

	rules snapshot.Of[[]Rule]
}

// Refresh reads the rules again.
func (b *Book) Refresh(ctx context.Context) error { return b.rules.Refresh(ctx, b.Store.Rules) }

// For returns the first rule that matches the call and has calls left.
func (b *Book) For(ctx context.Context, operation string, app merchant.ID, member func(string) string) (Rule, bool, error) {
	for _, r := range b.rules.Last() {
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
