package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/callback"
	"sen/internal/control"
	"sen/internal/merchant"
	"sen/internal/mishap"
	"sen/internal/pay"
	"sen/internal/store"
)

// mishap adds a callback rule.
func (s *shop) mishap(r control.CallbackRule) control.CallbackRule {
	s.t.Helper()
	return apptest.Control[control.CallbackRule](s.Gateway, http.MethodPost, "/control/callback-rules", r)
}

// owed is the one callback of an order that was made and paid.
func (s *shop) owed(suffix, url string) control.Callback {
	s.t.Helper()
	s.made(order(suffix).with(members{"callback_url": url}))
	s.payFrom(suffix, rich)
	return s.Order(2553, "261122_"+suffix).Callbacks[0]
}

// careful answers as a merchant does who checks the mac.
func careful(s *shop) *receiver {
	to := newReceiver(s.t)
	to.then(func(w http.ResponseWriter, _ *http.Request) {
		all := to.got()
		if _, err := s.app.ParseCallback([]byte(all[len(all)-1])); err != nil {
			says(200, `{"return_code":-1,"return_message":"mac"}`)(w, nil)
			return
		}
		says(200, `{"return_code":1,"return_message":"ok"}`)(w, nil)
	})
	return to
}

// TestForgedCallbacks has bodies damaged on their way: what is owed stays true,
// what was sent is recorded, and a replay brings the true one.
func TestForgedCallbacks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := careful(s)
	for _, c := range []struct {
		kind mishap.Kind
		good bool // whether the mac of what is sent is right
		data string
	}{
		{mishap.InvalidJSON, false, ""},
		{mishap.Truncate, false, ""},
		{mishap.Changed, false, `"amount":60000`},
		{mishap.Key1, false, `"amount":50000`},
		{mishap.OtherKey, false, `"amount":50000`},
		{mishap.WrongAmount, true, `"amount":51000`},
		{mishap.UnknownOrder, true, `_unknown_orderx"`},
	} {
		s.mishap(control.CallbackRule{Kind: string(c.kind), Calls: 1})
		cb := s.attempted(s.owed(string(c.kind), to.URL).ID, 1)
		a := cb.History[0]
		all := to.got()
		if a.Mishap != string(c.kind) || a.Rule == "" || a.Sent != all[len(all)-1] || a.Sent == cb.Body {
			t.Errorf("%s: sent %q, recorded %+v", c.kind, all[len(all)-1], a)
		}
		if (a.Outcome == "accepted") != c.good || c.data != "" && !strings.Contains(strings.ReplaceAll(a.Sent, `\"`, `"`), c.data) {
			t.Errorf("%s: %s, sent %s", c.kind, a.Outcome, a.Sent)
		}
		if owed, err := s.app.ParseCallback([]byte(cb.Body)); err != nil || owed.Order.Amount != 50000 {
			t.Errorf("%s: what is owed is %s, %v", c.kind, cb.Body, err)
		}
		apptest.Control[control.Callback](s.Gateway, http.MethodPost, "/control/callbacks/"+cb.ID+"/replay", control.Replay{})
		again := s.attempted(cb.ID, 2).History[1]
		if again.Outcome != "accepted" || again.Mishap != "" || again.Sent != "" {
			t.Errorf("%s: the replay is %+v", c.kind, again)
		}
	}
}

// TestDroppedCallback is never sent.
func TestDroppedCallback(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := newReceiver(t)
	s.mishap(control.CallbackRule{Kind: "drop", AppTransID: "261122_lost*"})
	cb := s.attempted(s.owed("lost1", to.URL).ID, 1)
	if cb.State != "dropped" || cb.History[0].Outcome != "lost" || cb.DueAt != nil {
		t.Errorf("got %+v", cb)
	}
	if found := s.attempted(s.owed("found", to.URL).ID, 1); found.State != "delivered" || len(to.got()) != 1 {
		t.Errorf("got %+v, %q", found, to.got())
	}
	s.Advance(time.Hour)
	if len(s.callback(cb.ID).History) != 1 {
		t.Error("a dropped callback was sent later")
	}
}

// TestDelayedCallback is sent later by the sandbox's clock, and repeated as often
// as any other.
func TestDelayedCallback(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := newReceiver(t)
	to.then(says(500, ""))
	s.mishap(control.CallbackRule{Kind: "delay", Delay: "20m"}) // unlimited: but each only once
	cb := s.attempted(s.owed("late", to.URL).ID, 1)
	if len(to.got()) != 0 || cb.State != "due" || cb.History[0].Outcome != "held" || !cb.DueAt.Equal(apptest.Noon.Add(20*time.Minute)) {
		t.Fatalf("got %+v", cb)
	}
	s.Advance(20 * time.Minute)
	for n, pause := range []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute, 0} {
		s.attempted(cb.ID, n+2)
		s.Advance(pause)
	}
	if cb := s.callback(cb.ID); cb.State != "failed" || len(to.got()) != 4 {
		t.Errorf("%s after %d calls, want failed after 4", cb.State, len(to.got()))
	}
}

// TestCallbackAfterExpiry comes when a careless merchant has given the order up.
func TestCallbackAfterExpiry(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := newReceiver(t)
	s.mishap(control.CallbackRule{Kind: "after_expiry", Calls: 1})
	cb := s.attempted(s.owed("late", to.URL).ID, 1)
	if want := s.Order(2553, "261122_late").ExpiresAt.Add(time.Second); !cb.DueAt.Equal(want) {
		t.Fatalf("due at %v, want %v", cb.DueAt, want)
	}
	s.SetClock(*cb.DueAt)
	if got := s.attempted(cb.ID, 2); got.State != "delivered" {
		t.Errorf("got %+v", got)
	}
}

// TestReorderedCallbacks come in pairs that have changed places.
func TestReorderedCallbacks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := newReceiver(t)
	s.mishap(control.CallbackRule{Kind: "reorder"})
	first := s.attempted(s.owed("a", to.URL).ID, 1)
	if first.History[0].Outcome != "held" {
		t.Fatalf("got %+v", first)
	}
	s.attempted(s.owed("b", to.URL).ID, 1)
	s.attempted(first.ID, 2)
	all := to.got()
	if len(all) != 2 || !strings.Contains(all[0], "261122_b") || !strings.Contains(all[1], "261122_a") {
		t.Errorf("got %q", all)
	}
	// One that no other follows goes by itself.
	last := s.attempted(s.owed("c", to.URL).ID, 1)
	s.Advance(time.Minute)
	if got := s.attempted(last.ID, 2); got.State != "delivered" {
		t.Errorf("got %+v", got)
	}
}

// TestDuplicateCallbacks are sent twice, after another and at once, and each is
// recorded.
func TestDuplicateCallbacks(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := newReceiver(t)
	s.mishap(control.CallbackRule{Kind: "duplicate", Calls: 1})
	cb := s.attempted(s.owed("a", to.URL).ID, 2)
	if all := to.got(); cb.State != "delivered" || cb.Attempts != 2 || len(all) != 2 || all[0] != all[1] {
		t.Errorf("got %+v, %q", cb, all)
	}
	// Neither is answered before the other has come.
	both, come := make(chan struct{}), make(chan struct{}, 2)
	to.then(func(w http.ResponseWriter, _ *http.Request) {
		come <- struct{}{}
		<-both
		says(200, `{"return_code":1}`)(w, nil)
	})
	s.mishap(control.CallbackRule{Kind: "duplicate_at_once", Calls: 1})
	id := s.owed("b", to.URL).ID
	<-come
	<-come
	close(both)
	if cb := s.attempted(id, 2); cb.State != "delivered" {
		t.Errorf("got %+v", cb)
	}
	s.CheckLedger()
}

// TestSlowCallback takes its time, and its body is whole.
func TestSlowCallback(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := careful(s)
	s.mishap(control.CallbackRule{Kind: "slow", Delay: "200ms", Calls: 1})
	cb := s.attempted(s.owed("a", to.URL).ID, 1)
	if a := cb.History[0]; a.Outcome != "accepted" || a.TookMS < 200 || a.Mishap != "slow" {
		t.Errorf("got %+v", a)
	}
}

// TestCallbackRules looks at what rules speak of, and at those that are refused.
func TestCallbackRules(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	to := newReceiver(t)
	s.mishap(control.CallbackRule{Kind: "drop", App: 2554})
	s.mishap(control.CallbackRule{Kind: "drop", Subject: "binding"})
	s.mishap(control.CallbackRule{Kind: "drop", AppTransID: "261122_?"})
	s.mishap(control.CallbackRule{Kind: "drop", ExpiresAt: new(apptest.Noon)})
	gone := s.mishap(control.CallbackRule{Kind: "drop"})
	apptest.Control[control.CallbackRule](s.Gateway, http.MethodDelete, "/control/callback-rules/"+gone.ID, nil)
	if cb := s.attempted(s.owed("aa", to.URL).ID, 1); cb.State != "delivered" {
		t.Errorf("got %+v", cb)
	}
	if all := apptest.Control[[]control.CallbackRule](s.Gateway, http.MethodGet, "/control/callback-rules", nil); len(all) != 3 {
		t.Errorf("listed %+v, want the three that meet something", all)
	}
	for _, bad := range []control.CallbackRule{
		{},
		{Kind: "dance"},
		{Kind: "drop", Subject: "refund"},
		{Kind: "drop", Delay: "1s"},
		{Kind: "drop", Calls: -1},
		{Kind: "delay", Delay: "-1s"},
		{Kind: "delay", Delay: "soon"},
		{Kind: "slow", Delay: "21s"},
		{Kind: "drop", AppTransID: "[a"},
		{Kind: "wrong_amount", Subject: "binding"},
	} {
		if status, body := apptest.TryControl(s.Gateway, http.MethodPost, "/control/callback-rules", bad); status != http.StatusBadRequest {
			t.Errorf("%+v: %d %s", bad, status, body)
		}
	}
	apptest.Control[[]control.CallbackRule](s.Gateway, http.MethodDelete, "/control/callback-rules", nil)
	if cb := s.attempted(s.owed("b", to.URL).ID, 1); cb.State != "delivered" {
		t.Errorf("got %+v", cb)
	}
}

// TestLiveHasNoMishaps puts a rule into the data of a live gateway: it sends what
// it owes.
func TestLiveHasNoMishaps(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		place := livePlace(t, c)
		if _, err := app.CreateApp(t.Context(), place, app.Live, merchant.App{ID: 7, Name: "Sen"}); err != nil {
			t.Fatal(err)
		}
		st, err := store.Open(t.Context(), place.Database())
		if err != nil {
			t.Fatal(err)
		}
		if err := st.InsertCallbackRule(t.Context(), mishap.Rule{ID: 1, Kind: mishap.Drop, Left: mishap.Unlimited}); err != nil {
			t.Fatal(err)
		}
		err = st.Update(t.Context(), func(tx pay.Tx) error {
			return tx.InsertDelivery(t.Context(), callback.Delivery{
				ID: 1, App: 7, Subject: callback.BindingChanged, URL: "https://127.0.0.1/", State: callback.Due,
				Body: sen.App{Key2: "k"}.SealCallback([]byte(`{}`), sen.AgreementCallbackType), DueAt: apptest.Noon, CreatedAt: apptest.Noon,
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	})
	var all []callback.Attempt
	apptest.Wait(t, "the attempt", func() bool {
		return len(g.Log.Lines("msg=callback ")) > 0
	})
	g.Restart(func() {
		st, err := store.Open(t.Context(), g.Place())
		if err != nil {
			t.Fatal(err)
		}
		if all, err = st.Attempts(t.Context(), 1); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	// The address is one that a live gateway does not call: it has tried to.
	if len(all) != 1 || all[0].Outcome != callback.Refused || all[0].Mishap != "" || all[0].Rule != 0 {
		t.Errorf("got %+v", all)
	}
}
