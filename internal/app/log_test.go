package app_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// TestRequestNumber follows one number: from the answer to the log of requests,
// and to the line that says why a call failed.
func TestRequestNumber(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	good := s.numbered(order("good"))
	s.breakStore()
	bad := s.numbered(order("bad"))
	lines := s.Log.Lines(`msg="operation failed"`)
	s.mendStore()
	if good == bad || len(lines) != 1 || !strings.Contains(lines[0], "request="+bad) {
		t.Errorf("%s, %s, and %q", good, bad, lines)
	}
	for number, id := range map[string]string{good: "261122_good", bad: "261122_bad"} {
		r := apptest.Control[control.Request](s.Gateway, http.MethodGet, "/control/requests/"+number, nil)
		if r.ID != number || r.AppTransID != id {
			t.Errorf("%s: the log of requests has %s, %s", id, r.ID, r.AppTransID)
		}
	}
}

// numbered sends an order and returns the number of the call.
func (s *shop) numbered(m members) string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+sen.OpCreateOrder.Path,
		strings.NewReader(s.signed(sen.OpCreateOrder, m).form()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := plain.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.Header.Get("X-Request-Id")
}

// TestLogsHaveNoSecrets does what takes or makes secrets, well and badly, and
// looks for them in everything that was logged, down to the least important.
func TestLogsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		log := &apptest.Log{}
		s := openShop(t, func(c *app.Config) {
			var h slog.Handler = slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
			if format == "json" {
				h = slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
			}
			c.Log = slog.New(h)
		})
		secrets := s.handleSecrets(t)
		if strings.Count(log.String(), "\n") < 10 {
			t.Fatalf("%s: hardly anything was logged: %s", format, log)
		}
		for what, secret := range secrets {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%s: %s, %q, is in the log:\n%s", format, what, secret, log)
			}
		}
	}
}

// handleSecrets does all that a secret can go through, and returns them.
func (s *shop) handleSecrets(t *testing.T) map[string]string {
	t.Helper()
	hook := newReceiver(t)
	hook.then(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, `{"return_message":"mark-hook-answer"}`)
	})
	marked := members{"description": "mark-description", "app_user": "mark-user", "callback_url": hook.URL + "/mark-hook-path?key=mark-hook-query"}
	s.useCard(t, atmCard, "card", hook.URL+"/mark-hook-path?key=mark-hook-query", io.Discard)
	s.useCard(t, "4000000000000002", "declined", hook.URL+"/mark-hook-path", io.Discard)
	token := s.ordered("token")
	signed := s.signed(sen.OpCreateOrder, order("mac").with(marked))
	s.send(http.MethodPost, "/v2/create", "application/x-www-form-urlencoded", signed.form())
	s.send(http.MethodPost, "/v2/create", "application/json", `{"mark-body":`)
	s.send(http.MethodPost, "/v2/create?mac=mark-query-mac&card=mark-query", "text/mark-type", "mark-body")
	s.payFrom("mac", rich)
	for _, path := range []string{"/checkout/" + token, "/checkout/mark-path?t=mark-query", "/mark-path", "/wallet/mark-path", "/console/mark-path", "/v2/mark-path"} {
		s.page(http.MethodGet, path, nil)
	}
	for _, path := range []string{"/wallet/sign-in", "/console/sign-in", "/checkout/" + token, "/checkout/" + token + "/card"} {
		s.page(http.MethodPost, path, url.Values{
			"phone": {rich}, "pin": {"mark-pin"}, "password": {"mark-password"}, "name": {"mark-name"},
			"number": {visaCard}, "cvv": {"mark-cvv"}, "otp": {"mark-otp"},
		})
	}
	s.breakStore()
	for _, o := range operations {
		s.call(o.op, o.good.with(marked))
	}
	s.page(http.MethodGet, "/checkout/"+token, nil)
	apptest.TryControl(s.Gateway, http.MethodPost, "/control/pay", control.PayOrder{Order: "261122_mac", App: 2553, Card: atmCard, OTP: cardCode})
	s.mendStore()
	return map[string]string{
		"key1": s.app.Key1, "key2": s.app.Key2, "a mac": signed["mac"], "a card": atmCard, "another card": visaCard, "a declined card": "4000000000000002",
		"a telephone number": rich, "a token": token, "something marked": "mark-",
	}
}

// page asks for a page, or sends a form as a browser does.
func (s *shop) page(method, path string, form url.Values) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", "session=mark-cookie")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := plain.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		s.t.Error(fmt.Errorf("%s %s: %w", method, path, err))
	}
	_ = res.Body.Close()
}
