package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sen/internal/apiv2"
	"sen/internal/control"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/store"
	"sen/internal/worker"
)

// Sandboxes beside the one that serves, in its process: each is a Gateway with
// data, a clock and a port of its own. ADR 0015 has the reasoning.

// DefaultWorlds is how many there may be unless somebody says otherwise. One
// takes about 3 MB.
const DefaultWorlds = 50

const (
	// worldsDir holds their data, below that of the gateway that hosts them.
	worldsDir = "sandboxes"
	// worldsPath is below which the host passes requests on.
	worldsPath = "/s/"

	defaultIdle   = time.Hour
	maxIdle       = 24 * time.Hour
	lookForIdlers = time.Second
)

// Refusals about worlds.
var (
	errWorldName     = fault.New(fault.Invalid, "sandbox_name", "The name of a sandbox has 1 to 40 small letters, digits and hyphens, and begins with a letter or digit.")
	errWorldTaken    = fault.New(fault.Conflict, "sandbox_taken", "There is a sandbox with this name.")
	errWorldUnknown  = fault.New(fault.NotFound, "sandbox_unknown", "There is no sandbox with this name: it was deleted, or nobody used it for too long.")
	errWorldsMany    = fault.New(fault.Limited, "sandbox_limit", "There are as many sandboxes as may be: delete one, or start the gateway with a larger --sandboxes.")
	errWorldsNested  = fault.New(fault.Conflict, "sandbox_nested", "A sandbox inside another one has none of its own: ask the gateway that it is in.")
	errWorldsServer  = fault.New(fault.Conflict, "sandbox_database", "Sandboxes inside a gateway need its embedded database: this one keeps its data on a server. Start another with --data and without --database.")
	errWorldsStopped = fault.New(fault.Unavailable, "sandbox_stopping", "The gateway is stopping.")
	errWorldOption   = fault.New(fault.Invalid, "sandbox_option", "The sandbox can't be as asked.")
)

var worldName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// worlds are the sandboxes inside a gateway.
type worlds struct {
	host      *Gateway
	most      int
	furniture func() (*Furniture, error)

	mu      sync.Mutex
	all     map[string]*world // nil values are being opened
	stopped bool
}

// A world is one of them.
type world struct {
	name    string
	dir     string
	created time.Time // by the machine's clock, as all here
	idle    time.Duration
	seed    *uint64
	gateway *Gateway
	stop    context.CancelFunc
	ended   chan struct{} // closed when it has stopped

	mu   sync.Mutex
	busy int // requests under way
	used time.Time
}

// openWorlds makes room for worlds, and removes what a process left that was
// killed: nobody can use it any more.
func (g *Gateway) openWorlds() error {
	if g.config.Mode != Sandbox || g.config.world != nil || !g.config.alone() {
		return nil
	}
	g.worlds = &worlds{
		host: g, most: cmp.Or(g.config.Worlds, DefaultWorlds), all: map[string]*world{},
		furniture: sync.OnceValues(func() (*Furniture, error) { return NewFurniture(context.Background()) }),
	}
	g.loops = append(g.loops, worker.New("sandboxes", g.config.Log, lookForIdlers, g.worlds.endIdle))
	return os.RemoveAll(filepath.Join(g.config.Data, worldsDir))
}

// Create opens a world.
func (ws *worlds) Create(ctx context.Context, in control.NewSandbox) (control.Sandbox, error) {
	if in.Name == "" {
		in.Name = drawName()
	}
	if !worldName.MatchString(in.Name) {
		return control.Sandbox{}, errWorldName.On("name", "")
	}
	c, idle, err := ws.config(in)
	if err != nil {
		return control.Sandbox{}, err
	}
	if err := ws.take(in.Name); err != nil {
		return control.Sandbox{}, err
	}
	w := &world{
		name: in.Name, dir: c.Data, created: time.Now(), used: time.Now(), idle: idle, seed: in.Seed, ended: make(chan struct{}),
	}
	err = ws.open(ctx, w, c, in.FreshKeys)
	if !ws.settle(in.Name, w, err == nil) {
		err = errors.Join(err, w.end())
		return control.Sandbox{}, cmp.Or(err, error(errWorldsStopped))
	}
	return ws.show(ctx, w)
}

func drawName() string {
	return strings.ToLower(rand.Text()[:8])
}

// config is that of a world as asked.
func (ws *worlds) config(in control.NewSandbox) (c Config, idle time.Duration, err error) {
	host := ws.host.config
	c = Config{
		Mode: Sandbox, Data: filepath.Join(host.Data, worldsDir, in.Name), PublicURL: in.PublicURL, Version: host.Version,
		Log: host.Log.With("sandbox", in.Name), Seed: in.Seed, RefundDelay: host.RefundDelay,
		ReadTimeout: host.ReadTimeout, CallbackTimeout: host.CallbackTimeout, Machine: host.Machine,
	}
	if in.Clock != nil {
		c.Start = *in.Clock
	}
	if err := c.checkRepeatable(); err != nil {
		return c, 0, errWorldOption.On("clock", strings.ReplaceAll(err.Error(), "--", ""))
	}
	if c.RefundDelay, err = durationOf(in.RefundDelay, host.RefundDelay, "refund_delay"); err != nil {
		return c, 0, err
	}
	if idle, err = durationOf(in.Idle, defaultIdle, "idle"); err != nil {
		return c, 0, err
	}
	if idle == 0 || idle > maxIdle {
		return c, 0, errWorldOption.On("idle", "must be at most "+maxIdle.String())
	}
	if in.Port < 0 || in.Port > 65535 {
		return c, 0, errWorldOption.On("port", "must be at most 65535")
	}
	c.Addr, err = besides(ws.host.listener.Addr(), in.Port)
	return c, idle, err
}

func durationOf(text string, otherwise time.Duration, field string) (time.Duration, error) {
	if text == "" {
		return otherwise, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, errWorldOption.On(field, "must be a duration as in 30m")
	}
	return d, nil
}

// besides is the address of another port on the host's interface; 0 takes any
// free one.
func besides(addr net.Addr, port int) (string, error) {
	host, _, err := net.SplitHostPort(addr.String())
	return net.JoinHostPort(host, strconv.Itoa(port)), err
}

// take keeps a name, and a place.
func (ws *worlds) take(name string) error {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	_, taken := ws.all[name]
	switch {
	case ws.stopped:
		return errWorldsStopped
	case taken:
		return errWorldTaken.On("name", name)
	case len(ws.all) >= ws.most:
		return errWorldsMany
	}
	ws.all[name] = nil
	return nil
}

// settle lets others see a world that was opened, or gives its name back. It
// reports whether the world stays.
func (ws *worlds) settle(name string, w *world, opened bool) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if !opened || ws.stopped {
		delete(ws.all, name)
		return false
	}
	ws.all[name] = w
	return true
}

// open furnishes and starts a world.
func (ws *worlds) open(ctx context.Context, w *world, c Config, freshKeys bool) error {
	furniture, err := ws.furniture()
	if err != nil {
		return err
	}
	if err := furniture.Into(w.dir); err != nil {
		return err
	}
	c.world = w
	if w.gateway, err = Open(ctx, c); err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok {
			return errWorldOption.On("port", "can't be listened on: "+op.Err.Error())
		}
		return err
	}
	if freshKeys {
		if err := w.gateway.renewKeys(ctx); err != nil {
			return errors.Join(err, w.gateway.Close())
		}
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	go func() {
		defer close(w.ended)
		if err := w.gateway.Run(run); err != nil {
			c.Log.ErrorContext(run, "a sandbox ended", "error", err)
		}
	}()
	return nil
}

// renewKeys gives all apps keys that nobody knows.
func (g *Gateway) renewKeys(ctx context.Context) error {
	apps, err := g.Apps(ctx)
	if err != nil {
		return err
	}
	for _, a := range apps {
		_, err := g.store.UpdateApp(ctx, a.ID, func(a *merchant.App) error { return giveKeys(a, g.keys) })
		if err != nil {
			return err
		}
	}
	return g.node.Changed(ctx)
}

// end stops a world and removes its data.
func (w *world) end() error {
	if w.stop != nil {
		w.stop()
		<-w.ended
	}
	return os.RemoveAll(w.dir)
}

// begin and done are around each request to a world.
func (w *world) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy++
}

func (w *world) done() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	w.used = time.Now()
}

// until is when a world ends unless somebody uses it before.
func (w *world) until() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy > 0 {
		return time.Now().Add(w.idle)
	}
	return w.used.Add(w.idle)
}

// used notes that a world is not idle.
func (g *Gateway) used(h http.Handler) http.Handler {
	w := g.config.world
	if w == nil {
		return h
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.begin()
		defer w.done()
		h.ServeHTTP(rw, r)
	})
}

// endIdle ends the worlds that nobody has used for their time.
func (ws *worlds) endIdle(ctx context.Context) (more bool, err error) {
	now := time.Now()
	for _, w := range ws.list() {
		if now.After(w.until()) && ws.remove(w.name) == w {
			ws.host.config.Log.InfoContext(ctx, "a sandbox was idle and is gone", "sandbox", w.name)
			err = errors.Join(err, w.end())
		}
	}
	return false, err
}

// list returns the open worlds, by name.
func (ws *worlds) list() []*world {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	var all []*world
	for _, w := range ws.all {
		if w != nil {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b *world) int { return cmp.Compare(a.name, b.name) })
	return all
}

func (ws *worlds) find(name string) *world {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.all[name]
}

// remove takes a world out of sight; nil: there is none.
func (ws *worlds) remove(name string) *world {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w := ws.all[name]
	if w != nil {
		delete(ws.all, name)
	}
	return w
}

// stop ends all worlds, and opens no more. A nil one has none.
func (ws *worlds) stop() error {
	if ws == nil {
		return nil
	}
	ws.mu.Lock()
	ws.stopped = true
	ws.mu.Unlock()
	var ended sync.WaitGroup
	var mu sync.Mutex
	var err error
	for _, w := range ws.list() {
		if ws.remove(w.name) != w {
			continue
		}
		ended.Go(func() {
			failed := w.end()
			mu.Lock()
			defer mu.Unlock()
			err = errors.Join(err, failed)
		})
	}
	ended.Wait()
	return err
}

// List returns what there is.
func (ws *worlds) List(ctx context.Context) (all []control.Sandbox, err error) {
	all = []control.Sandbox{}
	for _, w := range ws.list() {
		s, err := ws.show(ctx, w)
		if errors.Is(err, store.ErrClosed) {
			continue // it ended meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Delete ends a world.
func (ws *worlds) Delete(_ context.Context, name string) error {
	w := ws.remove(name)
	if w == nil {
		return errWorldUnknown.On("name", name)
	}
	return w.end()
}

func (ws *worlds) show(ctx context.Context, w *world) (control.Sandbox, error) {
	g := w.gateway
	s := control.Sandbox{
		Name: w.name, URL: g.BaseURL, PathURL: ws.host.BaseURL + worldsPath + w.name,
		Clock: control.Clock{Now: g.clock.Now(), Offset: g.clock.Offset().Round(time.Millisecond).String(), Stands: g.config.stands()},
		Seed:  w.seed, CreatedAt: w.created, EndsAt: w.until(), Apps: []control.App{},
	}
	apps, err := g.Apps(ctx)
	for _, a := range apps {
		s.Apps = append(s.Apps, control.App{ID: int64(a.ID), Name: a.Name, Key1: a.Key1, Key2: a.Key2})
	}
	return s, err
}

// noWorlds is where there can be none, and why.
type noWorlds struct{ reason error }

// Create refuses.
func (n noWorlds) Create(context.Context, control.NewSandbox) (control.Sandbox, error) {
	return control.Sandbox{}, n.reason
}

// List refuses.
func (n noWorlds) List(context.Context) ([]control.Sandbox, error) { return nil, n.reason }

// Delete refuses.
func (n noWorlds) Delete(context.Context, string) error { return n.reason }

func (g *Gateway) sandboxes() control.Sandboxes {
	switch {
	case g.worlds != nil:
		return g.worlds
	case g.config.world != nil:
		return noWorlds{errWorldsNested}
	}
	return noWorlds{errWorldsServer}
}

// route passes calls below /s/NAME/ on to worlds, for clients that can reach but
// one port. Pages are at the world's own address: their links and cookies begin
// at its root.
func (g *Gateway) route(h http.Handler) http.Handler {
	if g.worlds == nil {
		return h
	}
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc(worldsPath+"{sandbox}/", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("sandbox")
		found := g.worlds.find(name)
		if found == nil {
			http.Error(w, fmt.Sprintf("There is no sandbox %q here: sen sandbox list shows those that there are.", name), http.StatusNotFound)
			return
		}
		prefix := worldsPath + name
		if path := strings.TrimPrefix(r.URL.Path, prefix); isCall(path) {
			call := http.StripPrefix(prefix, underName(found.gateway))
			if strings.HasPrefix(path, controlPath) {
				call = g.byItsName(call)
			}
			call.ServeHTTP(w, r)
			return
		}
		to := url.URL{Path: strings.TrimPrefix(r.URL.Path, prefix), RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, found.gateway.BaseURL+to.String(), http.StatusTemporaryRedirect)
	})
	return mux
}

// isCall tells what programs ask from what people look at.
func isCall(path string) bool {
	return slices.ContainsFunc(append(apiv2.Paths(), controlPath), func(p string) bool {
		return path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p)
	})
}
