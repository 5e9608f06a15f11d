// Package bench measures the gateway as its users run it: the real binary in a
// process of its own, asked over HTTP, with every answer checked.
package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"sen"
	"sen/internal/control"
	"sen/internal/sandbox"
)

// Config is what can be chosen.
type Config struct {
	// Binary is the program to measure.
	Binary string
	// Target is the address of a sandbox that runs already; then nothing is
	// started, and what only the system knows about a child is left out.
	Target string
	// Database is the URL of a database server to measure with: a role there
	// that may make databases. "" is the embedded database.
	Database string
	// DatabasePID is the first process of that server; 0: found if it is a
	// PostgreSQL on this machine.
	DatabasePID int
	// Merchants and Wallets are how many of each the work is spread over; at
	// least 1.
	Merchants, Wallets int
	// Dir is where the data directories are made; "" is the system's place
	// for temporary files.
	Dir string
	// Duration is how long each workload is measured at each concurrency.
	Duration time.Duration
	// Concurrency lists numbers of callers.
	Concurrency []int
	// Only names the workloads to run; none: all.
	Only []string
	// Profiles makes the child give out profiles beside the yardstick.
	Profiles bool
	// Progress hears what is being done; nil: nobody.
	Progress io.Writer
}

// rounds is into how many slices each measurement is cut. Slices of different
// workloads take turns, so that whatever else happens on the machine falls on
// all of them.
const rounds = 4

// Names of the workloads, for messages and completion.
var Names = []string{ceiling, "create", "query-unpaid", "query-paid", "pay", payToken, payTokenHot, "refund", "pay-callback"}

// Yardsticks of a database server, beside the names.
var Yardsticks = []string{floor, pgbench}

// Run measures and reports.
func Run(ctx context.Context, c Config) (_ *Report, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	b := &bench{Config: c, report: &Report{
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), CPUs: runtime.NumCPU(),
		Merchants: c.Merchants, Wallets: c.Wallets,
	}}
	if c.Target != "" {
		return b.report, b.measure(ctx, c.Target, "")
	}
	dir, err := os.MkdirTemp(c.Dir, "sen-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if c.Database != "" {
		if b.database, err = openDatabase(ctx, c.Database, c.DatabasePID); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, b.database.close()) }()
	}
	if err := b.surroundings(ctx, dir); err != nil {
		return nil, err
	}
	if err := b.startUp(ctx, dir); err != nil {
		return nil, err
	}
	return b.report, b.load(ctx, filepath.Join(dir, "load"))
}

func (c Config) check() error {
	for _, name := range c.Only {
		if !slices.Contains(Names, name) && !slices.Contains(Yardsticks, name) {
			return fmt.Errorf("there is no workload %q: there are %s", name, strings.Join(append(Names[:len(Names):len(Names)], Yardsticks...), ", "))
		}
		if c.Database == "" && slices.Contains(Yardsticks, name) {
			return fmt.Errorf("%s measures a database server: name one with --database", name)
		}
	}
	switch {
	case c.Merchants < 1 || c.Wallets < 1:
		return errors.New("it takes at least one merchant and one wallet")
	case c.Target != "" && c.Database != "":
		return errors.New("choose one of --target and --database: what runs already has its database")
	}
	return nil
}

// load starts a gateway and measures it.
func (b *bench) load(ctx context.Context, data string) error {
	place, err := b.fresh(ctx)
	if err != nil {
		return err
	}
	args := []string{"bench-serve", "--refund-delay", "0s"}
	if b.Profiles {
		args = append(args, "--profiles")
	}
	if b.child, err = start(ctx, b.Binary, data, place, args...); err != nil {
		return err
	}
	defer b.child.stop()
	if b.Profiles {
		b.say("profiles at %s/debug/pprof/\n", b.child.Ceiling)
	}
	if err := b.measure(ctx, b.child.URL, b.child.Ceiling); err != nil {
		return fmt.Errorf("%w\n%s", err, tail(data+".log"))
	}
	b.report.LoadedRSS = b.child.rss()
	return nil
}

// fresh returns the URL of a new database, "" for the embedded one.
func (b *bench) fresh(ctx context.Context) (string, error) {
	if b.database == nil {
		return "", nil
	}
	return b.database.create(ctx)
}

// A bench is one run.
type bench struct {
	Config
	report   *Report
	child    *child
	database *database // nil: the embedded one
}

func (b *bench) say(format string, args ...any) {
	if b.Progress != nil {
		fmt.Fprintf(b.Progress, format, args...)
	}
}

func (b *bench) surroundings(ctx context.Context, dir string) (err error) {
	if info, err := os.Stat(b.Binary); err == nil {
		b.report.Binary = info.Size()
	}
	if b.database != nil {
		b.report.Database, err = b.database.describe(ctx)
		return err
	}
	b.report.Syncs, err = syncsPerSecond(dir)
	return err
}

// startUp measures from the start of the process to the first order answered,
// with a new database and again with the same one, and the memory in use
// when nothing has happened yet.
func (b *bench) startUp(ctx context.Context, dir string) error {
	data := filepath.Join(dir, "start")
	place, err := b.fresh(ctx)
	if err != nil {
		return err
	}
	for _, took := range []*time.Duration{&b.report.StartFresh, &b.report.StartAgain} {
		began := time.Now()
		c, err := start(ctx, b.Binary, data, place, "serve")
		if err != nil {
			return err
		}
		err = b.firstOrder(ctx, c)
		*took = time.Since(began)
		if err == nil && b.report.IdleRSS == 0 {
			time.Sleep(time.Second) // what the start left behind is collected
			b.report.IdleRSS = c.rss()
		}
		c.stop()
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) firstOrder(ctx context.Context, child *child) error {
	w, err := newWork(ctx, child.URL, "", false)
	if err != nil {
		return err
	}
	c := newCaller(w.addr, 0)
	defer c.close()
	if err := c.until(time.Now().Add(patience)); err != nil {
		return err
	}
	return w.create(c)
}

// newWork asks a sandbox what the work needs to know.
func newWork(ctx context.Context, target, yardstick string, furnished bool) (*work, error) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("the target %q must begin with http:// and name a host", target)
	}
	if u.Port() == "" {
		u.Host += ":80"
	}
	app := sandbox.Apps()[0]
	w := &work{
		addr: u.Host, ceiling: strings.TrimPrefix(yardstick, "http://"),
		app: sen.App{ID: int(app.ID), Key1: app.Key1}, now: time.Now,
		run: strconv.FormatInt(time.Now().UnixMilli(), 36) + "x",
	}
	if !furnished {
		return w, nil
	}
	if err := w.setClock(ctx, target); err != nil {
		return nil, err
	}
	return w, w.findWallets(ctx, target)
}

// setClock goes by the sandbox's clock, which may have been moved.
func (w *work) setClock(ctx context.Context, target string) error {
	var clock control.Clock
	if err := get(ctx, target+"/control/clock", &clock); err != nil {
		return err
	}
	offset, err := time.ParseDuration(clock.Offset)
	w.now = func() time.Time { return time.Now().Add(offset) }
	return err
}

// verified is the level of wallets that may pay any amount.
const verified = 2

func (w *work) findWallets(ctx context.Context, target string) error {
	var wallets []control.Wallet
	if err := get(ctx, target+"/control/wallets", &wallets); err != nil {
		return err
	}
	for _, wl := range wallets {
		if wl.RefillTo > 0 && wl.HasPIN && !wl.Locked && !wl.PaymentsOff && wl.KYC == verified && wl.Limits == (control.Limits{}) {
			w.wallets = append(w.wallets, wl.Phone)
		}
	}
	if len(w.wallets) == 0 {
		return errors.New("the sandbox has no wallet that is refilled")
	}
	return nil
}

// get asks the control API.
func get(ctx context.Context, address string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Timeout: preparing}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: HTTP %d: is it a sandbox?", address, res.StatusCode)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

func (b *bench) measure(ctx context.Context, target, yardstick string) error {
	w, err := newWork(ctx, target, yardstick, true)
	if err != nil {
		return err
	}
	if w.receiver, err = openReceiver(ctx); err != nil {
		return err
	}
	defer w.receiver.close()
	yardsticks, closed, err := b.yardsticks(ctx)
	defer closed()
	if err != nil {
		return err
	}
	work := slices.DeleteFunc(append(w.workloads(b.Merchants, b.Wallets), yardsticks...), func(wl workload) bool { return !b.wanted(wl.name) })
	if err := b.openMarket(ctx, work); err != nil {
		return err
	}
	for _, callers := range b.Concurrency {
		if err := b.together(ctx, work, callers); err != nil {
			return err
		}
	}
	if err := b.steady(ctx, work); err != nil {
		return err
	}
	if err := b.crowd(ctx, work); err != nil {
		return err
	}
	var ledger control.Ledger
	if err := get(ctx, target+"/control/ledger", &ledger); err != nil {
		return err
	}
	if !ledger.OK {
		return fmt.Errorf("the ledger is not in order after the load: %s", strings.Join(ledger.Problems, "; "))
	}
	return nil
}

func (b *bench) wanted(name string) bool { return len(b.Only) == 0 || slices.Contains(b.Only, name) }

// openMarket makes ready the merchants and payers that the work needs.
func (b *bench) openMarket(ctx context.Context, work []workload) error {
	began := time.Now()
	for _, wl := range work {
		if wl.market == nil {
			continue
		}
		b.say("preparing merchants and payers for %s\n", wl.name)
		if err := wl.market(ctx); err != nil {
			return fmt.Errorf("%s: %w", wl.name, err)
		}
		b.report.Preparing = time.Since(began)
	}
	return nil
}

// together measures every workload at one concurrency, in slices that take
// turns.
func (b *bench) together(ctx context.Context, work []workload, callers int) error {
	figures := make([]*measurement, len(work))
	for i, wl := range work {
		figures[i] = &measurement{workload: wl, load: newLoad(wl.addr, cmp.Or(wl.callers, callers), wl.op)}
		defer figures[i].load.close()
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
		if wl.name != "create" && wl.name != "pay" && wl.name != payToken {
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

// crowd measures what becomes of the calls when there are too many. Payments
// through the control API are not a merchant's calls, and not bounded.
func (b *bench) crowd(ctx context.Context, work []workload) error {
	for _, steady := range b.report.Steady {
		if steady.Workload == "pay" {
			continue
		}
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

// warmUp opens the connections and fills caches before the first slice.
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
		if err := b.timed(ctx, m, warmUp); err != nil {
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
	f := Figure{Workload: m.name, What: m.what, Callers: len(m.load.callers)}
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
		f.P50, f.P99 = took.ValueAtQuantile(50), took.ValueAtQuantile(99)
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

// best returns the figure with the highest throughput.
func (r *Report) best(name string) (best Figure) {
	best.PerSecond = math.Inf(-1)
	for _, f := range r.Figures {
		if f.Workload == name && f.PerSecond > best.PerSecond {
			best = f
		}
	}
	return best
}
