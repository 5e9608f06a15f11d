package bench

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sen"
	"sen/internal/sandbox"
)

// TestAnyGateway measures a gateway of which only an app is known, at a chosen
// pace.
func TestAnyGateway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := start(t.Context(), os.Args[0], filepath.Join(dir, "data"), filepath.Join(dir, "log"), "", "serve")
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	app := sandbox.Apps()[0]
	const pace = 200.0
	r, err := Run(t.Context(), Config{
		Target: c.URL, App: sen.App{ID: int(app.ID), Key1: app.Key1}, Rate: pace,
		Merchants: 1, Wallets: 1, Duration: 400 * time.Millisecond, Concurrency: []int{3},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Figures) != 2 || len(r.Steady) > 0 || len(r.Crowded) > 0 {
		t.Errorf("measured %+v", r)
	}
	for _, f := range r.Figures {
		// Not more than the pace, but for what began a slice.
		if f.Errors != 0 || f.Operations == 0 || f.Asked != pace || f.PerSecond > 1.5*pace {
			t.Errorf("a figure that can't be: %+v", f)
		}
	}
	_, err = Run(t.Context(), Config{
		Target: c.URL, App: sen.App{ID: int(app.ID), Key1: "not this one"},
		Merchants: 1, Wallets: 1, Duration: 40 * time.Millisecond, Concurrency: []int{1}, Only: []string{"query-unpaid"},
	})
	if err == nil {
		t.Error("a gateway that refuses every mac was measured")
	}
}

// Every kind of call comes as often as its share says, and none waits for the
// end of the round.
func TestSpreadOut(t *testing.T) {
	t.Parallel()
	var came []string
	calls := (&work{}).dayCalls()
	total := 0
	for i := range calls {
		name := calls[i].name
		calls[i].op = func(*caller) error { came = append(came, name); return nil }
		total += calls[i].share
	}
	for _, op := range spreadOut(calls) {
		_ = op(nil)
	}
	for _, c := range calls {
		count, last := 0, -1
		for i, name := range came {
			if name != c.name {
				continue
			}
			if most := 2 * total / c.share; i-last > most {
				t.Errorf("%s comes %d calls after the one before", c.name, i-last)
			}
			count, last = count+1, i
		}
		if count != c.share {
			t.Errorf("%d of %s, want %d", count, c.name, c.share)
		}
	}
}
