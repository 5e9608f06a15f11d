package bench

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"sen"
)

// serveOnce answers each request of the first connection with the next answer.
func serveOnce(t *testing.T, answers ...string) *conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		in := bufio.NewReader(nc)
		for _, a := range answers {
			if _, err := http.ReadRequest(in); err != nil {
				return
			}
			fmt.Fprint(nc, a)
		}
	}()
	return &conn{addr: address{host: l.Addr().String()}, deadline: time.Now().Add(time.Minute)}
}

var ping = []byte("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")

func TestConnReadsAnswersInTurn(t *testing.T) {
	t.Parallel()
	c := serveOnce(t,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nfirst",
		"HTTP/1.1 404 Not Found\r\nX: y\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nin \r\n6\r\nchunks\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecond")
	for _, want := range []struct {
		status int
		body   string
	}{{200, "first"}, {404, ""}, {200, "in chunks"}, {200, "second"}} {
		status, body, err := c.do(ping)
		if err != nil || status != want.status || string(body) != want.body {
			t.Errorf("got %d %q %v, want %d %q", status, body, err, want.status, want.body)
		}
	}
	if c.nc != nil {
		t.Error("the connection stays open though the server closes it")
	}
}

func TestConnRefusesWhatItCantRead(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
		"HTTP/1.1 abc\r\n\r\n",
		"SSH-2.0-x\r\n",
		"",
	} {
		if status, body, err := serveOnce(t, answer).do(ping); err == nil {
			t.Errorf("%q: got %d %q and no error", answer, status, body)
		}
	}
}

// TestRequestsAreSigned holds the hand-written requests against the SDK's
// table of what is signed.
func TestRequestsAreSigned(t *testing.T) {
	t.Parallel()
	app := sen.App{ID: 2553, Key1: "key"}
	r := newRequest("host", "/", formType)
	for _, c := range []struct {
		op   *sen.Operation
		fill func()
	}{
		{sen.OpCreateOrder, func() { r.create(app, "261122_x", "1700000000000", "http://127.0.0.1/callback") }},
		{sen.OpQueryOrder, func() { r.query(app, "261122_x") }},
		{sen.OpRefundOrder, func() { r.refund(app, "261122_2553_x", "261122000000001", "1700000000000") }},
		{sen.OpQueryRefund, func() { r.queryRefund(app, "261122_2553_x", "1700000000000") }},
	} {
		c.fill()
		form, err := url.ParseQuery(string(r.body))
		if err != nil {
			t.Fatalf("%s: %v", c.op.Name, err)
		}
		if !c.op.Verify(app.Key1, form.Get("mac"), form.Get) {
			t.Errorf("%s: the mac is not that of %v", c.op.Name, form)
		}
	}
}
