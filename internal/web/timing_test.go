package web_test

import (
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"sen/internal/timing"
	"sen/internal/web"
)

// TestTimingSession reports whether time tells how much of the token of a session
// was right, among many sessions; see 'make timing'.
func TestTimingSession(t *testing.T) {
	if os.Getenv("SEN_TIMING") == "" {
		t.Skip("measures; see make timing")
	}
	const sessions, name = 2_000, "who"
	site, _ := newSite(t, func(c *web.Config) { c.Log = slog.New(slog.DiscardHandler) })
	found := ""
	page := site.Wrap(site.Handle(func(_ http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodPost {
			site.Sessions.Put(r.Context(), name, "An")
		}
		found = site.Sessions.GetString(r.Context(), name)
		return nil
	}))
	visit := func(method string, cookie *http.Cookie) *http.Response {
		r := httptest.NewRequest(method, "/", nil)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		return w.Result()
	}
	var right *http.Cookie
	for range sessions {
		right = visit(http.MethodPost, nil).Cookies()[0]
	}
	if visit(http.MethodGet, right); found != "An" {
		t.Fatal("the token of a session is of no use: the test shows nothing")
	}
	wrong := func(at int) *http.Cookie {
		c := *right
		b := []byte(c.Value)
		b[at] = map[bool]byte{true: 'A', false: 'B'}[b[at] == 'B']
		c.Value = string(b)
		return &c
	}
	cookies := [2]*http.Cookie{wrong(0), wrong(len(right.Value) - 2)} // of the last character not every bit counts
	r := timing.Measure(10_000, 1, func(kind int) {
		if visit(http.MethodGet, cookies[kind]); found != "" {
			t.Error("a wrong token is taken")
		}
	})
	t.Logf("the token of a session, wrong in the first and in the last character: t = %.2f over %d samples, medians %v (told apart: %v)",
		r.T, r.Samples, r.Medians, math.Abs(r.T) > timing.Leaks)
}
