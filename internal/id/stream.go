package id

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
)

// Stream returns endless chance that can be had again: it is the same for the
// same seed, life and purpose, and tells nothing of the streams of others. Each
// purpose has one of its own, so that what draws more from one does not move
// another; each life of a process has, so that none draws what was drawn before.
//
// Whoever knows the seed knows all of it: it is for sandboxes only. It is safe
// for concurrent use.
func Stream(seed uint64, life int64, purpose string) io.Reader {
	key := sha256.Sum256(fmt.Appendf(nil, "sen %d %d %s", seed, life, purpose))
	return &stream{source: rand.NewChaCha8(key)}
}

type stream struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

// Read fills p. It never fails.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Read(p)
}
