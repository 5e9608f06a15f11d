package pgtest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A relay is one connection through the proxy.
type relay struct {
	proxy      *Proxy
	id         int
	client     *net.TCPConn
	server     *net.TCPConn
	fromClient *bufio.Reader
	fromServer *bufio.Reader
	toClient   *bufio.Writer // of answer only
	toServer   *bufio.Writer // of ask only
	session    session       // of ask only
	gone       chan struct{} // closed with the connection
	once       sync.Once

	mu      sync.Mutex
	key     []byte      // with which this connection's statements can be cancelled
	ready   bool        // signed in
	pending []*exchange // what the server has not finished, in order
	ending  *Fault      // comes about when the server has ended its side
	deaf    bool        // the client is gone, the server does not know yet
}

// An exchange is what ends with one ReadyForQuery: a simple query, or extended
// messages up to a Sync.
type exchange struct {
	open       bool // its Sync is still to come
	statements int  // sent
	finished   int  // answered
	failed     bool // has an error, the server's or ours

	fault    *Fault
	at       int  // how many statements come before the fault
	rollback bool // a refused COMMIT ends its transaction
	silent   bool // nothing of it reaches the client …
	noReady  bool // … or not that it is over
}

func newRelay(p *Proxy, id int, client, server *net.TCPConn) *relay {
	return &relay{
		proxy: p, id: id, client: client, server: server, session: newSession(), gone: make(chan struct{}),
		fromClient: bufio.NewReader(client), fromServer: bufio.NewReader(server),
		toClient: bufio.NewWriter(client), toServer: bufio.NewWriter(server),
	}
}

// cut ends both sides.
func (r *relay) cut() {
	r.once.Do(func() {
		close(r.gone)
		_ = r.client.Close() // nobody is left to tell
		_ = r.server.Close()
	})
}

// run relays until both directions have ended.
func (r *relay) run() {
	if !r.startup() {
		return
	}
	var answers sync.WaitGroup
	answers.Go(r.answer)
	r.ask()
	answers.Wait()
}

// startup hands on the first message. It declines offers of encryption itself.
func (r *relay) startup() bool {
	for {
		first, err := readStartup(r.fromClient)
		if err != nil {
			return false
		}
		switch startupCode(first) {
		case codeTLS, codeGSS:
			if _, err := r.client.Write([]byte{'N'}); err != nil {
				return false
			}
			continue
		}
		if startupCode(first) != codeCancel {
			_, err = r.server.Write(first)
			return err == nil
		}
		if r.proxy.mayCancel(first[8:]) {
			_, _ = r.server.Write(first)
			_, _ = io.Copy(io.Discard, r.server) // its only answer is the end
		}
		return false
	}
}

// isFor tells whether the key is that of this connection, and its client still there.
func (r *relay) isFor(key []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.deaf && bytes.Equal(key, r.key)
}

// ask hands on what the client says. When it returns, the server has been told
// that no more will come.
func (r *relay) ask() {
	defer func() {
		_ = r.toServer.Flush() // or the server is gone, and answer sees it
		_ = r.server.CloseWrite()
	}()
	for {
		if r.fromClient.Buffered() == 0 && r.toServer.Flush() != nil {
			return
		}
		p, err := readPacket(r.fromClient)
		if err != nil {
			return
		}
		if ok := r.forward(p); !ok {
			return
		}
	}
}

// forward hands one message on, or does what a fault says. It reports whether
// there may be more.
func (r *relay) forward(p packet) (more bool) {
	m, e, f, err := r.track(p, true)
	if err != nil {
		r.cut()
		return false
	}
	if f == nil {
		return r.pass(p, e)
	}
	switch f.Do {
	case AnswerError:
		return r.answerError(m, e)
	case AnswerErrorAfter:
		return r.pass(p, e)
	case CutBefore, Terminate:
		return r.leave(f)
	case CutAfter:
		if f.Wait {
			return r.pass(p, e)
		}
		r.abandon(p, f)
		return false
	case Hold:
		f.fire()
		return r.toServer.Flush() == nil && r.wait(f.Delay) && r.pass(p, e)
	}
	return false
}

// track counts a message, finds its exchange and the fault that it meets.
func (r *relay) track(p packet, faults bool) (m Message, e *exchange, f *Fault, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ready {
		return m, nil, nil, nil // a password
	}
	if m, err = r.session.read(p); err != nil {
		return m, nil, nil, err
	}
	m.Connection = r.id
	e = r.exchangeOf(m.Type)
	f = r.proxy.observe(m, faults && (e == nil || e.fault == nil))
	if e == nil {
		return m, nil, f, nil
	}
	if f != nil {
		e.fault, e.at = f, e.statements
	}
	if m.executes() {
		e.statements++
	}
	if m.Type == msgSync || m.Type == msgQuery || m.Type == msgFunction {
		e.open = false
	}
	return m, e, f, nil
}

// exchangeOf returns the exchange that a message belongs to, or nil.
func (r *relay) exchangeOf(kind byte) *exchange {
	var last *exchange
	if n := len(r.pending); n > 0 {
		last = r.pending[n-1]
	}
	switch kind {
	case msgTerminate:
		return nil
	case msgCopyData, msgCopyDone, msgCopyFail:
		return last
	}
	if last == nil || !last.open {
		last = &exchange{open: true}
		r.pending = append(r.pending, last)
	}
	return last
}

// pass hands a message on as it is, with what a fault needs after it.
func (r *relay) pass(p packet, e *exchange) bool {
	if e != nil && e.fault != nil {
		switch {
		case e.fault.Do == CutAfter && p.kind() == msgFlush:
			return r.finishExchange(e) // or the end would never come: the client waits for an answer
		case e.rollback && p.kind() == msgSync:
			return r.rollBack(p, e)
		}
	}
	_, err := r.toServer.Write(p)
	return err == nil
}

// finishExchange ends an exchange in the client's place.
func (r *relay) finishExchange(e *exchange) bool {
	r.mu.Lock()
	e.open = false
	r.mu.Unlock()
	return r.say(&pgproto3.Sync{})
}

// answerError makes the server fail in the message's place; reply gives its
// error the code that the test asked for. So the server itself skips and rolls
// back what it would after an error of its own.
func (r *relay) answerError(m Message, e *exchange) bool {
	switch m.Type {
	case msgTerminate:
		return false // nobody waits for an answer
	case msgQuery:
		bad, err := encode(&pgproto3.Query{String: marker})
		if err != nil || !m.Commit {
			_, err = r.toServer.Write(bad)
			return err == nil
		}
		return r.rollBack(bad, e)
	case msgSync:
		return r.say(&pgproto3.Parse{Query: marker}, &pgproto3.Sync{})
	case msgFlush:
		return r.say(&pgproto3.Parse{Query: marker}, &pgproto3.Flush{})
	case msgCopyData, msgCopyDone, msgCopyFail:
		return r.say(&pgproto3.CopyFail{Message: marker})
	}
	e.rollback = m.Commit
	return r.say(&pgproto3.Parse{Query: marker})
}

// rollBack sends the end of an exchange whose COMMIT was refused. A refused
// COMMIT leaves no transaction behind, but the server believes that another
// statement failed: it is told to roll back, and the client sees the outcome
// of that as the end of its own exchange.
func (r *relay) rollBack(end packet, e *exchange) bool {
	r.mu.Lock()
	e.noReady = true
	r.pending = append(r.pending, &exchange{silent: true})
	r.mu.Unlock()
	if _, err := r.toServer.Write(end); err != nil {
		return false
	}
	return r.say(&pgproto3.Query{String: "ROLLBACK"})
}

// leave ends the connection before a message.
func (r *relay) leave(f *Fault) bool {
	if f.Wait {
		r.mu.Lock()
		r.ending = f
		r.mu.Unlock()
		return false // the server rolls back when it sees the end
	}
	_ = r.toServer.Flush() // what came before was sent
	f.fire()
	if f.Do == Terminate {
		r.dismiss(f)
	}
	r.cut()
	return false
}

// dismiss tells the client why its connection ends, and lets it hang up first:
// a reset could overtake the reason.
func (r *relay) dismiss(f *Fault) {
	r.mu.Lock()
	r.deaf = true
	r.mu.Unlock()
	if p, err := errorPacket("FATAL", f.Code); err == nil {
		_, _ = r.client.Write(p)
	}
	_ = r.client.CloseWrite()
	_, _ = io.Copy(io.Discard, r.client)
}

// abandon cuts the client and lets the server have what was on its way.
func (r *relay) abandon(p packet, f *Fault) {
	rest, ended := p, endsTrip(p)
	for !ended {
		next, err := readPacket(r.fromClient)
		if err != nil {
			break
		}
		if _, _, _, err := r.track(next, false); err != nil {
			break
		}
		rest, ended = append(rest, next...), endsTrip(next)
	}
	r.mu.Lock()
	r.deaf = true
	r.mu.Unlock()
	flushed := r.toServer.Flush()
	f.fire()
	_ = r.client.Close()
	if flushed == nil && r.wait(f.Delay) {
		_, _ = r.toServer.Write(rest) // if the server is gone, so is the message
	}
}

// endsTrip tells whether the client waits after this message.
func endsTrip(p packet) bool {
	switch p.kind() {
	case msgSync, msgFlush, msgQuery, msgFunction, msgTerminate:
		return true
	}
	return false
}

// wait returns after the time, or false if the connection ends before.
func (r *relay) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.gone:
		return false
	}
}

// say sends the server messages of our own.
func (r *relay) say(messages ...encoder) bool {
	p, err := encode(messages...)
	if err == nil {
		_, err = r.toServer.Write(p)
	}
	return err == nil
}

// answer hands on what the server says, until it ends its side.
func (r *relay) answer() {
	defer r.cut()
	for {
		if r.fromServer.Buffered() == 0 && r.toClient.Flush() != nil && !r.isDeaf() {
			return
		}
		p, err := readPacket(r.fromServer)
		if err != nil {
			r.ended()
			return
		}
		out, last := r.reply(p)
		if last {
			_ = r.toClient.Flush() // what came before the cut was answered
			return
		}
		_, _ = r.toClient.Write(out) // Flush tells
	}
}

// ended is called when the server has ended its side.
func (r *relay) ended() {
	_ = r.toClient.Flush() // the client may be gone as well
	r.mu.Lock()
	f := r.ending
	r.mu.Unlock()
	if f == nil {
		return
	}
	f.fire()
	if f.Do == Terminate {
		r.dismiss(f)
	}
}

func (r *relay) isDeaf() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.deaf
}

// reply returns what the client gets instead of a message of the server: most
// often the same. Last says that the connection ends here.
func (r *relay) reply(p packet) (out packet, last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.deaf:
		return nil, false
	case !r.ready:
		switch p.kind() {
		case msgReady:
			r.ready = true
		case msgKey:
			r.key = p.body()
		}
		return p, false
	case len(r.pending) == 0 || p.kind() == msgParameter || p.kind() == msgNotification:
		return p, false
	}
	e := r.pending[0]
	withheld := e.silent || e.does(CutAfter) && e.finished >= e.at
	switch p.kind() {
	case msgReady:
		r.pending = r.pending[1:]
		return e.over(p)
	case msgComplete, msgEmpty, msgSuspended:
		e.finished++
		if e.does(AnswerErrorAfter) && e.finished > e.at && !e.failed {
			return e.fail(), false
		}
	case msgError:
		if e.does(AnswerError) && isMarked(p) {
			p = e.fail()
		}
		e.failed = true
	case msgCopyIn, msgCopyBoth:
		if withheld { // the server waits for data that the client won't send
			e.fault.fire()
			return nil, true
		}
	}
	if withheld {
		return nil, false
	}
	return p, false
}

func (e *exchange) does(a Action) bool { return e.fault != nil && e.fault.Do == a }

// fail returns the fault's error, after which nothing follows but the end.
func (e *exchange) fail() packet {
	e.failed, e.silent = true, true
	e.fault.fire()
	p, err := errorPacket("ERROR", e.fault.Code)
	if err != nil {
		panic(err) // a few short strings always fit
	}
	return p
}

// over returns what the client gets at the end of the exchange.
func (e *exchange) over(ready packet) (out packet, last bool) {
	switch {
	case e.does(CutAfter):
		e.fault.fire()
		return nil, true
	case e.does(AnswerErrorAfter) && !e.failed: // at its very end
		return append(e.fail(), ready...), false
	case e.noReady:
		return nil, false
	}
	return ready, false
}
