package tokentest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// raw queries the banks as a client without an SDK would, and returns what it
// gets to see.
func (s *shop) raw(ctx context.Context, t *testing.T, header string) (status int, body []byte, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+sen.OpQueryOrder.Path, bytes.NewReader([]byte(`{"app_id":2553}`)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if header != "" {
		r.Header.Set("Sen-Scenario", header)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

func (s *shop) rule(t *testing.T, r control.Rule) control.Rule {
	t.Helper()
	added, err := s.Control.AddRule(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// TestBreaks sees each broken answer with a real client.
func TestBreaks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	whole, _, err := s.raw(t.Context(), t, "")
	if err != nil || whole != http.StatusOK {
		t.Fatalf("unbroken: status %d, %v", whole, err)
	}
	reset := func(err error) bool {
		return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
	}
	for how, want := range map[string]func(status int, body []byte, err error) bool{
		"hang": func(_ int, _ []byte, err error) bool {
			timeout, ok := errors.AsType[net.Error](err)
			return ok && timeout.Timeout()
		},
		"reset": func(_ int, _ []byte, err error) bool { return reset(err) },
		"truncate": func(status int, body []byte, err error) bool {
			return status == http.StatusOK && len(body) > 0 && body[0] == '{' && errors.Is(err, io.ErrUnexpectedEOF)
		},
		"http_500": func(status int, body []byte, err error) bool { return err == nil && status == 500 && body[0] == '<' },
		"http_502": func(status int, body []byte, err error) bool { return err == nil && status == 502 && body[0] == '<' },
		"http_503": func(status int, body []byte, err error) bool { return err == nil && status == 503 && body[0] == '<' },
		"not_json": func(status int, body []byte, err error) bool { return err == nil && status == 200 && body[0] == '<' },
		"empty":    func(status int, body []byte, err error) bool { return err == nil && status == 200 && len(body) == 0 },
	} {
		added := s.rule(t, control.Rule{Operation: "query_order", App: 2553, Break: how, Calls: 1})
		for _, header := range []string{"", "break=" + how} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			if how == "hang" {
				ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
			}
			status, body, err := s.raw(ctx, t, header)
			cancel()
			if !want(status, body, err) {
				t.Errorf("%s (header %q): got status %d, body %q, error %v", how, header, status, body, err)
			}
		}
		if _, err := s.client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: s.newID()}); !errors.Is(err, sen.CodeNotFound) {
			t.Errorf("after %s, rule %s: got %v, want the truth", how, added.ID, err)
		}
	}
}

// TestBrokenCreate loses the answer of a call that was carried out.
func TestBrokenCreate(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.rule(t, control.Rule{Operation: "create_order", Break: "truncate", Calls: 1})
	patient := sen.NewClient(s.app, sen.WithBaseURL(s.URL), sen.WithRetries(1))
	id := s.newID()
	_, err := patient.Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: id, AppUser: user, Amount: 1000, Description: "x"})
	if arrived, ok := errors.AsType[*sen.ArrivedError](err); !ok || arrived.ID != id {
		t.Errorf("got %v, want an *ArrivedError about %s", err, id)
	}
	// A forced value changes no state.
	value := -500
	s.rule(t, control.Rule{Operation: "create_order", Value: &value, Calls: 1})
	id = s.newID()
	request := sen.CreateOrderRequest{AppTransID: id, AppUser: user, Amount: 1000, Description: "x"}
	_, err = s.client.Orders.Create(t.Context(), request)
	wantCode(t, "forced", err, sen.CodeInternal)
	_, err = s.client.Orders.Create(t.Context(), request)
	wantCode(t, "the same again", err, 0)
}

// TestDelay waits for late answers.
func TestDelay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	const delay = 150 * time.Millisecond
	s.rule(t, control.Rule{Operation: "query_order", Delay: delay.String(), Calls: 1})
	for _, header := range []string{"", "delay=" + delay.String()} {
		began := time.Now()
		status, _, err := s.raw(t.Context(), t, header)
		if took := time.Since(began); err != nil || status != http.StatusOK || took < delay {
			t.Errorf("header %q: status %d, %v after %v, want 200 after %v", header, status, err, took, delay)
		}
	}
}

// TestRuleCalls has a rule for seven calls meet forty at once.
func TestRuleCalls(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	value := -429
	s.rule(t, control.Rule{Operation: "query_order", Value: &value, Calls: 7})
	answers := counted(t, 40, func(int) error {
		_, err := s.client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: "310506_nobody"})
		return err
	})
	if diff := cmp.Diff(map[sen.Code]int{sen.CodeLimited: 7, sen.CodeNotFound: 33}, answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if left, err := s.Control.Rules(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("rules left: %+v, %v, want none", left, err)
	}
}

// TestRuleEnds lets a rule run out, and has the first that matches win.
func TestRuleEnds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.at(t, "2031-05-06T12:00:00+07:00")
	first, second := -63, -429
	until := s.Clock.Now().Add(10 * time.Minute)
	s.rule(t, control.Rule{Operation: "query_order", Match: map[string]string{"app_trans_id": "310506_a"}, Value: &first, ExpiresAt: &until})
	last := s.rule(t, control.Rule{Operation: "query_order", Value: &second})
	query := func(id string) error {
		_, err := s.client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: id})
		return err
	}
	wantCode(t, "both match", query("310506_a"), -63)
	wantCode(t, "one matches", query("310506_b"), -429)
	s.MoveClock(t, control.MoveClock{Set: &until})
	wantCode(t, "the first has ended", query("310506_a"), -429)
	if err := s.Control.RemoveRule(t.Context(), last.ID); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "none is left", query("310506_a"), sen.CodeNotFound)
}

// TestLive has neither rules, nor faults, nor any other part of the control API.
func TestLive(t *testing.T) {
	t.Parallel()
	live := apptest.StartLive(t)
	_, err := live.Control.AddRule(t.Context(), control.Rule{Break: "reset"})
	if refused, ok := errors.AsType[*control.NotSandboxError](err); !ok || refused.Status != http.StatusNotFound {
		t.Errorf("a rule: got %v, want a *NotSandboxError", err)
	}
	if _, err = live.Control.Inject(t.Context(), control.Fault{Calls: 1}); err == nil {
		t.Error("a live gateway took a fault")
	}
	s := &shop{Sandbox: live}
	for _, header := range []string{"", "break=http_500", "value=-63", "nonsense"} {
		status, body, err := s.raw(t.Context(), t, header)
		if err != nil || status != http.StatusOK || !bytes.Contains(body, []byte(`"sub_return_code":-401`)) {
			t.Errorf("header %q: status %d, body %s, %v, want the answer without it", header, status, body, err)
		}
	}
}

// TestFault has the store fail for one app.
func TestFault(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	b := s.bind(t, spendable, nil)
	_, order := s.order(t, 1000, "")
	if _, err := s.Control.Inject(t.Context(), control.Fault{App: 2553, Calls: 1}); err != nil {
		t.Fatal(err)
	}
	_, err := s.payOrder(t, b, order)
	wantCode(t, "with the fault", err, sen.CodeInternal)
	s.wantBalances(t, "nothing was paid", 5_000_000, 0)
	_, err = s.payOrder(t, b, order)
	wantCode(t, "without it", err, 0)
	s.wantBalances(t, "paid once", 5_000_000-1000, 1000)
	s.wantLedger(t)
}
