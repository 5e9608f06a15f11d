package id_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"sen/internal/id"
)

var now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func TestDay(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time]string{
		time.Date(2026, 3, 14, 16, 59, 59, 999, time.UTC): "260314",
		time.Date(2026, 3, 14, 17, 0, 0, 0, time.UTC):     "260315",
		time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC):    "260101",
	} {
		if got := id.Day(at); got != want {
			t.Errorf("Day(%v) = %s, want %s", at, got, want)
		}
	}
}

// TestKeys draws keys while the clock jumps: each is larger than the one
// before, positive, and small enough to own an account.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := &id.Source{Rand: rand.Reader, Shards: 1}
	last := int64(0)
	for i, at := range []time.Time{
		now, now, now.Add(time.Millisecond), now.Add(time.Hour), now.Add(time.Hour), now, now.Add(-24 * time.Hour), now.Add(2 * time.Hour),
		time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0),
		{},
		now.Add(40 * 365 * 24 * time.Hour),
	} {
		for range 1000 {
			key := s.Key(at, 63)
			if key <= last {
				t.Fatalf("jump %d: key %d after %d", i, key, last)
			}
			if key >= 1<<59 {
				t.Fatalf("jump %d: key %d is too large for an account", i, key)
			}
			last = key
		}
	}
}

// TestKeysBeforeTime makes the first key of a process whose clock is wrong.
func TestKeysBeforeTime(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(2019, 12, 31, 23, 59, 59, 0, time.UTC)} {
		if key := (&id.Source{Rand: rand.Reader, Shards: 1}).Key(at, 0); key <= 0 {
			t.Errorf("Key(%v) = %d", at, key)
		}
	}
}

func TestShards(t *testing.T) {
	t.Parallel()
	s := &id.Source{Rand: rand.Reader, Shards: 64}
	last := map[int64]int64{}
	for shard := range uint64(1000) {
		key := s.Key(now, shard)
		if key <= 0 || key>>57 != int64(shard%64) {
			t.Fatalf("shard %d: key %x", shard, key)
		}
		if key <= last[key>>57] {
			t.Fatalf("shard %d: key %d after %d", shard, key, last[key>>57])
		}
		last[key>>57] = key
	}
}

func TestKeysAtOnce(t *testing.T) {
	t.Parallel()
	s := &id.Source{Rand: rand.Reader, Shards: 1}
	var mu sync.Mutex
	seen := map[int64]bool{}
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			for range 1000 {
				key := s.Key(now, 0)
				mu.Lock()
				if seen[key] {
					t.Errorf("key %d twice", key)
				}
				seen[key] = true
				mu.Unlock()
			}
		})
	}
	done.Wait()
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := &id.Source{Rand: rand.Reader, Shards: 1}
	seen := map[string]bool{}
	for _, key := range []int64{1, 2, 1 << 40, 1<<59 - 1, 1<<63 - 1} {
		for range 50 {
			token := s.Token(key)
			got, ok := id.TokenKey(token)
			if got != key || !ok || len(token) != 24 || !strings.HasPrefix(token, "AC") || seen[token] {
				t.Fatalf("token %q of %d: %d, %v", token, key, got, ok)
			}
			seen[token] = true
		}
	}
	good := s.Token(1 << 40)
	for _, token := range []string{
		"", "AC", good[:23], good + "A", "AD" + good[2:], "ac" + good[2:], good[:10] + "\n" + good[11:], good[:10] + "=" + good[11:],
		good[:10] + "+" + good[11:], good[:22] + "đ", strings.Repeat("\xff", 24), "AC" + strings.Repeat("A", 22), "AC" + strings.Repeat("_", 22),
	} {
		if key, ok := id.TokenKey(token); ok {
			t.Errorf("TokenKey(%q) = %d", token, key)
		}
	}
}

func FuzzTokenKey(f *testing.F) {
	f.Add("AC" + strings.Repeat("A", 21) + "B")
	f.Add((&id.Source{Rand: bytes.NewReader(make([]byte, 4096))}).Token(1 << 40))
	f.Fuzz(func(t *testing.T, token string) {
		key, ok := id.TokenKey(token)
		if !ok {
			return
		}
		// The same key starts every token of it alike: ten characters.
		again := (&id.Source{Rand: rand.Reader}).Token(key)
		if key <= 0 || again[:12] != token[:12] {
			t.Errorf("TokenKey(%q) = %d, whose tokens begin with %s", token, key, again[:12])
		}
	})
}

// TestChance wants as many random bytes as are asked for, never the same ones.
func TestChance(t *testing.T) {
	t.Parallel()
	s := &id.Source{Rand: rand.Reader}
	seen := map[string]bool{}
	for _, n := range []int{1, 16, 32, 255, 256, 257, 1000} {
		for range 20 {
			secret := s.Secret(n)
			if len(secret) != (n*8+5)/6 || (n >= 16 && seen[secret]) {
				t.Fatalf("Secret(%d) = %q", n, secret)
			}
			seen[secret] = true
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("identifiers were made without chance")
		}
	}()
	(&id.Source{Rand: bytes.NewReader(nil)}).Secret(16)
}

// A shelf reserves numbers as a store does.
type shelf struct {
	next  map[string]int64
	asked int
	err   error
}

func (s *shelf) reserve(_ context.Context, day string, n int64) (int64, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.asked++
	first := max(s.next[day], 1)
	s.next[day] = first + n
	return first, nil
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	s := &shelf{next: map[string]int64{}}
	n := &id.Numbers{Reserve: s.reserve}
	midnight := time.Date(2026, 3, 14, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		at   time.Time
		want int64
	}{
		{"the first", midnight.Add(-time.Nanosecond), 260_314_000_000_001},
		{"the second", midnight.Add(-time.Nanosecond), 260_314_000_000_002},
		{"the next day", midnight, 260_315_000_000_001},
		{"the clock jumps back a day", midnight.Add(-time.Nanosecond), 260_314_000_001_001},
		{"and forth", midnight, 260_315_000_001_001},
	} {
		if got, err := n.Next(t.Context(), c.at); got != c.want || err != nil {
			t.Errorf("%s: %d, %v, want %d", c.name, got, err, c.want)
		}
	}
	for i := range int64(1500) { // past the end of what was reserved
		if got, err := n.Next(t.Context(), midnight); got != 260_315_000_001_002+i || err != nil {
			t.Fatalf("number %d: %d, %v", i, got, err)
		}
	}
	if s.asked != 5 {
		t.Errorf("asked %d times, want 5", s.asked)
	}
}

func TestNumbersRunOut(t *testing.T) {
	t.Parallel()
	s := &shelf{next: map[string]int64{"260314": 999_998_001}}
	n := &id.Numbers{Reserve: s.reserve}
	for i := range int64(1000) {
		if got, err := n.Next(t.Context(), now); got != 260_314_999_998_001+i || err != nil {
			t.Fatalf("number %d: %d, %v", i, got, err)
		}
	}
	for range 3 {
		if got, err := n.Next(t.Context(), now); err == nil {
			t.Errorf("number %d of a day that has no more", got)
		}
	}
	if got, err := n.Next(t.Context(), now.Add(24*time.Hour)); got != 260_315_000_000_001 || err != nil {
		t.Errorf("the next day: %d, %v", got, err)
	}
	broken := errors.New("on purpose")
	s.err = broken
	if _, err := n.Next(t.Context(), now); !errors.Is(err, broken) {
		t.Errorf("Next = %v, want the failure of the reservation", err)
	}
	s.err = nil
	if got, err := n.Next(t.Context(), now.Add(24*time.Hour)); got != 260_315_000_000_002 || err != nil {
		t.Errorf("after the failure: %d, %v: it must not lose the numbers it has", got, err)
	}
}
