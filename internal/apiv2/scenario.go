package apiv2

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"sen/internal/merchant"
	"sen/internal/scenario"
)

// rule is what a sandbox was told to do with this call: by the call's own
// header first, which is a rule without an id, then by one that is kept.
func (s *Server) rule(r *http.Request, op operation, f fields) (scenario.Rule, error) {
	if s.Scenarios == nil {
		return scenario.Rule{}, nil
	}
	if header := r.Header.Get(scenario.Header); header != "" {
		e, err := scenario.ParseHeader(op.Name, header)
		return scenario.Rule{Effect: e}, err
	}
	rule, _, err := s.Scenarios.For(r.Context(), op.Name, merchant.ID(f.number(op.app)), op.inSecond(f).get)
	return rule, err
}

// lateness is how long a hanging answer hangs when the client has more patience
// than anyone should.
const lateness = 5 * time.Minute

// hold keeps an answer back. The server's own time-out for writing must not end
// it before its time.
func hold(w http.ResponseWriter, r *http.Request, e scenario.Effect) {
	if e.Delay > 0 || e.Break == scenario.Hang {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
	pause(r.Context(), e.Delay)
}

// pause waits, or until the client is gone.
func pause(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// send writes the answer, in the way that a scenario broke it.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte, b scenario.Break) {
	switch b {
	case scenario.Hang:
		pause(r.Context(), lateness)
		cut(w)
		return
	case scenario.Reset:
		cut(w)
		return
	case scenario.Truncate:
		writeHeader(w, status, len(body))
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		end(w, waitForReader)
		return
	case scenario.ServerErr, scenario.Gateway, scenario.Away:
		code, _ := strconv.Atoi(string(b[len("http_"):]))
		http.Error(w, "<html><body><h1>"+http.StatusText(code)+"</h1></body></html>", code)
		return
	case scenario.NoJSON:
		body = []byte("<html><body>OK</body></html>")
	case scenario.Empty:
		body = nil
	case scenario.Whole:
	}
	writeHeader(w, status, len(body))
	_, _ = w.Write(body) // a client that is gone can't be told
}

var jsonType = []string{"application/json; charset=utf-8"}

func writeHeader(w http.ResponseWriter, status, length int) {
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(length)}
	w.WriteHeader(status)
}

// How a connection ends: its reader gets what was written, or what was written
// is thrown away and the reader told so.
const (
	waitForReader = -1
	throwAway     = 0
)

// cut ends the connection without a word.
func cut(w http.ResponseWriter) { end(w, throwAway) }

func end(w http.ResponseWriter, linger int) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2: this is its way to end a stream
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(linger)
	}
	_ = conn.Close()
}
