package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// TLS is how a gateway without a proxy before it proves who it is; the zero value
// is plain HTTP.
type TLS struct {
	// Cert and Key are files in PEM, the chain in the first. They are read again
	// when they change.
	Cert, Key string
	// Domains are what an authority is asked to certify, over ACME.
	Domains []string
	// Directory is the URL of that authority; "": Let's Encrypt.
	Directory string
	// RedirectAddr is where plain HTTP is sent on to https; "": nowhere.
	RedirectAddr string
}

func (t TLS) wanted() bool { return t.Cert != "" || t.Key != "" || len(t.Domains) > 0 }

func (t TLS) check() error {
	switch {
	case (t.Cert == "") != (t.Key == ""):
		return errors.New("--tls-cert and --tls-key belong together: give both")
	case t.Cert != "" && len(t.Domains) > 0:
		return errors.New("give either --tls-cert or --acme-domain: a certificate comes from a file or from an authority")
	case t.Directory != "" && len(t.Domains) == 0:
		return errors.New("--acme-directory needs --acme-domain, the name to certify")
	case t.RedirectAddr != "" && !t.wanted():
		return errors.New("--redirect-addr needs a certificate: give --tls-cert and --tls-key, or --acme-domain")
	}
	return nil
}

// acmeDir is where certificates of an authority are kept, below the data.
const acmeDir = "acme"

// openTLS makes what connections are secured with; nil: nothing.
func (g *Gateway) openTLS() (err error) {
	c := g.config.TLS
	if !c.wanted() {
		return nil
	}
	g.tls = &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Of TLS 1.2 only what has forward secrecy and is authenticated as a whole;
		// the suites of 1.3 are all like that.
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos: []string{"h2", "http/1.1"},
	}
	if len(c.Domains) > 0 {
		g.authority = &autocert.Manager{
			Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(filepath.Join(g.config.Data, acmeDir)),
			HostPolicy: autocert.HostWhitelist(c.Domains...),
			Client: &acme.Client{
				DirectoryURL: cmp.Or(c.Directory, autocert.DefaultACMEDirectory),
				HTTPClient:   &http.Client{Transport: outspoken{&http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}, g.config.Log}, Timeout: authorityTimeout},
			},
		}
		g.tls.GetCertificate, g.tls.NextProtos = g.authority.GetCertificate, append(g.tls.NextProtos, acme.ALPNProto)
		return nil
	}
	if g.certificate, err = openCertificate(c.Cert, c.Key, g.config.Log); err != nil {
		return err
	}
	g.tls.GetCertificate = g.certificate.get
	return nil
}

// authorityTimeout is how long one request to an authority may take.
const authorityTimeout = time.Minute

// outspoken tells the log what goes wrong between an authority and us: renewals
// are made in the background, where nobody else hears of it before the
// certificate ends.
type outspoken struct {
	under http.RoundTripper
	log   *slog.Logger
}

func (o outspoken) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := o.under.RoundTrip(r)
	if err != nil {
		o.log.ErrorContext(r.Context(), "the authority of certificates can't be reached, the certificate before stays in use", "authority", r.URL.Host, "error", err)
		return nil, err
	}
	if res.StatusCode < http.StatusBadRequest {
		return res, nil
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	err = errors.Join(err, res.Body.Close())
	res.Body = io.NopCloser(bytes.NewReader(text))
	if err == nil && !bytes.Contains(text, []byte("acme:error:badNonce")) { // which is asked for again, and is no news
		o.log.ErrorContext(r.Context(), "the authority of certificates refused", "authority", r.URL.Host, "status", res.StatusCode, "said", string(text))
	}
	return res, err
}

// ReloadTLS reads the files of the certificate again, if it comes from files.
// When they can't be read, the certificate that is in use stays.
func (g *Gateway) ReloadTLS() {
	if g.certificate != nil {
		g.certificate.look(time.Time{})
	}
}

// A certificate is what two files held when they were last good.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	seen    [2]time.Time // when the files were last changed
	looked  time.Time
}

// lookForCertificate is how long a changed file may go unnoticed.
const lookForCertificate = 10 * time.Second

func openCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("the certificate can't be used: %w: check --tls-cert and --tls-key", err)
	}
	c.looked = time.Now()
	return c, nil
}

func (c *certificate) read() error {
	seen, err := c.changed()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current, c.seen = &pair, seen
	return nil
}

func (c *certificate) changed() (at [2]time.Time, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return at, err
		}
		at[i] = info.ModTime()
	}
	return at, nil
}

// get returns the certificate for a handshake, after a look at the files when the
// last one was a while ago.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return c.look(time.Now()), nil
}

// look reads the files again when they have changed; at the zero time in any case.
func (c *certificate) look(now time.Time) *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !now.IsZero() && now.Sub(c.looked) < lookForCertificate {
		return c.current
	}
	c.looked = time.Now()
	seen, err := c.changed()
	if err == nil && (now.IsZero() || seen != c.seen) {
		if err = c.read(); err == nil {
			c.log.Info("the certificate was read again", "until", c.current.Leaf.NotAfter)
		}
	}
	if err != nil {
		c.log.Error("the certificate was not read again, the one before stays in use", "error", err)
	}
	return c.current
}

// strict tells browsers of a live gateway that secures its own connections never
// to come without; behind a proxy that is the proxy's to say.
func (g *Gateway) strict(next http.Handler) http.Handler {
	if g.tls == nil || g.config.Mode != Live {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=63072000")
		next.ServeHTTP(w, r)
	})
}

// openRedirect listens for plain HTTP.
func (g *Gateway) openRedirect(ctx context.Context) error {
	addr := g.config.TLS.RedirectAddr
	if addr == "" {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("%w: choose another address with --redirect-addr", err)
	}
	g.plain = newConnections(listener, g.config.Connections)
	handler := http.Handler(http.HandlerFunc(g.redirect))
	if g.authority != nil {
		handler = g.authority.HTTPHandler(handler) // another way to prove to an authority who we are
	}
	within := g.headersWithin()
	g.plainServer = &http.Server{
		Handler: careful(alone(handler)), ReadHeaderTimeout: within, ReadTimeout: within, WriteTimeout: within,
		IdleTimeout: within, MaxHeaderBytes: maxHeader, ConnState: g.plain.note,
		ErrorLog: slog.NewLogLogger(g.config.Log.Handler(), slog.LevelWarn),
	}
	return nil
}

// redirect sends browsers on. What else is sent without TLS has been read by
// whoever could, so it is refused for its sender to notice.
func (g *Gateway) redirect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "This gateway takes requests over https only: "+g.BaseURL, http.StatusForbidden)
		return
	}
	http.Redirect(w, r, g.BaseURL+r.URL.RequestURI(), http.StatusPermanentRedirect)
}

// serve serves until the servers are shut down.
func (g *Gateway) serve() error {
	served := make(chan error, 2)
	if g.plainServer != nil {
		go func() { served <- g.plainServer.Serve(g.plain) }()
	}
	go func() {
		if g.tls != nil {
			served <- g.server.ServeTLS(g.listener, "", "")
			return
		}
		served <- g.server.Serve(g.listener)
	}()
	return <-served
}
