package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/pgtest"
	"sen/internal/store"
)

// A receiver is a merchant's server.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	header http.Header
	answer http.HandlerFunc // what to do with a callback that was read
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{answer: says(200, `{"return_code":1,"return_message":"ok"}`)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.bodies = append(r.bodies, string(body))
		r.header = req.Header
		answer := r.answer
		r.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies)
}

func (r *receiver) then(answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// paidTo makes and pays an order whose callback goes to url, and returns its
// one callback.
func (s *shop) paidTo(url string) control.Callback {
	s.t.Helper()
	s.made(order("a").with(members{"callback_url": url}))
	s.payFrom("a", rich)
	return s.Order(2553, "261122_a").Callbacks[0]
}

func (s *shop) callback(id string) control.Callback {
	s.t.Helper()
	return apptest.Control[control.Callback](s.Gateway, http.MethodGet, "/control/callbacks/"+id, nil)
}

// attempted waits until a callback has so many attempts behind it.
func (s *shop) attempted(id string, n int) (c control.Callback) {
	s.t.Helper()
	apptest.Wait(s.t, "the attempt", func() bool {
		c = s.callback(id)
		return len(c.History) >= n
	})
	return c
}

// TestCallbackBytes holds the whole body still, and reads it as a merchant does.
func TestCallbackBytes(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	s := openShop(t)
	embed, item := `{"redirecturl":"http:\/\/shop.example\/b", "n": "Trà <&> đá"}`, `[ {"itemid":"\u00e0","itemprice":1} ]`
	s.made(order("a").with(members{"embed_data": embed, "item": item, "callback_url": " " + to.URL + "/hook?x=1", "app_user": `An "a" \`}))
	p := s.payFrom("a", rich)
	s.attempted(s.Order(2553, "261122_a").Callbacks[0].ID, 1)
	body := to.got()[0]

	cb, err := s.app.ParseCallback([]byte(body))
	if err != nil || cb.Type != sen.OrderCallbackType {
		t.Fatalf("%v: %s", err, body)
	}
	quoted := func(s string) string {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return replaceAll(string(text), `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")
	}
	want := `{"app_id":2553,"app_trans_id":"261122_a","app_time":` + millis(0) + `,"app_user":"An \"a\" \\","amount":50000,"embed_data":` + quoted(embed) +
		`,"item":` + quoted(item) + `,"zp_trans_id":` + sen.TransID(p.Number).String() + `,"server_time":` + millis(0) +
		`,"channel":38,"merchant_user_id":"` + cb.Order.MerchantUserID + `","user_fee_amount":0,"discount_amount":0}`
	if cb.Data != want {
		t.Errorf("got  %s\nwant %s", cb.Data, want)
	}
	if want := `{"data":` + quoted(cb.Data) + `,"mac":"` + sen.Sign(s.app.Key2, []byte(cb.Data)) + `","type":1}`; body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	if len(cb.Order.MerchantUserID) != 43 || to.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %q, %v", cb.Order.MerchantUserID, to.header)
	}
	if names := memberOrder(t, cb.Data); !slices.Equal(names, memberOrder(t, documented(t))) {
		t.Errorf("the members are %q", names)
	}
}

// documented is the callback of the provider's documentation.
func documented(t testing.TB) string {
	t.Helper()
	type vector struct{ Data string }
	return readTestdata[[]vector](t, "..", "..", "testdata", "seen", "callbacks.json")[0].Data
}

func memberOrder(t testing.TB, object string) (names []string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(object))
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dec.Token(); err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
	}
	return names
}

// TestCallbackAnswers sees what each answer of a merchant means.
func TestCallbackAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, state, text string
		answer            http.HandlerFunc
	}{
		{"1", "delivered", "", says(200, `{"return_code":1,"return_message":"success"}`)},
		{"1 with status 201", "delivered", "", says(201, `{"return_code":1}`)},
		{"1 as a string", "delivered", "", says(200, `{"return_code":"1"}`)},
		{"1 in the older spelling", "delivered", "", says(200, `{"returncode":1,"returnmessage":"ok"}`)},
		{"1 behind a byte order mark", "delivered", "", says(200, "\uFEFF\r\n"+`{"return_code":1}`)},
		{"1 in a long answer", "delivered", "", says(200, `{"return_message":"`+repeat("x", 5000)+`","return_code":1}`)},
		{"2", "failed", "return_code 2 refuses", says(200, `{"return_code":2}`)},
		{"-1", "failed", "return_code -1 refuses", says(200, `{"return_code":-1,"return_message":"mac not equal"}`)},
		{"0", "due", "return_code 0 asks for a repeat", says(200, `{"return_code":0}`)},
		{"3", "due", "return_code 3 asks", says(200, `{"return_code":3}`)},
		{"1.5", "due", "not a whole number", says(200, `{"return_code":1.5}`)},
		{"null", "due", "no return_code", says(200, `{"return_code":null}`)},
		{"another object", "due", "no return_code", says(200, `{"ok":true}`)},
		{"plain text", "due", "not JSON", says(200, `OK`)},
		{"a page", "due", "not JSON", says(200, `<html>`+repeat("x", 1<<20))},
		{"nothing", "due", "not JSON", says(200, ``)},
		{"status 204", "due", "not JSON", says(204, ``)},
		{"status 500 with a good body", "due", "not 2xx", says(500, `{"return_code":1}`)},
		{"status 404", "due", "not 2xx", says(404, `{"return_code":1}`)},
		{"a connection that breaks", "due", "EOF", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"a body that breaks off", "due", "EOF", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"return_code":1}`)
			panic(http.ErrAbortHandler)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			to := newReceiver(t)
			to.then(c.answer)
			s := openShop(t)
			got := s.attempted(s.paidTo(to.URL).ID, 1)
			if a := got.History[0]; got.State != c.state || !strings.Contains(a.Error, c.text) || len(a.Answer) > 1024 {
				t.Errorf("got %s after %+v", got.State, a)
			}
			if got.State != "due" {
				s.Advance(24 * time.Hour)
			}
			if n := len(to.got()); n != 1 {
				t.Errorf("%d calls", n)
			}
			if a := s.call(sen.OpQueryOrder, queried("a")); a.Sub != 1 {
				t.Errorf("the order: %s", a.Body)
			}
		})
	}
}

// TestCallbackSchedule moves the clock from repeat to repeat.
func TestCallbackSchedule(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	to.then(says(200, `{"return_code":0}`))
	s := openShop(t)
	id := s.paidTo(to.URL).ID
	at := apptest.Noon
	for i, pause := range []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute} {
		got := s.attempted(id, i+1)
		at = at.Add(pause)
		if got.State != "due" || got.DueAt == nil || !got.DueAt.Equal(at) {
			t.Fatalf("after attempt %d: %s, due %v, want %v", i+1, got.State, got.DueAt, at)
		}
		s.SetClock(at.Add(-time.Microsecond))
		if n := len(s.callback(id).History); n != i+1 {
			t.Errorf("%d attempts before the time of the next", n)
		}
		s.SetClock(at)
	}
	if got := s.attempted(id, 4); got.State != "failed" || got.DueAt != nil {
		t.Errorf("after the last attempt: %s", got.State)
	}
	s.Advance(48 * time.Hour)
	bodies := to.got()
	if len(bodies) != 4 || len(slices.Compact(bodies)) != 1 {
		t.Errorf("%d calls, not all with the same bytes: %q", len(bodies), bodies)
	}
}

func TestCallbackHang(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	to.then(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	})
	s := openShop(t, func(c *app.Config) { c.CallbackTimeout = 100 * time.Millisecond })
	got := s.attempted(s.paidTo(to.URL).ID, 1)
	if a := got.History[0]; got.State != "due" || a.Status != 0 || a.Error == "" {
		t.Errorf("got %s after %+v", got.State, a)
	}
}

func TestCallbackRedirect(t *testing.T) {
	t.Parallel()
	elsewhere, to := newReceiver(t), newReceiver(t)
	to.then(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	s := openShop(t)
	got := s.attempted(s.paidTo(to.URL).ID, 1)
	if got.State != "due" || got.History[0].Status != http.StatusTemporaryRedirect || len(elsewhere.got()) != 0 {
		t.Errorf("got %s after %+v, %d calls elsewhere", got.State, got.History[0], len(elsewhere.got()))
	}
}

// TestCallbackAddresses sends callbacks where no callback can go. The order is
// paid all the same, and the log says what was wrong.
func TestCallbackAddresses(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	for _, c := range []struct{ name, url, state, text string }{
		{"a leading space", "  " + to.URL, "delivered", ""},
		{"a placeholder", "https://<YOUR_MERCHANT_HOST>/callback", "failed", "callback_url_invalid"},
		{"a placeholder in braces", "https://{host}/callback", "failed", "callback_url_invalid"},
		{"no scheme", "shop.example/callback", "failed", "callback_url_invalid"},
		{"another scheme", "ftp://shop.example/", "failed", "callback_url_invalid"},
		{"a file", "file:///etc/passwd", "failed", "callback_url_invalid"},
		{"no host", "http:///callback", "failed", "callback_url_invalid"},
		{"a bad escape", "http://shop.example/%zz", "failed", "callback_url_invalid"},
		{"nobody there", "http://127.0.0.1:1/", "due", "refused"},
		{"a port too many", "http://127.0.0.1:99999/", "due", "invalid port"},
		{"none", "", "unaddressed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			cb := s.paidTo(c.url)
			if c.state != "unaddressed" {
				cb = s.attempted(cb.ID, 1)
				if !strings.Contains(cb.History[0].Error, c.text) {
					t.Errorf("the log says %q", cb.History[0].Error)
				}
			}
			if cb.State != c.state {
				t.Errorf("got %s, want %s", cb.State, c.state)
			}
			// Somebody finds out, and sends it where it belongs.
			before := len(to.got())
			apptest.Control[control.Callback](s.Gateway, http.MethodPost, "/control/callbacks/"+cb.ID+"/replay", control.Replay{URL: to.URL})
			apptest.Wait(t, "the replay", func() bool { return s.callback(cb.ID).State == "delivered" })
			if c.state != "delivered" && len(to.got()) == before {
				t.Error("the replay did not arrive")
			}
		})
	}
}

func TestCallbackReplay(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	s := openShop(t)
	id := s.paidTo(to.URL).ID
	s.attempted(id, 1)
	for _, c := range []struct {
		in   control.Replay
		want int
	}{
		{control.Replay{}, 200},
		{control.Replay{URL: "nowhere"}, 400},
	} {
		if status, body := apptest.TryControl(s.Gateway, http.MethodPost, "/control/callbacks/"+id+"/replay", c.in); status != c.want {
			t.Errorf("replay to %q: %d %s", c.in.URL, status, body)
		}
	}
	got := s.attempted(id, 2)
	if got.State != "delivered" || got.Attempts != 2 {
		t.Errorf("got %+v", got)
	}
	to.then(says(500, ""))
	apptest.Control[control.Callback](s.Gateway, http.MethodPost, "/control/callbacks/"+id+"/replay", control.Replay{})
	if got := s.attempted(id, 3); got.State != "due" || !got.DueAt.Equal(apptest.Noon.Add(15*time.Second)) {
		t.Errorf("a replay has a round of its own: %+v", got)
	}
	if bodies := to.got(); len(bodies) != 3 || len(slices.Compact(bodies)) != 1 {
		t.Errorf("got %q", bodies)
	}
}

// TestCallbackRestart stops the gateway in the middle of a round, once in order
// and once as if it had died with the call on its way.
func TestCallbackRestart(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	to.then(says(200, `{"return_code":0}`))
	s := openShop(t)
	id := s.paidTo(to.URL).ID
	s.attempted(id, 1)
	s.Restart(nil)
	if got := s.callback(id); got.State != "due" || !got.DueAt.Equal(apptest.Noon.Add(15*time.Second)) {
		t.Fatalf("after the restart: %+v", got)
	}
	s.Advance(15 * time.Second)
	s.attempted(id, 2)
	s.Advance(time.Minute) // is kept over the restart, and makes the third attempt due
	s.attempted(id, 3)
	to.then(says(200, `{"return_code":1}`))
	if pgtest.Wanted() {
		return // on a server nobody knows that it was this node's earlier life: the lease has to run out
	}
	s.Restart(func() {
		db, err := store.Open(t.Context(), s.Place())
		if err != nil {
			t.Fatal(err)
		}
		due := apptest.Noon.Add(time.Hour)
		claimed, err := db.ClaimDeliveries(t.Context(), due, time.Now(), time.Hour, 10)
		if err != nil || len(claimed) != 1 {
			t.Fatalf("claimed %v, %v", claimed, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
	s.Advance(5 * time.Minute)
	apptest.Wait(t, "the callback", func() bool { return s.callback(id).State == "delivered" })
	if bodies := to.got(); len(bodies) != 4 || len(slices.Compact(bodies)) != 1 {
		t.Errorf("got %q", bodies)
	}
}

// TestNoCallback sees that only a payment is told.
func TestNoCallback(t *testing.T) {
	t.Parallel()
	to := newReceiver(t)
	s := openShop(t)
	m := members{"callback_url": to.URL}
	for _, suffix := range []string{"cancelled", "expired", "failed"} {
		s.made(order(suffix).with(m))
	}
	s.call(sen.OpCancelOrder, queried("cancelled"))
	s.tryPay("failed", empty)
	s.Advance(time.Hour)
	if all := apptest.Control[[]control.Callback](s.Gateway, http.MethodGet, "/control/callbacks", nil); len(all) != 0 {
		t.Errorf("got %+v", all)
	}
}
