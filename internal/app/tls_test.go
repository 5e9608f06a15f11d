package app_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sen/internal/app"
	"sen/internal/app/apptest"
)

// An authority signs certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	n    int64
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour * 24 * 365), KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert = a.sign(t, a.cert, key.Public())
	return a
}

func (a *authority) sign(t testing.TB, template *x509.Certificate, key crypto.PublicKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// leaf is a certificate for a server with those names.
func (a *authority) leaf(t testing.TB, key crypto.PublicKey, names ...string) *x509.Certificate {
	t.Helper()
	a.n++
	return a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(100 + a.n), DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, key)
}

// write writes a new certificate and its key.
func (a *authority) write(t testing.TB, certFile, keyFile string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := a.leaf(t, key.Public(), "pay.example")
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: leaf.Raw}, keyFile: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return leaf
}

func (a *authority) trusted() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return &tls.Config{RootCAs: pool, ServerName: "pay.example", MinVersion: tls.VersionTLS10}
}

// A secured gateway is run by hand, because the other tests' speaks plain HTTP.
type secured struct {
	*app.Gateway
	addr string
	log  *apptest.Log
}

func serveSecured(t *testing.T, mode app.Mode, set app.TLS) *secured {
	t.Helper()
	s := &secured{log: &apptest.Log{}}
	c := app.Config{
		Mode: mode, Addr: "127.0.0.1:0", Data: t.TempDir(), TLS: set, Worlds: -1,
		ReadTimeout: 2 * time.Minute, // or it cuts off who gets no processor meanwhile, as tests may not
		Log:         slog.New(slog.NewTextHandler(s.log, nil)),
	}
	if mode == app.Live {
		c.PublicURL = "https://pay.example"
	}
	g, err := app.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	s.Gateway, s.addr = g, g.Addr().String()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// leaf is what the gateway shows.
func (s *secured) leaf(t *testing.T, c *tls.Config) (*x509.Certificate, error) {
	t.Helper()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Minute}, "tcp", s.addr, c)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// TestTLS serves a certificate from files, and another one when they change.
func TestTLS(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first := a.write(t, cert, key)
	s := serveSecured(t, app.Live, app.TLS{Cert: cert, Key: key, RedirectAddr: apptest.ReserveAddress(t)})
	if got, err := s.leaf(t, a.trusted()); err != nil || !got.Equal(first) {
		t.Fatalf("got %v, %v", got, err)
	}
	for version, ok := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c := a.trusted()
		c.MinVersion, c.MaxVersion = version, version
		if _, err := s.leaf(t, c); (err == nil) != ok {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
	c := a.trusted()
	c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
	if _, err := s.leaf(t, c); err == nil {
		t.Error("an old cipher suite is taken")
	}

	// Broken files leave the certificate in use; good ones are taken.
	if err := os.WriteFile(cert, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.ReloadTLS()
	if got, err := s.leaf(t, a.trusted()); err != nil || !got.Equal(first) || len(s.log.Lines("level=ERROR")) == 0 {
		t.Errorf("after rubbish: %v, %v", got, err)
	}
	second := a.write(t, cert, key)
	s.ReloadTLS()
	if got, err := s.leaf(t, a.trusted()); err != nil || !got.Equal(second) {
		t.Errorf("after the change: %v, %v", got, err)
	}
}

// TestHTTPS looks at what is told to browsers over TLS, and without.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	a.write(t, cert, key)
	plain := apptest.ReserveAddress(t)
	s := serveSecured(t, app.Live, app.TLS{Cert: cert, Key: key, RedirectAddr: plain})
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: a.trusted(), ForceAttemptHTTP2: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask := func(method, url string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return res
	}
	res := ask(http.MethodGet, "https://"+s.addr+"/console/sign-in")
	if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 || res.Header.Get("Strict-Transport-Security") != "max-age=63072000" {
		t.Errorf("got %s %s, %v", res.Proto, res.Status, res.Header)
	}
	for _, cookie := range res.Cookies() {
		if !cookie.Secure || (strings.Contains(cookie.Name, "session") && !strings.HasPrefix(cookie.Name, "__Host-")) {
			t.Errorf("the cookie %s", cookie)
		}
	}
	res = ask(http.MethodGet, "http://"+plain+"/checkout/x?a=b")
	if res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "https://pay.example/checkout/x?a=b" {
		t.Errorf("without TLS: %s to %q", res.Status, res.Header.Get("Location"))
	}
	if res = ask(http.MethodPost, "http://"+plain+"/v2/create"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a request without TLS: %s", res.Status)
	}
	if res = ask(http.MethodGet, "http://"+plain+"//evil.example/%2e%2e"); !strings.HasPrefix(res.Header.Get("Location"), "https://pay.example/") {
		t.Errorf("a path that is an address: %q", res.Header.Get("Location"))
	}
	// A sandbox's certificate is often its developer's own: browsers must not
	// remember that the host has one.
	sandbox := serveSecured(t, app.Sandbox, app.TLS{Cert: cert, Key: key})
	res = ask(http.MethodGet, "https://"+sandbox.addr+"/console/sign-in")
	if !strings.HasPrefix(sandbox.BaseURL, "https://127.0.0.1:") || res.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("the sandbox at %s: %v", sandbox.BaseURL, res.Header)
	}
}

// TestTLSRefuses starts with settings that do not go together.
func TestTLSRefuses(t *testing.T) {
	t.Parallel()
	for text, set := range map[string]app.TLS{
		"belong together":      {Cert: "x"},
		"give either":          {Cert: "x", Key: "y", Domains: []string{"pay.example"}},
		"needs --acme-domain":  {Directory: "https://ca.example/"},
		"needs a certificate":  {RedirectAddr: ":0"},
		"check --tls-cert and": {Cert: filepath.Join(t.TempDir(), "none"), Key: "none"},
	} {
		g, err := app.Open(t.Context(), app.Config{
			Mode: app.Sandbox, Addr: "127.0.0.1:0", Data: t.TempDir(), TLS: set, Log: slog.New(slog.DiscardHandler),
		})
		if err == nil {
			_ = g.Close()
		}
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: got %v, want %q", set, err, text)
		}
	}
}

// TestACME has an authority certify the gateway's name, which proves over TLS that
// it is the one with that name.
func TestACME(t *testing.T) {
	t.Parallel()
	ca := newACME(t)
	s := serveSecured(t, app.Sandbox, app.TLS{Domains: []string{"pay.example"}, Directory: ca.URL + "/directory"})
	ca.mu.Lock()
	ca.gateway = s.addr
	ca.mu.Unlock()
	got, err := s.leaf(t, ca.trusted())
	if err != nil || ca.issued() != 1 {
		t.Fatalf("got %v, %v after %d certificates", got, err, ca.issued())
	}
	if s.BaseURL != "https://pay.example" {
		t.Errorf("is at %s", s.BaseURL)
	}
	again, err := s.leaf(t, ca.trusted())
	if err != nil || !again.Equal(got) || ca.issued() != 1 {
		t.Errorf("a second client: %v after %d certificates", err, ca.issued())
	}
	other := ca.trusted()
	other.ServerName = "evil.example"
	if _, err := s.leaf(t, other); err == nil || ca.issued() != 1 {
		t.Errorf("another name: %v after %d certificates", err, ca.issued())
	}
}

// acmeServer is as much of RFC 8555 as it takes to certify one name.
type acmeServer struct {
	*httptest.Server
	*authority
	t *testing.T

	mu      sync.Mutex
	gateway string // where the name leads
	proven  bool
	certs   int
	chain   []byte
}

func newACME(t *testing.T) *acmeServer {
	t.Helper()
	ca := &acmeServer{authority: newAuthority(t), t: t}
	mux := http.NewServeMux()
	for path, answer := range map[string]func(http.ResponseWriter, []byte){
		"/directory": ca.directory, "/nonce": func(http.ResponseWriter, []byte) {}, "/account": ca.account, "/order": ca.order,
		"/authorization": ca.authorization, "/challenge": ca.challenge, "/finalize": ca.finalize, "/certificate": ca.certificate,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			var signed struct{ Payload string }
			if body, _ := io.ReadAll(r.Body); len(body) > 0 {
				if err := json.Unmarshal(body, &signed); err != nil {
					t.Error(err)
				}
			}
			payload, err := base64.RawURLEncoding.DecodeString(signed.Payload)
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("Replay-Nonce", "n")
			ca.mu.Lock()
			defer ca.mu.Unlock()
			answer(w, payload)
		})
	}
	ca.Server = httptest.NewServer(mux)
	t.Cleanup(ca.Close)
	return ca
}

func (ca *acmeServer) issued() int {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	return ca.certs
}

func (ca *acmeServer) says(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		ca.t.Error(err)
	}
}

func (ca *acmeServer) directory(w http.ResponseWriter, _ []byte) {
	ca.says(w, 200, map[string]string{"newNonce": ca.URL + "/nonce", "newAccount": ca.URL + "/account", "newOrder": ca.URL + "/order"})
}

func (ca *acmeServer) account(w http.ResponseWriter, _ []byte) {
	w.Header().Set("Location", ca.URL+"/account/1")
	ca.says(w, 201, map[string]string{"status": "valid"})
}

func (ca *acmeServer) order(w http.ResponseWriter, payload []byte) {
	code := http.StatusOK
	if len(payload) > 0 {
		code = http.StatusCreated
	}
	w.Header().Set("Location", ca.URL+"/order")
	status := "pending"
	if ca.proven {
		status = "ready"
	}
	if ca.chain != nil {
		status = "valid"
	}
	ca.says(w, code, map[string]any{
		"status": status, "identifiers": []any{map[string]string{"type": "dns", "value": "pay.example"}},
		"authorizations": []string{ca.URL + "/authorization"}, "finalize": ca.URL + "/finalize", "certificate": ca.URL + "/certificate",
	})
}

func (ca *acmeServer) authorization(w http.ResponseWriter, _ []byte) {
	status := "pending"
	if ca.proven {
		status = "valid"
	}
	ca.says(w, 200, map[string]any{
		"status": status, "identifier": map[string]string{"type": "dns", "value": "pay.example"},
		"challenges": []any{map[string]string{"type": "tls-alpn-01", "url": ca.URL + "/challenge", "token": "token", "status": status}},
	})
}

// challenge connects to the name, and looks for the proof in the certificate.
func (ca *acmeServer) challenge(w http.ResponseWriter, _ []byte) {
	ca.proven = ca.proves()
	ca.says(w, 200, map[string]string{"type": "tls-alpn-01", "url": ca.URL + "/challenge", "token": "token", "status": "processing"})
}

func (ca *acmeServer) proves() bool {
	conn, err := tls.Dial("tcp", ca.gateway, &tls.Config{ServerName: "pay.example", NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true}) //nolint:gosec // a certificate that proves itself
	if err != nil {
		ca.t.Error(err)
		return false
	}
	defer func() { _ = conn.Close() }()
	for _, e := range conn.ConnectionState().PeerCertificates[0].Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}) {
			return len(e.Value) == 2+sha256.Size
		}
	}
	ca.t.Error(errors.New("no proof in the certificate"))
	return false
}

func (ca *acmeServer) finalize(w http.ResponseWriter, payload []byte) {
	var asked struct{ CSR string }
	if err := json.Unmarshal(payload, &asked); err != nil {
		ca.t.Error(err)
	}
	der, err := base64.RawURLEncoding.DecodeString(asked.CSR)
	if err != nil {
		ca.t.Error(err)
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil || !ca.proven {
		ca.t.Errorf("proven %t: %v", ca.proven, err)
		return
	}
	ca.certs++
	ca.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.leaf(ca.t, request.PublicKey, "pay.example").Raw})
	ca.order(w, nil)
}

func (ca *acmeServer) certificate(w http.ResponseWriter, _ []byte) {
	w.Header().Set("Content-Type", "application/pem-certificate-chain")
	_, _ = w.Write(ca.chain)
}
