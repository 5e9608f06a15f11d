package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/pgtest"
)

// left is what a run must leave as it was.
type left struct {
	Rules   []control.Rule
	Faults  []control.Fault
	Windows []control.Window
	Refunds []control.Refund
	App     control.App
	Wallet  control.Wallet
}

func lookAround(t *testing.T, s *apptest.Sandbox) (l left) {
	t.Helper()
	ctx := t.Context()
	var errs [6]error
	l.Rules, errs[0] = s.Control.Rules(ctx)
	l.Faults, errs[1] = s.Control.Faults(ctx)
	l.Windows, errs[2] = s.Control.Windows(ctx)
	l.Refunds, errs[3] = s.Control.Refunds(ctx)
	l.App, errs[4] = s.Control.App(ctx, 2553)
	l.Wallet, errs[5] = s.Control.ChangeWallet(ctx, "0900000002", control.Conditions{})
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestRun runs all checks against a whole sandbox, twice: the second run finds
// what the first has left.
func TestRun(t *testing.T) {
	t.Parallel()
	s := apptest.StartSandbox(t)
	value := -63 // a rule of somebody else's, about another app
	if _, err := s.Control.AddRule(t.Context(), control.Rule{Operation: "query_order", App: 2553, Value: &value}); err != nil {
		t.Fatal(err)
	}
	before := lookAround(t, s)
	for _, name := range []string{"fresh", "again"} {
		t.Run(name, func(t *testing.T) { runOnce(t, s.URL) })
	}
	if diff := cmp.Diff(before, lookAround(t, s)); diff != "" {
		t.Errorf("the sandbox (-before +after):\n%s", diff)
	}
	c, err := s.Control.Clock(t.Context())
	if err != nil || c.Offset != "0s" {
		t.Errorf("the clock is %s off, %v, want 0s", c.Offset, err)
	}
	l, err := s.Control.Ledger(t.Context())
	if err != nil || !l.OK {
		t.Errorf("the ledger: %v, %v", l.Problems, err)
	}
}

// TestRunStanding runs them against a sandbox whose clock stands.
func TestRunStanding(t *testing.T) {
	t.Parallel()
	if pgtest.Wanted() {
		t.Skip("a clock that stands needs the embedded database")
	}
	g := apptest.Start(t, func(c *app.Config) { c.Start, c.Seed, c.RefundDelay = apptest.Noon, new(uint64(1)), time.Second })
	runOnce(t, g.URL)
}

func runOnce(t *testing.T, target string) {
	rep, err := Run(t.Context(), target, func(r Result) {
		t.Run(r.Operation+" "+Key{Value: r.Value}.String(), func(t *testing.T) {
			if r.Earned.State != OK {
				t.Errorf("earned: %s: %s", r.Earned.State, r.Earned.Detail)
			}
			if r.Forced.State != OK {
				t.Errorf("forced: %s: %s", r.Forced.State, r.Forced.Detail)
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if all := len(Documented()); rep.Earned != all || rep.Forced != all || !rep.OK {
		t.Errorf("earned %d, forced %d, ok %v, want %d, %d and true", rep.Earned, rep.Forced, rep.OK, all, all)
	}
	t.Logf("%d of %d earned, %d of %d forced", rep.Earned, len(rep.Results), rep.Forced, len(rep.Results))
}

// TestCases holds the cases against the catalogue.
func TestCases(t *testing.T) {
	t.Parallel()
	documented := map[Key]bool{}
	for _, st := range Documented() {
		documented[Key{st.Operation, st.Value}] = true
	}
	if len(documented) != 113 {
		t.Errorf("%d documented values, want 113", len(documented))
	}
	all := cases()
	for key := range all {
		if !documented[key] {
			t.Errorf("a case for %v, which is not documented", key)
		}
	}
	for key := range documented {
		if all[key] == nil {
			t.Errorf("there is no case for %v", key)
		}
	}
}

// TestEarn shows that each thing that can be wrong is found.
func TestEarn(t *testing.T) {
	t.Parallel()
	key := Key{"query_order", -54}
	gives := func(value int, err error) scene {
		return func(context.Context, *bench) (int, error) { return value, err }
	}
	for _, tt := range []struct {
		name string
		play scene
		want Outcome
	}{
		{"right", gives(-54, nil), Outcome{OK, ""}},
		{"another value", gives(1, nil), Outcome{Failed, "got 1"}},
		{"an error", gives(-54, errors.New("lost")), Outcome{Failed, "lost"}},
		{"no case", nil, Outcome{Missing, "there is no case"}},
	} {
		if diff := cmp.Diff(tt.want, (&bench{}).earn(t.Context(), key, tt.play)); diff != "" {
			t.Errorf("%s: outcome (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestInterrupted ends a run in the middle of its changes.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	s := apptest.StartSandbox(t)
	before := lookAround(t, s)
	for value, where := range map[int]int{-999: 3, -1801: 60, -429: 1} {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err := Run(ctx, s.URL, func(Result) {
			if n++; n == where {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled after %d: got %v, want %v", where, err, context.Canceled)
		}
		b, err := open(t.Context(), s.URL)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		play := everywhere[value]
		b.earn(ctx, Key{"create_order", value}, func(ctx context.Context, b *bench) (int, error) {
			got, err := play(ctx, b, operation("create_order"))
			cancel()
			return got, err
		})
		if err := b.close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(before, lookAround(t, s)); diff != "" {
		t.Errorf("the sandbox (-before +after):\n%s", diff)
	}
	if a, err := s.Control.App(t.Context(), ownApp); err != nil || !a.Disabled || a.RatePerSecond != 0 {
		t.Errorf("the app of the checks: %+v, %v, want it disabled and with plain terms", a, err)
	}
}

func TestRunNowhere(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), "http://127.0.0.1:1", func(Result) {})
	if _, ok := errors.AsType[*control.UnreachableError](err); !ok {
		t.Errorf("got %v, want an *UnreachableError", err)
	}
}
