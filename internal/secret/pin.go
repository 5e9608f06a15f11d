// Package secret keeps what people know in a form that a thief of the database
// can't use: hashes that are slow to try.
package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// The cost of one hash: OWASP's smallest recommended setting of argon2id. A
// wallet's PIN is tried at every payment, and a PIN of six digits is protected
// by the limit on tries, not by this.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	lanes   = 1
	keySize = 32
	salt    = 16
)

// PINs hashes PINs with argon2id. A hash is text in the PHC format and names
// its own cost, so that the cost can be raised without losing old hashes.
type PINs struct {
	rand   io.Reader
	slots  chan struct{}
	pepper atomic.Pointer[[]byte]
}

// peppered begins a hash into which the pepper went.
const peppered = "pepper1"

// SetPepper mixes a secret that is not in the database into all hashes from now
// on. Hashes of before are still checked.
func (p *PINs) SetPepper(pepper []byte) { p.pepper.Store(&pepper) }

// Stale reports whether the hash would be made otherwise now.
func (p *PINs) Stale(hash string) bool {
	return p.pepper.Load() != nil && !strings.HasPrefix(hash, peppered+"$")
}

// season mixes the pepper into a PIN. argon2 has a place of its own for it, which
// the library does not offer; a keyed hash before it is as good.
func season(pepper []byte, pin string) string {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(pin))
	return string(mac.Sum(nil))
}

// NewPINs returns PINs that draw their salts from rand. At most as many hashes
// are made at a time as there are processors: each takes 19 MiB, and more at a
// time would finish no sooner.
func NewPINs(rand io.Reader) *PINs {
	return &PINs{rand: rand, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Hash returns what to store of the PIN.
func (p *PINs) Hash(pin string) (string, error) {
	c := cost{memory: memory, passes: passes, lanes: lanes, salt: make([]byte, salt)}
	if _, err := io.ReadFull(p.rand, c.salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	begin := ""
	if pepper := p.pepper.Load(); pepper != nil {
		begin, pin = peppered, season(*pepper, pin)
	}
	return begin + c.String() + "$" + base64.RawStdEncoding.EncodeToString(p.key(c, pin, keySize)), nil
}

// Check reports whether the PIN is the hashed one. With an empty hash, or one
// that can't be read, it takes as long as with one and says no.
func (p *PINs) Check(hash, pin string) bool {
	plain, seasoned := strings.CutPrefix(hash, peppered)
	c, want, ok := parse(plain)
	if pepper := p.pepper.Load(); seasoned && pepper != nil {
		pin = season(*pepper, pin)
	} else if seasoned {
		ok = false
	}
	if want == nil {
		c = cost{memory: memory, passes: passes, lanes: lanes, salt: make([]byte, salt)}
		want = make([]byte, keySize)
	}
	got := p.key(c, pin, uint32(len(want))) //nolint:gosec // parse bounds it
	return subtle.ConstantTimeCompare(got, want) == 1 && ok
}

func (p *PINs) key(c cost, pin string, size uint32) []byte {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(pin), c.salt, c.passes, c.memory, c.lanes, size)
}

// cost is everything of a hash but the hash.
type cost struct {
	memory, passes uint32
	lanes          uint8
	salt           []byte
}

// String returns the cost as the first part of a PHC text.
func (c cost) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s", argon2.Version, c.memory, c.passes, c.lanes,
		base64.RawStdEncoding.EncodeToString(c.salt))
}

// Bounds of what parse accepts: a broken row must not take the machine's
// memory.
const (
	maxMemory = 1 << 20 // KiB
	maxPasses = 16
	maxBytes  = 64 // of salt and key
)

func parse(hash string) (c cost, key []byte, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return cost{}, nil, false
	}
	var version int
	var p uint32
	if n, err := fmt.Sscanf(parts[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return cost{}, nil, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &p); n != 3 || err != nil {
		return cost{}, nil, false
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(salt) < 8 || len(salt) > maxBytes || len(key) < 16 || len(key) > maxBytes ||
		c.memory < 8 || c.memory > maxMemory || c.passes < 1 || c.passes > maxPasses || p < 1 || p > math.MaxUint8 {
		return cost{}, nil, false
	}
	c.lanes, c.salt = uint8(p), salt
	// Written again it must be the same text: Sscanf passes over what follows.
	return c, key, c.String() == strings.Join(parts[:5], "$")
}
