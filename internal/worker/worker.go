// Package worker runs work that is owed: in batches, at once again while there
// is more, and with patience when something fails.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"sen/internal/metric"
)

// Loop runs Batch until its context ends.
type Loop struct {
	Name string
	Log  *slog.Logger
	// Batch does some of what is due and reports whether there may be more.
	Batch func(ctx context.Context) (more bool, err error)
	// Every is how long to wait when nothing is due; a Wake cuts it short.
	Every time.Duration
	// Batches counts those that were done, and Failures those that were not.
	Batches  metric.Durations
	Failures metric.Counter

	wake chan struct{}
}

// maxPatience bounds the wait after repeated failures.
const maxPatience = 30 * time.Second

// New returns a loop that is ready to be woken.
func New(name string, log *slog.Logger, every time.Duration, batch func(context.Context) (bool, error)) *Loop {
	return &Loop{Name: name, Log: log, Every: every, Batch: batch, wake: make(chan struct{}, 1)}
}

// Wake makes the loop look at once. It never blocks.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default: // it is already going to look
	}
}

// Run works until ctx ends. The batch in hand is finished first.
func (l *Loop) Run(ctx context.Context) {
	patience := l.Every
	for ctx.Err() == nil {
		began := metric.Now()
		more, err := l.once(ctx)
		l.Batches.Since(began)
		switch {
		case err != nil && ctx.Err() == nil:
			l.Failures.Inc()
			l.Log.ErrorContext(ctx, "work failed", "worker", l.Name, "error", err)
			patience = min(2*patience, maxPatience)
		case more:
			patience = l.Every
			continue
		default:
			patience = l.Every
		}
		l.wait(ctx, patience)
	}
}

// once runs one batch; a panic is a failed batch, not a dead process.
func (l *Loop) once(ctx context.Context) (more bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return l.Batch(ctx)
}

func (l *Loop) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-l.wake:
	case <-timer.C:
	}
}
