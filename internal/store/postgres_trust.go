package store

import (
	"context"
	"math/rand/v2"
	"time"
)

// trust is how long a server is believed after it was last seen to commit.
//
// The leader of a cluster that was replaced while it slept, or while nobody
// reached it, does not know that when it wakes: until it is told, it answers
// reads from what is past by then, and says of a paid order that there is none.
// What it can't do is commit, because that waits for followers, and they follow
// another one. So who has not seen it commit for a while asks it to, after the
// read and before the answer. A cluster takes far longer than this to replace a
// leader that sleeps; one that is replaced while it is awake can be believed for
// so long, and no longer.
const trust = time.Second

// believe returns nil if what was just read over this connection may be told.
func (l *link) believe(ctx context.Context) error {
	if elapsed(l.committed) < trust {
		return nil
	}
	began, heard := time.Now(), l.warnings
	if err := l.mark(ctx, rand.Int64(), began); err != nil { //nolint:gosec // a name, not a secret
		return &lost{err} // whoever leads now is somewhere else
	}
	if l.warnings != heard {
		return errWarned // it gave up waiting for its followers
	}
	l.committed = began
	return nil
}

const insertMark = `INSERT INTO commits (id, kept, at) VALUES ($1, 1, $2)`

// mark leaves a proof that a transaction was committed, in it or by itself. What
// else is to be written goes along.
func (l *link) mark(ctx context.Context, id int64, at time.Time, more ...request) error {
	args, err := encodedAll([]any{id, micros(at)})
	if err != nil {
		return err
	}
	insert, err := l.prepare(ctx, insertMark)
	if err != nil {
		return err
	}
	return l.pipeline(ctx, append(more, request{prepared: insert, args: args}))
}

// elapsed is the time since then by whichever clock says more: the one that
// never jumps may stand still while the machine sleeps.
func elapsed(since time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}
