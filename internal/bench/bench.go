// Package bench measures the gateway as its users run it: the real binary in a
// process of its own, asked over HTTP, with every answer checked.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/control"
	"sen/internal/sandbox"
)

// Config is what can be chosen.
type Config struct {
	// Binary is the program to measure.
	Binary string
	// Target is the address of a gateway that runs already; then nothing is
	// started, and what only the system knows about a child is left out.
	Target string
	// App is one that the target knows. Then the target may be any gateway, and
	// it is asked what every merchant may ask; without, it is a sandbox, in which
	// merchants and payers are made.
	App sen.App
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
	// Rate is how many calls are made per second, whether the answers to those
	// before have come or not, as long as a caller is free; 0: each caller makes
	// the next call when it has its answer.
	Rate float64
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
var Names = []string{ceiling, "create", "query-unpaid", "query-paid", "pay", payToken, payTokenHot, "create-pay", "refund", "pay-callback", day}

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
	case c.App.ID != 0 && c.Target == "":
		return errors.New("--app is one that the gateway at --target knows: a gateway that is started here has its own")
	case c.App.ID != 0 && c.App.Key1 == "":
		return errors.New("--app needs its key1 in SEN_BENCH_KEY1, for the macs")
	case c.Rate < 0:
		return errors.New("--rate is a number of calls per second")
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
	if b.child, err = start(ctx, b.Binary, data, data+".log", place, args...); err != nil {
		return err
	}
	defer b.child.stop()
	if b.Profiles {
		b.say("profiles at %s/debug/pprof/\n", b.child.Ceiling)
	}
	if err := b.measure(ctx, b.child.URL, b.child.Ceiling); err != nil {
		return fmt.Errorf("%w\n%s", err, tail(data+".log"))
	}
	b.report.LoadedRSS, b.report.PeakRSS = b.child.rss()
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

// newWork knows whom to ask.
func newWork(target, yardstick string) (*work, error) {
	at, err := parseAddress(target)
	if err != nil {
		return nil, err
	}
	app := sandbox.Apps()[0]
	return &work{
		addr: at, ceiling: address{host: strings.TrimPrefix(yardstick, "http://")},
		app: sen.App{ID: int(app.ID), Key1: app.Key1}, now: time.Now,
		run: strconv.FormatInt(time.Now().UnixMilli(), 36) + "x",
	}, nil
}

// furnish asks a sandbox what the work needs to know.
func (w *work) furnish(ctx context.Context, target string) error {
	if err := w.setClock(ctx, target); err != nil {
		return err
	}
	return w.findWallets(ctx, target)
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
	w, err := newWork(target, yardstick)
	if err != nil {
		return err
	}
	if b.App.ID != 0 {
		w.app, w.market.apps = b.App, []sen.App{b.App}
		return b.run(ctx, w.asMerchant())
	}
	if err := w.furnish(ctx, target); err != nil {
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
	if err := b.run(ctx, append(w.workloads(b.Merchants, b.Wallets), yardsticks...)); err != nil {
		return err
	}
	return inOrder(ctx, target)
}

// run measures what is wanted of the workloads.
func (b *bench) run(ctx context.Context, all []workload) error {
	work := slices.DeleteFunc(all, func(wl workload) bool { return !b.wanted(wl.name) })
	if len(work) == 0 {
		return errors.New("a gateway of which only an app is known can be measured with create and query-unpaid")
	}
	if err := b.openMarket(ctx, work); err != nil {
		return err
	}
	for _, callers := range b.Concurrency {
		if err := b.together(ctx, work, callers); err != nil {
			return err
		}
	}
	if b.Rate > 0 {
		return nil // the pace was chosen
	}
	if err := b.steady(ctx, work); err != nil {
		return err
	}
	return b.crowd(ctx, work)
}

// inOrder looks through the ledger of a sandbox.
func inOrder(ctx context.Context, target string) error {
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
