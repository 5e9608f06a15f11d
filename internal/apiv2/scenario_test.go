package apiv2_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sen/internal/apiv2"
	"sen/internal/paytest"
	"sen/internal/scenario"
)

// TestDelayBeyondTimeouts has an answer come later than the time-outs of the
// server, which are there for slow clients and not for slow answers. In the bubble
// no time passes while anybody works, so that no client is slow.
func TestDelayBeyondTimeouts(t *testing.T) {
	t.Parallel()
	g := paytest.New(t)
	api := &apiv2.Server{
		Pay: g.Pay, Apps: g.Apps, Now: g.Clock.Now, Log: slog.New(slog.DiscardHandler),
		Scenarios: &scenario.Book{Store: g.Store, Now: g.Clock.Now},
	}
	synctest.Test(t, func(t *testing.T) {
		const timeout, delay = 50 * time.Millisecond, 300 * time.Millisecond
		client, conn := net.Pipe()
		server := &http.Server{Handler: api.Handler(), ReadTimeout: timeout, WriteTimeout: timeout}
		serving := make(chan struct{})
		go func() {
			defer close(serving)
			_ = server.Serve(&oneConnection{conn: conn, closed: make(chan struct{})}) // ends with Close
		}()
		defer func() {
			_ = client.Close()
			_ = server.Close()
			<-serving
		}()

		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sen/v2/query", strings.NewReader(`{"app_id":2553}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(scenario.Header, "delay="+delay.String())
		began := time.Now()
		if err := r.Write(client); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(client), r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if took := time.Since(began); err != nil || took != delay || !bytes.HasSuffix(body, []byte("}")) {
			t.Errorf("after %v: body %s, error %v, want a whole answer after %v", took, body, err, delay)
		}
	})
}

// oneConnection is a listener to which somebody comes once.
type oneConnection struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *oneConnection) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConnection) Close() error {
	close(l.closed)
	return nil
}

func (l *oneConnection) Addr() net.Addr { return &net.TCPAddr{} }
