package merchant

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the hash inside OAEP as clients use it, which needs no resistance to collisions
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"sync"

	"sen/internal/fault"
)

// An app may send payment codes encrypted with a public key that it was given:
// whoever reads the request then can't use the code before the shop does. The
// private half is stored with the app, as text.

// codeKeyBits is the length of such a key.
const codeKeyBits = 2048

// ErrNoCodeKey says that an app was given no key for payment codes.
var ErrNoCodeKey = fault.New(fault.NotFound, "code_key_missing", "The app has no key for payment codes yet: make one.")

// NewCodeKey makes the key pair of an app. Its private half is what the app
// keeps. A source that is not the system's makes the same key again, for
// sandboxes that are had again by their seed: the library makes none from such.
func NewCodeKey(chance io.Reader) (private string, err error) {
	var key *rsa.PrivateKey
	if chance == rand.Reader {
		key, err = rsa.GenerateKey(rand.Reader, codeKeyBits)
	} else {
		key, err = drawnCodeKey(chance)
	}
	if err != nil {
		return "", fmt.Errorf("make a key for payment codes: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return base64.StdEncoding.EncodeToString(der), err
}

// drawnCodeKey makes a key from what the source gives and nothing else. Nobody
// can rely on it who does not rely on the source.
func drawnCodeKey(chance io.Reader) (*rsa.PrivateKey, error) {
	const exponent = 65537
	e, one := big.NewInt(exponent), big.NewInt(1)
	for {
		p, err := drawnPrime(chance)
		if err != nil {
			return nil, err
		}
		q, err := drawnPrime(chance)
		if err != nil {
			return nil, err
		}
		order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, order)
		if d == nil || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: exponent}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		return key, key.Validate()
	}
}

// drawnPrime is the first prime from a number on that the source gives. Its two
// highest bits are set, so that the product of two has all its bits.
func drawnPrime(chance io.Reader) (*big.Int, error) {
	const bits, certainty = codeKeyBits / 2, 20
	drawn := make([]byte, bits/8)
	if _, err := io.ReadFull(chance, drawn); err != nil {
		return nil, err
	}
	n := new(big.Int).SetBytes(drawn)
	n.SetBit(n, bits-1, 1)
	n.SetBit(n, bits-2, 1)
	n.SetBit(n, 0, 1)
	for two := big.NewInt(2); !n.ProbablyPrime(certainty); {
		n.Add(n, two)
	}
	return n, nil
}

// PublicCodeKey returns the half that the merchant gets, as PEM, or
// ErrNoCodeKey.
func (a App) PublicCodeKey() (string, error) {
	key, err := a.codeKey()
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
}

// parsedKeys are keys as the library has them, by their text: to check one when
// it is read takes as long as to use it.
var parsedKeys sync.Map

func (a App) codeKey() (*rsa.PrivateKey, error) {
	if a.CodeKey == "" {
		return nil, ErrNoCodeKey
	}
	if known, ok := parsedKeys.Load(a.CodeKey); ok {
		key, _ := known.(*rsa.PrivateKey)
		return key, nil
	}
	der, err := base64.StdEncoding.DecodeString(a.CodeKey)
	if err != nil {
		return nil, errCodeKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errCodeKey
	}
	parsedKeys.Store(a.CodeKey, key)
	return key, nil
}

// errCodeKey does not say what is wrong, which would tell of the key.
var errCodeKey = errors.New("a stored key for payment codes can't be read")

// codeLength is how many digits a payment code has, and so what is encrypted.
const codeLength = 18

// IsSealedCode reports whether a payment code is long enough to be encrypted.
func IsSealedCode(code string) bool { return len(code) > 2*codeLength }

// OpenCode returns the payment code that was encrypted with the app's key: PKCS
// #1 v1.5 or OAEP with SHA-1, in base64 of either alphabet.
//
// What can't be opened comes back as a code that nobody has, after the same
// work: an answer must not tell whether some text was encrypted well, or RSA
// with this padding can be undone by asking often enough.
func (a App) OpenCode(sealed string) string {
	none := []byte(strings.Repeat("-", codeLength))
	key, err := a.codeKey()
	if err != nil {
		return string(none)
	}
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(sealed), "="))
	if err != nil || len(text) != codeKeyBits/8 {
		return string(none) // anybody sees that of the text itself
	}
	code := bytes.Clone(none)
	// It leaves code as it is in a time that does not tell that it does; its
	// error is about the length, which is right.
	if err := rsa.DecryptPKCS1v15SessionKey(nil, key, text, code); err != nil { //nolint:staticcheck // the padding that clients use: what is said against it is met above
		return string(none)
	}
	oaep, err := rsa.DecryptOAEP(sha1.New(), nil, key, text, nil) //nolint:gosec // as above
	if err == nil && len(oaep) == codeLength {
		return string(oaep)
	}
	return string(code)
}
