package crashtest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// A plant is a bug that a gateway could have, made for real: on the disk below it,
// in its database, or between it and its clients.
type plant struct {
	name string
	flow string
	disk func(event) error // what the disk does instead
	sql  string            // makes the database wrong
	door func(*trial, http.Handler) http.Handler
	want string // in what is found
}

var plants = []plant{
	{name: "commits don't wait for the disk", flow: "pay from wallet", disk: unforced, want: "was answered, and is gone"},
	{name: "an answer comes before the commit", flow: "create order", door: early, want: "was answered, and is gone"},
	{name: "a callback is not written in the payment's transaction", flow: "pay from wallet", sql: later("deliveries"), want: `no "callback order`},
	{name: "a payment is not written in its order's transaction", flow: "pay from wallet", sql: later("payments"), want: "the ledger is not in order"},
	{name: "what an operator did goes on record later", flow: "operator locks a wallet", sql: later("audit"), want: `no "record wallet_change`},
	{name: "a refund is not written when it is accepted", flow: "refund", sql: later("refunds"), want: `no "refund`},
}

// later lets what goes into a table come into it with a transaction that follows.
func later(table string) string {
	return strings.ReplaceAll(`
		CREATE TABLE later AS SELECT * FROM $ WHERE 0;
		CREATE TRIGGER planted1 AFTER INSERT ON $ WHEN (SELECT value FROM settings WHERE name = 'planted') IS NULL BEGIN
			INSERT INTO later SELECT * FROM $ WHERE rowid = NEW.rowid;
			DELETE FROM $ WHERE rowid = NEW.rowid;
		END;
		CREATE TRIGGER planted2 AFTER UPDATE ON settings WHEN OLD.name = 'clock_offset' BEGIN
			INSERT INTO settings (name, value) VALUES ('planted', 'yes');
			INSERT INTO $ SELECT * FROM later;
			DELETE FROM later;
			DELETE FROM settings WHERE name = 'planted';
		END;`, "$", table)
}

// unforced says of the log that it was forced, and does nothing.
func unforced(e event) error {
	if e.kind == force && strings.HasSuffix(e.name, "-wal") {
		return errIgnored
	}
	return nil
}

// early answers an order before the gateway has heard of it.
func early(tr *trial, gateway http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err != nil || r.URL.Path != "/v2/create" {
			gateway.ServeHTTP(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"return_code":1,"sub_return_code":1}`)
		r = r.Clone(ctx)
		r.Body = io.NopCloser(bytes.NewReader(body))
		tr.afterwards = append(tr.afterwards, func() { gateway.ServeHTTP(httptest.NewRecorder(), r) })
	})
}

// TestPlanted plants one bug after the other, and each must be found.
func TestPlanted(t *testing.T) {
	t.Parallel()
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			all := flows()
			f := all[slices.IndexFunc(all, func(f flow) bool { return f.name == p.flow })]
			j := f.begin(t)
			p.put(j.trial)
			r, log, got, err := j.record()
			_, problems := j.crash(r, log, got)
			if err != nil {
				problems = append(problems, err.Error())
			}
			found(t, p.want, problems)
		})
	}
}

// TestPlantedFault ignores that a sync failed.
func TestPlantedFault(t *testing.T) {
	t.Parallel()
	j := flow{steps: one(creating(1), "order "+order(1))}.begin(t)
	before := j.disk.now()
	if _, _, _, err := j.record(); err != nil {
		t.Fatal(err)
	}
	ignored := fault{arm: func(d *disk, _ int) *int {
		came := 0
		d.when(func(e event) error {
			if e.kind != force {
				return nil
			}
			came++
			d.loseIn(e.file, false)
			return errIgnored
		}, nil)
		return &came
	}}
	_, err := j.with(before, ignored, 1)
	if err == nil {
		t.Fatal("nothing was found")
	}
	found(t, "was answered, and is gone", []string{err.Error()})
}

func found(t *testing.T, want string, problems []string) {
	t.Helper()
	i := slices.IndexFunc(problems, func(p string) bool { return strings.Contains(p, want) })
	if i < 0 {
		t.Fatalf("want %q, got %q", want, problems)
	}
	t.Logf("%d problems, among them: %s", len(problems), problems[i])
}

func (p plant) put(tr *trial) {
	tr.t.Helper()
	if p.disk != nil {
		tr.disk.when(p.disk, nil)
	}
	if p.door != nil {
		to, err := url.Parse(tr.url)
		if err != nil {
			tr.t.Fatal(err)
		}
		door := httptest.NewServer(p.door(tr, httputil.NewSingleHostReverseProxy(to)))
		tr.t.Cleanup(door.Close)
		tr.entry = door.URL
	}
	if p.sql == "" {
		return
	}
	conn, err := sqlite3.Open(tr.disk.url())
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := errors.Join(conn.Exec(p.sql), conn.Close()); err != nil {
		tr.t.Fatal(err)
	}
}
