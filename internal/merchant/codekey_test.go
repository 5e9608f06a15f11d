package merchant_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"sen/internal/id"
	"sen/internal/merchant"
)

func publicKey(t *testing.T, a merchant.App) *rsa.PublicKey {
	t.Helper()
	text, err := a.PublicCodeKey()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PublicKey)
}

// TestOpenCode opens what clients encrypt in their ways, and nothing else.
func TestOpenCode(t *testing.T) {
	t.Parallel()
	const code = "281234567890123456"
	private, err := merchant.NewCodeKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := merchant.App{ID: 1, CodeKey: private}
	key := publicKey(t, a)
	if key.N.BitLen() != 2048 {
		t.Errorf("%d bits", key.N.BitLen())
	}
	pkcs := func(text string) []byte {
		sealed, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte(text)) //nolint:staticcheck // as clients do
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	oaep, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, key, []byte(code), nil)
	if err != nil {
		t.Fatal(err)
	}
	otherHash, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key, []byte(code), nil)
	if err != nil {
		t.Fatal(err)
	}
	damaged := pkcs(code)
	damaged[100] ^= 1
	none := a.OpenCode("not base64 at all, and longer than any code is")
	for name, c := range map[string]struct{ sealed, want string }{
		"PKCS #1 v1.5":             {base64.StdEncoding.EncodeToString(pkcs(code)), code},
		"in the alphabet of URLs":  {base64.RawURLEncoding.EncodeToString(pkcs(code)), code},
		"OAEP with SHA-1":          {base64.StdEncoding.EncodeToString(oaep), code},
		"OAEP with another hash":   {base64.StdEncoding.EncodeToString(otherHash), none},
		"damaged":                  {base64.StdEncoding.EncodeToString(damaged), none},
		"a text of another length": {base64.StdEncoding.EncodeToString(pkcs("28123")), none},
		"too short":                {base64.StdEncoding.EncodeToString(pkcs(code)[:200]), none},
		"a number above the key's": {base64.StdEncoding.EncodeToString(append([]byte{255}, pkcs(code)[1:]...)), none},
	} {
		if !merchant.IsSealedCode(c.sealed) {
			t.Errorf("%s: is taken for a code in the clear", name)
		}
		if got := a.OpenCode(c.sealed); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if merchant.IsSealedCode(code) || strings.ContainsAny(none, "0123456789") {
		t.Errorf("a code in the clear is taken for a sealed one, or %q is one", none)
	}
	if got := (merchant.App{ID: 1}).OpenCode(base64.StdEncoding.EncodeToString(pkcs(code))); got != none {
		t.Errorf("without a key: %q", got)
	}
}

// TestDrawnCodeKey wants the same key from the same chance, and one that the
// library takes for good.
func TestDrawnCodeKey(t *testing.T) {
	t.Parallel()
	var made [3]string
	for i, seed := range []uint64{7, 7, 8} {
		private, err := merchant.NewCodeKey(id.Stream(seed, 1, "code keys"))
		if err != nil {
			t.Fatal(err)
		}
		made[i] = private
	}
	if made[0] != made[1] || made[0] == made[2] {
		t.Error("a seed does not give one key")
	}
	a := merchant.App{ID: 1, CodeKey: made[0]}
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, publicKey(t, a), []byte("281234567890123456")) //nolint:staticcheck // as clients do
	if err != nil || a.OpenCode(base64.StdEncoding.EncodeToString(sealed)) != "281234567890123456" {
		t.Errorf("the key does not open what it closed: %v", err)
	}
}
