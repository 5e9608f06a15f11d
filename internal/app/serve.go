package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"sen/internal/apiv2"
	"sen/internal/callback"
	"sen/internal/checkout"
	"sen/internal/control"
	"sen/internal/merchant"
	"sen/internal/orderlink"
	"sen/internal/pay"
	"sen/internal/sandbox"
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
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port)), nil
}

// Time-outs of a connection: slow clients cost a goroutine each, so they may
// not be slow for ever.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
)

func (g *Gateway) newServer() *http.Server {
	return &http.Server{
		Handler:           g.handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
	}
}

func (g *Gateway) handler() http.Handler {
	mux := http.NewServeMux()
	server := &apiv2.Server{
		Pay: g.pay, Apps: g.apps, Now: g.clock.Now, Log: g.config.Log,
		OrderURL: g.orderURL, BindingLinks: g.bindingLinks, QRCode: g.qrCode, Explain: g.config.Mode == Sandbox,
	}
	if g.config.Mode == Sandbox {
		server.Scenarios = g.rules
	}
	api := server.Handler()
	for _, path := range apiv2.Paths() {
		mux.Handle(path, api)
	}
	pages := g.pages()
	for _, path := range checkout.Patterns() {
		mux.Handle(path, pages)
	}
	mux.Handle("/", g.site.Wrap(g.site.NotFound()))
	if g.config.Mode == Sandbox {
		mux.Handle("/control/", g.control())
	}
	return mux
}

// pages are what payers see.
func (g *Gateway) pages() http.Handler {
	s := &checkout.Server{Site: g.site, Pay: g.pay, Apps: g.apps, Issuer: g.issuer, Now: g.clock.Now}
	if g.config.Mode == Sandbox {
		s.TestWallet = &checkout.TestWallet{Phone: sandbox.Wallets()[0].Phone, PIN: sandbox.PIN}
	}
	return s.Handler()
}

func (g *Gateway) control() http.Handler {
	return (&control.Server{
		Pay: g.pay, Store: g.store, Apps: g.apps, Rules: g.rules, Faults: g.faults, Clock: &g.clock, Log: g.config.Log,
		Version: g.config.Version, BaseURL: g.BaseURL, OrderToken: orderToken, AddApp: g.addApp, CallbackOwed: g.pay.CallbackOwed,
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
	return apiv2.OrderCallback(app, o, p, g.pay.UserID(o.App, p.Wallet)), nil
}

func (g *Gateway) renderBinding(app merchant.App, b pay.Binding, w pay.Wallet, now time.Time) ([]byte, error) {
	return apiv2.BindingCallback(app, b, w, g.pay.UserID(b.App, w.ID), now), nil
}

// bindingLinks are the ways to the page where a user confirms a binding.
func (g *Gateway) bindingLinks(b pay.Binding) apiv2.BindingLinks {
	return apiv2.BindingLinks{
		DeepLink: "sen://launch/app/730?view=authorize&b=" + b.Token,
		QR:       g.BaseURL + "/binding?binding_token=" + b.Token,
		Short:    g.BaseURL + "/oauthbe/agreement/" + b.Token,
	}
}

// How often workers look when nobody wakes them. Work that this process makes
// wakes them at once; these times are for what another process did, and for
// what time alone makes due.
const (
	lookForCalls   = 250 * time.Millisecond
	lookForRefunds = 250 * time.Millisecond
	lookForExpiry  = time.Second
	lookForApps    = time.Second
	lookForOldies  = time.Minute
)

func (g *Gateway) openWorkers() {
	var calls *worker.Loop
	g.calls = &callback.Dispatcher{
		Queue: g.store, Client: callback.NewClient(g.transport()), Now: g.clock.Now, Machine: time.Now,
		Log: g.config.Log, Free: func() { calls.Wake() },
	}
	calls = worker.New("callbacks", g.config.Log, lookForCalls, g.calls.Once)
	refunds := worker.New("refunds", g.config.Log, lookForRefunds, g.pay.RunRefunds)
	expiry := worker.New("expiry", g.config.Log, lookForExpiry, g.pay.ExpireOrders)
	lapse := worker.New("bindings", g.config.Log, lookForExpiry, g.pay.LapseBindings)
	apps := worker.New("apps", g.config.Log, lookForApps, func(ctx context.Context) (bool, error) {
		return false, errors.Join(g.apps.Refresh(ctx), g.rules.Refresh(ctx))
	})
	sessions := worker.New("sessions", g.config.Log, lookForOldies, func(ctx context.Context) (bool, error) {
		return g.store.DeleteExpiredSessions(ctx, time.Now())
	})
	g.loops = []*worker.Loop{calls, refunds, expiry, lapse, apps, sessions}
	g.pay.CallbackOwed, g.pay.RefundOwed = calls.Wake, refunds.Wake
	for _, l := range g.loops {
		g.clock.OnMove(l.Wake)
	}
}

// transport dials merchants' servers. A live gateway refuses private and
// special addresses at the moment of dialling, when the name has been resolved
// for good; a sandbox calls the developer's own machine.
func (g *Gateway) transport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: callback.Timeout, KeepAlive: 30 * time.Second}
	if g.config.Mode == Live {
		dialer.Control = ssrf.New(ssrf.WithPorts(80, 443)).Safe
	}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   callback.Timeout,
		ResponseHeaderTimeout: callback.Timeout,
	}
}
