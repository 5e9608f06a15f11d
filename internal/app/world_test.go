package app_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/apiv2"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/control"
	"sen/internal/pgtest"
)

var worldStart = time.Date(2026, 1, 2, 7, 0, 0, 0, sen.Zone())

// A tenant is somebody with a sandbox inside another.
type tenant struct {
	t *testing.T
	control.Sandbox
	control *control.Client
}

func newTenant(t *testing.T, host *control.Client, in control.NewSandbox) tenant {
	t.Helper()
	made, err := host.CreateSandbox(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return tenant{t, made, control.NewClient(made.URL)}
}

// order makes an order with an identifier that all tenants use.
func (x tenant) order(base string) (*sen.CreateOrderResponse, error) {
	x.t.Helper()
	c, err := x.control.Clock(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	client := sen.NewClient(sen.App{ID: int(x.Apps[0].ID), Key1: x.Apps[0].Key1}, sen.WithBaseURL(base), sen.WithRetries(0),
		sen.WithClock(func() time.Time { return c.Now }))
	return client.Orders.Create(x.t.Context(), sen.CreateOrderRequest{
		AppTransID: sen.AppTransID(c.Now, "same"), AppUser: "An", Amount: 50_000, Description: "Coffee",
	})
}

// embedded skips a test of what only the embedded database can do.
func embedded(t *testing.T) {
	t.Helper()
	if pgtest.Wanted() {
		t.Skip("sandboxes inside a gateway need its embedded database")
	}
}

// TestWorlds lives in two sandboxes inside a third at once: nothing that is
// done in one shows in another.
func TestWorlds(t *testing.T) {
	t.Parallel()
	embedded(t)
	g := apptest.Start(t)
	host := control.NewClient(g.URL)
	one := newTenant(t, host, control.NewSandbox{Name: "one", Clock: &worldStart, Seed: new(uint64(7))})
	two := newTenant(t, host, control.NewSandbox{Name: "two", Clock: &worldStart, Seed: new(uint64(7)), FreshKeys: true})
	three := newTenant(t, host, control.NewSandbox{})

	if one.Apps[0].Key1 != g.App(int(one.Apps[0].ID)).Key1 || two.Apps[0].Key1 == one.Apps[0].Key1 || two.Apps[0].Key2 == one.Apps[0].Key2 {
		t.Errorf("keys: %+v, %+v", one.Apps[0], two.Apps[0])
	}
	made, err := one.order(one.URL)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(made.OrderURL, one.URL+"/") {
		t.Errorf("order_url %s, want it at %s", made.OrderURL, one.URL)
	}
	if _, err := one.control.AddRule(t.Context(), control.Rule{Operation: "create_order", Value: new(-500)}); err != nil {
		t.Fatal(err)
	}
	if _, err := one.control.MoveClock(t.Context(), control.MoveClock{Advance: "1h"}); err != nil {
		t.Fatal(err)
	}
	if _, err := one.control.TopUp(t.Context(), "0900000006", 1000); err != nil {
		t.Fatal(err)
	}
	same, err := two.order(two.URL) // the same identifier, no rule, the old time
	if err != nil {
		t.Fatal(err)
	}
	if same.ZPTransToken != made.ZPTransToken {
		t.Errorf("tokens %s and %s from the same seed: fresh keys, or another sandbox, moved the chance of orders", made.ZPTransToken, same.ZPTransToken)
	}
	if _, err := three.order(three.PathURL); err != nil { // by the address of the host
		t.Fatal(err)
	}
	if _, err := one.order(one.URL); !isCode(err, -500) {
		t.Errorf("the rule of one: %v", err)
	}
	for name, x := range map[string]struct {
		tenant
		requests, balance int64
		ahead             string
	}{"one": {one, 2, 1000, "1h0m0s"}, "two": {two, 1, 0, "0s"}, "three": {three, 1, 0, "0s"}} {
		log, err := x.control.Requests(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		wallets, err := x.control.Wallets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c, err := x.control.Clock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rules, err := x.control.Rules(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(wallets, func(w control.Wallet) bool { return w.Phone == "0900000006" })
		if int64(len(log.Requests)) != x.requests || wallets[i].Balance != x.balance || c.Offset != x.ahead || (len(rules) == 1) != (name == "one") {
			t.Errorf("%s: %d requests, %d ₫, %s ahead, %d rules", name, len(log.Requests), wallets[i].Balance, c.Offset, len(rules))
		}
	}
	if log := apptest.Control[control.Requests](g, http.MethodGet, "/control/requests", nil); len(log.Requests) != 0 {
		t.Errorf("the host heard %d requests of others", len(log.Requests))
	}
	if _, err := one.control.CreateSandbox(t.Context(), control.NewSandbox{}); !hasCode(err, "sandbox_nested") {
		t.Errorf("a sandbox in a sandbox in a sandbox: %v", err)
	}
}

func isCode(err error, value int) bool {
	refused, ok := errors.AsType[*sen.Error](err)
	return ok && refused.SubReturnCode == value
}

func hasCode(err error, code string) bool {
	refused, ok := errors.AsType[*control.Error](err)
	return ok && refused.Code == code
}

// TestWorldsEnd deletes one, forgets another that nobody uses, and stops the
// host with a third: no files are left.
func TestWorldsEnd(t *testing.T) {
	t.Parallel()
	embedded(t)
	g := apptest.Start(t, func(c *app.Config) { c.Worlds = 2 })
	host := control.NewClient(g.URL)
	one := newTenant(t, host, control.NewSandbox{Name: "one"})
	idle := newTenant(t, host, control.NewSandbox{Name: "idle", Idle: "10ms"})
	apptest.Wait(t, "the idle one to be gone", func() bool {
		all, err := host.Sandboxes(t.Context())
		return err == nil && len(all) == 1 && all[0].Name == "one"
	})
	apptest.Wait(t, "it to stop answering", func() bool {
		_, err := idle.control.Status(t.Context())
		return err != nil
	})
	newTenant(t, host, control.NewSandbox{Name: "two"})
	for in, code := range map[control.NewSandbox]string{
		{Name: "three"}: "sandbox_limit", {Name: "one"}: "sandbox_taken", {Name: "../one"}: "sandbox_name",
		{Name: "x", Seed: new(uint64)}: "sandbox_option", {Name: "x", Idle: "25h"}: "sandbox_option", {Name: "x", Port: 70_000}: "sandbox_option",
	} {
		if _, err := host.CreateSandbox(t.Context(), in); !hasCode(err, code) {
			t.Errorf("%+v: %v, want %s", in, err, code)
		}
	}
	all, err := host.DeleteSandbox(t.Context(), "one")
	if err != nil || len(all) != 1 {
		t.Errorf("after the end of one: %v, %v", all, err)
	}
	if _, err := one.control.Status(t.Context()); err == nil {
		t.Error("the deleted one answers")
	}
	if _, err := host.DeleteSandbox(t.Context(), "one"); !hasCode(err, "sandbox_unknown") {
		t.Errorf("deleted twice: %v", err)
	}
	newTenant(t, host, control.NewSandbox{Name: "one"}) // the name and the place are free again
	g.Stop()
	if files, err := os.ReadDir(filepath.Join(g.Dir, "sandboxes")); err == nil && len(files) != 0 {
		t.Errorf("%d directories are left", len(files))
	}
}

// TestWorldCalls answers calls of every version below the host's address: a
// program that posts does not follow to another one.
func TestWorldCalls(t *testing.T) {
	t.Parallel()
	embedded(t)
	g := apptest.Start(t)
	one := newTenant(t, control.NewClient(g.URL), control.NewSandbox{Name: "one"})
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range apiv2.Paths() {
		res, err := stay.PostForm(one.PathURL+path, url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.Header.Get("Location") != "" || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: status %d, to %q", path, res.StatusCode, res.Header.Get("Location"))
		}
	}
}

// TestWorldPages sends a browser from the host to the sandbox's own address.
func TestWorldPages(t *testing.T) {
	t.Parallel()
	embedded(t)
	g := apptest.Start(t)
	one := newTenant(t, control.NewClient(g.URL), control.NewSandbox{Name: "one"})
	made, err := one.order(one.URL)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(one.PathURL + strings.TrimPrefix(made.OrderURL, one.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := "http://" + res.Request.URL.Host; got != one.URL || res.StatusCode != http.StatusOK || !strings.Contains(string(body), "50.000") {
		t.Errorf("the page came from %s with status %d, want %s", got, res.StatusCode, one.URL)
	}
	res, err = http.Get(g.URL + "/s/nobody/v2/query")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("a sandbox that there is not: %s", res.Status)
	}
}

// TestNoWorldsOnServer refuses where the data is shared with other processes.
func TestNoWorldsOnServer(t *testing.T) {
	t.Parallel()
	if !pgtest.Wanted() {
		t.Skip("needs a database server")
	}
	g := apptest.Start(t)
	if _, err := control.NewClient(g.URL).CreateSandbox(t.Context(), control.NewSandbox{}); !hasCode(err, "sandbox_database") {
		t.Errorf("a sandbox on a server: %v", err)
	}
}
