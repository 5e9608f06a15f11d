package app_test

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// Wallets of the sandbox.
const (
	rich  = "0900000001" // is filled up after each payment
	other = "0900000002"
	spare = "0900000003" // has 5,000,000
	empty = "0900000006"
)

// members are those of a request, as characters.
type members map[string]string

// with returns a copy with changes; an empty value is kept, "-" removes.
func (m members) with(changes members) members {
	out := members{}
	for _, from := range []members{m, changes} {
		for name, value := range from {
			out[name] = value
		}
	}
	for name, value := range changes {
		if value == "-" {
			delete(out, name)
		}
	}
	return out
}

func (m members) form() string {
	v := url.Values{}
	for name, value := range m {
		v.Set(name, value)
	}
	return v.Encode()
}

func (m members) json(t testing.TB) string {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A shop is a merchant that writes its requests by hand.
type shop struct {
	*apptest.Gateway
	t   testing.TB
	app sen.App
}

func openShop(t testing.TB, set ...func(*app.Config)) *shop {
	t.Helper()
	g := apptest.Start(t, set...)
	return &shop{g, t, g.App(2553)}
}

// millis is the gateway's time plus d, as requests have it.
func millis(d time.Duration) string {
	return strconv.FormatInt(apptest.Noon.Add(d).UnixMilli(), 10)
}

// order is a good request for an order at Noon.
func order(suffix string) members {
	return members{
		"app_trans_id": "261122_" + suffix, "app_user": "user", "app_time": millis(0), "amount": "50000",
		"item": "[]", "embed_data": "{}", "description": "Tea",
	}
}

// signed adds what a request of the operation lacks: app, and mac.
func (s *shop) signed(op *sen.Operation, m members) members {
	id := op.Signed[0]
	m = m.with(nil)
	if _, ok := m[id]; !ok {
		m[id] = strconv.Itoa(s.app.ID)
	}
	if _, ok := m["mac"]; !ok {
		m["mac"] = op.Sign(s.app.Key1, func(name string) string { return m[name] })
	}
	return m
}

// An answer is what came back.
type answer struct {
	HTTP      int
	Code, Sub int
	Text      string
	SubText   string
	Body      string
	Object    map[string]any
}

// call sends a form, or a query string, completed and signed.
func (s *shop) call(op *sen.Operation, m members) answer {
	s.t.Helper()
	if op.Method == http.MethodGet {
		return s.send(op.Method, op.Path+"?"+s.signed(op, m).form(), "", "")
	}
	return s.send(op.Method, op.Path, "application/x-www-form-urlencoded", s.signed(op, m).form())
}

// send sends what it is given, and asks for answers in the language of the tests.
func (s *shop) send(method, path, contentType, body string) answer {
	s.t.Helper()
	header := http.Header{"Accept-Language": {"en"}}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return s.sendWith(method, path, header, body)
}

func (s *shop) sendWith(method, path string, header http.Header, body string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = header
	a, err := s.try(r)
	if err != nil {
		s.t.Error(err)
	}
	return a
}

// try returns an error where no answer came.
func (s *shop) try(r *http.Request) (answer, error) {
	s.t.Helper()
	res, err := plain.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := read(s.t, r.Method, string(text))
	a.HTTP = res.StatusCode
	return a, nil
}

// hurry starts the gateway again with so much time for a request to arrive. 0: as
// long as tests take; then it is asked what became of what came in a hurry.
func (s *shop) hurry(within time.Duration) {
	s.t.Helper()
	s.Restart(nil, func(c *app.Config) { c.ReadTimeout = cmp.Or(within, 2*time.Minute) })
}

// madeInTime makes an order at a gateway in a hurry, which may cut off this test,
// too: on a machine that is busy it is a slow client. Then it asks again.
func (s *shop) madeInTime(m members) {
	s.t.Helper()
	apptest.Wait(s.t, "an order of a client that is not slow", func() bool {
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+sen.OpCreateOrder.Path, strings.NewReader(s.signed(sen.OpCreateOrder, m).form()))
		if err != nil {
			s.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		a, err := s.try(r)
		return err == nil && a.HTTP == http.StatusOK && a.Code == 1 && a.Sub == 1
	})
}

// plain is a client without kept connections, which would hold up a gateway
// that stops.
var plain = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}

// read reads an answer of either generation and checks what all have in common.
func read(t testing.TB, method, body string) answer {
	t.Helper()
	a := answer{Body: body}
	if method == http.MethodHead {
		return a
	}
	if err := json.Unmarshal([]byte(body), &a.Object); err != nil {
		t.Errorf("the answer is not JSON: %v: %.200s", err, body)
		return a
	}
	if code, ok := a.Object["returncode"].(float64); ok {
		a.Sub = int(code)
		a.SubText, _ = a.Object["returnmessage"].(string)
		return a
	}
	names := [...]string{"return_code", "sub_return_code", "return_message", "sub_return_message"}
	if _, zod := a.Object["returnCode"]; zod {
		names = [...]string{"returnCode", "subReturnCode", "returnMessage", "subReturnMessage"}
	}
	code, ok1 := a.Object[names[0]].(float64)
	sub, ok2 := a.Object[names[1]].(float64)
	a.Code, a.Sub = int(code), int(sub)
	var ok3, ok4 bool
	a.Text, ok3 = a.Object[names[2]].(string)
	a.SubText, ok4 = a.Object[names[3]].(string)
	if !ok1 || !ok2 || !ok3 || !ok4 || a.Text == "" || a.SubText == "" {
		t.Errorf("the answer has no complete envelope: %s", body)
	}
	return a
}

// paid makes an order and pays it.
func (s *shop) paid(suffix string, amount int64) control.Payment {
	s.t.Helper()
	s.made(order(suffix).with(members{"amount": strconv.FormatInt(amount, 10)}))
	return s.payFrom(suffix, rich)
}

// made makes an order that must be accepted.
func (s *shop) made(m members) answer {
	s.t.Helper()
	a := s.call(sen.OpCreateOrder, m)
	if a.Code != 1 || a.Sub != 1 || a.HTTP != http.StatusOK {
		s.t.Fatalf("create %s: %d %s", m["app_trans_id"], a.HTTP, a.Body)
	}
	return a
}

func (s *shop) payFrom(suffix, wallet string) control.Payment {
	s.t.Helper()
	return apptest.Control[control.Payment](s.Gateway, http.MethodPost, "/control/pay",
		control.PayOrder{Order: "261122_" + suffix, App: int64(s.app.ID), Wallet: wallet})
}

// tryPay pays without insisting on it.
func (s *shop) tryPay(suffix, wallet string) int {
	s.t.Helper()
	status, _ := apptest.TryControl(s.Gateway, http.MethodPost, "/control/pay",
		control.PayOrder{Order: "261122_" + suffix, App: int64(s.app.ID), Wallet: wallet})
	return status
}

// refund is a good request for a refund at Noon.
func refund(suffix string, payment, amount int64) members {
	return members{
		"m_refund_id": "261122_2553_" + suffix, "zp_trans_id": strconv.FormatInt(payment, 10),
		"amount": strconv.FormatInt(amount, 10), "timestamp": millis(0), "description": "back " + suffix, // two of a shop differ in more than m_refund_id
	}
}

func refundQuery(suffix string) members {
	return members{"m_refund_id": "261122_2553_" + suffix, "timestamp": millis(0)}
}

// refunded asks for a refund that must be accepted, and returns what the query
// says of it in the end.
func (s *shop) refunded(m members) answer {
	s.t.Helper()
	if a := s.call(sen.OpRefundOrder, m); a.Code != 3 || a.Sub != 2 {
		s.t.Fatalf("refund: %s", a.Body)
	}
	return s.settled(m, 2)
}

// settled waits until the query of a refund says something else than running.
func (s *shop) settled(m members, running int) (a answer) {
	s.t.Helper()
	q := members{"m_refund_id": m["m_refund_id"], "timestamp": strconv.FormatInt(s.Now().UnixMilli(), 10)}
	apptest.Wait(s.t, "the refund", func() bool {
		a = s.call(sen.OpQueryRefund, q)
		return a.Sub != running
	})
	return a
}

// terms changes what the shop's app may do.
func (s *shop) terms(c control.ChangeApp) {
	s.t.Helper()
	apptest.Control[control.App](s.Gateway, http.MethodPatch, "/control/apps/"+strconv.Itoa(s.app.ID), c)
}

func (s *shop) close(op *sen.Operation) {
	s.t.Helper()
	apptest.Control[control.Window](s.Gateway, http.MethodPost, "/control/maintenance", control.Window{Operation: op.Name})
}

func ptr[T any](v T) *T { return &v }
