package app

import (
	"context"
	"sync/atomic"
	"time"

	"sen/internal/callback"
	"sen/internal/metric"
	"sen/internal/pay"
	"sen/internal/trace"
)

// openTraces makes what sends spans, if there is somebody to send them to.
func (g *Gateway) openTraces() (err error) {
	c := g.config.Traces
	c.Version, c.Log, c.Chance = g.config.Version, g.config.Log, g.chance("traces")
	g.tracer, err = trace.New(c)
	return err
}

func (g *Gateway) measureTraces(s *metric.Set) {
	counts := &trace.Counts{}
	if g.tracer != nil {
		counts = &g.tracer.Counts
	}
	s.Counter("sen_spans_sent_total", "Spans that the collector has taken.", &counts.Sent)
	s.Counter("sen_spans_dropped_total", "Spans that it has not, or for which there was no room.", &counts.Dropped)
}

// traced has each commit be a span, and keeps for what callbacks are owed. It is
// there only when somebody traces: what is not traced does not pay for it.
func (g *Gateway) traced(s pay.Store) pay.Store {
	if g.tracer == nil {
		return s
	}
	return tracedStore{s}
}

type tracedStore struct{ pay.Store }

// Update implements pay.Store. The span is from the wish to write until it is
// durable; how much of that was waiting for the transaction to begin is in it.
func (s tracedStore) Update(ctx context.Context, fn func(pay.Tx) error) error {
	span := trace.Begin(ctx, "commit")
	if span == nil {
		return s.Store.Update(ctx, fn)
	}
	began := time.Now()
	var runs, waited atomic.Int64 // the store runs fn where it likes
	err := s.Store.Update(ctx, func(tx pay.Tx) error {
		if runs.Add(1) == 1 {
			waited.Store(int64(time.Since(began)))
		}
		return fn(tracedTx{tx})
	})
	span.Number("sen.wait_us", time.Duration(waited.Load()).Microseconds())
	span.Number("sen.runs", runs.Load())
	span.Fail(err != nil)
	span.End()
	return err
}

type tracedTx struct{ pay.Tx }

// InsertDelivery implements pay.Tx.
func (t tracedTx) InsertDelivery(ctx context.Context, d callback.Delivery) error {
	d.Cause = trace.Cause(ctx)
	return t.Tx.InsertDelivery(ctx, d)
}
