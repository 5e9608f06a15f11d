package ledger

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"
)

// FuzzParseCheckpoint reads files that somebody says are checkpoints. What is
// taken must be signed, and be written the same again.
func FuzzParseCheckpoint(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	c := &Checkpoint{Database: "a", At: time.UnixMicro(1).UTC(), Key: key.Public().(ed25519.PublicKey), Heads: []Head{{Place: Place{Chain: 1, N: 2}, Entries: 3}}}
	c.Signature = ed25519.Sign(key, c.text())
	f.Add(c.Text())
	f.Add(c.Text()[:40])
	f.Add([]byte("chain 1 2 3 zz\n"))
	f.Add([]byte("key \nsignature \n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCheckpoint(text)
		if err != nil {
			return
		}
		if !bytes.Equal(c.Text(), text) || !ed25519.Verify(c.Key, c.text(), c.Signature) {
			t.Errorf("taken though it is not what was signed: %q", text)
		}
	})
}
