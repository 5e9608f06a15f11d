package bench

import (
	"context"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A measurement collects the slices of one workload at one concurrency.
type measurement struct {
	workload
	load    *load
	warm    bool
	outside int64         // calls that another program made
	rate    float64       // calls per second, as seen last
	time    time.Duration // in which calls were made
	settled int64         // pieces of work left to the server, and done
	settles time.Duration // from the first call to the last piece done
	late    time.Duration // the longest from the last call to the last piece done
	cpu     usage
}

// usage is processor time; negative: not known.
type usage struct{ gateway, database time.Duration }

const unknown = time.Duration(math.MinInt64)

// since is what was used between two readings, added to u.
func (u *usage) add(before, after usage) {
	add := func(to *time.Duration, before, after time.Duration) {
		if before == unknown || after == unknown || *to == unknown {
			*to = unknown
			return
		}
		*to += after - before
	}
	add(&u.gateway, before.gateway, after.gateway)
	add(&u.database, before.database, after.database)
}

func perCall(used time.Duration, calls int64) float64 {
	if used == unknown || calls == 0 {
		return 0
	}
	return float64(used.Microseconds()) / float64(calls)
}

// warmUp opens the connections and fills caches before the first slice. It takes
// no longer than that.
const warmUp = 200 * time.Millisecond

// firstRate is how many calls per second a workload is prepared for when
// nothing is known yet.
const firstRate = 5_000

func (b *bench) slice(ctx context.Context, m *measurement, d time.Duration) error {
	if m.external != nil {
		return b.outside(ctx, m, d)
	}
	if !m.warm {
		m.warm, m.rate = true, firstRate
		if err := b.timed(ctx, m, min(warmUp, d)); err != nil {
			return err
		}
		m.load.forget()
		*m = measurement{workload: m.workload, load: m.load, warm: true, rate: m.rate}
	}
	return b.timed(ctx, m, d)
}

// timed prepares and runs the load, and waits for what it left to the server.
func (b *bench) timed(ctx context.Context, m *measurement, d time.Duration) error {
	if m.prepare != nil {
		const reserve = 1.5
		if err := m.prepare(ctx, len(m.load.callers)+int(m.rate*reserve*d.Seconds())); err != nil {
			return err
		}
	}
	before := b.cpu()
	began, calls := time.Now(), m.calls()
	took, err := m.load.run(ctx, d)
	if err != nil {
		return err
	}
	if m.settle != nil {
		n, err := m.settle(ctx)
		if err != nil {
			return err
		}
		m.settled += n
		m.settles += time.Since(began)
		m.late = max(m.late, time.Since(began)-took)
	}
	m.time += took
	m.cpu.add(before, b.cpu())
	m.rate = float64(m.calls()-calls) / took.Seconds()
	return nil
}

// outside has another program make the calls.
func (b *bench) outside(ctx context.Context, m *measurement, d time.Duration) error {
	before := b.cpu()
	calls, took, err := m.external(ctx, d)
	if err != nil {
		return err
	}
	m.cpu.add(before, b.cpu())
	m.outside += calls
	m.time += took
	return nil
}

// cpu returns what the gateway and the database have used so far.
func (b *bench) cpu() usage {
	u := usage{unknown, unknown}
	if b.child != nil {
		if t, ok := b.child.cpu(); ok {
			u.gateway = t
		}
	}
	if t, ok := b.database.cpu(); ok {
		u.database = t
	}
	return u
}

func (m *measurement) calls() (n int64) {
	for _, c := range m.load.callers {
		n += c.took.TotalCount() + c.refused.TotalCount() + c.failed
	}
	return n
}

func (m *measurement) figure() Figure {
	took, refused := hdrhistogram.New(1, longest, precision), hdrhistogram.New(1, longest, precision)
	f := Figure{Workload: m.name, What: m.what, Callers: len(m.load.callers), Asked: m.load.perSecond}
	for _, c := range m.load.callers {
		took.Merge(c.took)
		refused.Merge(c.refused)
		f.Errors += c.failed
		if f.Error == "" && c.failure != nil {
			f.Error = c.failure.Error()
		}
	}
	f.Operations = took.TotalCount() + m.outside
	f.PerSecond = float64(f.Operations) / m.time.Seconds()
	if m.external == nil {
		f.P50, f.P90, f.P99, f.P999, f.Max = took.ValueAtQuantile(50), took.ValueAtQuantile(90), took.ValueAtQuantile(99), took.ValueAtQuantile(99.9), took.Max()
		f.Histogram = encoded(took)
	}
	f.Refused, f.RefusedP99 = float64(refused.TotalCount())/m.time.Seconds(), refused.ValueAtQuantile(99)
	if !m.yardstick {
		f.CPU = perCall(m.cpu.gateway, f.Operations)
	}
	f.DatabaseCPU = perCall(m.cpu.database, f.Operations)
	if m.settled > 0 {
		f.SettledPerSecond = float64(m.settled) / m.settles.Seconds()
		f.SettledLate = m.late.Milliseconds()
	}
	return f
}

// encoded returns a histogram as programs for HDR histograms read it.
func encoded(h *hdrhistogram.Histogram) string {
	text, _ := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase) // into memory
	return string(text)
}
