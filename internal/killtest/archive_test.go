//go:build unix

package killtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"sen"
	"sen/internal/control"
	"sen/internal/pgtest"
)

var archiveLate = regexp.MustCompile(`(?m)^sen_archive_late_seconds (\S+)$`)

// archived reports whether all is in a gateway's archive that it had committed at
// a time; of the zero time, all at all.
func (s *server) archived(at time.Time) bool {
	now := time.Now()
	res, err := s.http.Get(s.URL + "/metrics")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	found := archiveLate.FindSubmatch(text)
	if err != nil || found == nil {
		return false
	}
	late, err := strconv.ParseFloat(string(found[1]), 64)
	return err == nil && (late == 0 || !at.IsZero() && now.Sub(at).Seconds() > late)
}

// restored makes a database of an archive, and serves from it.
func restored(t *testing.T, archive, keys string, args ...string) *server {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	out, err := program(append([]string{"restore", "--from", archive, "--data", data, "--json"}, args...)...).CombinedOutput()
	var found struct {
		Ledger     control.Ledger
		LastChange time.Time `json:"last_change"`
	}
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err != nil || !found.Ledger.OK || found.LastChange.IsZero() {
		t.Fatalf("restore %v: %v\n%s", args, err, out)
	}
	text, err := os.ReadFile(filepath.Join(keys, "vault.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(data, "vault.json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err := program("ledger", "verify", "--data", data).CombinedOutput(); err != nil {
		t.Fatalf("the ledger of %v: %v\n%s", args, err, out)
	}
	return start(t, data)
}

// TestArchiveRestoresAMoment pays two orders, one after the other and both under
// load, kills the gateway, and restores what was there between them; and then
// all of it.
func TestArchiveRestoresAMoment(t *testing.T) {
	t.Parallel()
	if pgtest.Wanted() {
		t.Skip("not run: the archive of the embedded engine (make test)")
	}
	top := t.TempDir()
	data, archive := filepath.Join(top, "data"), filepath.Join(top, "archive")
	g := start(t, data, "--archive", archive)
	eventually(t, "the archive begins", func() bool { return g.archived(time.Time{}) })
	s := sell(t, g.URL)
	s.goesOn("before")
	app := s.app
	client := sen.NewClient(app, sen.WithBaseURL(g.URL))
	pay := func(name string) string {
		t.Helper()
		id := sen.AppTransID(time.Now(), name)
		if _, err := client.Orders.Create(t.Context(), sen.CreateOrderRequest{AppTransID: id, AppUser: "u", Amount: 1000, Description: "Tea"}); err != nil {
			t.Fatal(err)
		}
		var p control.Payment
		if err := g.control(http.MethodPost, "pay", control.PayOrder{Order: id, App: int64(app.ID), Wallet: wallets[0]}, &p); err != nil {
			t.Fatal(err)
		}
		return id
	}
	first := pay("first")
	between := time.Now()
	second := pay("second")
	paidSecond := time.Now() // later ones may have the time of the kill
	eventually(t, "the second payment is archived", func() bool { return g.archived(paidSecond) })
	s.goesOn("after")
	g.kill()
	s.stopped.Store(true)
	s.clients.Wait()

	// What was committed last is archived by the next life, before it serves.
	again := start(t, data, "--archive", archive)
	eventually(t, "the archive begins anew", func() bool { return again.archived(time.Time{}) })
	if err := again.stop(); err != nil {
		text, _ := os.ReadFile(again.log)
		t.Fatalf("%v\n%s", err, text)
	}
	killed := time.Now()

	state := func(at *server, id string) string {
		t.Helper()
		var o control.Order
		if err := at.control(http.MethodGet, fmt.Sprintf("orders/%d/%s", app.ID, id), nil, &o); err != nil {
			return err.Error()
		}
		return o.State
	}
	then := restored(t, archive, data, "--until", between.Format(time.RFC3339Nano))
	if a, b := state(then, first), state(then, second); a != "paid" || b == "paid" {
		t.Errorf("between the two payments the first is %s, and the second %s", a, b)
	}
	all := restored(t, archive, data, "--until", killed.Format(time.RFC3339Nano))
	paid := 0
	for id, number := range s.paid {
		if number == 0 {
			continue
		}
		paid++
		if got := state(all, id); got != "paid" {
			t.Errorf("%s was paid before the kill, and is %s", id, got)
		}
	}
	if a, b := state(all, first), state(all, second); a != "paid" || b != "paid" || paid < 80 {
		t.Errorf("at the end the first is %s, the second %s, and %d others are paid", a, b, paid)
	}
}
