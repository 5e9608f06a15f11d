package app_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

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
	if err := conn.Exec("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	inside := make(chan answer)
	go func() { inside <- s.call(sen.OpCreateOrder, order("inside")) }()
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
