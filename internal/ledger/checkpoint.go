package ledger

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Checkpoint says how long each chain of a database was at a moment. Kept
// where whoever can change the database can't reach it, it shows later that
// nothing of what was there has gone or become something else.
type Checkpoint struct {
	Database string // the name that chance gave it
	At       time.Time
	// Heads are those of the chains, by number. The first, number 0, is that of
	// the list of chains.
	Heads []Head
	// Key is what the signature can be checked with.
	Key       ed25519.PublicKey
	Signature []byte
}

const checkpointTitle = "sen ledger checkpoint 1"

// text is what is signed: lines that each end with a line feed.
func (c *Checkpoint) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\ndatabase %s\nat %d\n", checkpointTitle, c.Database, c.At.UnixMicro())
	for _, h := range c.Heads {
		fmt.Fprintf(&b, "chain %d %d %d %v\n", h.Chain, h.N, h.Entries, h.Hash)
	}
	fmt.Fprintf(&b, "key %x\n", []byte(c.Key))
	return b.Bytes()
}

// Sign signs the checkpoint.
func (c *Checkpoint) Sign(k *Keys) {
	c.Key = k.Public()
	c.Signature = k.Sign(c.text())
}

// Text is the checkpoint as it is kept in a file.
func (c *Checkpoint) Text() []byte {
	return fmt.Appendf(c.text(), "signature %x\n", c.Signature)
}

// Entries is how many entries all chains have.
func (c *Checkpoint) Entries() (n int64) {
	for _, h := range c.Heads {
		n += h.Entries
	}
	return n
}

// ErrCheckpoint is the refusal of a file that is no checkpoint, or was changed.
var ErrCheckpoint = errors.New("this is no checkpoint of a ledger, or it was changed since it was signed")

// ParseCheckpoint reads a checkpoint and checks that its signature is by the
// key that it names: whether that is the right key, the caller must know.
func ParseCheckpoint(text []byte) (*Checkpoint, error) {
	c := &Checkpoint{}
	for line := range strings.Lines(string(text)) {
		if err := c.line(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
		}
	}
	if len(c.Key) != ed25519.PublicKeySize || !bytes.Equal(c.Text(), text) || !ed25519.Verify(c.Key, c.text(), c.Signature) {
		return nil, ErrCheckpoint
	}
	return c, nil
}

func (c *Checkpoint) line(line string) (err error) {
	name, value, _ := strings.Cut(line, " ")
	switch name {
	case "database":
		c.Database = value
	case "at":
		var micros int64
		_, err = fmt.Sscanf(value, "%d", &micros)
		c.At = time.UnixMicro(micros).UTC()
	case "chain":
		var h Head
		var sum []byte
		_, err = fmt.Sscanf(value, "%d %d %d %x", &h.Chain, &h.N, &h.Entries, &sum)
		if err == nil && len(sum) != len(h.Hash) {
			err = errors.New("a hash has 32 bytes")
		}
		copy(h.Hash[:], sum)
		c.Heads = append(c.Heads, h)
	case "key":
		c.Key, err = hex.DecodeString(value)
	case "signature":
		c.Signature, err = hex.DecodeString(value)
	}
	return err
}
