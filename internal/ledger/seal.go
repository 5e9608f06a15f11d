package ledger

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
)

// How entries are sealed, so that whoever changes the database behind our back
// is found out. docs/ledger-format.md describes the bytes for others: what is
// here may never change for seals that exist.

// A Hash is a SHA-256.
type Hash [sha256.Size]byte

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// What is hashed begins with what it is, so that none can pass for another.
const (
	ofEntry = 'E'
	ofSeal  = 'S'
	ofChain = 'C'
	ofRoot  = 'R'
	ofHead  = 'H'
)

// EntryHash is the hash of an entry as it is kept: micros since 1970, and the
// postings by ascending account. b is memory to work in, and is returned for
// the next.
func EntryHash(b []byte, id int64, reason string, micros int64, postings []Posting) (h Hash, _ []byte) {
	b = append(b[:0], ofEntry)
	b = appendInt(b, id)
	b = appendText(b, reason)
	b = appendInt(b, micros)
	b = appendInt(b, int64(len(postings)))
	for _, p := range postings {
		b = appendInt(b, int64(p.Account))
		b = appendInt(b, int64(p.Amount))
	}
	return sha256.Sum256(b), b
}

func appendInt(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // the same bits
}

func appendText(b []byte, text string) []byte {
	return append(appendInt(b, int64(len(text))), text...)
}

// A Place is where a seal is: the nth of a chain, both counted from 1.
type Place struct{ Chain, N int64 }

// String returns the place, as in 3/1278.
func (p Place) String() string { return fmt.Sprintf("%d/%d", p.Chain, p.N) }

// Contents sums up the hashes of a seal's entries, which come by ascending id.
type Contents struct {
	sum   hash.Hash
	count int64
}

// Add takes in the next entry.
func (c *Contents) Add(entry Hash) {
	if c.sum == nil {
		c.sum = sha256.New()
	}
	c.sum.Write(entry[:])
	c.count++
}

// Seal returns the hash of the seal at a place, after that with the hash
// before; a chain's first comes after the chain's origin.
func (c *Contents) Seal(before Hash, at Place) Hash {
	var all Hash
	if c.sum == nil {
		c.sum = sha256.New()
	}
	c.sum.Sum(all[:0])
	b := append(make([]byte, 0, 1+2*sha256.Size+3*8), ofSeal)
	b = append(b, before[:]...)
	b = appendInt(b, at.Chain)
	b = appendInt(b, at.N)
	b = appendInt(b, c.count)
	b = append(b, all[:]...)
	return sha256.Sum256(b)
}

// Root is the hash of a database without chains; its name is drawn by chance.
func Root(name string, openedAt int64) Hash {
	return sha256.Sum256(appendInt(appendText([]byte{ofRoot}, name), openedAt))
}

// Origin is what a new chain begins with: a hash over that of the chain opened
// before it, or over the root. So no chain can be left out.
func Origin(before Hash, chain int64, label string, openedAt int64) Hash {
	b := append([]byte{ofChain}, before[:]...)
	b = appendInt(b, chain)
	b = appendText(b, label)
	return sha256.Sum256(appendInt(b, openedAt))
}

// TagSize is how many bytes a tag has.
const TagSize = 16

// Keys are what seals are made with that nobody can make by having the
// database.
type Keys struct {
	id   string
	tags []byte
	sign ed25519.PrivateKey
}

// NewKeys derives the keys from a secret that is not in the database.
func NewKeys(secret []byte) (*Keys, error) {
	tags, err := hkdf.Key(sha256.New, secret, nil, "sen ledger tags 1", sha256.Size)
	if err != nil {
		return nil, err
	}
	seed, err := hkdf.Key(sha256.New, secret, nil, "sen ledger checkpoints 1", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	k := &Keys{tags: tags, sign: ed25519.NewKeyFromSeed(seed)}
	k.id = hex.EncodeToString(k.Public()[:8])
	return k, nil
}

// ID names the keys. It gives nothing of them away.
func (k *Keys) ID() string { return k.id }

// Public is what checkpoints are checked with.
func (k *Keys) Public() ed25519.PublicKey {
	public, _ := k.sign.Public().(ed25519.PublicKey)
	return public
}

// SealTag proves that whoever had the keys made a seal.
func (k *Keys) SealTag(seal Hash) []byte {
	return k.tag(append([]byte{ofSeal}, seal[:]...))
}

// A Head is the end of a chain.
type Head struct {
	Place
	Entries int64 // in the whole chain
	Hash    Hash
}

// HeadTag proves that whoever had the keys saw the chain end there. It is not
// that of the seal: a chain can't be cut at an earlier one.
func (k *Keys) HeadTag(h Head) []byte {
	b := appendInt(appendInt(appendInt([]byte{ofHead}, h.Chain), h.N), h.Entries)
	return k.tag(append(b, h.Hash[:]...))
}

func (k *Keys) tag(text []byte) []byte {
	mac := hmac.New(sha256.New, k.tags)
	mac.Write(text)
	return mac.Sum(nil)[:TagSize]
}

// Sign signs a text for those who do not have the keys.
func (k *Keys) Sign(text []byte) []byte { return ed25519.Sign(k.sign, text) }

// markSize is how many bytes of an entry's hash a seal shows, by which one that
// was changed is found among those that were not.
const markSize = 4

// AppendMark adds an entry to the list of a seal: how far its id is from that
// of the one before, or of the first, and the beginning of its hash.
func AppendMark(list []byte, step int64, entry Hash) []byte {
	return append(binary.AppendUvarint(list, uint64(step)), entry[:markSize]...) //nolint:gosec // ids ascend
}

// A Mark is what a seal's list says of an entry.
type Mark struct {
	ID    int64
	start [markSize]byte
}

// Of reports whether the mark may be of an entry with that hash.
func (m Mark) Of(entry Hash) bool { return m.start == [markSize]byte(entry[:markSize]) }

// NextMark cuts the first mark off a list. last is the id of the one before, or
// the seal's first. ok is false for what is no list of ascending ids.
func NextMark(list []byte, last int64) (m Mark, rest []byte, ok bool) {
	step, n := binary.Uvarint(list)
	if n <= 0 || len(list) < n+markSize || step > 1<<62 || last+int64(step) < last { //nolint:gosec // compared right here
		return m, nil, false
	}
	m.ID = last + int64(step) //nolint:gosec // compared above
	copy(m.start[:], list[n:])
	return m, list[n+markSize:], true
}
