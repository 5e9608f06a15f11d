// Package id makes the identifiers of the gateway. Chance is a field, so that
// a test can hold it still; time is an argument.
package id

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"
)

// Vietnam is the zone of every business day: days in identifiers, limits and
// reports begin at midnight GMT+7. Vietnam has no summer time, so a fixed
// offset needs no time zone database.
var Vietnam = time.FixedZone("GMT+7", 7*60*60)

// Day returns the business day of t as yyMMdd.
func Day(t time.Time) string { return t.In(Vietnam).Format("060102") }

// Keys are ordered by time inside a shard: 6 bits of shard, 41 bits of
// milliseconds since epoch (69 years), 16 bits that tell keys of one
// millisecond apart.
const (
	shardShift = 57
	timeShift  = 16
)

var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Source makes row keys and unguessable tokens.
type Source struct {
	// Rand is where chance comes from; crypto/rand.Reader outside tests.
	Rand io.Reader
	// Shards is over how many key ranges new rows spread: 1 for an engine
	// with one writer, at most 64 for one that splits tables by key.
	Shards int64

	mu   sync.Mutex
	last int64
	pool [256]byte
	left int
}

// Key returns a new row key: positive, and larger than any this source
// returned before for the same shard. Keys of two processes can meet; the
// table's primary key finds that, and the caller draws again.
func (s *Source) Key(now time.Time, shard uint64) int64 {
	ms := now.Sub(epoch).Milliseconds()
	low := binary.LittleEndian.Uint16(s.bytes(2))
	s.mu.Lock()
	key := ms<<timeShift | int64(low)
	if key <= s.last {
		key = s.last + 1
	}
	s.last = key
	s.mu.Unlock()
	if s.Shards > 1 {
		key |= int64(shard%uint64(s.Shards)) << shardShift
	}
	return key
}

// First returns the smallest key of shard 0 that a source can draw at a time. It
// is 0 before 2020.
func First(at time.Time) int64 { return max(0, at.Sub(epoch).Milliseconds()) << timeShift }

// Token returns the token of the order with that key: 24 characters that
// begin with AC, of the base64url alphabet. It holds the key, so that no index
// is needed to find the order, and 68 random bits, so that it can't be guessed.
func (s *Source) Token(key int64) string {
	var raw [18]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(key))
	copy(raw[8:], s.bytes(10))
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(raw[:])[:tokenLength-len(tokenPrefix)]
}

const (
	tokenPrefix = "AC"
	tokenLength = 24
)

// TokenKey returns the key inside a token. That a token has the right shape
// says nothing about whether it was ever given out: compare it with the
// order's own.
func TokenKey(token string) (key int64, ok bool) {
	if len(token) != tokenLength || token[:2] != tokenPrefix {
		return 0, false
	}
	var raw [18]byte
	// The token is cut at 22 of 24 characters; the missing ones are random
	// bits, which the key does not need.
	n, err := base64.RawURLEncoding.Decode(raw[:], []byte(token[2:]+"AA"))
	if err != nil || n != len(raw) {
		return 0, false
	}
	key = int64(binary.BigEndian.Uint64(raw[:8]))
	return key, key > 0
}

// Secret returns n random bytes as base64url text.
func (s *Source) Secret(n int) string {
	return base64.RawURLEncoding.EncodeToString(s.bytes(n))
}

// bytes takes n random bytes. Chance is read in blocks: one system call for
// many identifiers.
func (s *Source) bytes(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]byte, n)
	if n > len(s.pool) {
		s.fill(out)
		return out
	}
	if n > s.left {
		s.fill(s.pool[:])
		s.left = len(s.pool)
	}
	copy(out, s.pool[s.left-n:s.left])
	clear(s.pool[s.left-n : s.left])
	s.left -= n
	return out
}

func (s *Source) fill(p []byte) {
	if _, err := io.ReadFull(s.Rand, p); err != nil {
		// Without chance no secret is safe; the standard library's own
		// reader never fails.
		panic(fmt.Sprintf("id: no randomness: %v", err))
	}
}

// Numbers gives out the numbers that merchants see: yyMMdd and nine digits,
// counted up through the business day. One series serves payments, refunds
// and every other movement of money, so a number names one movement.
type Numbers struct {
	// Reserve takes n numbers of the day for this process alone and returns
	// the first. Numbers that are not used before the process ends are lost,
	// and nobody minds.
	Reserve func(ctx context.Context, day string, n int64) (first int64, err error)

	mu        sync.Mutex
	day       string
	next, end int64
}

const (
	numbersAtOnce = 1_000
	numbersPerDay = 1_000_000_000
)

// Next returns the next number of now's business day.
func (n *Numbers) Next(ctx context.Context, now time.Time) (int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	day := Day(now)
	if n.day != day || n.next == n.end {
		first, err := n.Reserve(ctx, day, numbersAtOnce)
		if err != nil {
			return 0, fmt.Errorf("reserve numbers of %s: %w", day, err)
		}
		if first+numbersAtOnce > numbersPerDay {
			return 0, fmt.Errorf("the %d numbers of %s are used up", int64(numbersPerDay), day)
		}
		n.day, n.next, n.end = day, first, first+numbersAtOnce
	}
	prefix := int64(0)
	for _, c := range []byte(day) {
		prefix = prefix*10 + int64(c-'0')
	}
	number := prefix*numbersPerDay + n.next
	n.next++
	return number, nil
}
