package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/pgtest"
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

// TestMovedClock has a shop that goes by its own clock, which is right, and is
// told that the sandbox's is not.
func TestMovedClock(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	tell := func(what, en, vi string, m members) {
		t.Helper()
		for lang, want := range map[string]string{"en": en, "vi": vi, "": vi} {
			h := header("Accept-Language", lang, "Content-Type", "application/x-www-form-urlencoded")
			if a := s.sendWith(http.MethodPost, sen.OpCreateOrder.Path, h, s.signed(sen.OpCreateOrder, m).form()); a.Sub != -401 || !strings.Contains(a.SubText, want) {
				t.Errorf("%s in %q: got %s\nwant %s", what, lang, a.Body, want)
			}
		}
	}
	lack := func(what string, m members) {
		t.Helper()
		if a := s.call(sen.OpCreateOrder, m); a.Sub != -401 || strings.Contains(a.SubText, "sandbox") {
			t.Errorf("%s: got %s", what, a.Body)
		}
	}
	early, yesterday := order("a").with(members{"app_time": millis(-20 * time.Minute)}), order("a").with(members{"app_trans_id": "261121_a"})
	lack("a clock that was not moved", early)

	apptest.Control[control.Clock](s.Gateway, http.MethodPost, "/control/clock", control.MoveClock{Advance: "24h"})
	moved := "24h0m0s ahead of the machine's: send the time of " + millis(24*time.Hour) + ` (2026-11-23 12:00:00 GMT+7), or set it back with "sen clock reset"`
	tell("moved on", "this sandbox's clock was moved, "+moved, "đồng hồ của sandbox này đã bị chỉnh, nhanh 24h0m0s", order("a"))
	tell("the day", "today as yyMMdd at GMT+7, not \"261121\"; this sandbox's clock was moved, "+moved, "nhanh 24h0m0s", yesterday.with(members{"app_time": millis(24 * time.Hour)}))
	lack("seconds", order("a").with(members{"app_time": millis(0)[:10]}))
	apptest.Control[control.Clock](s.Gateway, http.MethodPost, "/control/clock", control.MoveClock{Advance: "-48h"})
	tell("moved back", "24h0m0s behind the machine's", "chậm 24h0m0s so với đồng hồ máy", order("a"))

	if pgtest.Wanted() {
		return // no clock stands over a database server
	}
	stands := apptest.Start(t, func(c *app.Config) { c.Start, c.Seed = apptest.Noon, new(uint64(1)) })
	s = &shop{stands, t, s.app}
	tell("stands", "this sandbox's clock stands at "+millis(0), "đồng hồ của sandbox này đứng ở "+millis(0), early)
}
