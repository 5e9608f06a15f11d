package operator

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238, and what every app on a telephone speaks
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Time-based codes as RFC 6238 has them, with what apps on telephones assume:
// SHA-1, six digits, a new code every 30 seconds.
const (
	codeEvery  = 30 // seconds
	codeDigits = 6
	// codeDrift is how many codes before and after the present one are taken:
	// clocks differ, and people type.
	codeDrift  = 1
	secretSize = 20 // bytes
)

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret draws the secret of codes, as people type it into an app.
func NewSecret() string {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	return secretText.EncodeToString(secret)
}

// SecretURL is what an app reads from a QR code.
func SecretURL(name, host, secret string) string {
	label := url.PathEscape("Sen " + host + ":" + name)
	return "otpauth://totp/" + label + "?" + url.Values{"secret": {secret}, "issuer": {"Sen " + host}}.Encode()
}

// codeAt is the code of a step: the seconds since 1970, divided by 30.
func codeAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], uint64(step)) //nolint:gosec // a time after 1970
	mac.Write(text[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, n%1_000_000)
}

// matchCode finds the step whose code this is. A step that is not after the last
// one taken is taken no more: who looked over a shoulder has nothing.
func matchCode(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	key, err := secretText.DecodeString(secret)
	if err != nil || len(code) != codeDigits {
		return 0, false
	}
	present := now.Unix() / codeEvery
	for s := present - codeDrift; s <= present+codeDrift; s++ {
		if subtle.ConstantTimeCompare([]byte(codeAt(key, s)), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// CodeAt returns the code that an app with the secret shows then.
func CodeAt(secret string, at time.Time) string {
	key, err := secretText.DecodeString(secret)
	if err != nil {
		return ""
	}
	return codeAt(key, at.Unix()/codeEvery)
}

// recoveryCodes is how many there are; each is good once, instead of a code.
const recoveryCodes = 10

// newRecovery draws recovery codes of 130 bits, and what is stored of them.
func newRecovery() (codes, hashes []string) {
	for range recoveryCodes {
		const group = 4 // characters that are read at once
		parts := slices.Collect(slices.Chunk([]byte(strings.ToLower(rand.Text())), group))
		code := string(bytes.Join(parts, []byte("-")))
		codes, hashes = append(codes, code), append(hashes, hashRecovery(code))
	}
	return codes, hashes
}

// hashRecovery needs not be slow: nobody guesses 130 bits.
func hashRecovery(code string) string {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := sha256.Sum256([]byte("recovery " + code))
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

// takeCode uses up a code or a recovery code of the operator, and reports whether
// it was one.
func (o *Operator) takeCode(code string, now time.Time) bool {
	if step, ok := matchCode(o.TOTP, code, now, o.TOTPStep); ok {
		o.TOTPStep = step
		return true
	}
	given, i := hashRecovery(code), -1
	for n, kept := range o.Recovery {
		if subtle.ConstantTimeCompare([]byte(kept), []byte(given)) == 1 {
			i = n
		}
	}
	if i < 0 {
		return false
	}
	o.Recovery = slices.Delete(slices.Clone(o.Recovery), i, i+1)
	return true
}
