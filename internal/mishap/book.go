package mishap

import (
	"context"
	"sync"
	"time"

	"sen/internal/callback"
	"sen/internal/merchant"
	"sen/internal/snapshot"
)

// Store is where the rules are kept, and what they hold back.
type Store interface {
	CallbackRules(ctx context.Context) ([]Rule, error)
	// TakeCallbackRule uses up one callback of a rule and reports whether it had
	// one left.
	TakeCallbackRule(ctx context.Context, id int64) (bool, error)
	// HeldBefore reports whether a delivery was held by a rule already.
	HeldBefore(ctx context.Context, d callback.ID, rule int64) (bool, error)
	// HoldsNow reports whether a rule holds any delivery at the moment.
	HoldsNow(ctx context.Context, rule int64) (bool, error)
	// LetGo makes due at now what waits for the app's next callback, which but is.
	LetGo(ctx context.Context, app merchant.ID, but callback.ID, now time.Time) error
	// OrderExpiry returns when an order expires, or would have.
	OrderExpiry(ctx context.Context, key int64) (time.Time, error)
}

// A Book keeps the rules of a sandbox in memory, where every callback asks for
// them.
type Book struct {
	Store Store
	Apps  *merchant.Directory
	Now   func() time.Time // business time

	rules snapshot.Of[[]Rule]

	mu sync.Mutex
	// holding has the rules that hold a delivery to let a next one pass. The store
	// knows it too, but only when the delivery that was claimed is settled.
	holding map[int64]bool
}

// Refresh reads the rules again.
func (b *Book) Refresh(ctx context.Context) error { return b.rules.Refresh(ctx, b.Store.CallbackRules) }

// Next returns what the first rule that matches a delivery does to it.
func (b *Book) Next(ctx context.Context, d callback.Delivery) (callback.Mishap, error) {
	for _, r := range b.rules.Last() {
		if !r.matches(d, b.Now()) {
			continue
		}
		m, applies, err := b.plan(ctx, r, d)
		if err != nil {
			return callback.Mishap{}, err
		}
		if !applies {
			continue
		}
		taken, err := b.take(ctx, r)
		if err != nil {
			return callback.Mishap{}, err
		}
		if taken {
			m.Rule, m.Kind = r.ID, string(r.Kind)
			return m, nil
		}
	}
	return callback.Mishap{}, nil
}

// take uses up one callback of the rule. The count in memory may be old; the
// store's is the one that holds.
func (b *Book) take(ctx context.Context, r Rule) (bool, error) {
	if r.Left == Unlimited {
		return true, nil
	}
	taken, err := b.Store.TakeCallbackRule(ctx, r.ID)
	if err == nil && taken {
		err = b.Refresh(ctx)
	}
	return taken, err
}

// plan says what the rule does to the delivery, if it does anything.
func (b *Book) plan(ctx context.Context, r Rule, d callback.Delivery) (m callback.Mishap, applies bool, err error) {
	switch r.Kind {
	case Delay, AfterExpiry, Reorder:
		m.HoldUntil, applies, err = b.hold(ctx, r, d)
		return m, applies, err
	case Drop:
		m.Drop = true
	case Duplicate:
		m.Copies = 1
	case DuplicateAtOnce:
		m.Copies, m.AtOnce = 1, true
	case Slow:
		m.Slow = r.Delay
	default:
		m.Body, applies = b.forge(r.Kind, d)
		return m, applies, nil
	}
	return m, true, nil
}

// hold says until when the rule holds a delivery. None is held twice, or it would
// never go; and of those that let a next one pass, one at a time.
func (b *Book) hold(ctx context.Context, r Rule, d callback.Delivery) (until time.Time, applies bool, err error) {
	held, err := b.Store.HeldBefore(ctx, d.ID, r.ID)
	if err == nil && !held && r.Kind == Reorder {
		held, err = b.holds(ctx, r.ID)
	}
	if err != nil || held {
		return time.Time{}, false, err
	}
	if r.Kind != AfterExpiry {
		return b.Now().Add(r.Delay), true, nil
	}
	until, err = b.Store.OrderExpiry(ctx, d.Order)
	until = until.Add(time.Second)
	return until, until.After(b.Now()), err
}

// holds reports whether the rule holds a delivery; if not, it does from now on.
func (b *Book) holds(ctx context.Context, rule int64) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.holding[rule] {
		return true, nil
	}
	held, err := b.Store.HoldsNow(ctx, rule)
	if err == nil && !held {
		if b.holding == nil {
			b.holding = map[int64]bool{}
		}
		b.holding[rule] = true
	}
	return held, err
}

// Gone is told that a delivery was sent: what waited for that may go.
func (b *Book) Gone(ctx context.Context, d callback.Delivery) error {
	for _, r := range b.rules.Last() {
		if r.Kind == Reorder { // also one that is used up: it may hold something still
			b.mu.Lock()
			clear(b.holding)
			b.mu.Unlock()
			return b.Store.LetGo(ctx, d.App, d.ID, b.Now())
		}
	}
	return nil
}
