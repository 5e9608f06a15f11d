package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen/internal/node"
	"sen/internal/store"
)

// A machine is a clock under several nodes. With a pace it moves whenever
// somebody looks at it, so that waiting is what lets time pass.
type machine struct {
	micros atomic.Int64
	pace   time.Duration
}

func (m *machine) now() time.Time {
	return time.UnixMicro(m.micros.Add(m.pace.Microseconds()))
}

func (m *machine) move(d time.Duration) { m.micros.Add(d.Microseconds()) }

// A process is a node whose configuration is one setting.
type process struct {
	*node.Node
	store  *gate
	config atomic.Pointer[string]
	log    bytes.Buffer
}

// A gate is a store that can be cut off, and that counts what is written.
type gate struct {
	*store.Store
	cut    atomic.Bool
	broken atomic.Bool // settings can't be read
	writes atomic.Int64
}

var errCut = errors.New("cut off, on purpose")

func (g *gate) Revision(ctx context.Context, at time.Time) (int64, int64, error) {
	if g.cut.Load() {
		return 0, 0, errCut
	}
	return g.Store.Revision(ctx, at)
}

func (g *gate) JoinNode(ctx context.Context, id int64, at, until time.Time) (int64, error) {
	if g.cut.Load() {
		return 0, errCut
	}
	g.writes.Add(1)
	return g.Store.JoinNode(ctx, id, at, until)
}

func (g *gate) KeepNode(ctx context.Context, id, revision int64, until time.Time) (bool, error) {
	if g.cut.Load() {
		return false, errCut
	}
	g.writes.Add(1)
	return g.Store.KeepNode(ctx, id, revision, until)
}

const setting = "greeting"

func openStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Serve(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newProcess(s *store.Store, id int64, m *machine) *process {
	p := &process{store: &gate{Store: s}}
	p.Node = &node.Node{
		ID: id, Store: p.store, Machine: m.now, Log: slog.New(slog.NewTextHandler(&p.log, nil)),
		Refresh: func(ctx context.Context) error {
			if p.store.broken.Load() {
				return errCut
			}
			value, err := s.Setting(ctx, setting)
			if err == nil {
				p.config.Store(&value)
			}
			return err
		},
	}
	return p
}

func join(t *testing.T, all ...*process) {
	t.Helper()
	for _, p := range all {
		ctx, cancel := context.WithCancel(t.Context())
		var lookers sync.WaitGroup
		for _, other := range all { // who joins waits for those who have
			if other == p {
				break
			}
			lookers.Go(func() {
				for ctx.Err() == nil {
					_ = other.Look(ctx)
				}
			})
		}
		err := p.Join(t.Context())
		cancel()
		lookers.Wait()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func set(t *testing.T, s *store.Store, value string) {
	t.Helper()
	if err := s.SetSetting(t.Context(), setting, value); err != nil {
		t.Fatal(err)
	}
}

func (p *process) is(t *testing.T, want string) {
	t.Helper()
	if got := *p.config.Load(); got != want {
		t.Errorf("node %d has %q, want %q", p.ID, got, want)
	}
}

// TestChangeReachesAll changes something on one node: it is answered only after
// the other has looked.
func TestChangeReachesAll(t *testing.T) {
	t.Parallel()
	s, m := openStore(t), &machine{}
	m.move(time.Hour)
	a, b := newProcess(s, 1, m), newProcess(s, 2, m)
	join(t, a, b)
	if a.Nodes() != 2 || b.Nodes() != 2 {
		t.Errorf("they know of %d and %d nodes, want 2", a.Nodes(), b.Nodes())
	}
	set(t, s, "xin chào")
	answered := make(chan error, 1)
	go func() { answered <- a.Changed(t.Context()) }()
	for a.config.Load() == nil || *a.config.Load() != "xin chào" { // by then the other is being waited for
		pause(t.Context())
	}
	select {
	case err := <-answered:
		t.Errorf("answered before the other looked: %v", err)
	default:
	}
	b.is(t, "")
	if err := b.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
	b.is(t, "xin chào")
}

// TestDeadNode does not wait for a node longer than its lease, and such a node
// does not serve what it has.
func TestDeadNode(t *testing.T) {
	t.Parallel()
	s, m := openStore(t), &machine{}
	m.move(time.Hour)
	a, dead := newProcess(s, 1, m), newProcess(s, 2, m)
	join(t, a, dead)
	set(t, s, "one")
	answered := make(chan error, 1)
	go func() { answered <- a.Changed(t.Context()) }()
	m.move(node.Lease - time.Microsecond)
	if err := node.Await(t.Context(), slow{s}, m.now); !errors.Is(err, node.ErrBehind) {
		t.Errorf("waiting for a node whose lease lives: %v, want ErrBehind", err)
	}
	m.move(time.Microsecond)
	if err := <-answered; err != nil {
		t.Errorf("after the lease of the other: %v", err)
	}
	a.is(t, "one")
	dead.store.cut.Store(true)
	for range 2 {
		if err := dead.Ready(t.Context()); !errors.Is(err, node.ErrCutOff) {
			t.Errorf("a node that can't read is ready: %v", err)
		}
	}
	if n := strings.Count(dead.log.String(), "lost touch with the database"); n != 1 {
		t.Errorf("the log says it %d times, want once:\n%s", n, dead.log.String())
	}
	dead.store.cut.Store(false)
	if err := a.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	lookWhile(t, a, func() {
		for dead.Ready(t.Context()) != nil { // a slow machine takes several tries
			pause(t.Context())
		}
	})
	dead.is(t, "one")
	if !strings.Contains(dead.log.String(), "serves") {
		t.Errorf("the log does not say that it is back:\n%s", dead.log.String())
	}
}

// slow is a store that lets nobody wait: its clock is the context's.
type slow struct{ *store.Store }

func (s slow) NodesBehind(ctx context.Context, revision int64, at time.Time) (int64, error) {
	behind, err := s.Store.NodesBehind(ctx, revision, at)
	if behind > 0 {
		return 0, node.ErrBehind
	}
	return behind, err
}

// lookWhile lets a node look for as long as f runs.
func lookWhile(t *testing.T, p *process, f func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = p.Look(ctx)
		}
	}()
	f()
	cancel()
	<-done
}

// TestCannotRefresh has a node that reaches the database and can't make sense of
// it: it lets its lease go, and holds up nobody.
func TestCannotRefresh(t *testing.T) {
	t.Parallel()
	s, m := openStore(t), &machine{}
	m.move(time.Hour)
	a := newProcess(s, 1, m)
	join(t, a)
	a.store.broken.Store(true)
	set(t, s, "broken")
	for range 40 {
		_ = a.Look(t.Context())
		m.move(100 * time.Millisecond)
	}
	if err := a.Ready(t.Context()); !errors.Is(err, node.ErrCutOff) {
		t.Errorf("ready: %v, want ErrCutOff", err)
	}
	m.move(node.Lease)
	if err := node.Await(t.Context(), s, m.now); err != nil {
		t.Errorf("a change waits for it: %v", err)
	}
}

// TestIdle counts what a node writes that has nothing to do.
func TestIdle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		alone bool
		want  int64 // in ten seconds
	}{{true, 0}, {false, 10}} {
		s, m := openStore(t), &machine{}
		m.move(time.Hour)
		p := newProcess(s, 1, m)
		p.Alone = c.alone
		join(t, p)
		before := p.store.writes.Load()
		for range 50 {
			m.move(node.Look)
			if err := errors.Join(p.Look(t.Context()), p.Ready(t.Context())); err != nil {
				t.Fatal(err)
			}
		}
		if n := p.store.writes.Load() - before; n > c.want || (c.want > 0 && n == 0) {
			t.Errorf("alone %v: %d writes in ten seconds, want at most %d", c.alone, n, c.want)
		}
		set(t, s, "x")
		if err := p.Changed(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.is(t, "x")
		if err := p.Leave(t.Context()); err != nil {
			t.Error(err)
		}
		if _, living, err := s.Revision(t.Context(), m.now()); living != 0 || err != nil {
			t.Errorf("%d nodes live after the last has left, %v", living, err)
		}
	}
}

// TestNeverStale is the promise itself: once a change was answered, no node
// serves what was before, whoever is paused, cut off or on its way back.
func TestNeverStale(t *testing.T) {
	t.Parallel()
	const processes, changes = 4, 30
	s, m := openStore(t), &machine{pace: 10 * time.Millisecond}
	m.move(time.Hour)
	var paused [processes]atomic.Bool
	all := make([]*process, processes)
	var work sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	defer work.Wait()
	defer stop()
	for i := range all {
		all[i] = newProcess(s, int64(i+1), m)
	}
	for i, p := range all {
		work.Go(func() {
			for ctx.Err() == nil {
				if !paused[i].Load() {
					_ = p.Look(ctx)
				}
				pause(ctx)
			}
		})
	}
	chance := rand.New(rand.NewPCG(3, 5))
	served := 0
	for change := range changes {
		for i, p := range all {
			paused[i].Store(chance.IntN(4) == 0)
			p.store.cut.Store(chance.IntN(6) == 0)
		}
		want := fmt.Sprint(change)
		set(t, s, want)
		by := all[chance.IntN(processes)]
		if by.Changed(ctx) != nil {
			continue // it was cut off itself, and answered so
		}
		for _, p := range all {
			if p.Ready(ctx) == nil {
				served++
				p.is(t, want)
			}
		}
	}
	if served == 0 {
		t.Errorf("no node ever served in %d changes", changes)
	}
}

// pause lets others run.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Millisecond):
	}
}
