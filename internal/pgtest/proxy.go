package pgtest

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// A Proxy stands between a client and a PostgreSQL server, hands on every byte
// as it came, counts, and does what faults say. It does not speak TLS.
type Proxy struct {
	dsn      string
	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	faults  []*Fault
	counts  Counts
	refused bool
	open    map[*relay]struct{}
	closed  bool
}

// Counts is what clients have done since the proxy started, or since Reset.
// What belongs to signing in is not counted.
type Counts struct {
	Connections int // accepted, or refused
	Messages    int // from clients
	// Trips counts the messages after which a client waits: Sync, Flush and
	// the simple Query. A client that sends several at once waits less often.
	Trips      int
	Statements int // executed: Execute and the simple Query
	Commits    int // of them, COMMIT
}

// NewProxy starts a proxy in front of the server that the URL leads to. It
// ends with the test.
func NewProxy(tb testing.TB, dsn string) *Proxy {
	tb.Helper()
	target, err := serverOf(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{
		target: target, listener: listener, open: map[*relay]struct{}{},
	}
	// One server is behind the proxy; asking whether it is the right one would
	// be a statement that the test did not make.
	if p.dsn, err = withHost(without(dsn, "target_session_attrs"), listener.Addr().String()); err != nil {
		tb.Fatal(err)
	}
	p.running.Go(p.accept)
	tb.Cleanup(p.close)
	return p
}

// serverOf returns the address of the server. Of several, it is the one that
// the URL asks for.
func serverOf(ctx context.Context, dsn string) (string, error) {
	conn, err := pgconn.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	address := conn.Conn().RemoteAddr().String()
	return address, conn.Close(ctx)
}

// DSN returns the URL of the same database by way of the proxy.
func (p *Proxy) DSN() string { return p.dsn }

// Inject adds a fault. Where several apply to a message, the first one added
// counts; an exchange up to a Sync meets one at most.
func (p *Proxy) Inject(f Fault) *Fault {
	if f.When == nil || f.Do < AnswerError || f.Do > Hold {
		panic("pgtest: a fault needs When and Do")
	}
	if f.Code == "" {
		f.Code = f.Do.code()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f.proxy = p
	p.faults = append(p.faults, &f)
	return &f
}

// Clear removes all faults. Those that have begun go on.
func (p *Proxy) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// Reset starts counting again from 0.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts = Counts{}
}

// Counts returns what was counted so far.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
}

// Refuse makes the proxy close new connections as soon as they come, until
// Refuse(false). Those that are open stay open.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = on
}

// CutAll closes every open connection, on both sides.
func (p *Proxy) CutAll() {
	for _, r := range p.relays() {
		r.cut()
	}
}

func (p *Proxy) relays() (all []*relay) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for r := range p.open {
		all = append(all, r)
	}
	return all
}

// mayCancel tells whether a request to cancel a statement reaches the server.
// Where a client is cut off, pgx sends one right behind: it would undo what the
// test wants to see done.
func (p *Proxy) mayCancel(key []byte) bool {
	return slices.ContainsFunc(p.relays(), func(r *relay) bool { return r.isFor(key) })
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close() // accept sees it
	p.CutAll()
	p.running.Wait()
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		if id, ok := p.admit(); ok {
			p.running.Go(func() { p.serve(conn, id) })
		} else {
			_ = conn.Close() // refused
		}
	}
}

// admit counts a connection and says whether it may go on.
func (p *Proxy) admit() (id int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Connections++
	return p.counts.Connections, !p.refused
}

// serve relays one connection until one side ends it.
func (p *Proxy) serve(client net.Conn, id int) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		_ = client.Close() // the client sees that there is no server
		return
	}
	r := newRelay(p, id, client.(*net.TCPConn), server.(*net.TCPConn))
	defer r.cut()
	if !p.add(r) {
		return
	}
	defer p.remove(r)
	r.run()
}

func (p *Proxy) add(r *relay) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.open[r] = struct{}{}
	}
	return !p.closed
}

func (p *Proxy) remove(r *relay) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, r)
}

// observe counts a message and returns the fault that it meets, if any and if
// it may meet one.
func (p *Proxy) observe(m Message, faults bool) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Messages++
	m.N, m.Trip = p.counts.Messages, p.counts.Trips+1
	switch m.Type {
	case msgExecute, msgQuery:
		p.counts.Statements++
		if m.Commit {
			p.counts.Commits++
		}
	}
	switch m.Type {
	case msgSync, msgFlush, msgQuery:
		p.counts.Trips++
	}
	m.Statement = p.counts.Statements
	if !faults {
		return nil
	}
	i := slices.IndexFunc(p.faults, func(f *Fault) bool { return f.left() && f.When(m) })
	if i < 0 {
		return nil
	}
	p.faults[i].begun++
	return p.faults[i]
}
