package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sen/internal/callback"
	"sen/internal/chaos"
	"sen/internal/merchant"
	"sen/internal/pay"
	"sen/internal/scenario"
)

var nodes = map[string]func(*testing.T, *fixture){
	"Node/every change raises the revision": raises,
	"Node/who has seen what":                nodesBehind,
	"Lease/one owner at a time":             leases,
	"Lease/many want it":                    leaseRace,
	"Permits/of a second":                   permits,
	"Permits/clocks apart":                  permitsClocks,
	"Permits/many take":                     permitsRace,
	"Fault/comes back as it went in":        faults,
	"Keys/a taken one":                      takenKeys,
}

func (f *fixture) revision() int64 {
	f.t.Helper()
	revision, _, err := f.Revision(f.t.Context(), at)
	if err != nil {
		f.t.Fatal(err)
	}
	return revision
}

func raises(t *testing.T, f *fixture) {
	a := f.app(merchant.Terms{})
	ctx := t.Context()
	for _, c := range []struct {
		name   string
		change func() error
	}{
		{"a new app", func() error { f.app(merchant.Terms{}); return nil }},
		{"an app", func() error {
			_, err := f.UpdateApp(ctx, a.ID, func(a *merchant.App) error { a.Terms.FeeBP++; return nil })
			return err
		}},
		{"a maintenance", func() error { return f.InsertWindow(ctx, merchant.Window{ID: 1, From: at}) }},
		{"its end", func() error { _, err := f.DeleteWindow(ctx, 1); return err }},
		{"a rule", func() error { return f.InsertRule(ctx, scenario.Rule{ID: 1, Left: 1}) }},
		{"its end", func() error { _, err := f.DeleteRule(ctx, 1); return err }},
		{"no rules", func() error { return f.DeleteRules(ctx) }},
		{"a fault", func() error { return f.InsertFault(ctx, chaos.Fault{ID: 1, Calls: 1}) }},
		{"no faults", func() error { return f.DeleteFaults(ctx) }},
		{"a setting", func() error { return f.SetSetting(ctx, "a", "1") }},
		{"a node", func() error { _, err := f.JoinNode(ctx, 1, at, at); return err }},
		{"a node less", func() error { return f.LeaveNode(ctx, 1) }},
	} {
		before := f.revision()
		if err := c.change(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := f.revision(); got != before+1 {
			t.Errorf("%s: revision %d after %d", c.name, got, before)
		}
	}
	before := f.revision()
	if _, err := f.UpdateApp(ctx, a.ID, func(*merchant.App) error { return errTest }); !errors.Is(err, errTest) {
		t.Fatal(err)
	}
	if got := f.revision(); got != before {
		t.Errorf("a change that failed: revision %d after %d", got, before)
	}
}

func nodesBehind(t *testing.T, f *fixture) {
	ctx := t.Context()
	want := func(machine time.Time, living, behind int64) {
		t.Helper()
		revision, n, err := f.Revision(ctx, machine)
		if err != nil || n != living {
			t.Errorf("%d nodes live, %v, want %d", n, err, living)
		}
		if got, err := f.NodesBehind(ctx, revision, machine); got != behind || err != nil {
			t.Errorf("%d nodes are behind, %v, want %d", got, err, behind)
		}
	}
	want(at, 0, 0)
	until := at.Add(3 * time.Second)
	for id := range int64(2) {
		revision, err := f.JoinNode(ctx, id, at, until)
		if err != nil || revision != f.revision() {
			t.Errorf("JoinNode = %d, %v, want %d", revision, err, f.revision())
		}
	}
	want(at, 2, 2)
	if known, err := f.KeepNode(ctx, 0, f.revision(), until.Add(time.Second)); !known || err != nil {
		t.Errorf("KeepNode = %v, %v", known, err)
	}
	want(at, 2, 1)
	want(until, 1, 0) // the lease of the other is over
	if known, err := f.KeepNode(ctx, 7, f.revision(), until); known || err != nil {
		t.Errorf("KeepNode of nobody = %v, %v", known, err)
	}
	if err := f.LeaveNode(ctx, 0); err != nil {
		t.Fatal(err)
	}
	want(at, 1, 1)
	if _, err := f.JoinNode(ctx, 9, at.Add(24*time.Hour), at.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	want(at, 1, 1) // one of yesterday is forgotten
}

func (f *fixture) lease(owner int64, machine time.Time) bool {
	f.t.Helper()
	mine, err := f.TakeLease(f.t.Context(), "cleaning", owner, machine, workTime)
	if err != nil {
		f.t.Fatal(err)
	}
	return mine
}

func leases(t *testing.T, f *fixture) {
	for _, c := range []struct {
		owner int64
		after time.Duration
		want  bool
	}{
		{1, 0, true},
		{1, time.Second, true},
		{2, time.Second, false},
		{1, workTime * 3 / 4, true}, // keeps it
		{2, workTime, false},
		{2, workTime*7/4 - time.Microsecond, false},
		{2, workTime * 7 / 4, true},
		{1, workTime * 7 / 4, false},
	} {
		if got := f.lease(c.owner, at.Add(c.after)); got != c.want {
			t.Errorf("%d after %v: %v, want %v", c.owner, c.after, got, c.want)
		}
	}
	if err := f.DropLeases(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if !f.lease(1, at.Add(workTime*2)) {
		t.Error("a lease that was given back is not free")
	}
}

func leaseRace(t *testing.T, f *fixture) {
	won := make([]bool, 8)
	errs := together(len(won), func(i int) (err error) {
		won[i], err = f.TakeLease(t.Context(), "cleaning", int64(i), at, workTime)
		return err
	})
	winners := 0
	for _, w := range won {
		if w {
			winners++
		}
	}
	if err := unexpected(errs); err != nil || winners != 1 {
		t.Errorf("%d have the lease, %v, want 1", winners, err)
	}
}

func (f *fixture) permits(second, n, limit int64) int64 {
	f.t.Helper()
	got, err := f.TakePermits(f.t.Context(), 7, "create_order", second, n, limit)
	if err != nil {
		f.t.Fatal(err)
	}
	return got
}

func permits(t *testing.T, f *fixture) {
	for i, c := range []struct{ second, n, limit, want int64 }{
		{100, 4, 10, 4},
		{100, 4, 10, 4},
		{100, 4, 10, 2},
		{100, 4, 10, 0},
		{100, 1, 12, 1}, // the terms have changed
		{100, 1, 5, 0},
		{101, 10, 10, 10},
		{101, 1, 10, 0},
		{500, 1, 10, 1},
	} {
		if got := f.permits(c.second, c.n, c.limit); got != c.want {
			t.Errorf("call %d: %d permits, want %d", i+1, got, c.want)
		}
	}
	got, err := f.TakePermits(t.Context(), 7, "query_order", 500, 10, 10)
	if got != 10 || err != nil {
		t.Errorf("another operation: %d, %v, want 10", got, err)
	}
}

// permitsClocks takes by clocks that differ: a little behind shares the latest
// second, far behind is a clock that was set back.
func permitsClocks(t *testing.T, f *fixture) {
	for i, c := range []struct{ second, want int64 }{
		{100, 3}, {99, 3}, {98, 3}, {99, 1}, {100, 0}, {101, 3}, {99, 3}, {101, 3}, {50, 3}, {50, 3}, {52, 3}, {101, 3},
	} {
		if got := f.permits(c.second, 3, 10); got != c.want {
			t.Errorf("call %d at %d: %d permits, want %d", i+1, c.second, got, c.want)
		}
	}
}

func permitsRace(t *testing.T, f *fixture) {
	taken := make([]int64, 16)
	errs := together(len(taken), func(i int) error {
		for range 5 {
			n, err := f.TakePermits(t.Context(), 7, "create_order", 100, 3, 100)
			if err != nil {
				return err
			}
			taken[i] += n
		}
		return nil
	})
	sum := int64(0)
	for _, n := range taken {
		sum += n
	}
	if err := unexpected(errs); err != nil || sum != 100 {
		t.Errorf("%d permits, %v, want 100", sum, err)
	}
}

func faults(t *testing.T, f *fixture) {
	counted := chaos.Fault{ID: 1, App: 7, Calls: 2}
	timed := chaos.Fault{ID: 2, Until: at.Add(time.Minute)}
	for _, fault := range []chaos.Fault{counted, timed} {
		if err := f.InsertFault(t.Context(), fault); err != nil {
			t.Fatal(err)
		}
	}
	want := func(now time.Time, want ...chaos.Fault) {
		t.Helper()
		got, err := f.Faults(t.Context(), now)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("Faults: %v (-want +got):\n%s", err, diff)
		}
	}
	want(at, counted, timed)
	want(timed.Until, counted)
	for i, ok := range []bool{true, true, false} {
		if taken, err := f.TakeFault(t.Context(), counted.ID); taken != ok || err != nil {
			t.Errorf("call %d: %v, %v", i+1, taken, err)
		}
	}
	if taken, err := f.TakeFault(t.Context(), timed.ID); taken || err != nil {
		t.Errorf("TakeFault of one without a count: %v, %v", taken, err)
	}
	want(at, timed)
	if err := f.DeleteFaults(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(at)
}

// takenKeys draws keys that another process has drawn.
func takenKeys(t *testing.T, f *fixture) {
	d := f.newDelivery(at)
	f.update(func(tx pay.Tx) error {
		return errors.Join(tx.InsertDelivery(t.Context(), d), tx.InsertDelivery(t.Context(), d), tx.InsertDelivery(t.Context(), d))
	})
	got, err := f.DeliveriesOfOrder(t.Context(), d.Order)
	if diff := cmp.Diff([]callback.ID{d.ID, d.ID + 1, d.ID + 2}, idsOf(got)); diff != "" || err != nil {
		t.Errorf("deliveries: %v (-want +got):\n%s", err, diff)
	}
	c := pay.Card{ID: pay.CardID(f.id()), Fingerprint: "a", Sealed: []byte("x"), Masked: "m", CreatedAt: at}
	f.update(func(tx pay.Tx) error { return inserted(tx.InsertCard(t.Context(), c)) })
	err = f.Update(t.Context(), func(tx pay.Tx) error { return inserted(tx.InsertCard(t.Context(), c)) })
	if !errors.Is(err, errNotInserted) {
		t.Errorf("a card under a taken key: %v, want no insert and no error", err)
	}
	if _, err := ask(f, func(ctx context.Context, r pay.Reader) (pay.Card, error) { return r.Card(ctx, c.ID) }); err != nil {
		t.Error(err)
	}
}
