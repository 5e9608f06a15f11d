package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/control"
	"sen/internal/sandbox"
)

// TestRepeatable runs the same session three times over the real program, with
// the process stopped and started in its middle: the same seed gives the same
// answers, callbacks and rows, another one does not.
func TestRepeatable(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	first, second := runSession(t, shop, 1), runSession(t, shop, 1)
	for name := range first {
		if diff := cmp.Diff(first[name], second[name]); diff != "" {
			t.Errorf("%s differ between two runs:\n%s", name, diff)
		}
	}
	other := runSession(t, shop, 2)
	for _, name := range []string{"answers", "callbacks", "rows of orders", "rows of bindings", "rows of wallets", "rows of exchanges"} {
		if cmp.Equal(first[name], other[name]) || len(first[name]) == 0 {
			t.Errorf("another seed changed nothing of %s (%d)", name, len(first[name]))
		}
	}
}

var morning = time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())

// A shop is a merchant's server: one for all runs, because its address is in
// what is compared. It answers every third call with a failure.
type shop struct {
	url string

	mu    sync.Mutex
	heard []string
}

func newShop(t *testing.T) *shop {
	s := &shop{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.heard = append(s.heard, fmt.Sprintf("%s %s %v %s", r.Method, r.URL, r.Header, body))
		fmt.Fprintf(w, `{"return_code":%d,"return_message":"as the test says"}`, min(1, len(s.heard)%3))
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *shop) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.heard = nil }()
	return s.heard
}

// A program is sen serve, and what it answered.
type program struct {
	t       *testing.T
	dir     string
	seed    int
	url     string
	stop    func()
	now     time.Time
	answers []string
}

func (p *program) start() {
	p.t.Helper()
	name, err := exec.LookPath("sen")
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(name, "serve", "-q", "--addr", "127.0.0.1:0", "--public-url", "http://sen.test", "--data", p.dir,
		"--clock", morning.Format(time.RFC3339), "--seed", fmt.Sprint(p.seed), "--refund-delay", "2s")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			p.t.Errorf("sen serve ended with %v:\n%s", err, log.String())
		}
	})
	p.t.Cleanup(p.stop)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := listeningLine.FindStringSubmatch(lines.Text()); m != nil {
			p.url = "http://" + m[1]
		}
		if readyLine.MatchString(lines.Text()) {
			return
		}
	}
	p.t.Fatal("sen serve is not ready")
}

// RoundTrip makes a call and keeps what is promised of its answer: all but the
// cookies of pages.
func (p *program) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	kept := res.Header.Clone()
	kept.Del("Set-Cookie")
	p.answers = append(p.answers, fmt.Sprintf("%s %s: %d %v %s", r.Method, r.URL.Path, res.StatusCode, kept, body))
	return res, nil
}

func (p *program) client() *http.Client { return &http.Client{Transport: p, Timeout: patience} }

func (p *program) merchant() *sen.Client {
	a := sandbox.Apps()[0]
	return sen.NewClient(sen.App{ID: int(a.ID), Key1: a.Key1, Key2: a.Key2}, sen.WithBaseURL(p.url), sen.WithRetries(0),
		sen.WithClock(func() time.Time { return p.now }), sen.WithHTTPClient(p.client()))
}

// ask makes a call of the control API.
func (p *program) ask(method, path, body string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := p.client().Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode >= 500 {
		p.t.Errorf("%s %s: %s", method, path, res.Status)
	}
}

func (p *program) advance(d time.Duration) {
	p.t.Helper()
	p.now = p.now.Add(d)
	p.ask(http.MethodPost, "/control/clock", `{"advance":"`+d.String()+`"}`)
}

// runSession returns everything that a session left behind, by what it is.
func runSession(t *testing.T, s *shop, seed int) map[string][]string {
	t.Helper()
	p := &program{t: t, dir: filepath.Join(t.TempDir(), "data"), seed: seed, now: morning}
	p.start()
	orders(t, p, s.url)
	p.stop()
	p.start()
	bindings(t, p, s.url)
	for _, path := range []string{
		"/control/requests?limit=500", "/control/callbacks?limit=500", "/control/wallets", "/control/apps", "/control/bindings?wallet=0900000001",
		"/control/ledger", "/control/status", "/control/rules", "/wallet",
	} {
		p.ask(http.MethodGet, path, "")
	}
	p.stop()
	left := rows(t, p.dir)
	left["answers"], left["callbacks"] = p.answers, s.take()
	if len(left["callbacks"]) < 8 {
		t.Errorf("the merchant heard %d calls only: %q", len(left["callbacks"]), left["callbacks"])
	}
	return left
}

// orders lets orders be paid, refused, refunded, cancelled and forgotten.
func orders(t *testing.T, p *program, callback string) {
	t.Helper()
	m, ctx := p.merchant(), t.Context()
	p.ask(http.MethodPost, "/control/apps", `{"app_id":77001,"name":"Another"}`)
	p.ask(http.MethodPost, "/control/rules", `{"operation":"query_order","value":-500,"calls":1,"match":{"app_trans_id":"260102_d"}}`)
	var paid sen.TransID
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		id := "260102_" + name
		_, err := m.Orders.Create(ctx, sen.CreateOrderRequest{AppTransID: id, AppUser: "An", Amount: 50_000, Description: "Coffee", CallbackURL: callback})
		must(t, err)
		if name == "d" || name == "e" {
			continue
		}
		p.ask(http.MethodPost, "/control/pay", `{"order":"`+id+`","app":2553,"wallet":"0900000001"}`)
		q, err := m.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: id})
		must(t, err)
		paid = q.ZPTransID
	}
	p.ask(http.MethodPost, "/control/pay", `{"order":"260102_d","app":2553,"wallet":"0900000006"}`)
	for range 2 { // forced, then refused by the wallet
		_, _ = m.Orders.Query(ctx, sen.QueryOrderRequest{AppTransID: "260102_d"})
	}
	_, err := m.Orders.Cancel(ctx, sen.CancelOrderRequest{AppTransID: "260102_e"})
	must(t, err)
	for _, name := range []string{"x", "y"} {
		_, err := m.Refunds.Create(ctx, sen.RefundOrderRequest{MRefundID: "260102_2553_" + name, ZPTransID: paid, Amount: 1000, Description: "cold"})
		must(t, err)
	}
	for _, step := range []time.Duration{time.Second, 2 * time.Second, 20 * time.Second, 2 * time.Minute, 16 * time.Minute} {
		p.advance(step)
		_, _ = m.Refunds.Query(ctx, sen.QueryRefundRequest{MRefundID: "260102_2553_x"})
		p.ask(http.MethodGet, "/control/orders/2553/260102_d", "")
	}
	// Left behind when the process stops: a call that is owed, and a refund.
	_, err = m.Orders.Create(ctx, sen.CreateOrderRequest{AppTransID: "260102_f", AppUser: "An", Amount: 70_000, Description: "Tea", CallbackURL: callback})
	must(t, err)
	_, err = m.Refunds.Create(ctx, sen.RefundOrderRequest{MRefundID: "260102_2553_z", ZPTransID: paid, Amount: 1000, Description: "cold"})
	must(t, err)
	p.ask(http.MethodPost, "/control/pay", `{"order":"260102_f","app":2553,"wallet":"0900000002"}`)
}

// bindings lets a wallet and a card be bound, pay and be unbound.
func bindings(t *testing.T, p *program, callback string) {
	t.Helper()
	m, ctx := p.merchant(), t.Context()
	wallet, err := m.Bindings.Create(ctx, sen.CreateBindingWalletRequest{AppTransID: "260102_w", Identifier: "An", CallbackURL: callback})
	must(t, err)
	card, err := m.Cards.Create(ctx, sen.CreateBindingCardRequest{AppTransID: "260102_k", Identifier: "An", CallbackURL: callback})
	must(t, err)
	p.ask(http.MethodPost, "/control/bindings/"+wallet.BindingID+"/consent", `{"wallet":"0900000001"}`)
	p.ask(http.MethodPost, "/control/bindings/"+card.BindingToken+"/consent", `{"card":"4111111111111111"}`)
	p.advance(30 * time.Second)
	byWallet, err := control.NewClient(p.url).Binding(ctx, wallet.BindingID)
	must(t, err)
	byCard, err := control.NewClient(p.url).Binding(ctx, card.BindingToken)
	must(t, err)
	_, err = m.Bindings.Query(ctx, sen.QueryPaymentTokenWalletRequest{AppTransID: "260102_w"})
	must(t, err)
	_, err = m.Bindings.User(ctx, sen.QueryUserInfoRequest{AccessToken: byWallet.PayToken})
	must(t, err)
	_, err = m.Bindings.Balance(ctx, sen.QueryBalanceWalletRequest{PayToken: byWallet.PayToken, Identifier: "An", Amount: 1000})
	must(t, err)
	_, err = m.Cards.Query(ctx, sen.QueryBindingCardRequest{AppTransID: "260102_k"})
	must(t, err)
	one, two := p.agreement(ctx, m, "260102_g", callback), p.agreement(ctx, m, "260102_h", callback)
	_, err = m.Bindings.Pay(ctx, sen.PayByTokenWalletRequest{PayToken: byWallet.PayToken, Identifier: "An", ZPTransToken: one})
	must(t, err)
	_, err = m.Cards.Pay(ctx, sen.PayByTokenCardRequest{PayToken: byCard.PayToken, Identifier: "An", ZPTransToken: two})
	must(t, err)
	p.advance(20 * time.Second)
	_, err = m.Bindings.End(ctx, sen.UnbindingWalletRequest{BindingID: wallet.BindingID, Identifier: "An"})
	must(t, err)
	_, err = m.Cards.End(ctx, sen.UnbindingCardRequest{BindingID: card.BindingToken, Identifier: "An"})
	must(t, err)
	_, err = m.Banks.List(ctx)
	must(t, err)
	p.advance(24 * time.Hour)
}

// agreement makes an order to be paid by token, and returns its own.
func (p *program) agreement(ctx context.Context, m *sen.Client, id, callback string) string {
	p.t.Helper()
	made, err := m.Orders.Create(ctx, sen.CreateOrderRequest{
		AppTransID: id, AppUser: "An", Amount: 20_000, Description: "Tea", CallbackURL: callback, ProductCode: "AGREEMENT",
	})
	must(p.t, err)
	return made.ZPTransToken
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// exempt are columns that are not promised to be the same: secrets and the ledger
// are sealed, and PINs peppered, with keys that no seed makes. That the keys of
// apps come from the seed is seen in answers and in macs.
var exempt = map[string][]string{
	"cards": {"sealed", "fingerprint"}, "apps": {"key1", "key2", "old_key1", "old_key2"}, "wallets": {"pin_hash"},
	"operators": {"totp"}, "seals": {"tag"}, "chains": {"key_id", "tag"},
}

// exemptSettings are those that come from such keys, likewise.
var exemptSettings = []any{"user_key", "vault", "vault_key"}

// rows returns what a stopped sandbox keeps: the rows of each table, but for the
// sessions of browsers.
func rows(t *testing.T, dir string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "sen.db"))
	must(t, err)
	defer db.Close()
	names, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table'
		AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' AND name <> 'sessions'`)
	must(t, err)
	defer names.Close()
	var tables []string
	for names.Next() {
		var name string
		must(t, names.Scan(&name))
		tables = append(tables, name)
	}
	must(t, names.Err())
	all := map[string][]string{}
	for _, table := range tables {
		all["rows of "+table] = rowsOf(t, db, table)
	}
	return all
}

func rowsOf(t *testing.T, db *sql.DB, table string) (all []string) {
	t.Helper()
	found, err := db.Query("SELECT * FROM " + table)
	must(t, err)
	defer found.Close()
	columns, err := found.Columns()
	must(t, err)
	for found.Next() {
		row, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		must(t, found.Scan(dest...))
		var text strings.Builder
		for i, name := range columns {
			if table == "settings" && slices.Contains(exemptSettings, row[0]) {
				continue
			}
			if !slices.Contains(exempt[table], name) {
				fmt.Fprintf(&text, "%s=%v ", name, row[i])
			}
		}
		all = append(all, text.String())
	}
	must(t, found.Err())
	slices.Sort(all)
	return all
}
