package app_test

import (
	"net/http"
	"testing"
	"time"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/control"
)

// TestClockRange sees that no time can be set in which a sandbox would not
// work any more, not even by steps: it would keep it over a restart.
func TestClockRange(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	at := func(year int) *time.Time { return ptr(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)) }
	for _, c := range []struct {
		name string
		move control.MoveClock
		want int
	}{
		{"year 1", control.MoveClock{Set: at(1)}, 400},
		{"2019", control.MoveClock{Set: at(2019)}, 400},
		{"2081", control.MoveClock{Set: at(2081)}, 400},
		{"9999", control.MoveClock{Set: at(9999)}, 400},
		{"as far as a duration goes", control.MoveClock{Advance: "2562047h"}, 400},
		{"as far back", control.MoveClock{Advance: "-2562047h"}, 400},
		{"nonsense", control.MoveClock{Advance: "soon"}, 400},
		{"2080", control.MoveClock{Set: at(2080)}, 200},
		{"farther from there", control.MoveClock{Advance: "20000h"}, 400},
		{"2020", control.MoveClock{Set: at(2020)}, 200},
		{"reset", control.MoveClock{Reset: true}, 200},
	} {
		if status, body := apptest.TryControl(s.Gateway, http.MethodPost, "/control/clock", c.move); status != c.want {
			t.Errorf("%s: HTTP %d %s", c.name, status, body)
		}
	}
	if got := s.Now(); !got.Equal(apptest.Noon) {
		t.Errorf("the clock stands at %v", got)
	}
	s.made(order("a"))
	if a := s.call(sen.OpQueryOrder, queried("a")); a.Sub != 3 {
		t.Errorf("got %s", a.Body)
	}
}
