package checkout_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sen/internal/checkout"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
	"sen/internal/paytest"
	"sen/internal/vietqr"
	"sen/internal/web"
	"sen/internal/web/webtest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	webtest.CheckTexts(t, os.DirFS("."))
}

// site is a gateway with its pages in front.
type site struct {
	*paytest.Gateway
	server *httptest.Server
	log    *logBuffer
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Gateway: paytest.New(t), log: &logBuffer{}}
	pages, err := web.New(web.Config{
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: time.Now, IDs: s.IDs, Store: s.Store, Sandbox: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := checkout.Server{
		Site: pages, Pay: s.Pay, Apps: s.Apps, Issuer: vietqr.DefaultIssuer(), Now: s.Clock.Now,
		TestWallet: &checkout.TestWallet{Phone: "0900000001", PIN: paytest.PIN},
	}
	s.server = httptest.NewServer(server.Handler())
	t.Cleanup(s.server.Close)
	return s
}

// browser is somebody who visits: it keeps cookies and follows no redirects.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	lang   string
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: s.server.URL, lang: "en", client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is a response that was read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path string, form url.Values, header ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", b.lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

// send sends a form and returns the page that the redirect leads to.
func (b *browser) send(path string, form url.Values) answer {
	b.t.Helper()
	a := b.do(http.MethodPost, path, form)
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("POST %s: status %d, want 303; body %s", path, a.status, a.body)
	}
	return b.get(a.header.Get("Location"))
}

func (b *browser) signIn(o pay.Order, phone, pin string) answer {
	b.t.Helper()
	return b.send("/checkout/"+o.Token+"/sign-in", url.Values{"phone": {phone}, "pin": {pin}})
}

func (b *browser) pay(o pay.Order) answer {
	b.t.Helper()
	return b.send("/checkout/"+o.Token+"/pay", url.Values{})
}

// wantPage checks the status of an answer and that its body has every text.
func wantPage(t *testing.T, what string, a answer, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: status %d, want %d", what, a.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: the page lacks %q:\n%s", what, text, a.body)
		}
	}
}

func lackPage(t *testing.T, what string, a answer, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s: the page has %q:\n%s", what, text, a.body)
		}
	}
}

func wantBalance(t *testing.T, s *site, w pay.WalletID, want money.Amount) {
	t.Helper()
	if got := s.Balance(t, w); got != want {
		t.Errorf("the balance is %s, want %s", got, want)
	}
}

// closedShop registers a second app, opens an order of it and disables it.
func (s *site) closedShop(t *testing.T) pay.Order {
	t.Helper()
	app := s.AddApp(t, merchant.App{ID: 7, Name: "Gone", Key1: "0123456789abcdef", Key2: "fedcba9876543210"})
	o := s.Order(t, func(n *pay.NewOrder) { n.App = app })
	_, err := s.Store.UpdateApp(t.Context(), app.ID, func(a *merchant.App) error {
		a.DisabledAt = s.Clock.Now()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t)
	return o
}
