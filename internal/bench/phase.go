package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// together measures every workload at one concurrency, in slices that take
// turns.
func (b *bench) together(ctx context.Context, work []workload, callers int) error {
	figures := make([]*measurement, len(work))
	for i, wl := range work {
		figures[i] = &measurement{workload: wl, load: newLoad(wl.addr, cmp.Or(wl.callers, callers), wl.op)}
		defer figures[i].load.close()
		if !wl.yardstick {
			figures[i].load.perSecond = b.Rate
		}
	}
	b.say("measuring %d workloads with %d callers\n", len(work), callers)
	for range rounds {
		for _, m := range figures {
			if err := b.slice(ctx, m, b.Duration/rounds); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	group := make([]Figure, len(figures))
	for i, m := range figures {
		group[i] = m.figure()
	}
	compare(group)
	b.report.Figures = append(b.report.Figures, group...)
	return nil
}

// steadyShare is how much of the throughput a steady load asks for: what is
// left gives the server room to answer in time.
const steadyShare = 0.8

// steady measures how long answers take when calls come at a fixed pace of
// four fifths of the throughput. What that is, is measured right before each
// slice: on a busy machine it is not what it was a minute ago.
func (b *bench) steady(ctx context.Context, work []workload) error {
	for _, wl := range work {
		if wl.name != "create" && wl.name != payToken && wl.name != day {
			continue
		}
		f, err := b.steadyFigure(ctx, wl, b.report.best(wl.name).Callers)
		if err != nil {
			return fmt.Errorf("%s: %w", wl.name, err)
		}
		b.report.Steady = append(b.report.Steady, f)
	}
	return nil
}

func (b *bench) steadyFigure(ctx context.Context, wl workload, callers int) (Figure, error) {
	b.say("measuring %s at a steady pace\n", wl.name)
	full := &measurement{workload: wl, load: newLoad(wl.addr, callers, wl.op)}
	defer full.load.close()
	paced := &measurement{workload: wl, load: newLoad(wl.addr, callers, wl.op)}
	defer paced.load.close()
	asked := 0.0
	for range rounds {
		if err := b.slice(ctx, full, b.Duration/rounds); err != nil {
			return Figure{}, err
		}
		paced.load.perSecond = full.rate * steadyShare
		asked += paced.load.perSecond / rounds
		if err := b.slice(ctx, paced, b.Duration/rounds); err != nil {
			return Figure{}, err
		}
	}
	f := paced.figure()
	f.Asked, f.Errors = asked, f.Errors+full.figure().Errors
	return f, nil
}

// Twice of what the gateway can do is asked of it, by many more callers than
// it lets in.
const (
	crowdShare   = 2
	crowdCallers = 1024
)

// crowd measures what becomes of the calls when there are too many.
func (b *bench) crowd(ctx context.Context, work []workload) error {
	for _, steady := range b.report.Steady {
		wl := work[slices.IndexFunc(work, func(wl workload) bool { return wl.name == steady.Workload })]
		b.say("measuring %s with more calls than can be carried out\n", wl.name)
		m := &measurement{workload: wl, load: newLoad(wl.addr, crowdCallers, wl.op), warm: true, rate: steady.Asked * crowdShare / steadyShare}
		defer m.load.close()
		m.load.crowd, m.load.perSecond = true, m.rate
		if err := b.slice(ctx, m, b.Duration); err != nil {
			return fmt.Errorf("%s: %w", wl.name, err)
		}
		f := m.figure()
		f.Asked = m.load.perSecond
		if steady.P99 > 0 {
			f.OfSteady = float64(f.P99) / float64(steady.P99)
		}
		b.report.Crowded = append(b.report.Crowded, f)
	}
	return nil
}
