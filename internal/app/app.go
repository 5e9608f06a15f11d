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
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"sen/internal/bank"
	"sen/internal/callback"
	"sen/internal/chaos"
	"sen/internal/clock"
	"sen/internal/control"
	"sen/internal/exchange"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/mishap"
	"sen/internal/node"
	"sen/internal/pay"
	"sen/internal/sandbox"
	"sen/internal/scenario"
	"sen/internal/secret"
	"sen/internal/store"
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
	// Data is the directory of the embedded database, and of the keys of cards.
	Data string
	// Database is the URL of a server that holds the data instead; "": none.
	Database  string
	PublicURL string // "": made from Addr
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
	// 0: 15 seconds.
	ReadTimeout time.Duration
	TLS         TLS
	// Connections is how many clients may be connected at once; 0: 10,000.
	Connections int
	// OpenStore opens a database from which other processes serve too; nil:
	// store.Serve, and of a directory this process has it to itself.
	OpenStore func(ctx context.Context, place string) (*store.Store, error)
	// CallbackTimeout is how long a merchant's server may take to answer; 0:
	// 10 seconds.
	CallbackTimeout time.Duration
	// Dialer connects to merchants' servers; nil: over the machine's network. A
	// live gateway judges an address before the dialer's ControlContext sees it.
	Dialer *net.Dialer

	world *world // this gateway is one inside another
}

// place is where the data is: a directory or the URL of a server.
func (c Config) place() string { return cmp.Or(c.Database, c.Data) }

// alone reports whether no other process serves from the data.
func (c Config) alone() bool { return c.OpenStore == nil && !store.IsServer(c.place()) }

// A Gateway is one that serves.
type Gateway struct {
	BaseURL string
	Fresh   bool // whether the data directory was furnished just now

	config    Config
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
	calls       *callback.Dispatcher
	exchanges   *exchange.Log
	loops       []*worker.Loop

	stopStreams atomic.Pointer[func()] // of the console, once somebody has looked at it
	turn        *turn                  // nil while the clock runs
	worlds      *worlds                // nil where there can be none
	life        int64                  // of a sandbox with a seed, from 1
	keys        io.Reader              // chance for the keys of apps
}

// Open opens the data and the port. Nothing is served before Run.
func Open(ctx context.Context, c Config) (*Gateway, error) {
	c.ReadTimeout = cmp.Or(c.ReadTimeout, readTimeout)
	c.Connections = cmp.Or(c.Connections, mostConnections)
	c.CallbackTimeout = cmp.Or(c.CallbackTimeout, callback.Timeout)
	g := &Gateway{config: c, issuer: vietqr.DefaultIssuer()}
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
	return store.Serve(ctx, g.config.place())
}

func (g *Gateway) open(ctx context.Context) (err error) {
	if g.store, err = g.openStore(ctx); err != nil {
		return err
	}
	if g.node, err = g.newNode(); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", g.config.Addr)
	if err != nil {
		return fmt.Errorf("%w: choose another address with --addr, as in 127.0.0.1:8081 (port 0 takes any free one)", err)
	}
	g.listener = newConnections(listener, g.config.Connections)
	if err := g.openTLS(); err != nil {
		return err
	}
	if g.BaseURL, err = baseURL(g.config, g.listener.Addr()); err != nil {
		return err
	}
	if err := g.checkMode(ctx); err != nil {
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
	g.server = g.newServer()
	return g.openRedirect(ctx)
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
	}
	return nil
}

func (g *Gateway) openPay(ctx context.Context) error {
	if err := errors.Join(g.startClock(ctx), g.beginLife(ctx), g.setClock(ctx)); err != nil {
		return err
	}
	userKey, err := g.userKey(ctx)
	if err != nil {
		return err
	}
	keys, err := g.openVault(ctx)
	if err != nil {
		return err
	}
	g.keys = g.chance("keys")
	g.apps = &merchant.Directory{Load: g.store.Register}
	g.rules = &scenario.Book{Store: g.store, Now: g.clock.Now}
	if g.config.Mode == Sandbox {
		g.mishaps = &mishap.Book{Store: g.store, Apps: g.apps, Now: g.clock.Now}
	}
	g.ids = &id.Source{Rand: g.chance("rows"), Shards: g.store.Shards()}
	g.pay = &pay.Service{
		Store:         g.payStore(),
		Apps:          g.apps,
		Now:           g.clock.Now,
		Machine:       g.machine,
		InTurn:        g.config.stands(),
		IDs:           g.ids,
		Numbers:       &id.Numbers{Reserve: g.store.ReserveNumbers},
		PINs:          secret.NewPINs(g.chance("pins")),
		RenderOrder:   g.renderOrder,
		RenderBinding: g.renderBinding,
		UserKey:       userKey,
		RefundDelay:   g.config.RefundDelay,
		NoteLost:      g.noteLost,
		Bank:          g.bank(),
		Vault:         keys,
		CallbackOwed:  func() {},
		RefundOwed:    func() {},
		ChargeOwed:    func() {},
	}
	return nil
}

// openVault reads the keys of cards, and makes them if there are neither cards
// nor keys.
func (g *Gateway) openVault(ctx context.Context) (*vault.Vault, error) {
	sealed, err := g.store.HasCards(ctx)
	if err != nil {
		return nil, err
	}
	// With the data on a server, nobody has made the directory before.
	if err := os.MkdirAll(g.config.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory for the keys of cards: %w: choose another one with --data", err)
	}
	keys, err := vault.Open(filepath.Join(g.config.Data, vaultFile), sealed)
	if err != nil {
		return nil, err
	}
	return keys, g.checkVault(ctx, keys)
}

// vaultFile holds the keys of the cards, beside the database and not in it: a
// copy of the database alone reveals no card.
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
	kept, err := g.store.EnsureSetting(ctx, "user_key", base64.StdEncoding.EncodeToString(fresh))
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

// Run serves until ctx ends, then stops in order: no new requests, those under
// way are answered, callbacks under way are recorded, and the data is closed.
func (g *Gateway) Run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var loops sync.WaitGroup
	for _, l := range g.loops {
		loops.Go(func() { l.Run(work) })
	}
	served := make(chan error, 1)
	go func() { served <- g.serve() }()

	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	err = errors.Join(err, g.worlds.stop(), g.shutdown())
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

func (g *Gateway) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := g.server.Shutdown(ctx)
	if g.plainServer != nil {
		err = errors.Join(err, g.plainServer.Shutdown(ctx))
	}
	return err
}

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
	if g.store != nil {
		err = errors.Join(err, g.leave(), g.store.Close())
	}
	return err
}
