//go:build unix

package killtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sen/internal/app/apptest"
)

// certified is the name that is certified. Certificates are good for so many
// seconds, and renewed when a third of that is left.
const (
	certified     = "pay.sen.example"
	certifiedFor  = 15
	authorityVar  = "SEN_PEBBLE"
	authorityTool = "../../.tools/bin/pebble"
)

// An authority is Pebble, the ACME server with which Let's Encrypt's clients are
// tested.
type authority struct {
	cmd        *exec.Cmd
	directory  string
	management string
	roots      string         // file that its own address is certified by
	client     *http.Client   // which trusts that
	issues     *x509.CertPool // its certificates
}

// openAuthority starts one that finds the name at that address of this machine.
func openAuthority(t *testing.T, gateway string) *authority {
	t.Helper()
	tool := os.Getenv(authorityVar)
	if tool == "" {
		tool = authorityTool
	}
	if _, err := os.Stat(tool); err != nil {
		t.Skipf("not run: certificates of a real ACME server (%s is not there: make .tools/bin/pebble)", tool)
	}
	dir := t.TempDir()
	cert, key := selfSigned(t, dir)
	a := &authority{roots: cert, issues: x509.NewCertPool()}
	listen, manage := apptest.ReserveAddress(t), apptest.ReserveAddress(t)
	a.directory, a.management = "https://"+listen+"/dir", "https://"+manage
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": manage, "certificate": cert, "privateKey": key,
		"httpPort": portOf(t, apptest.ReserveAddress(t)), "tlsPort": portOf(t, gateway),
		"retryAfter": map[string]int{"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",
		"profiles": map[string]any{"default": map[string]any{"description": "short", "validityPeriod": certifiedFor}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "pebble.log"))
	if err != nil {
		t.Fatal(err)
	}
	a.cmd = exec.Command(tool, "-config", file, "-dnsserver", resolver(t))
	a.cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	a.cmd.Stdout, a.cmd.Stderr = log, log
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.kill()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("pebble: %s", text)
		}
	})
	pool := x509.NewCertPool()
	text, err := os.ReadFile(cert)
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatal(err)
	}
	a.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	eventually(t, "pebble serves", func() bool {
		res, err := a.client.Get(a.management + "/roots/0")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		return err == nil && a.issues.AppendCertsFromPEM(text)
	})
	return a
}

func (a *authority) kill() {
	_ = a.cmd.Process.Kill()
	_ = a.cmd.Wait()
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return int(at.Port())
}

// selfSigned writes a certificate for this machine, which is its own root.
func selfSigned(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// resolver is a DNS server over TCP at which every name is this machine.
func resolver(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go resolve(conn)
		}
	}()
	return l.Addr().String()
}

// resolve answers the one question of a query, if it is for an IPv4 address.
func resolve(conn net.Conn) {
	defer conn.Close()
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return
	}
	q := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, q); err != nil {
		return
	}
	end := 12
	for end < len(q) && q[end] != 0 {
		end += int(q[end]) + 1
	}
	if end += 5; end > len(q) {
		return
	}
	a := append([]byte{q[0], q[1], 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
	if q[end-3] == 1 { // A; of others there is none
		a[7] = 1
		a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1)
	}
	_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...))
}

// shows is the certificate that a gateway shows, if the authority's chain leads to
// it.
func (a *authority) shows(t *testing.T, gateway string) *x509.Certificate {
	t.Helper()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Minute}, "tcp", gateway, &tls.Config{
		ServerName: certified, InsecureSkipVerify: true, // looked at below, at a time when it was good: it is good for moments only
	})
	if err != nil {
		return nil
	}
	defer conn.Close()
	chain := conn.ConnectionState().PeerCertificates
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{
		DNSName: certified, Roots: a.issues, Intermediates: between, CurrentTime: chain[0].NotBefore.Add(time.Second),
	}); err != nil {
		t.Errorf("%s shows a certificate that is not the authority's: %v", gateway, err)
	}
	return chain[0]
}

// TestACMEServer has a real authority certify the gateway, over the whole
// protocol, and renew it; and then the authority is gone.
func TestACMEServer(t *testing.T) {
	t.Parallel()
	gateway := apptest.ReserveAddress(t)
	a := openAuthority(t, gateway)
	data := filepath.Join(t.TempDir(), "data")
	s, err := launchAs(func(args ...string) *exec.Cmd {
		cmd := program(args...)
		cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+a.roots)
		return cmd
	}, data, "--addr", gateway, "--acme-domain", certified, "--acme-directory", a.directory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		if text, err := os.ReadFile(s.log); err == nil && t.Failed() {
			t.Logf("the gateway: %.4000s", text)
		}
	})
	if s.URL != "https://"+certified {
		t.Errorf("it is at %s", s.URL)
	}
	var first, renewed *x509.Certificate
	eventually(t, "there is a certificate", func() bool { first = a.shows(t, gateway); return first != nil })
	eventually(t, "it is renewed", func() bool {
		renewed = a.shows(t, gateway)
		return renewed != nil && !renewed.Equal(first)
	})
	if again := renewed.NotAfter.Sub(first.NotAfter); again <= 0 {
		t.Errorf("the second ends %s after the first", again)
	}
	if kept, err := os.ReadDir(filepath.Join(data, "acme")); err != nil || len(kept) < 2 {
		t.Errorf("kept %d files: %v", len(kept), err)
	}

	a.kill()
	eventually(t, "the gateway says that the authority is away", func() bool {
		text, err := os.ReadFile(s.log)
		return err == nil && strings.Contains(string(text), "the authority of certificates can't be reached")
	})
	last := a.shows(t, gateway)
	if last == nil {
		t.Fatal("without the authority it shows no certificate")
	}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{
			RootCAs: a.issues, ServerName: certified, Time: func() time.Time { return last.NotBefore.Add(time.Second) },
		},
	}}
	res, err := client.Get("https://" + gateway + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
		t.Errorf("without the authority it answers %s, %s", res.Proto, res.Status)
	}
}
