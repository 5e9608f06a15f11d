//go:build unix

package examples_test

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/certify"
	"sen/internal/control"
)

// shops are the commands that open them, by what they are called in the titles of
// their pages, with ADDR for where.
var shops = map[string][]string{
	"Go":      {"GO-SHOP"}, // which is built first
	"Node.js": {"node", "shop-node/shop.mjs"},
	"Python":  {"python3", "shop-python/shop.py"},
	"PHP":     {"php", "-S", "ADDR", "shop-php/index.php"},
}

const (
	appID = 2553
	payer = "0900000001"
	price = 45_000 // of "tra"
)

// TestShops holds every shop against a gateway.
func TestShops(t *testing.T) {
	t.Parallel()
	for name, command := range shops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := slices.Clone(command)
			if name == "Go" {
				command[0] = build(t)
			} else if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("not run: %s not found", command[0])
			}
			s := open(t, name, command)
			t.Run("order", s.run((*shop).order))
			t.Run("back", s.run((*shop).back))
			t.Run("forgery", s.run((*shop).forgery))
			t.Run("query", s.run((*shop).query))
			t.Run("wallet", s.run((*shop).wallet))
			t.Run("refund", s.run((*shop).refund))
			t.Run("broken", s.run((*shop).broken))
			t.Run("certify", s.run((*shop).certify))
			t.Run("expiry", s.run((*shop).expiry)) // last: it moves the clock
		})
	}
}

// A shop is a running one, and its gateway.
type shop struct {
	*testing.T
	g   *apptest.Gateway
	c   *control.Client
	app sen.App
	url string
}

// run makes a test of the shop's that reports to itself.
func (s *shop) run(f func(*shop)) func(*testing.T) {
	return func(t *testing.T) {
		one := *s
		one.T = t
		f(&one)
	}
}

func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "shop-go")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./shop-go").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// open starts a gateway that lives in the present, as the shop does, and the shop.
func open(t *testing.T, name string, command []string) *shop {
	t.Helper()
	g := apptest.Start(t, func(c *app.Config) { c.Machine = time.Now })
	s := &shop{T: t, g: g, c: control.NewClient(g.URL), app: g.App(appID)}
	for tries := 3; ; tries-- { // the port may be gone before the shop has it
		addr := freePort(t)
		s.url = "http://" + addr
		said, ok := start(t, name, command, addr, g.URL)
		if ok {
			return s
		}
		if tries == 0 {
			t.Fatalf("%v does not open:\n%s", command, said)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts the shop and waits until it serves. It is false if it ended.
func start(t *testing.T, name string, command []string, addr, gateway string) (said string, ok bool) {
	t.Helper()
	command = slices.Clone(command)
	for i := range command {
		command[i] = strings.ReplaceAll(command[i], "ADDR", addr)
	}
	c := exec.Command(command[0], command[1:]...) // ended with its children, below
	c.Env = append(os.Environ(), "SHOP_ADDR="+addr, "SHOP_TEST=1", "SHOP_BOOKS="+filepath.Join(t.TempDir(), "books.json"),
		"ZALOPAY_BASE_URL="+gateway, "PHP_CLI_SERVER_WORKERS=4", "PYTHONDONTWRITEBYTECODE=1", "no_proxy=127.0.0.1")
	var out apptest.Log
	c.Stdout, c.Stderr = &out, &out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // PHP has workers
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // it is killed
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // may have ended
		<-ended
		if t.Failed() {
			t.Logf("the shop said:\n%s", out.String())
		}
	})
	apptest.Wait(t, "the shop to open", func() bool {
		select {
		case <-ended:
			return true
		default:
		}
		r, err := client.Get("http://" + addr)
		if err != nil {
			return false
		}
		defer r.Body.Close()
		page, err := io.ReadAll(r.Body)
		ok = err == nil && strings.Contains(string(page), "<title>Quán Sen · "+name+"<") // not who else took the port
		return ok
	})
	return out.String(), ok
}

// client follows no redirects: where the shop sends people is looked at.
var client = &http.Client{
	Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask sends a request to the shop; a form makes it a POST.
func (s *shop) ask(path string, form url.Values) (status int, location, text string) {
	s.Helper()
	var r *http.Response
	var err error
	if form == nil {
		r, err = client.Get(s.url + path)
	} else {
		r, err = client.PostForm(s.url+path, form)
	}
	if err != nil {
		s.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.Fatal(err)
	}
	return r.StatusCode, r.Header.Get("Location"), string(body)
}

// see wants a page.
func (s *shop) see(path string) string {
	s.Helper()
	status, _, text := s.ask(path, nil)
	if status != http.StatusOK {
		s.Fatalf("%s: HTTP %d %s", path, status, text)
	}
	return text
}

// press wants a form to lead on.
func (s *shop) press(path string, form url.Values) (location string) {
	s.Helper()
	status, location, text := s.ask(path, form)
	if status != http.StatusSeeOther {
		s.Fatalf("%s: HTTP %d %s", path, status, text)
	}
	return location
}

var listed = regexp.MustCompile(`id="(\d{6}_\w+)" class="state (\w+)"`)

// newest is the order that is on top of the list, which asks no gateway.
func (s *shop) newest() (id, state string) {
	s.Helper()
	found := listed.FindStringSubmatch(s.see("/"))
	if found == nil {
		s.Fatal("the list of orders is empty")
	}
	return found[1], found[2]
}

// state is what the list says of an order.
func (s *shop) state(id string) string {
	s.Helper()
	for _, found := range listed.FindAllStringSubmatch(s.see("/"), -1) {
		if found[1] == id {
			return found[2]
		}
	}
	return "unlisted"
}

func (s *shop) want(id, state string) {
	s.Helper()
	if got := s.state(id); got != state {
		s.Fatalf("the order is %s, want %s:\n%s", got, state, s.see("/orders/"+id))
	}
}

func (s *shop) wantDeliveries(id, n string) {
	s.Helper()
	if got := strings.TrimSpace(s.see("/test/deliveries?id=" + id)); got != n {
		s.Errorf("delivered %s times, want %s", got, n)
	}
}

// buy buys tea.
func (s *shop) buy(by string) (id, location string) {
	s.Helper()
	location = s.press("/buy", url.Values{"product": {"tra"}, "by": {by}})
	id, _ = s.newest()
	return id, location
}

// bought is an order that was paid, and the shop knows.
func (s *shop) bought() (id string) {
	s.Helper()
	id, at := s.buy("")
	s.g.Pay(at, payer)
	apptest.Wait(s, "the callback", func() bool { return s.state(id) == "paid" })
	return id
}

// silence keeps callbacks from coming until the test ends.
func (s *shop) silence() {
	s.Helper()
	rule, err := s.c.AddCallbackRule(context.Background(), control.CallbackRule{Kind: "drop"})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = s.c.RemoveCallbackRule(context.Background(), rule.ID) }) // with the gateway anyway
}

// order is bought at the gateway's page, or from a QR; the callback says it is paid.
func (s *shop) order() {
	id, at := s.buy("")
	if !strings.HasPrefix(at, s.g.URL) {
		s.Fatalf("the payer is led to %s", at)
	}
	s.want(id, "waiting")
	s.g.Pay(at, payer)
	apptest.Wait(s, "the callback", func() bool { return s.state(id) == "paid" })
	s.wantDeliveries(id, "1")
	if o := s.g.Order(appID, id); o.Amount != price || o.Callbacks[0].URL != s.url+"/callback" {
		s.Errorf("the gateway has %+v", o)
	}

	id, at = s.buy("qr")
	if text := s.see(at); at != "/orders/"+id || !strings.Contains(text, `data-qr="`+s.g.URL) {
		s.Errorf("%s has no QR:\n%s", at, text)
	}
	if status, _, _ := s.ask("/buy", url.Values{"product": {"<b>"}}); status != http.StatusBadRequest {
		s.Errorf("what is not sold: HTTP %d", status)
	}
	if status, _, _ := s.ask("/orders/261122_none", nil); status != http.StatusNotFound {
		s.Errorf("an order of nobody: HTTP %d", status)
	}
}

// back is what payers bring along: it is believed nothing that can be asked.
func (s *shop) back() {
	id, _ := s.buy("")
	at, err := s.app.RedirectURL("/back", sen.Redirect{})
	if err == nil {
		s.Fatalf("the SDK leads to %s", at)
	}
	at, err = s.app.RedirectURL(s.url+"/back", sen.Redirect{AppID: appID, AppTransID: id, PMCID: sen.MethodWallet, Amount: price, Status: -49})
	if err != nil {
		s.Fatal(err)
	}
	path := strings.TrimPrefix(at, s.url)
	status, location, _ := s.ask(path, nil)
	if status != http.StatusSeeOther || location != "/orders/"+id {
		s.Errorf("a good redirect: HTTP %d to %s", status, location)
	}
	for _, changed := range []string{
		strings.Replace(path, "status=-49", "status=1", 1), strings.Replace(path, "checksum=", "x=", 1), "/back",
	} {
		if status, _, _ := s.ask(changed, nil); status != http.StatusBadRequest {
			s.Errorf("%s: HTTP %d", changed, status)
		}
	}
	paid, _ := s.app.RedirectURL(s.url+"/back", sen.Redirect{AppID: appID, AppTransID: id, PMCID: sen.MethodWallet, Amount: price, Status: 1})
	_, location, _ = s.ask(strings.TrimPrefix(paid, s.url), nil)
	s.see(location)
	s.want(id, "waiting") // the gateway says otherwise
}

// forgery is a callback that somebody else sends.
func (s *shop) forgery() {
	id, _ := s.buy("")
	paid := sen.OrderCallback{AppID: appID, AppTransID: id, Amount: price, ZPTransID: 261122000000001}
	forger := sen.App{ID: appID, Key2: s.app.Key1}
	r, err := client.Post(s.url+"/callback", "application/json", bytes.NewReader(forger.SealCallback(paid.Data(), sen.OrderCallbackType)))
	if err != nil {
		s.Fatal(err)
	}
	defer r.Body.Close()
	if text, _ := io.ReadAll(r.Body); !strings.Contains(string(text), `"return_code":-1`) && !strings.Contains(string(text), `"return_code": -1`) {
		s.Errorf("answered HTTP %d %s", r.StatusCode, text)
	}
	s.want(id, "waiting")
	s.wantDeliveries(id, "0")
}

// query is what is left when no callback comes.
func (s *shop) query() {
	s.silence()
	for name, look := range map[string]func(id string){
		"the order's page": func(id string) { s.see("/orders/" + id) },
		"/sync":            func(string) { s.ask("/sync", url.Values{}) },
	} {
		id, at := s.buy("")
		s.g.Pay(at, payer)
		apptest.Wait(s, "the callback to be lost", func() bool { return s.g.Order(appID, id).Callbacks[0].State != "pending" })
		s.want(id, "waiting")
		look(id)
		if got := s.state(id); got != "paid" {
			s.Errorf("after a look at %s it is %s", name, got)
		}
		s.wantDeliveries(id, "1")
	}
}

const savedWallet = `id="wallet"`

// bind saves the payer's wallet, as far as the gateway is concerned.
func (s *shop) bind() (bindingID string) {
	s.Helper()
	at, err := url.Parse(s.press("/wallet", url.Values{}))
	if err != nil {
		s.Fatal(err)
	}
	id := at.Query().Get("binding_token")
	if _, err := s.c.Consent(context.Background(), id, control.Consent{Wallet: payer}); err != nil {
		s.Fatal(err)
	}
	return id
}

// wallet is saved, pays, is forgotten, is saved without a callback, and is ended
// by its owner without one.
func (s *shop) wallet() {
	id := s.bind()
	apptest.Wait(s, "the callback of the binding", func() bool { return strings.Contains(s.see("/"), savedWallet) })
	order, at := s.buy("wallet")
	if text := s.see(at); at != "/orders/"+order || s.state(order) != "paid" {
		s.Fatalf("%s:\n%s", at, text)
	}
	s.press("/wallet/forget", url.Values{})
	if b, err := s.c.Binding(context.Background(), id); err != nil || b.State == "confirmed" || strings.Contains(s.see("/"), savedWallet) {
		s.Errorf("the binding is %+v, %v", b, err)
	}

	s.silence()
	id = s.bind()
	s.press("/wallet/back", nil)
	if !strings.Contains(s.see("/"), savedWallet) {
		s.Fatal("the binding was not asked for")
	}
	if _, err := s.c.EndBinding(context.Background(), id, control.EndBinding{}); err != nil {
		s.Fatal(err)
	}
	order, at = s.buy("wallet")
	if text := s.see(at); !strings.Contains(text, "-1002") || !strings.Contains(text, s.g.URL) || s.state(order) != "waiting" {
		s.Errorf("%s does not say why:\n%s", at, text)
	}
	if strings.Contains(s.see("/"), savedWallet) {
		s.Error("the wallet is still offered")
	}
}

// refund goes through, and is refused.
func (s *shop) refund() {
	id := s.bought()
	if _, err := s.c.AddRule(context.Background(), control.Rule{Operation: "refund_order", Value: new(int(sen.CodeMaintenance)), Calls: 1}); err != nil {
		s.Fatal(err)
	}
	at := s.press("/orders/"+id+"/refund", url.Values{})
	if text := s.see(at); !strings.Contains(text, "-999") || s.state(id) != "paid" {
		s.Fatalf("refused, and the page says\n%s", text)
	}
	at = s.press("/orders/"+id+"/refund", url.Values{})
	s.ask("/orders/"+id+"/refund", url.Values{}) // who clicks twice
	apptest.Wait(s, "the refund", func() bool {
		s.see(at)
		return s.state(id) == "refunded"
	})
	if o := s.g.Order(appID, id); o.Payment.Refunded != price {
		s.Errorf("%d were refunded", o.Payment.Refunded)
	}
}

// broken is a gateway that hangs up: the shop says so, and goes on.
func (s *shop) broken() {
	rule, err := s.c.AddRule(context.Background(), control.Rule{Break: "reset"})
	if err != nil {
		s.Fatal(err)
	}
	id, at := s.buy("")
	if at != "/orders/"+id {
		s.Errorf("the payer is led to %s", at)
	}
	s.see(at)
	s.want(id, "failed")
	if status, _, _ := s.ask("/wallet", url.Values{}); status != http.StatusBadGateway {
		s.Errorf("to save a wallet: HTTP %d", status)
	}
	if err := s.c.RemoveRule(context.Background(), rule.ID); err != nil {
		s.Fatal(err)
	}
	s.bought()
}

// certify is all that "sen certify" checks.
func (s *shop) certify() {
	rep, err := certify.Run(s.Context(), certify.Config{
		App: s.app, OtherKey: "the key2 of another app", Callback: s.url + "/callback", CreateWith: s.url + "/test/order",
		Status: s.url + "/test/deliveries?id={app_trans_id}", Redirect: s.url + "/back", Bindings: true,
		Within: time.Minute, Timeout: 2 * time.Minute, Now: time.Now,
	}, func(certify.Result, int) {})
	if err != nil || rep.Passed == 0 {
		s.Errorf("%d passed, %v", rep.Passed, err)
	}
	for _, r := range rep.Results {
		if r.State != certify.Passed {
			s.Errorf("%s: %s %s: came %s, want %s", r.Check, r.State, r.Title, cmp.Or(r.Came, r.Note), r.Want)
		}
	}
}

// expiry is for an order that nobody pays.
func (s *shop) expiry() {
	id, _ := s.buy("")
	s.g.Advance(16 * time.Minute)
	text := s.see("/orders/" + id)
	s.want(id, "failed")
	if !strings.Contains(text, "-54") {
		s.Errorf("the page does not say why:\n%s", text)
	}
}
