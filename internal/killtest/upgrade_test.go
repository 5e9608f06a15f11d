//go:build unix

package killtest

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sen"
	"sen/internal/control"
	"sen/internal/pgtest"
	"sen/internal/sandbox"
)

// previous is the release from which upgrades are tried.
const previous = "4e9849f"

// drainDelay is how long gateways here serve on after SIGTERM. The balancer
// notices within a thousandth of it, or on a busy machine somewhat later.
const drainDelay = "10s"

// A balancer routes requests as the proxies in deploy do: to nodes whose
// /readyz says yes, and no request twice. When there is no node it holds
// requests, up to held.
type balancer struct {
	*httptest.Server
	mu      sync.Mutex
	nodes   map[string]*httputil.ReverseProxy // by address
	ready   []string
	under   map[string]int // requests on their way, by address
	changed chan struct{}
	next    atomic.Int64
}

const held = time.Minute

func balance(t *testing.T) *balancer {
	t.Helper()
	b := &balancer{nodes: map[string]*httputil.ReverseProxy{}, under: map[string]int{}, changed: make(chan struct{})}
	b.Server = httptest.NewServer(b)
	ctx, stop := context.WithCancel(t.Context())
	var looks sync.WaitGroup
	looks.Go(func() {
		for ctx.Err() == nil {
			b.look()
			time.Sleep(10 * time.Millisecond)
		}
	})
	t.Cleanup(func() { stop(); looks.Wait(); b.Close() })
	return b
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for until := time.Now().Add(held); time.Now().Before(until); {
		to, address, changed := b.choose()
		if to != nil {
			defer b.done(address)
			to.ServeHTTP(w, r)
			return
		}
		<-changed
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// choose returns the node for a request, which is on its way there until done,
// or, where there is none, what ends with the next look.
func (b *balancer) choose() (to *httputil.ReverseProxy, address string, changed chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 {
		return nil, "", b.changed
	}
	address = b.ready[int(b.next.Add(1))%len(b.ready)]
	b.under[address]++
	return b.nodes[address], address, nil
}

func (b *balancer) done(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.under[address]--
}

// add lets requests go to a node, and returns when they do.
func (b *balancer) add(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := httputil.NewSingleHostReverseProxy(u)
	p.Transport = &http.Transport{DisableKeepAlives: true} // as in shop
	p.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) {
		t.Logf("%s %s: %v", address, r.URL.Path, err)
		w.WriteHeader(http.StatusBadGateway)
	}
	b.mu.Lock()
	b.nodes[address] = p
	b.mu.Unlock()
	eventually(t, address+" is ready", func() bool { return b.sends(address) })
}

// remove is what an operator does before a node stops that does not say so
// itself: no more requests go there, and those on their way are answered.
func (b *balancer) remove(t *testing.T, address string) {
	t.Helper()
	b.mu.Lock()
	delete(b.nodes, address)
	b.ready = slices.DeleteFunc(slices.Clone(b.ready), func(a string) bool { return a == address })
	b.mu.Unlock()
	eventually(t, address+" has answered", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.under[address] == 0
	})
}

func (b *balancer) sends(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.ready, address)
}

func (b *balancer) look() {
	b.mu.Lock()
	all := slices.Sorted(maps.Keys(b.nodes))
	b.mu.Unlock()
	var ready []string
	for _, address := range all {
		if isReady(address) {
			ready = append(ready, address)
		}
	}
	b.mu.Lock()
	b.ready = slices.DeleteFunc(ready, func(a string) bool { return b.nodes[a] == nil })
	close(b.changed)
	b.changed = make(chan struct{})
	b.mu.Unlock()
}

// asking keeps no connections: each would be one more that is idle when a node
// stops.
var asking = &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}

func isReady(address string) bool {
	res, err := asking.Get(address + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for until := time.Now().Add(goesOnWithin); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// Sales is a load of orders that are made, paid and queried, and what was
// acknowledged of it.
type sales struct {
	t        *testing.T
	url      string
	app      sen.App
	merchant *merchant
	mu       sync.Mutex
	paid     map[string]int64 // zp_trans_id by app_trans_id, 0: made only
	failures []string
	slowest  time.Duration
	stopped  atomic.Bool
	clients  sync.WaitGroup
}

func (s *sales) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.paid)
}

// goesOn returns when some more orders were paid.
func (s *sales) goesOn(after string) { s.t.Helper(); s.more(40, after) }

// more returns when n more orders were made.
func (s *sales) more(n int, after string) {
	s.t.Helper()
	n += s.count()
	eventually(s.t, "orders are paid "+after, func() bool { return s.count() >= n })
}

// shoppers of a load ask one thing after the other, each.
const shoppers = 8

// sell starts the load.
func sell(t *testing.T, at string) *sales {
	t.Helper()
	a := sandbox.Apps()[0]
	s := &sales{t: t, url: at, app: sen.App{ID: int(a.ID), Key1: a.Key1, Key2: a.Key2}, paid: map[string]int64{}}
	s.merchant = openMerchant(t, s.app, 1)
	s.merchant.bePatient()
	for i := range shoppers {
		s.clients.Go(func() { s.shop(i) })
	}
	t.Cleanup(func() { s.stopped.Store(true); s.clients.Wait() })
	return s
}

func (s *sales) shop(i int) {
	// A connection that is kept may be closed while the next request is on its
	// way, by any server that stops; that is between it and its clients.
	caller := &http.Client{Timeout: 2 * held, Transport: &http.Transport{DisableKeepAlives: true}}
	defer caller.CloseIdleConnections()
	client := sen.NewClient(s.app, sen.WithBaseURL(s.url), sen.WithRetries(0), sen.WithHTTPClient(caller))
	node := &server{URL: s.url, http: caller}
	for n := 0; !s.stopped.Load(); n++ {
		id := sen.AppTransID(time.Now(), fmt.Sprintf("up_%d_%d", i, n))
		began := time.Now()
		_, err := client.Orders.Create(context.Background(), sen.CreateOrderRequest{
			AppTransID: id, AppUser: "u", Amount: 1000, Description: "Tea", CallbackURL: s.merchant.URL,
		})
		s.note("create "+id, began, err, id, 0)
		if err != nil {
			continue
		}
		began = time.Now()
		var p control.Payment
		err = node.control(http.MethodPost, "pay", control.PayOrder{Order: id, App: int64(s.app.ID), Wallet: wallets[i%2]}, &p)
		s.note("pay "+id, began, err, id, p.Number)
	}
}

func (s *sales) note(what string, began time.Time, err error, id string, number int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slowest = max(s.slowest, time.Since(began))
	if err != nil {
		s.failures = append(s.failures, fmt.Sprintf("%s: %v", what, err))
		return
	}
	s.paid[id] = number
}

// judge ends the load and holds what was acknowledged against a gateway.
func (s *sales) judge(at string) {
	s.t.Helper()
	s.stopped.Store(true)
	s.clients.Wait()
	if len(s.failures) > 0 {
		s.t.Errorf("%d calls failed: %q", len(s.failures), s.failures[:min(5, len(s.failures))])
	}
	node := &server{URL: at, http: &http.Client{Timeout: time.Minute}}
	owed := map[string]sen.TransID{}
	for id, number := range s.paid {
		var o control.Order
		if err := node.control(http.MethodGet, fmt.Sprintf("orders/%d/%s", s.app.ID, id), nil, &o); err != nil {
			s.t.Fatalf("%s was acknowledged: %v", id, err)
		}
		if number == 0 {
			continue
		}
		if o.Payment == nil || o.Payment.Number != number {
			s.t.Errorf("%s was paid by %d, and has %+v", id, number, o.Payment)
		}
		owed[id] = sen.TransID(number)
	}
	eventually(s.t, "all callbacks come", func() bool { n, _ := s.merchant.missing(owed); return n == 0 })
	var l control.Ledger
	if err := node.control(http.MethodGet, "ledger", nil, &l); err != nil || !l.OK {
		s.t.Errorf("the ledger: %v, %q", err, l.Problems)
	}
	s.t.Logf("%d orders were paid, and every one is there; the slowest call took %v", len(owed), s.slowest.Round(time.Millisecond))
}

// term tells a gateway to stop, as an operator's system does.
func (s *server) term(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// ended returns when a gateway that was told to stop has.
func (s *server) ended(t *testing.T) {
	t.Helper()
	if err := s.cmd.Wait(); err != nil {
		text, _ := os.ReadFile(s.log)
		t.Errorf("it was told to stop, and ended with %v\n%s", err, text)
	}
}

// TestStopUnderLoad tells a gateway to stop while it is busy. It says so first,
// goes on for a while, and answers everything that it has taken.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	g := start(t, data, "--drain-delay", drainDelay)
	s := sell(t, g.URL)
	s.goesOn("at first")
	g.term(t)
	eventually(t, "it says that it stops", func() bool { return !isReady(g.URL) })
	s.more(shoppers+1, "though it stops: also over new connections") // one at least was sent since
	s.stopped.Store(true)                                            // as whoever routes requests does
	g.ended(t)
	s.clients.Wait()
	again := start(t, data)
	s.judge(again.URL)
}

// TestReplacedBehindASocket replaces a gateway whose socket is held by somebody
// else, as systemd does: connections wait, and none is refused.
func TestReplacedBehindASocket(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	tcp, _ := l.(*net.TCPListener)
	socket, err := tcp.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	data := filepath.Join(t.TempDir(), "data")
	g := launchBehind(t, socket, data)
	s := sell(t, "http://"+l.Addr().String())
	for range 3 {
		s.goesOn("between two lives")
		g.term(t)
		g.ended(t)
		g = launchBehind(t, socket, data)
	}
	s.goesOn("at last")
	s.judge(g.URL)
}

// launchBehind starts a gateway with a socket as systemd passes it on.
func launchBehind(t *testing.T, socket *os.File, data string) *server {
	t.Helper()
	s, err := launchAs(func(args ...string) *exec.Cmd {
		cmd := exec.Command("sh", append([]string{"-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`, os.Args[0]}, args...)...)
		cmd.Env = append(os.Environ(), asServer+"=yes")
		cmd.ExtraFiles = []*os.File{socket}
		return cmd
	}, data, "--drain-delay", "200ms")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// release returns the program of the previous release, built from the history.
func release(t *testing.T) string {
	t.Helper()
	program, err := previousRelease()
	if errors.Is(err, errNoHistory) {
		t.Skipf("not run: upgrade from the previous release (%s is not in the history here)", previous)
	}
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var errNoHistory = errors.New("the previous release is not in the history")

// previousRelease builds once in a process. Without its path in it, and built as
// 'make build' does, what was compiled for one process serves the next.
var previousRelease = sync.OnceValues(func() (program string, err error) {
	history := exec.Command("git", "-C", filepath.Join("..", ".."), "archive", "--format=tar", previous)
	source, err := history.Output()
	if err != nil {
		return "", errNoHistory
	}
	dir, err := os.MkdirTemp(ofProcess, "release")
	if err != nil {
		return "", err
	}
	if err := unpack(tar.NewReader(bytes.NewReader(source)), dir); err != nil {
		return "", err
	}
	program = filepath.Join(dir, "sen-previous")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", program, "./cmd/sen")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the previous release: %w\n%s", err, out)
	}
	return program, nil
})

func unpack(archive *tar.Reader, dir string) error {
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && h.Typeflag == tar.TypeReg {
			err = extract(archive, filepath.Join(dir, filepath.FromSlash(h.Name))) //nolint:gosec // our own history
		}
		if err != nil {
			return err
		}
	}
}

func extract(from io.Reader, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// launchOld starts a gateway of the previous release.
func launchOld(t *testing.T, program, data string, args ...string) *server {
	t.Helper()
	s, err := launchAs(func(args ...string) *exec.Cmd { return exec.Command(program, args...) }, data, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// TestUpgradeEmbedded replaces the previous release by this one, under load: the
// one process that may serve is gone for a moment, and the balancer holds what
// comes meanwhile.
func TestUpgradeEmbedded(t *testing.T) {
	t.Parallel()
	program := release(t)
	data := filepath.Join(t.TempDir(), "data")
	old := launchOld(t, program, data)
	b := balance(t)
	b.add(t, old.URL)
	s := sell(t, b.URL)
	s.goesOn("on the previous release")
	b.remove(t, old.URL) // it does not say itself that it stops
	old.term(t)
	old.ended(t)
	g := start(t, data)
	b.add(t, g.URL)
	s.goesOn("after the upgrade")
	s.judge(b.URL)
}

// TestUpgradeServer replaces two nodes of the previous release over one database,
// one after the other and under load: for a while old and new serve side by side.
func TestUpgradeServer(t *testing.T) {
	t.Parallel()
	if !pgtest.Wanted() {
		t.Skip("not run: upgrade over a database server (make test-postgres)")
	}
	program := release(t)
	f := &fleet{t: t, database: pgtest.DSN(t), nodes: make([]*server, 2)}
	top := t.TempDir()
	b := balance(t)
	for i := range f.nodes {
		f.dirs = append(f.dirs, filepath.Join(top, fmt.Sprint("node", i)))
		if err := f.prepare(i); err != nil {
			t.Fatal(err)
		}
		f.nodes[i] = launchOld(t, program, f.dirs[i], "--database", f.database)
		b.add(t, f.nodes[i].URL)
	}
	s := sell(t, b.URL)
	s.goesOn("on two nodes of the previous release")
	for i, old := range f.nodes {
		b.remove(t, old.URL)
		old.term(t)
		old.ended(t)
		f.nodes[i] = start(t, f.dirs[i], "--database", f.database, "--drain-delay", drainDelay)
		b.add(t, f.nodes[i].URL)
		s.goesOn(fmt.Sprintf("with %d nodes of this version", i+1))
		if i == 0 {
			if code := createFirst(t, f.nodes[0].URL, s.app, "beside"); code == 1 {
				t.Error("beside an old node an order of the first version is made: that one would call the shop in the second")
			}
		}
	}
	// This version says itself that it stops.
	f.nodes[0].term(t)
	f.nodes[0].ended(t)
	b.remove(t, f.nodes[0].URL)
	f.nodes[0] = start(t, f.dirs[0], "--database", f.database)
	b.add(t, f.nodes[0].URL)
	s.goesOn("after a restart that nobody told the balancer of")
	eventually(t, "the first version of the API is open", func() bool {
		return createFirst(t, f.nodes[1].URL, s.app, fmt.Sprint("after", time.Now().UnixNano())) == 1
	})
	f.adopt()
	s.judge(b.URL)
	refusesNewer(t, program, f)
}

// createFirst makes an order as shops of the first version do, and returns what
// it was answered.
func createFirst(t *testing.T, at string, app sen.App, name string) (returnCode int) {
	t.Helper()
	id, now := sen.AppTransID(time.Now(), name), fmt.Sprint(time.Now().UnixMilli())
	sum := hmac.New(sha256.New, []byte(app.Key1))
	fmt.Fprintf(sum, "%d|%s|u|1000|%s|{}|[]", app.ID, id, now)
	res, err := asking.PostForm(at+"/v001/tpe/createorder", url.Values{
		"appid": {fmt.Sprint(app.ID)}, "apptransid": {id}, "appuser": {"u"}, "amount": {"1000"}, "apptime": {now},
		"embeddata": {"{}"}, "item": {"[]"}, "description": {"Tea"}, "mac": {hex.EncodeToString(sum.Sum(nil))},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		ReturnCode    *int   `json:"returncode"`
		ReturnMessage string `json:"returnmessage"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.ReturnCode == nil {
		t.Fatalf("%s: %v", res.Status, err)
	}
	if *answer.ReturnCode != 1 && *answer.ReturnCode != -33 {
		t.Logf("%s: %d %s", name, *answer.ReturnCode, answer.ReturnMessage)
	}
	return *answer.ReturnCode
}

// adopt does what operators do once no node of the previous release is left:
// that one seals nothing, and what it wrote beside a new node is in no seal.
func (f *fleet) adopt() {
	f.t.Helper()
	cmd := program("ledger", "adopt", "--database", f.database, "--data", f.dirs[0], "--json")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	var adopted struct{ Entries int64 }
	if err == nil {
		err = json.Unmarshal(out, &adopted)
	}
	if err != nil || adopted.Entries == 0 {
		f.t.Errorf("adopted %d entries of the previous release: %v\n%s%s", adopted.Entries, err, out, complaint.String())
	}
}

// refusesNewer starts the previous release over what this one has changed. Where
// nothing was changed it serves.
func refusesNewer(t *testing.T, program string, f *fleet) {
	t.Helper()
	s, err := launchAs(func(args ...string) *exec.Cmd { return exec.Command(program, args...) }, f.dirs[0], "--database", f.database)
	if err == nil {
		s.kill()
		if newMigrations(t) {
			t.Error("the previous release serves from tables that it does not know")
		}
		return
	}
	if !strings.Contains(err.Error(), "newer version") {
		t.Errorf("the previous release says %v", err)
	}
}

// newMigrations reports whether there are some that the previous release does
// not have.
func newMigrations(t *testing.T) bool {
	t.Helper()
	const dir = "internal/store/migrations/postgres"
	old, err := exec.Command("git", "-C", filepath.Join("..", ".."), "ls-tree", "--name-only", previous, dir+"/").Output()
	if err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadDir(filepath.Join("..", "..", filepath.FromSlash(dir)))
	if err != nil {
		t.Fatal(err)
	}
	return len(now) > len(strings.Fields(string(old)))
}
