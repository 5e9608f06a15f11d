package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"sen/internal/apiv2"
	"sen/internal/callback"
	"sen/internal/checkout"
	"sen/internal/consent"
	"sen/internal/control"
	"sen/internal/exchange"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/node"
	"sen/internal/operator"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/payer"
	"sen/internal/sandbox"
	"sen/internal/walletapp"
	"sen/internal/web"
	"sen/internal/worker"
)

// baseURL is the address under which others reach this gateway.
func baseURL(c Config, addr net.Addr) (string, error) {
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return "", fmt.Errorf("the public URL %q must begin with http:// or https:// and name a host", c.PublicURL)
		}
		if c.Mode == Live && u.Scheme != "https" {
			return "", fmt.Errorf("a live gateway's public URL must begin with https://")
		}
		return strings.TrimSuffix(c.PublicURL, "/"), nil
	}
	if len(c.TLS.Domains) > 0 {
		return "https://" + c.TLS.Domains[0], nil
	}
	if c.Mode == Live {
		return "", fmt.Errorf("a live gateway needs --public-url, the https:// address that payers and merchants reach it by")
	}
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "", fmt.Errorf("no address to print for %v: give --public-url", addr)
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http://"
	if c.TLS.wanted() {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, strconv.Itoa(tcp.Port)), nil
}

// Time-outs of a connection: slow clients cost a goroutine each, so they may
// not be slow for ever.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	// A request may come in its query string alone, where a Vietnamese letter
	// takes up to nine characters: the longest that the documented lengths
	// allow, twice 2048 letters, is below this.
	maxHeader = 64 << 10
)

// headersWithin is how long the headers of a request may take to arrive.
func (g *Gateway) headersWithin() time.Duration {
	return max(min(headerTimeout, g.config.ReadTimeout), g.config.ReadTimeout/3)
}

func (g *Gateway) newServer() *http.Server {
	server := &http.Server{
		Handler:           careful(alone(g.strict(g.lastOnes(g.route(g.used(g.inTurn(g.handler()))))))),
		TLSConfig:         g.tls,
		ReadHeaderTimeout: g.headersWithin(),
		ReadTimeout:       g.config.ReadTimeout,
		WriteTimeout:      max(writeTimeout, 2*g.config.ReadTimeout),
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ConnState:         g.listener.note,
		ErrorLog:          slog.NewLogLogger(g.config.Log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(g.endStreams)
	return server
}

// endStreams ends the answers that have no end of their own.
func (g *Gateway) endStreams() {
	g.exchanges.EndStreams()
	if stop := g.stopStreams.Load(); stop != nil {
		(*stop)()
	}
}

// alone lets nothing follow a request of which the library hides how its end was
// told: chunks may have come with a Content-Length, and to HTTP/1.0 with chunks
// that are not looked at. A proxy before us may then take for a part of its body
// what we would take for another request.
func alone(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TransferEncoding != nil || !r.ProtoAtLeast(1, 1) {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Gateway) handler() http.Handler {
	mux := http.NewServeMux()
	server := &apiv2.Server{
		Pay: g.pay, Apps: g.apps, Now: g.clock.Now, Log: g.config.Log,
		OrderURL: g.orderURL, BindingLinks: g.bindingLinks, VerificationURL: g.verificationURL, BankPage: g.bankPage, QRCode: g.qrCode, Explain: g.config.Mode == Sandbox,
		Cards: g.takesCards(), Exchanges: g.exchanges,
		Receivers: apiv2.ReceiverLinks{Onboarding: g.BaseURL + "/wallet/sign-up", Upgrade: g.BaseURL + "/wallet/limits"},
		Ready:     g.node.Ready, Older: g.older.Load, Limits: apiv2.Limits{Permits: g.store, Nodes: g.node.Nodes},
		Crowd: apiv2.Crowd{Most: cmp.Or(g.config.AtOnce, DefaultAtOnce)},
		Calls: g.answered,
	}
	if g.config.Mode == Sandbox {
		server.Scenarios = g.rules
		server.Moved = func() (time.Duration, bool) { return g.Offset(), g.Stands() }
	} else {
		server.CheckCallback = g.config.reach().Check
	}
	api := server.Handler()
	if g.config.AroundAPI != nil {
		api = g.config.AroundAPI(api)
	}
	api = g.tracer.Serve("call", api)
	for _, path := range apiv2.Paths() {
		mux.Handle(path, api)
	}
	g.api = api
	g.mountHealth(mux)
	if g.config.Mode == Sandbox {
		mux.Handle("GET "+metricsPath, g.metrics)
	}
	rest := http.NewServeMux()
	rest.Handle("/", g.tracer.Serve("page", g.pages()))
	if g.config.Mode == Sandbox {
		rest.Handle(controlPath, g.tracer.Serve("control", g.byItsName(g.control())))
	}
	mux.Handle("/", g.ready(rest))
	return mux
}

// desk is where payers sign in, whichever page they are on.
func (g *Gateway) desk() *payer.Desk {
	d := &payer.Desk{Site: g.site, Pay: g.pay}
	if g.config.Mode == Sandbox {
		d.TestWallet = &payer.TestWallet{Phone: sandbox.Wallets()[0].Phone, PIN: sandbox.PIN}
	}
	return d
}

// pages serves what payers see. A sandbox reads the templates when the first
// page is asked for: most sandboxes are called by programs only, and are started
// by the dozen. A live gateway finds out at once that it can.
func (g *Gateway) pages() http.Handler {
	made := sync.OnceValue(func() http.Handler {
		mux := http.NewServeMux()
		g.mountPages(mux)
		g.mountConsole(mux)
		return mux
	})
	if g.config.Mode == Live {
		return made()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { made().ServeHTTP(w, r) })
}

// mountPages serves what payers see.
func (g *Gateway) mountPages(mux *http.ServeMux) {
	desk := g.desk()
	orders := (&checkout.Server{Desk: desk, Apps: g.apps, Issuer: g.issuer, Now: g.clock.Now, Cards: g.takesCards()}).Handler()
	for _, path := range checkout.Patterns() {
		mux.Handle(path, orders)
	}
	bindings := (&consent.Server{Desk: desk, Apps: g.apps, Now: g.clock.Now, BaseURL: g.BaseURL, Cards: g.takesCards()}).Handler()
	for _, path := range consent.Patterns() {
		mux.Handle(path, bindings)
	}
	wallets := (&walletapp.Server{
		Desk: desk, Apps: g.apps, Store: g.store, Issuer: g.issuer, Now: g.clock.Now, Cards: g.takesCards(),
	}).Handler()
	for _, path := range walletapp.Patterns() {
		mux.Handle(path, wallets)
	}
	g.mountDescription(mux)
	g.mountGuides(mux)
	mux.Handle(web.AssetPath, g.site.Assets())
	// Who opens the bare address is a payer who looks for the wallet.
	mux.Handle("GET /{$}", http.RedirectHandler("/wallet", http.StatusSeeOther))
	mux.Handle("/", g.site.Wrap(g.site.NotFound()))
}

func (g *Gateway) control() http.Handler {
	return (&control.Server{
		Pay: g.pay, Store: g.store, Apps: g.apps, Changed: g.changed, Bank: g.simulator, Clock: &g.clock, Stands: g.config.stands(), Log: g.config.Log,
		Version: g.config.Version, BaseURL: g.BaseURL, OrderToken: orderToken, AddApp: g.addApp, NewCodeKey: g.newCodeKey, CallbackOwed: g.pay.CallbackOwed,
		Exchanges: g.exchanges, Sandboxes: g.sandboxes(), PrivateKey: sandbox.PrivateKey,
		Record: g.recordBy(operator.ByControl),
	}).Handler()
}

func (g *Gateway) orderURL(o pay.Order) string {
	return orderlink.OrderURL(g.BaseURL, o.Token, o.App)
}

func (g *Gateway) qrCode(o pay.Order) string {
	return g.issuer.Encode(o.Token, int64(o.Key), o.Amount)
}

// orderToken reads the token in an order_url of whatever host: one that was
// given out under another address still names its order.
func orderToken(link string) (string, bool) {
	u, err := url.Parse(link)
	if err != nil {
		return "", false
	}
	token, _, err := orderlink.Parse(u.Query().Get(orderlink.Parameter))
	return token, err == nil
}

func (g *Gateway) renderOrder(app merchant.App, o pay.Order, p pay.Payment) ([]byte, error) {
	return apiv2.OrderCallback(app, o, p, g.pay.UserID(o.App, p.Wallet), g.clock.Now()), nil
}

func (g *Gateway) renderBinding(app merchant.App, st pay.BindingStatus, now time.Time) ([]byte, error) {
	return apiv2.BindingCallback(app, st, g.pay.BindingUser(st.Binding), now), nil
}

// verificationURL is the order's own page: it asks for the code as long as the
// bank waits for one.
func (g *Gateway) verificationURL(o pay.Order) string { return g.BaseURL + "/checkout/" + o.Token }

// bankPage is the order's own page too, where it takes cards of the simulated
// bank; without an order, the page on which one looks for what to pay.
func (g *Gateway) bankPage(token string) string {
	if token == "" {
		return g.BaseURL + "/wallet"
	}
	return g.BaseURL + payer.Chosen(orderlink.Page(token), payer.ByDomestic)
}

// bindingLinks are the ways to the page where a user confirms a binding.
func (g *Gateway) bindingLinks(b pay.Binding) apiv2.BindingLinks {
	return apiv2.BindingLinks{
		DeepLink: "sen://launch/app/730?view=authorize&b=" + b.Token,
		QR:       orderlink.BindingURL(g.BaseURL, b.Token),
		Short:    orderlink.BindingShortURL(g.BaseURL, b.Token),
	}
}

// openExchanges makes the log of the merchant API. It goes by the machine's
// clock, as the merchant's own log does, and its ids come from a source of
// their own, so that they begin with that time.
func (g *Gateway) openExchanges() {
	ids := &id.Source{Rand: g.chance("requests"), Shards: 1}
	g.exchanges = exchange.NewLog(g.store, g.machine, ids, exchange.Redactor{Keys: g.keysOf, Live: g.config.Mode == Live})
}

// writeExchanges writes the last ones. That some are lost is no failure of the
// gateway.
func (g *Gateway) writeExchanges(ctx context.Context) {
	if err := g.exchanges.Flush(ctx); err != nil {
		g.config.Log.ErrorContext(ctx, "the last requests were not kept", "error", err)
	}
}

func (g *Gateway) keysOf(app merchant.ID) []string {
	a, err := g.apps.App(app)
	if err != nil {
		return nil // nobody's
	}
	return []string{a.Key1, a.Key2, a.OldKey1, a.OldKey2} // empty ones are nothing to look for
}

// How often workers look when nobody wakes them. Work that this process makes
// wakes them at once; these times are for what another process did, and for
// what time alone makes due.
const (
	lookForCalls   = 250 * time.Millisecond
	lookForRefunds = 250 * time.Millisecond
	lookForExpiry  = time.Second
	lookForPayouts = time.Second // those that wait; the rest are paid out in their call
	lookForOldies  = time.Minute
	lookForKeys    = 2 * time.Second
	// In that time an eighth of what is kept can come, at the most.
	lookForManyExchanges = 10 * time.Second
)

func (g *Gateway) openWorkers() {
	var calls *worker.Loop
	g.calls = &callback.Dispatcher{
		Queue: g.store, Client: callback.NewClient(g.transport(), g.config.CallbackTimeout), Now: g.clock.Now, Machine: g.machine,
		Reach: g.config.reach(), Tracer: g.tracer,
		Log: g.config.Log, Free: func() { calls.Wake() },
	}
	if g.mishaps != nil { // a nil pointer in an interface would not be nil
		g.calls.Mishaps = g.mishaps
	}
	calls = g.loop("callbacks", lookForCalls, g.calls.Once)
	if g.config.stands() {
		g.calls.Parallel = 1
		g.openTurn()
		calls = g.loop("callbacks", lookForCalls, g.turn.call)
	}
	sessions := g.shared("sessions", lookForOldies, func(ctx context.Context) (bool, error) {
		more, err := g.store.DeleteExpiredSessions(ctx, time.Now())
		if err != nil || more {
			return more, err
		}
		return g.store.DropOldSignIns(ctx, time.Now())
	})
	changes := worker.New("changes", g.config.Log, node.Look, g.look)
	exchanges := worker.New("exchanges", g.config.Log, exchange.Every, g.exchanges.WriteBatch)
	pruner := &exchange.Pruner{Store: g.store, Now: g.pruneBy, Most: exchange.DefaultMost, Age: exchange.DefaultAge}
	prune := worker.New("old exchanges", g.config.Log, lookForManyExchanges, pruner.Once)
	keys := worker.New("keys", g.config.Log, lookForKeys, g.keepKeys)
	g.loops = []*worker.Loop{calls, changes, sessions, exchanges, prune, keys}
	g.pay.CallbackOwed = calls.Wake
	if g.config.stands() {
		return
	}
	refunds := g.loop("refunds", lookForRefunds, g.pay.RunRefunds)
	charges := g.loop("charges", lookForRefunds, g.pay.RunCharges)
	payouts := g.loop("disbursements", lookForPayouts, g.pay.RunDisbursements)
	expiry := g.shared("expiry", lookForExpiry, g.pay.ExpireOrders)
	lapse := g.shared("bindings", lookForExpiry, g.pay.LapseBindings)
	hours := g.shared("hours", lookForOldies, g.countHours)
	sums := g.shared("sums", lookForOldies, g.sumHours)
	g.loops = append(g.loops, refunds, charges, payouts, expiry, lapse, hours, sums)
	if g.config.Mode == Live {
		g.loops = append(g.loops, g.shared("settlements", lookForOldies, g.settleYesterday))
	}
	g.pay.RefundOwed, g.pay.ChargeOwed, g.pay.DisbursementOwed = refunds.Wake, charges.Wake, payouts.Wake
	for _, l := range g.loops {
		g.clock.OnMove(l.Wake)
	}
}

// pruneBy is the time by which requests are too old to keep. Under a standing
// clock they are only ever too many: how soon somebody looked must not show.
func (g *Gateway) pruneBy() time.Time {
	if g.config.stands() {
		return g.config.Start
	}
	return time.Now()
}

// reach is where callbacks may go: a sandbox calls the developer's own machine.
func (c Config) reach() callback.Reach { return callback.Reach{Public: c.Mode == Live} }

// transport dials merchants' servers.
func (g *Gateway) transport() http.RoundTripper {
	if g.config.Merchants != nil {
		return g.config.Merchants
	}
	dialer := &net.Dialer{KeepAlive: 30 * time.Second}
	if g.config.Dialer != nil {
		dialer = g.config.Dialer
	}
	return g.config.reach().Transport(dialer, g.config.CallbackTimeout)
}
