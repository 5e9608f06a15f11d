package storetest

import (
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sen/internal/callback"
	"sen/internal/merchant"
	"sen/internal/mishap"
	"sen/internal/pay"
)

var deliveries = map[string]func(*testing.T, *fixture){
	"Delivery/comes back as it went in":        deliveryRoundTrip,
	"Delivery/claims what is due":              claimDue,
	"Delivery/none is claimed twice":           claimRace,
	"Delivery/a lease runs out":                leaseRunsOut,
	"Delivery/leases ignore the business time": leaseIgnoresClock,
	"Delivery/a released lease":                releaseLeases,
	"Delivery/settles":                         settleDelivery,
	"Delivery/a late worker changes nothing":   settleLate,
	"Delivery/replayed during an attempt":      replayDuringAttempt,
	"Delivery/replays":                         replayDelivery,
	"Delivery/pages":                           deliveryPages,
	"Delivery/rules come back as they went in": callbackRules,
	"Delivery/a rule makes copies":             deliveryCopies,
	"Delivery/a rule holds":                    deliveryHeld,
}

const lease = 45 * time.Second

// claim takes up to n deliveries at that machine time.
func (f *fixture) claim(now, machine time.Time, n int) []callback.Delivery {
	f.t.Helper()
	got, err := f.ClaimDeliveries(f.t.Context(), now, machine, lease, n)
	if err != nil {
		f.t.Fatalf("ClaimDeliveries: %v", err)
	}
	return got
}

func (f *fixture) deliveryIs(want callback.Delivery) {
	f.t.Helper()
	got, err := f.Delivery(f.t.Context(), want.ID)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		f.t.Errorf("Delivery: %v (-want +got):\n%s", err, diff)
	}
}

func (f *fixture) settle(d callback.Delivery, outcome callback.Outcome) {
	f.t.Helper()
	a := callback.Attempt{Delivery: d.ID, N: d.Attempts, At: at, Outcome: outcome}
	state, due := callback.Next(outcome, d.Round, at)
	if err := f.SettleDelivery(f.t.Context(), []callback.Attempt{a}, state, due); err != nil {
		f.t.Fatalf("SettleDelivery: %v", err)
	}
}

func deliveryRoundTrip(t *testing.T, f *fixture) {
	bodies := [][]byte{{}, {0}, {0xff, 0xfe, 0, 1}, []byte("\x00a\x00"), []byte(`{"data":"{\"a\":\"đ😀\"}","mac":"x"}`)}
	for _, text := range tricky {
		bodies = append(bodies, []byte(text))
	}
	for _, body := range bodies {
		d := f.newDelivery(at)
		d.Body, d.URL, d.Attempts, d.Round = body, "https://a.example/?q="+tricky[5], 2, 1
		f.update(func(tx pay.Tx) error { return tx.InsertDelivery(t.Context(), d) })
		f.deliveryIs(d)
	}
	d := f.newDelivery(time.Time{})
	d.State = callback.Unaddressed
	f.update(func(tx pay.Tx) error { return tx.InsertDelivery(t.Context(), d) })
	f.deliveryIs(d)
	if _, err := f.Delivery(t.Context(), d.ID+1); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("Delivery = %v, want ErrNotFound", err)
	}
}

func claimDue(t *testing.T, f *fixture) {
	if got := f.claim(at, at, 10); len(got) != 0 {
		t.Errorf("claimed %v of nothing", got)
	}
	second, first := f.delivery(at), f.delivery(at.Add(-time.Second))
	f.delivery(at.Add(time.Microsecond))
	addressless := f.newDelivery(time.Time{})
	addressless.State = callback.Unaddressed
	f.update(func(tx pay.Tx) error { return tx.InsertDelivery(t.Context(), addressless) })

	first.Attempts, first.Round, second.Attempts, second.Round = 1, 1, 1, 1
	if diff := cmp.Diff([]callback.Delivery{first}, f.claim(at, at, 1)); diff != "" {
		t.Errorf("the first claim (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]callback.Delivery{second}, f.claim(at, at, 10)); diff != "" {
		t.Errorf("the second claim (-want +got):\n%s", diff)
	}
	if got := f.claim(at, at, 10); len(got) != 0 {
		t.Errorf("the third claim: %v, want nothing", got)
	}
	f.deliveryIs(first)
}

func claimRace(t *testing.T, f *fixture) {
	const all, workers = 2_000, 8
	batch := make([]callback.Delivery, all)
	for i := range batch {
		batch[i] = f.newDelivery(at)
	}
	f.update(func(tx pay.Tx) error {
		for _, d := range batch {
			if err := tx.InsertDelivery(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
	var mu sync.Mutex
	times := map[callback.ID]int{}
	errs := together(workers, func(int) error {
		for {
			got, err := f.ClaimDeliveries(t.Context(), at, at, lease, 37)
			if err != nil || len(got) == 0 {
				return err
			}
			mu.Lock()
			for _, d := range got {
				times[d.ID]++
			}
			mu.Unlock()
		}
	})
	if err := unexpected(errs); err != nil {
		t.Fatal(err)
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("delivery %d was claimed %d times", id, n)
		}
	}
	if len(times) != all {
		t.Errorf("%d of %d were claimed", len(times), all)
	}
}

func leaseRunsOut(t *testing.T, f *fixture) {
	d := f.delivery(at)
	f.claim(at, at, 1)
	if got := f.claim(at, at.Add(lease-time.Microsecond), 1); len(got) != 0 {
		t.Errorf("claimed %v under a lease", got)
	}
	d.Attempts, d.Round = 2, 2
	if diff := cmp.Diff([]callback.Delivery{d}, f.claim(at, at.Add(lease), 1)); diff != "" {
		t.Errorf("after the lease (-want +got):\n%s", diff)
	}
}

func leaseIgnoresClock(t *testing.T, f *fixture) {
	f.delivery(at)
	f.claim(at, at, 1)
	if got := f.claim(at.Add(365*24*time.Hour), at, 1); len(got) != 0 {
		t.Errorf("a business clock that was moved took %v away from its worker", got)
	}
}

func releaseLeases(t *testing.T, f *fixture) {
	f.delivery(at)
	f.claim(at, at, 1)
	if err := f.ReleaseLeases(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := f.claim(at, at, 1); len(got) != 1 {
		t.Errorf("claimed %d after the release, want 1", len(got))
	}
}

func settleDelivery(t *testing.T, f *fixture) {
	d := f.delivery(at)
	one := f.claim(at, at, 1)[0]
	a := callback.Attempt{
		Delivery: d.ID, N: 1, At: at, Took: 1_234_567 * time.Microsecond, Status: 502, Answer: "không 😀 \r\n",
		Err: "it's down", Outcome: callback.Repeat,
	}
	due := at.Add(15 * time.Second)
	if err := f.SettleDelivery(t.Context(), []callback.Attempt{a}, callback.Due, due); err != nil {
		t.Fatal(err)
	}
	one.DueAt = due
	f.deliveryIs(one)
	if got := f.claim(due.Add(-time.Microsecond), at, 1); len(got) != 0 {
		t.Error("claimed before it is due again")
	}
	// Its lease is over with the settlement, not with the lease's time.
	two := f.claim(due, at, 1)
	if len(two) != 1 || two[0].Attempts != 2 || two[0].Round != 2 {
		t.Fatalf("claimed %v, want attempt 2", two)
	}
	f.settle(two[0], callback.Accepted)
	two[0].State, two[0].DueAt = callback.Delivered, time.Time{}
	f.deliveryIs(two[0])
	if got := f.claim(at.Add(time.Hour), at.Add(time.Hour), 1); len(got) != 0 {
		t.Error("claimed what was delivered")
	}
	got, err := f.Attempts(t.Context(), d.ID)
	want := []callback.Attempt{a, {Delivery: d.ID, N: 2, At: at, Outcome: callback.Accepted}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Attempts: %v (-want +got):\n%s", err, diff)
	}
}

func settleLate(t *testing.T, f *fixture) {
	f.delivery(at)
	late := f.claim(at, at, 1)[0]
	now := f.claim(at, at.Add(lease), 1)[0]
	f.settle(late, callback.Refused)
	f.deliveryIs(now)
	if got := f.claim(at, at.Add(lease), 1); len(got) != 0 {
		t.Error("the late worker took the lease of the other away")
	}
	f.settle(now, callback.Accepted)
	f.settle(late, callback.Repeat) // later still
	now.State, now.DueAt = callback.Delivered, time.Time{}
	f.deliveryIs(now)
	if got, err := f.Attempts(t.Context(), now.ID); err != nil || len(got) != 2 || got[0].Outcome != callback.Refused {
		t.Errorf("Attempts = %v, %v, want both, as they were first recorded", got, err)
	}
}

func replayDuringAttempt(t *testing.T, f *fixture) {
	f.delivery(at)
	before := f.claim(at, at, 1)[0]
	replayed, err := f.ReplayDelivery(t.Context(), before.ID, at.Add(time.Second), "https://other.example/")
	if err != nil {
		t.Fatal(err)
	}
	f.settle(before, callback.Accepted)
	replayed.Round = 0
	f.deliveryIs(replayed)
	got := f.claim(at.Add(time.Second), at, 1)
	replayed.Attempts, replayed.Round = 2, 1
	if diff := cmp.Diff([]callback.Delivery{replayed}, got); diff != "" {
		t.Errorf("the claim after the replay (-want +got):\n%s", diff)
	}
}

func replayDelivery(t *testing.T, f *fixture) {
	d := f.delivery(at)
	claimed := f.claim(at, at, 1)[0]
	f.settle(claimed, callback.Accepted)
	got, err := f.ReplayDelivery(t.Context(), d.ID, at.Add(time.Minute), "")
	if err != nil || got.URL != d.URL || got.State != callback.Due {
		t.Errorf("ReplayDelivery = %+v, %v", got, err)
	}
	claimed.DueAt, claimed.Round = at.Add(time.Minute), 0
	f.deliveryIs(claimed)

	nowhere := f.newDelivery(time.Time{})
	nowhere.State, nowhere.URL = callback.Unaddressed, ""
	f.update(func(tx pay.Tx) error { return tx.InsertDelivery(t.Context(), nowhere) })
	if _, err := f.ReplayDelivery(t.Context(), nowhere.ID, at, ""); !errors.Is(err, callback.ErrNoURL) {
		t.Errorf("without a URL: %v, want ErrNoURL", err)
	}
	if _, err := f.ReplayDelivery(t.Context(), nowhere.ID, at, "https://a.example/"); err != nil {
		t.Errorf("with a URL: %v", err)
	}
	nowhere.State, nowhere.URL, nowhere.DueAt = callback.Due, "https://a.example/", at
	f.deliveryIs(nowhere)
	if _, err := f.ReplayDelivery(t.Context(), 1, at, ""); !errors.Is(err, callback.ErrNotFound) {
		t.Errorf("one that is not there: %v, want ErrNotFound", err)
	}
}

func deliveryPages(t *testing.T, f *fixture) {
	var ids []callback.ID
	for range 5 {
		ids = append(ids, f.delivery(at).ID)
	}
	for _, c := range []struct {
		before callback.ID
		n      int
		want   []callback.ID
	}{
		{math.MaxInt64, 2, []callback.ID{ids[4], ids[3]}},
		{ids[3], 2, []callback.ID{ids[2], ids[1]}},
		{ids[1], 2, []callback.ID{ids[0]}},
		{ids[0], 2, nil},
	} {
		got, err := f.Deliveries(t.Context(), c.before, c.n)
		if diff := cmp.Diff(c.want, idsOf(got)); diff != "" || err != nil {
			t.Errorf("before %d: %v (-want +got):\n%s", c.before, err, diff)
		}
	}
	again := f.newDelivery(at)
	again.Order = int64(ids[2])
	f.update(func(tx pay.Tx) error { return tx.InsertDelivery(t.Context(), again) })
	got, err := f.DeliveriesOfOrder(t.Context(), int64(ids[2]))
	if diff := cmp.Diff([]callback.ID{ids[2], again.ID}, idsOf(got)); diff != "" || err != nil {
		t.Errorf("of an order: %v (-want +got):\n%s", err, diff)
	}
}

func idsOf(all []callback.Delivery) (ids []callback.ID) {
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

func callbackRules(t *testing.T, f *fixture) {
	want := []mishap.Rule{
		{ID: 1, Kind: mishap.Drop, Left: mishap.Unlimited},
		{ID: 2, App: 7, Subject: callback.OrderPaid, TransID: "261122_*", Kind: mishap.Delay, Delay: time.Hour, Left: 1, ExpiresAt: at},
	}
	for _, r := range want {
		if err := f.InsertCallbackRule(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for i, possible := range []bool{true, false} {
		if taken, err := f.TakeCallbackRule(t.Context(), 2); taken != possible || err != nil {
			t.Errorf("take %d: %v, %v", i, taken, err)
		}
	}
	want[1].Left = 0
	got, err := f.CallbackRules(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for i, there := range []bool{true, false} {
		if found, err := f.DeleteCallbackRule(t.Context(), 1); found != there || err != nil {
			t.Errorf("delete %d: %v, %v", i, found, err)
		}
	}
	if err := f.DeleteCallbackRules(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := f.CallbackRules(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("left %v, %v", got, err)
	}
}

// deliveryCopies settles a claim of which two calls came. One that is late
// records no more than were counted.
func deliveryCopies(t *testing.T, f *fixture) {
	f.delivery(at)
	d := f.claim(at, at, 1)[0]
	two := []callback.Attempt{
		{Delivery: d.ID, N: 1, At: at, Outcome: callback.Accepted, Rule: 5, Mishap: "duplicate", Sent: []byte("\x00\xff")},
		{Delivery: d.ID, N: 2, At: at, Outcome: callback.Refused, Rule: 5, Mishap: "duplicate"},
	}
	for range 2 { // the second time it is settled already
		if err := f.SettleDelivery(t.Context(), two, callback.Delivered, time.Time{}); err != nil {
			t.Fatal(err)
		}
		d.State, d.DueAt, d.Attempts = callback.Delivered, time.Time{}, 2
		f.deliveryIs(d)
		got, err := f.Attempts(t.Context(), d.ID)
		if diff := cmp.Diff(two, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// deliveryHeld has a rule hold a delivery, which takes none of its tries, and
// lets it go when another has gone.
func deliveryHeld(t *testing.T, f *fixture) {
	const rule = 5
	f.delivery(at)
	d := f.claim(at, at, 1)[0]
	held := []callback.Attempt{{Delivery: d.ID, N: 1, At: at, Outcome: callback.Held, Rule: rule, Mishap: "reorder"}}
	holds := func(before, now bool) {
		t.Helper()
		if got, err := f.HeldBefore(t.Context(), d.ID, rule); got != before || err != nil {
			t.Errorf("HeldBefore = %v, %v, want %v", got, err, before)
		}
		if got, err := f.HoldsNow(t.Context(), rule); got != now || err != nil {
			t.Errorf("HoldsNow = %v, %v, want %v", got, err, now)
		}
	}
	holds(false, false)
	until := at.Add(time.Minute)
	if err := f.SettleDelivery(t.Context(), held, callback.Due, until); err != nil {
		t.Fatal(err)
	}
	d.DueAt, d.Round = until, 0
	f.deliveryIs(d)
	holds(true, true)
	for _, other := range []struct {
		app merchant.ID
		but callback.ID
	}{{d.App + 1, d.ID + 1}, {d.App, d.ID}} {
		if err := f.LetGo(t.Context(), other.app, other.but, at); err != nil {
			t.Fatal(err)
		}
		f.deliveryIs(d)
	}
	if err := f.LetGo(t.Context(), d.App, d.ID+1, at); err != nil {
		t.Fatal(err)
	}
	d.DueAt = at
	f.deliveryIs(d)
	f.claim(at, at, 1)
	holds(true, false)
}
