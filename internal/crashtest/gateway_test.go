package crashtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"sen"
	"sen/internal/app"
	"sen/internal/control"
	"sen/internal/sandbox"
)

// noon is when every trial begins. Clocks stand there until they are moved.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, sen.Zone())

// seed makes gateways do the same again, so that events can be counted.
var seed uint64 = 1

// rich is the telephone number of a wallet that is filled up after each payment.
const rich = "0900000001"

// Names of files.
const (
	database = "sen.db"
	vault    = "vault.json"
)

// A gateway is the real one, on a disk of ours.
type gateway struct {
	*control.Client
	disk *disk
	url  string
	log  *log
	stop func() error
}

// log keeps what a gateway has logged.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve starts a gateway on the disk. The keys of cards are in dir.
func serve(d *disk, dir string) (*gateway, error) {
	g := &gateway{disk: d, log: &log{}}
	ctx, cancel := context.WithCancel(context.Background())
	opened, err := app.Open(ctx, app.Config{
		Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: dir, Disk: d.name, Version: "test",
		Log: slog.New(slog.NewTextHandler(g.log, nil)), Start: noon, Seed: &seed, Worlds: -1,
		RefundDelay: time.Second, CallbackTimeout: time.Minute,
	})
	if err != nil {
		cancel()
		return nil, err
	}
	g.url = "http://" + opened.Addr().String()
	g.Client = control.NewClient(g.url)
	done := make(chan error, 1)
	go func() { done <- opened.Run(ctx) }()
	g.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	return g, nil
}

// furnished is a new sandbox: its disk, and the keys of its cards.
var furnished = sync.OnceValues(func() (made struct {
	disk  image
	vault []byte
}, err error,
) {
	dir, err := os.MkdirTemp("", "crashtest")
	if err != nil {
		return made, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	d := emptyDisk(filepath.Join(dir, "shm"), nil)
	defer d.forget()
	g, err := serve(d, dir)
	if err != nil {
		return made, err
	}
	if err := g.stop(); err != nil {
		return made, err
	}
	made.disk = d.now()
	made.vault, err = os.ReadFile(filepath.Join(dir, vault))
	return made, err
})

// A trial is a merchant and a payer at a gateway.
type trial struct {
	*gateway
	t         testing.TB
	dir       string
	callbacks *merchant
	entry     string         // where the merchant's program goes
	cookies   http.CookieJar // of an operator's browser
	// afterwards is what a plant does when a step was answered.
	afterwards []func()
}

// A merchant is the server that the gateway calls back.
type merchant struct {
	*httptest.Server
	refusals atomic.Int64 // so many are still to be refused
}

func openMerchant(t testing.TB) *merchant {
	t.Helper()
	m := &merchant{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if m.refusals.Add(-1) >= 0 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(`{"return_code":1,"return_message":"success"}`))
	}))
	t.Cleanup(m.Close)
	return m
}

// newTrial has a directory with the keys of cards, and no gateway yet.
func newTrial(t testing.TB) *trial {
	t.Helper()
	made, err := furnished()
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := &trial{t: t, dir: t.TempDir(), callbacks: openMerchant(t), cookies: jar}
	if err := os.WriteFile(filepath.Join(tr.dir, vault), made.vault, 0o600); err != nil {
		t.Fatal(err)
	}
	return tr
}

// on returns the trial at another gateway, which serves from the image.
func (tr *trial) on(d *disk) (*trial, error) {
	g, err := serve(d, tr.dir)
	if err != nil {
		return nil, err
	}
	other := *tr
	other.gateway, other.entry, other.afterwards = g, g.url, nil
	return &other, nil
}

// client keeps no connections: each could hold up a gateway that stops.
var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}

// shop is the merchant's program.
func (tr *trial) shop(more ...sen.Option) *sen.Client {
	a := sandbox.Apps()[0]
	return sen.NewClient(sen.App{ID: int(a.ID), Key1: a.Key1, Key2: a.Key2}, append(more,
		sen.WithBaseURL(tr.entry), sen.WithHTTPClient(client), sen.WithClock(func() time.Time { return tr.time() }), sen.WithRetries(0))...)
}

func (tr *trial) time() time.Time {
	c, err := tr.Clock(context.Background())
	if err != nil {
		return noon
	}
	return c.Now
}

// settle lets the gateway do all that it owes, however long that takes.
func (tr *trial) settle() error { return tr.wait("1h") }

// wait moves the clock by d, three times.
func (tr *trial) wait(d string) error {
	for range 3 {
		if _, err := tr.MoveClock(context.Background(), control.MoveClock{Advance: d}); err != nil {
			return fmt.Errorf("move the clock: %w", err)
		}
	}
	return nil
}

// sound reports what is wrong with the ledger.
func (tr *trial) sound() error {
	l, err := tr.Ledger(context.Background())
	if err == nil && !l.OK {
		err = fmt.Errorf("the ledger is not in order: %q", l.Problems)
	}
	return err
}

// work does something new.
func (tr *trial) work() error {
	ctx, id := context.Background(), sen.AppTransID(tr.time(), "new")
	if _, err := tr.shop().Orders.Create(ctx, sen.CreateOrderRequest{AppTransID: id, AppUser: "u", Amount: 1000, Description: "new"}); err != nil {
		return fmt.Errorf("create an order: %w", err)
	}
	if _, err := tr.Pay(ctx, control.PayOrder{Order: id, App: int64(sandbox.Apps()[0].ID), Wallet: rich}); err != nil {
		return fmt.Errorf("pay it: %w", err)
	}
	return nil
}

// summary is what the business is like: lines without numbers that chance or
// another run of the process could change.
var summary = []string{
	`SELECT 'order', app_trans_id, state, amount, failure FROM orders`,
	`SELECT 'payment of', o.app_trans_id, p.wallet_id > 0, p.channel, p.amount, p.discount, p.refunded FROM payments p JOIN orders o ON o.id = p.order_id`,
	`SELECT 'refund', m_refund_id, state, amount, failure FROM refunds`,
	`SELECT 'payout', partner_order_id, state, amount, failure FROM disbursements`,
	`SELECT 'binding', app_trans_id, kind, state FROM bindings`,
	`SELECT 'cards', masked, COUNT(*) FROM cards WHERE sealed IS NOT NULL GROUP BY 1, 2`,
	`SELECT 'callback', subject, o.app_trans_id, d.state FROM deliveries d JOIN orders o ON o.id = d.order_id WHERE d.subject = 'order'`,
	`SELECT 'callbacks', subject, state, COUNT(*) FROM deliveries WHERE subject <> 'order' GROUP BY 1, 2, 3`,
	`SELECT 'wallet', w.phone, a.balance, w.locked_at IS NOT NULL, w.payments_off_at IS NOT NULL, w.kyc FROM wallets w JOIN accounts a ON a.id = (w.id << 4) | 1`,
	`SELECT 'account', id & 15, SUM(balance) FROM accounts GROUP BY 1, 2`,
	`SELECT 'app', id, name, callback_url <> '', disabled_at IS NOT NULL, fee_bp, refund_approval_from FROM apps`,
	`SELECT 'terms', phone, kyc, limits FROM wallets`,
	`SELECT 'old keys', id, old_key1 <> '', old_until FROM apps WHERE old_until IS NOT NULL`,
	`SELECT 'record', action, role, COUNT(*) FROM audit WHERE action <> 'sign_in' GROUP BY 1, 2, 3`,
	`SELECT 'entries', reason, COUNT(*) FROM entries GROUP BY 1, 2`,
	`SELECT 'campaign', code, budget, spent FROM campaigns`,
	`SELECT 'maintenance', operation, app_id, until_at IS NOT NULL FROM maintenance`,
	`SELECT 'rule', operation, value FROM rules`,
	`SELECT 'callback rule', kind FROM callback_rules`,
	`SELECT 'setting', name, 'is kept' FROM settings WHERE name IN ('mode', 'user_key', 'furnished')`,
}

// lines are the summary of a database, in order. A gateway that starts has made
// only some of the tables.
func lines(c *sqlite3.Conn) (all []string, err error) {
	for _, text := range summary {
		st, _, err := c.Prepare(text)
		if errors.Is(err, sqlite3.ERROR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for st.Step() {
			var parts []string
			for i := range st.ColumnCount() {
				parts = append(parts, st.ColumnText(i))
			}
			all = append(all, strings.Join(parts, " "))
		}
		if err := errors.Join(st.Err(), st.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	slices.Sort(all)
	return all, nil
}

// has reports whether one of the lines begins like that.
func has(all []string, beginning string) bool {
	return slices.ContainsFunc(all, func(line string) bool { return strings.HasPrefix(line, beginning) })
}

// differ tells two summaries apart.
func differ(want, got []string) string {
	var b strings.Builder
	for _, line := range want {
		if !slices.Contains(got, line) {
			fmt.Fprintf(&b, "\n\t- %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			fmt.Fprintf(&b, "\n\t+ %s", line)
		}
	}
	return b.String()
}
