package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/pgtest"
)

// TestCrowd lets one call in at a time. While one waits for the database, the
// next is refused at once, and told when to come again.
func TestCrowd(t *testing.T) {
	t.Parallel()
	if pgtest.Wanted() {
		t.Skip("who is let in does not depend on the engine")
	}
	s := openShop(t, func(c *app.Config) { c.AtOnce = 1 })
	conn, err := sqlite3.Open("file:" + filepath.ToSlash(s.File()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Exec("PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	inside := make(chan answer)
	go func() {
		for { // until it does not meet one of the queries below inside
			if a := s.call(sen.OpCreateOrder, order("inside")); a.Sub != -429 {
				inside <- a
				return
			}
		}
	}()
	var refused *http.Response
	apptest.Wait(t, "a refusal", func() bool {
		body := strings.NewReader(s.signed(sen.OpQueryOrder, queried("nothing")).form())
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v2/query", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if refused, err = plain.Do(r); err != nil {
			t.Fatal(err)
		}
		defer refused.Body.Close()
		return refused.Header.Get("Retry-After") == "1"
	})
	if again := s.call(sen.OpQueryOrder, queried("nothing")); again.Sub != -429 || again.HTTP != http.StatusOK || !strings.Contains(again.SubText, "call again") {
		t.Errorf("the second call: %+v", again)
	}
	if took := twoRefusals(t, s); took < 90*time.Millisecond {
		t.Errorf("a client that does not listen is refused twice in %v", took)
	}
	if err := conn.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	if first := <-inside; first.Code != 1 {
		t.Errorf("the call that was let in: %+v", first)
	}
	if next := s.call(sen.OpQueryOrder, queried("inside")); next.Code != 3 {
		t.Errorf("a call when the first has gone: %+v", next)
	}
}

// twoRefusals is how long two calls over the same connection take to be refused. It
// begins before the first: when that was answered, this test may hear of it late.
func twoRefusals(t *testing.T, s *shop) time.Duration {
	t.Helper()
	nc, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	in := bufio.NewReader(nc)
	refused := func() {
		t.Helper()
		fmt.Fprint(nc, "POST /v2/query HTTP/1.1\r\nHost: sen\r\nContent-Length: 0\r\n\r\n")
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		if res.Header.Get("Retry-After") != "1" {
			t.Errorf("not refused: %v", res.Header)
		}
	}
	began := time.Now()
	refused()
	refused()
	return time.Since(began)
}
