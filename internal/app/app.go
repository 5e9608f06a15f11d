// Package app puts the gateway together and runs it: the only package that
// knows all the others.
package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"sen/internal/apiv2"
	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/chaos"
	"sen/internal/clock"
	"sen/internal/control"
	"sen/internal/exchange"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/metric"
	"sen/internal/mishap"
	"sen/internal/node"
	"sen/internal/pay"
	"sen/internal/sandbox"
	"sen/internal/scenario"
	"sen/internal/secret"
	"sen/internal/store"
	"sen/internal/trace"
	"sen/internal/vault"
	"sen/internal/vietqr"
	"sen/internal/web"
	"sen/internal/worker"
)

// Mode is what a gateway is for.
type Mode string

// The modes. A data directory keeps the one it was made for.
const (
	Sandbox Mode = "sandbox"
	Live    Mode = "live"
)

// modeSetting is the name under which a data directory keeps its mode.
const modeSetting = "mode"

// Config is what can be chosen.
type Config struct {
	Mode Mode
	Addr string
	// Listener is used instead of Addr: a socket that somebody else holds too, so
	// that connections wait while this process is replaced; nil: none.
	Listener net.Listener
	// Drain is how long requests are still served, and /readyz says no, after it
	// was told to stop: until those who route requests know. 0: not at all.
	Drain time.Duration
	// Data is the directory of the embedded database, and of the keys of secrets.
	Data string
	// Archive is where the embedded database is archived; "": nowhere.
	Archive string
	// Database is the URL of a server that holds the data instead; "": none.
	Database  string
	PublicURL string // "": made from Addr
	// MetricsAddr is an address of its own for what operators measure; "": none.
	MetricsAddr string
	// RefundDelay is how long a refund takes at least.
	RefundDelay time.Duration
	Version     string
	Log         *slog.Logger

	// Machine is the clock under the gateway's own; nil: time.Now.
	Machine func() time.Time
	// Start is where the clock of a sandbox begins and then stands until it is
	// moved; zero: it runs with the machine's. What is due is then done in turn.
	Start time.Time
	// Seed is what all chance of a sandbox comes from, together with a Start; nil:
	// chance that nobody can guess.
	Seed *uint64
	// Worlds is how many sandboxes may be made inside this one; 0: DefaultWorlds,
	// negative: none.
	Worlds int
	// ReadTimeout is how long a request may take to arrive, its body included;
	// 0: 15 seconds. Where it is longer, the headers and the answer may take longer
	// too, in the same proportion.
	ReadTimeout time.Duration
	// AtOnce is how many calls of merchants are carried out at once, before
	// others are refused; 0: DefaultAtOnce.
	AtOnce int64
	TLS    TLS
	// Connections is how many clients may be connected at once; 0: 10,000.
	Connections int
	// OpenStore opens a database from which other processes serve too; nil:
	// store.Serve, and of a directory this process has it to itself.
	OpenStore func(ctx context.Context, place string) (*store.Store, error)
	// AroundAPI is put around the merchant API, where tests look at every call;
	// nil: nothing.
	AroundAPI func(http.Handler) http.Handler
	// Disk is what the embedded database is on, as the driver's package vfs knows
	// it; "": the machine's. Tests have disks that fail.
	Disk string
	// CallbackTimeout is how long a merchant's server may take to answer; 0:
	// 10 seconds.
	CallbackTimeout time.Duration
	// Merchants carries calls to merchants' servers; nil: the network does.
	Merchants http.RoundTripper
	// Dialer connects to merchants' servers; nil: over the machine's network. A
	// live gateway judges an address before the dialer's ControlContext sees it.
	Dialer *net.Dialer

	// Traces is where spans go; the zero value: nowhere.
	Traces trace.Config

	world *world // this gateway is one inside another
}

// DefaultAtOnce is enough to share commits well: the next of them has as many
// calls as it can take while the last one is on its way to disk.
const DefaultAtOnce = 256

// place is where the data is: a directory or the URL of a server.
func (c Config) place() string { return cmp.Or(c.Database, c.Data) }

// alone reports whether no other process serves from the data.
func (c Config) alone() bool { return c.OpenStore == nil && !store.IsServer(c.place()) }

// A Gateway is one that serves.
type Gateway struct {
	BaseURL string
	Fresh   bool // whether the data directory was furnished just now

	config    Config
	older     atomic.Bool // nodes of an older version serve beside this one
	olderSeen bool        // they did when it was last looked
	store     *store.Store
	node      *node.Node
	clock     clock.Clock
	apps      *merchant.Directory
	rules     *scenario.Book
	mishaps   *mishap.Book // nil in a live gateway
	faults    *chaos.Store // nil in a live gateway
	simulator *bank.Simulator
	pay       *pay.Service
	site      *web.Site
	ids       *id.Source
	issuer    vietqr.Issuer
	listener  *connections
	server    *http.Server
	tls       *tls.Config // nil: plain HTTP
	authority *autocert.Manager
	// A certificate from files, or nil; and where plain HTTP is sent on, or nil.
	certificate *certificate
	plain       *connections
	plainServer *http.Server
	api         http.Handler // the merchant API
	calls       *callback.Dispatcher
	answered    *apiv2.Calls
	metrics     *metric.Set
	scrapes     net.Listener // nil unless there is an address for them
	backlog     backlog
	tracer      *trace.Tracer // nil: nobody traces
	exchanges   *exchange.Log
	vault       *vault.Vault
	resealing   *resealing
	pins        *secret.PINs
	passwords   *secret.PINs
	loops       []*worker.Loop
	shares      []share

	stopping    atomic.Bool
	stopStreams atomic.Pointer[func()] // of the console, once somebody has looked at it
	turn        *turn                  // nil while the clock runs
	worlds      *worlds                // nil where there can be none
	life        int64                  // of a sandbox with a seed, from 1
	keys        io.Reader              // chance for the keys of apps
	codeKeys    io.Reader              // likewise, for those of payment codes
}

// Open opens the data and the port. Nothing is served before Run.
func Open(ctx context.Context, c Config) (*Gateway, error) {
	c.ReadTimeout = cmp.Or(c.ReadTimeout, readTimeout)
	c.Connections = cmp.Or(c.Connections, mostConnections)
	c.CallbackTimeout = cmp.Or(c.CallbackTimeout, callback.Timeout)
	c.Log = slog.New(trace.Handler(c.Log.Handler()))
	g := &Gateway{config: c, issuer: vietqr.DefaultIssuer(), answered: apiv2.NewCalls()}
	g.clock.Machine = c.Machine
	if c.stands() {
		g.clock.Machine = func() time.Time { return c.Start }
	}
	err := errors.Join(c.TLS.check(), c.checkRepeatable())
	if err == nil {
		err = g.open(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func (g *Gateway) openStore(ctx context.Context) (*store.Store, error) {
	if g.config.OpenStore != nil {
		return g.config.OpenStore(ctx, g.config.place())
	}
	if g.config.Disk != "" {
		return store.ServeFrom(ctx, g.config.Data, g.config.Disk)
	}
	if g.config.Archive != "" {
		return store.ServeArchived(ctx, g.config.place(), g.config.Archive, func(err error) {
			g.config.Log.ErrorContext(ctx, "the archive stands still, and is begun anew", "error", err)
		})
	}
	return store.Serve(ctx, g.config.place())
}

func (g *Gateway) open(ctx context.Context) (err error) {
	if g.store, err = g.openStore(ctx); err != nil {
		return err
	}
	if g.node, err = g.newNode(); err != nil {
		return err
	}
	if err = g.listen(ctx); err != nil {
		return err
	}
	if err := g.openTLS(); err != nil {
		return err
	}
	if g.BaseURL, err = baseURL(g.config, g.listener.Addr()); err != nil {
		return err
	}
	if err = g.listenForScrapes(ctx); err != nil {
		return err
	}
	if err := g.begin(ctx); err != nil {
		return err
	}
	if err := g.join(ctx); err != nil {
		return err
	}
	g.openExchanges()
	g.openWorkers()
	if err := g.openWorlds(); err != nil {
		return err
	}
	g.site, err = web.New(web.Config{
		Log: g.config.Log, Now: time.Now, IDs: &id.Source{Rand: g.chance("pages"), Shards: 1}, Store: g.store,
		Secure: strings.HasPrefix(g.BaseURL, "https://"), Sandbox: g.config.Mode == Sandbox,
	})
	if err != nil {
		return err
	}
	g.openMetrics()
	g.server = g.newServer()
	return g.openRedirect(ctx)
}

func (g *Gateway) listen(ctx context.Context) (err error) {
	listener := g.config.Listener
	if listener == nil {
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", g.config.Addr); err != nil {
			return fmt.Errorf("%w: choose another address with --addr, as in 127.0.0.1:8081 (port 0 takes any free one)", err)
		}
	}
	g.listener = newConnections(listener, g.config.Connections)
	return nil
}

// checkMode refuses to turn a sandbox into a live gateway: its apps have keys
// that everyone knows, and its wallets money that nobody paid in.
func (g *Gateway) checkMode(ctx context.Context) error {
	kept, err := g.store.EnsureSetting(ctx, modeSetting, string(g.config.Mode))
	if err != nil {
		return err
	}
	if kept != string(g.config.Mode) {
		return fmt.Errorf("%s belongs to a %s gateway: choose another place with --data or --database", store.Name(g.config.place()), kept)
	}
	return nil
}

// checkKeys refuses to go live with keys that everyone knows.
func (g *Gateway) checkKeys(ctx context.Context) error {
	if g.config.Mode != Live {
		return nil
	}
	reg, err := g.store.Register(ctx)
	if err != nil {
		return err
	}
	public := sandbox.PublicKeys()
	for _, a := range reg.Apps {
		if public[a.Key1] || public[a.Key2] {
			return fmt.Errorf("app %d has a key that is published for the sandbox: give it keys of its own before you go live", a.ID)
		}
		if _, known := sandbox.PrivateKey(a.Disbursement); known {
			return fmt.Errorf("the private key that signs payouts of app %d is published for the sandbox: register another one before you go live", a.ID)
		}
	}
	return nil
}

func (g *Gateway) openPay(ctx context.Context) error {
	if err := errors.Join(g.startClock(ctx), g.beginLife(ctx), g.setClock(ctx)); err != nil {
		return err
	}
	if err := g.openVault(ctx); err != nil {
		return err
	}
	if err := g.checkKeys(ctx); err != nil {
		return err
	}
	userKey, err := g.userKey(ctx)
	if err != nil {
		return err
	}
	if err := g.store.Seal(ctx, g.vault.Seals(), store.Origins{Chance: g.chance("ledger"), Now: g.machine}); err != nil {
		return fmt.Errorf("seal the ledger: %w", err)
	}
	g.keys, g.codeKeys = g.chance("keys"), g.chance("code keys")
	if err := g.openTraces(); err != nil {
		return err
	}
	g.apps = &merchant.Directory{Load: g.store.Register}
	g.rules = &scenario.Book{Store: g.store, Now: g.clock.Now}
	if g.config.Mode == Sandbox {
		g.mishaps = &mishap.Book{Store: g.store, Apps: g.apps, Now: g.clock.Now}
	}
	g.ids = &id.Source{Rand: g.chance("rows"), Shards: g.store.Shards()}
	g.pay = &pay.Service{
		Store:         g.traced(g.payStore()),
		Apps:          g.apps,
		Now:           g.clock.Now,
		Machine:       g.machine,
		InTurn:        g.config.stands(),
		IDs:           g.ids,
		Numbers:       &id.Numbers{Reserve: g.store.ReserveNumbers},
		PINs:          g.pins,
		RenderOrder:   g.renderOrder,
		RenderBinding: g.renderBinding,
		UserKey:       userKey,
		RefundDelay:   g.config.RefundDelay,
		NoteLost:      g.noteLost,
		Bank:          g.bank(),
		Vault:         g.vault,
		CallbackOwed:  func() {},
		RefundOwed:    func() {},
		ChargeOwed:    func() {},

		DisbursementOwed: func() {},
		Moved:            &pay.Moved{},
	}
	return nil
}

// vaultFile holds the keys of secrets, beside the database and not in it: a copy
// of the database alone reveals none.
const vaultFile = "vault.json"

// bank is the way to cards: a simulated one in a sandbox. A live gateway has
// none yet, and takes no cards.
func (g *Gateway) bank() bank.Channel {
	if g.config.Mode != Sandbox {
		return bank.Closed{}
	}
	g.simulator = &bank.Simulator{Ledger: g.store, Now: g.clock.Now}
	return g.simulator
}

// takesCards reports whether there is a way to cards at all.
func (g *Gateway) takesCards() bool { return g.config.Mode == Sandbox }

// payStore is the store; in a sandbox it can be told to fail.
func (g *Gateway) payStore() pay.Store {
	if g.config.Mode == Live {
		return g.store
	}
	g.faults = &chaos.Store{Store: g.store, Faults: g.store, Now: g.clock.Now}
	return g.faults
}

func (g *Gateway) setClock(ctx context.Context) error {
	text, err := g.store.Setting(ctx, control.ClockSetting)
	if err != nil || text == "" {
		return err
	}
	offset, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("the kept offset of the clock: %w", err)
	}
	if time.Duration(offset) != g.clock.Offset() {
		g.clock.Move(time.Duration(offset))
	}
	return nil
}

// userKey returns the key under which apps know payers, made once.
func (g *Gateway) userKey(ctx context.Context) ([]byte, error) {
	fresh := make([]byte, 32)
	if _, err := io.ReadFull(g.chance("users"), fresh); err != nil {
		return nil, err
	}
	kept, err := g.store.EnsureSecret(ctx, "user_key", base64.StdEncoding.EncodeToString(fresh))
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(kept)
}

func (g *Gateway) noteLost(ctx context.Context, key pay.OrderKey, err error) {
	g.config.Log.ErrorContext(ctx, "a failed attempt could not be noted", "order", int64(key), "error", err)
}

// furnish fills a sandbox that is new.
func (g *Gateway) furnish(ctx context.Context) error {
	if g.config.Mode != Sandbox {
		return nil
	}
	done, err := g.store.Setting(ctx, "furnished")
	if err != nil || done != "" {
		return err
	}
	if err := sandbox.Furnish(ctx, g.store, g.pay, g.clock.Now()); err != nil {
		return fmt.Errorf("furnish the sandbox: %w", err)
	}
	// Hashing the PIN took as much memory as all the rest of us.
	debug.FreeOSMemory()
	g.Fresh = true
	return g.store.SetSetting(ctx, "furnished", "yes")
}

// Run serves until ctx ends, then stops in order: /readyz says no, until whoever
// routes requests knows; no new requests; those under way are answered, callbacks
// under way are recorded, and the data is closed.
func (g *Gateway) Run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var loops sync.WaitGroup
	for _, l := range g.loops {
		loops.Go(func() { l.Run(work) })
	}
	served := make(chan error, 1)
	go func() { served <- g.serve() }()
	defer g.serveScrapes()()
	defer g.tracer.Start()()

	var err error
	select {
	case <-ctx.Done():
		g.drain()
		err = errors.Join(g.worlds.stop(), g.shutdown(served))
	case err = <-served:
		err = errors.Join(err, g.worlds.stop())
	}
	if g.turn != nil {
		err = errors.Join(err, g.turn.settle(work)) // what the next life would do otherwise
	}
	stopWork()
	loops.Wait()
	g.calls.Wait()
	g.writeExchanges(context.WithoutCancel(ctx))
	return errors.Join(err, g.Close())
}

// patience is how long requests under way have to finish when we stop.
const patience = 20 * time.Second

// drain lets those who route requests find out that this node stops, before it
// refuses any. Every answer ends its connection meanwhile: one that is idle when
// we stop may just be carrying the next request.
func (g *Gateway) drain() {
	g.stopping.Store(true)
	time.Sleep(g.config.Drain)
}

// shutdown returns when all requests are answered. The library's server drops a
// request that arrives over a connection which it had taken before it was told to
// stop: so no more are taken first, and those that were are waited for.
func (g *Gateway) shutdown(served <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := g.listener.Close()
	if taken := <-served; !errors.Is(taken, net.ErrClosed) {
		err = errors.Join(err, taken)
	}
	g.endStreams()
	g.listener.rest(ctx)
	if g.plainServer != nil {
		err = errors.Join(err, g.plainServer.Shutdown(ctx))
	}
	return errors.Join(err, g.server.Shutdown(ctx))
}

// lastOnes has each answer end its connection once the node stops.
func (g *Gateway) lastOnes(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.stopping.Load() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

// mayServe reports whether requests should come here.
func (g *Gateway) mayServe() bool { return !g.stopping.Load() && g.node.Serves() }

// Addr is the address that the gateway listens on.
func (g *Gateway) Addr() net.Addr { return g.listener.Addr() }

// Offset is how far the gateway's clock is ahead of the machine's.
func (g *Gateway) Offset() time.Duration { return g.clock.Offset() }

// Stands reports whether the clock stands still until it is moved.
func (g *Gateway) Stands() bool { return g.config.stands() }

// Now is the gateway's time.
func (g *Gateway) Now() time.Time { return g.clock.Now() }

// Apps returns all apps, by id.
func (g *Gateway) Apps(ctx context.Context) ([]merchant.App, error) {
	reg, err := g.store.Register(ctx)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(reg.Apps), func(a, b merchant.App) int { return cmp.Compare(a.ID, b.ID) }), nil
}

// Close gives back the port and the data of a gateway that does not run.
func (g *Gateway) Close() error {
	var err error
	for _, l := range []*connections{g.listener, g.plain} {
		if l == nil {
			continue
		}
		if closed := l.Close(); !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	if g.scrapes != nil {
		if closed := g.scrapes.Close(); !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	if g.store != nil {
		err = errors.Join(err, g.leave(), g.store.Close())
	}
	return err
}
