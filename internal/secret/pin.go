// Package secret keeps what must not be read: PINs, as hashes.
package secret

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// PINs hashes PINs with Argon2id. The zero value is ready.
type PINs struct{}

// The cost of a hash: 19 MiB and two passes, the least that OWASP advises. A
// PIN has a million values, so a stolen hash is found out all the same; what
// protects a PIN is that only a few may be tried at the front door.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	lanes   = 1
	saltLen = 16
	hashLen = 32
)

var encoding = base64.RawStdEncoding

// Hash returns the hash of a PIN, with all that is needed to check it, in the
// usual text form.
func (PINs) Hash(pin string) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	hash := argon2.IDKey([]byte(pin), salt, passes, memory, lanes, hashLen)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		encoding.EncodeToString(salt), encoding.EncodeToString(hash)), nil
}

// nobody is the hash of no PIN: checking against it takes as long as against a
// real one.
var nobody = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
	encoding.EncodeToString(make([]byte, saltLen)), encoding.EncodeToString(make([]byte, hashLen)))

// Check reports whether the PIN is the hashed one. An empty or unreadable hash
// is nobody's, and is found out no faster.
func (PINs) Check(hash, pin string) bool {
	h, ok := parse(hash)
	if !ok {
		h, _ = parse(nobody)
	}
	got := argon2.IDKey([]byte(pin), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.hash)))
	return subtle.ConstantTimeCompare(got, h.hash) == 1 && ok
}

type pinHash struct {
	memory, passes uint32
	lanes          uint8
	salt, hash     []byte
}

func parse(text string) (h pinHash, ok bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return h, false
	}
	var err error
	if h.salt, err = encoding.DecodeString(parts[4]); err != nil {
		return h, false
	}
	h.hash, err = encoding.DecodeString(parts[5])
	return h, err == nil && len(h.hash) == hashLen && h.passes > 0 && h.lanes > 0
}
