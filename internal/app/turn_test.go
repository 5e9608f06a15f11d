package app_test

import (
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// TestLives starts a sandbox with a seed again: what its second life draws, its
// first one has not drawn, and its clock goes on from where it was.
func TestLives(t *testing.T) {
	t.Parallel()
	embedded(t)
	g := apptest.Start(t, func(c *app.Config) { c.Start, c.Seed = worldStart, new(uint64(1)) })
	create := func(name string) string {
		t.Helper()
		made, err := g.Client(2553).Orders.Create(t.Context(), sen.CreateOrderRequest{
			AppTransID: sen.AppTransID(g.Now(), name), AppUser: "An", Amount: 50_000, Description: "Coffee",
		})
		if err != nil {
			t.Fatal(err)
		}
		return made.ZPTransToken
	}
	g.Advance(time.Minute)
	first := create("a")
	g.Restart(nil)
	if second := create("b"); second[12:] == first[12:] {
		t.Errorf("tokens %s and %s end alike", first, second)
	}
	if got, want := g.Now(), worldStart.Add(time.Minute); !got.Equal(want) {
		t.Errorf("the clock shows %v after the restart, want %v", got, want)
	}
}

// TestFailedWorkStanding has the store fail while work is due: it is done after a
// request that comes later.
func TestFailedWorkStanding(t *testing.T) {
	t.Parallel()
	embedded(t)
	g := apptest.Start(t, func(c *app.Config) { c.Start = worldStart })
	client := g.Client(2553)
	_, err := client.Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: "260102_a", AppUser: "An", Amount: 50_000, Description: "Coffee"})
	if err != nil {
		t.Fatal(err)
	}
	ctl := control.NewClient(g.URL)
	if _, err := ctl.Inject(t.Context(), control.Fault{Calls: 1}); err != nil {
		t.Fatal(err)
	}
	g.Advance(15 * time.Minute)
	g.Advance(0)
	if o := g.Order(2553, "260102_a"); o.State != "expired" {
		t.Errorf("the order is %s", o.State)
	}
	if len(g.Log.Lines("work failed")) == 0 {
		t.Error("no work failed: the fault hit something else")
	}
}
