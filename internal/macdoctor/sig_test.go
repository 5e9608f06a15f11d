package macdoctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sen"
	"sen/internal/macdoctor"
)

// privateKey signs the payouts of the corpus.
var privateKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(filepath.Join("..", "sandbox", "disbursement_key.txt"))
	if err != nil {
		return nil, err
	}
	return sen.ParsePrivateKey(string(text))
})

func payoutKey(t testing.TB) *rsa.PublicKey {
	t.Helper()
	key, err := privateKey()
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}

// TestSigCorpus holds the diagnoses of signatures against what is known to be
// wrong with them. All of it is wanted: what a signature holds can be read.
func TestSigCorpus(t *testing.T) {
	t.Parallel()
	causes := judge(t, corpus(t, "sig-*.jsonl"), 1)
	if len(causes) < 40 {
		t.Errorf("%d causes: too few", len(causes))
	}
}

// payout is a request with that sig, which is otherwise right.
func payout(t testing.TB, sig string) macdoctor.Case {
	t.Helper()
	r := corpus(t, "sig-openssl.jsonl")[0]
	c := r.wanted(t)
	for i := range c.Members {
		if c.Members[i].Name == "sig" {
			c.Members[i].Value = sig
		}
	}
	return c
}

func macOf(c macdoctor.Case) string {
	return c.Operation.Sign(c.App.Key1, func(name string) string {
		for _, m := range c.Members {
			if m.Name == name {
				return m.Value
			}
		}
		return ""
	})
}

// TestSigOfOthers tells whose key it was, where that can be known.
func TestSigOfOthers(t *testing.T) {
	t.Parallel()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := sen.SignRSA(other, macOf(payout(t, "")))
	if err != nil {
		t.Fatal(err)
	}
	c := payout(t, sig)
	c.Others[0].Public = &other.PublicKey
	d := macdoctor.Diagnose(c)
	if d.Cause != "sig_other_app_key" || !strings.Contains(d.What.EN, "app 2554") || !d.Known() {
		t.Errorf("got %+v", d)
	}
	c.Others[0].Public = nil
	if d = macdoctor.Diagnose(c); d.Cause != "sig_other_key" || d.Known() {
		t.Errorf("got %+v", d)
	}
	c.App.Public = nil
	if d = macdoctor.Diagnose(c); d.Cause != "sig_no_key" || d.Known() {
		t.Errorf("got %+v", d)
	}
	c.Reveal = false
	if d = macdoctor.Diagnose(c); d.Cause != "withheld" || d.Signed != "" {
		t.Errorf("told %+v", d)
	}
}

// TestSigLine has the text to sign in it, in both languages.
func TestSigLine(t *testing.T) {
	t.Parallel()
	for _, r := range corpus(t, "sig-openssl.jsonl") {
		d := macdoctor.Diagnose(r.wanted(t))
		for _, line := range []string{d.Line(2553).EN, d.Line(2553).VI} {
			advice, signed := macdoctor.Cut(line)
			if signed != d.Signed || !strings.HasPrefix(advice, "sig ") || strings.Contains(line, "%") {
				t.Errorf("%s: %q", r.Cause, line)
			}
		}
	}
}

// TestCheckKey reads keys as they stand in files and settings.
func TestCheckKey(t *testing.T) {
	t.Parallel()
	key, err := privateKey()
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	onCurve, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	good := text("PRIVATE KEY", private)
	lines := strings.SplitAfter(good, "\n")
	for _, c := range []struct{ name, text, wrong string }{
		{"PKCS #8", good, ""},
		{"with Windows line ends", strings.ReplaceAll(good, "\n", "\r\n"), ""},
		{"PKCS #1", text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), ""},
		{"base64 alone", base64.StdEncoding.EncodeToString(private), ""},
		{"of one setting", strings.ReplaceAll(good, "\n", `\n`), `the two characters \n`},
		{"joined by spaces", strings.ReplaceAll(good, "\n", " "), "joined to one"},
		{"joined", strings.ReplaceAll(good, "\n", ""), "joined to one"},
		{"after a mark", "\ufeff" + good, "byte order mark"},
		{"in quotes", `KEY="` + good + `"`, "a quotation mark"},
		{"without its end", strings.Join(lines[:len(lines)-2], ""), "its end is missing"},
		{"without a line", strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), ""), "was a part of it lost"},
		{"with other characters", strings.Replace(good, "A", "*", 1), "is damaged"},
		{"empty", "\n", "it is empty"},
		{"no key at all", "the key is in the safe", "neither PEM"},
		{"public", text("PUBLIC KEY", public), "it is a public key, and the private one is needed"},
		{"a certificate", text("CERTIFICATE", public), "it is certificate, not"},
		{"protected", text("ENCRYPTED PRIVATE KEY", private), "protected by a password"},
		{"on a curve", text("PRIVATE KEY", onCurve), "not of RSA"},
		{"short", text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(small)), "1024 bits"},
	} {
		err := macdoctor.CheckKey(c.text, true)
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong) || !errors.Is(err, macdoctor.ErrKeyText)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.wrong)
		}
	}
	if err := macdoctor.CheckKey(text("PUBLIC KEY", public), false); err != nil {
		t.Error(err)
	}
	if err := macdoctor.CheckKey(good, false); err == nil || !strings.Contains(err.Error(), "it is a private key") {
		t.Errorf("a private key for a public one: %v", err)
	}
}

// TestCheckSealed looks at encrypted payment codes from outside.
func TestCheckSealed(t *testing.T) {
	t.Parallel()
	key := payoutKey(t)
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte("281234567890123456")) //nolint:staticcheck // as clients do
	if err != nil {
		t.Fatal(err)
	}
	code := base64.StdEncoding.EncodeToString(sealed)
	for _, c := range []struct{ code, wrong string }{
		{code, ""},
		{base64.RawURLEncoding.EncodeToString(sealed), ""},
		{code[:76] + "\n" + code[76:], "line breaks"},
		{base64.StdEncoding.EncodeToString([]byte(code)), "encoded twice"},
		{base64.StdEncoding.EncodeToString(sealed[:128]), "another key"},
		{base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\xff", key.Size()))), "another key"},
		{"*" + code[1:], "not base64"},
	} {
		what, fix := macdoctor.CheckSealed(c.code, key)
		if c.wrong == "" && what.EN != "" || !strings.Contains(what.EN, c.wrong) || (what.EN == "") != (fix.VI == "") {
			t.Errorf("got %q, want %q", what.EN, c.wrong)
		}
	}
}
