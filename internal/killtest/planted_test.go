//go:build unix

package killtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sen"
	"sen/internal/control"
	"sen/internal/history"
	"sen/internal/pgtest"
	"sen/internal/sandbox"
)

// A plant is a bug that a gateway could have, made for real: in the database
// below it, between it and its clients, or between it and the merchants.
type plant struct {
	name  string
	want  history.Rule // that the checker finds to be broken
	sql   string       // makes the database wrong; see trigger
	front func(http.Handler) http.Handler
	twist func(http.Handler) http.Handler
}

// inVain reports whether something is waited for that does not come. All else is
// given the time that a slow machine takes.
func (p plant) inVain() bool {
	return p.want == history.CallbackMissing || p.want == history.RefundOpen || p.want == history.PaidUndone
}

// trigger is a bug of the store: what it writes is not what it was told.
func trigger(when, table, condition, body string) string {
	return fmt.Sprintf(`
CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s END $$;
CREATE TRIGGER planted %s ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION planted()`, body, when, table, condition)
}

const pullUp = `DROP FUNCTION IF EXISTS planted CASCADE`

var plants = []plant{
	{
		name: "a callback row is missing", want: history.CallbackMissing,
		sql: trigger("AFTER INSERT", "deliveries", "hashtext(NEW.id::text) % 3 = 0", "DELETE FROM deliveries WHERE id = NEW.id; RETURN NULL;"),
	},
	{
		name: "an acknowledged order vanishes", want: history.CreatedGone,
		sql: trigger("AFTER INSERT", "orders", "NEW.amount % 3 = 0", "DELETE FROM orders WHERE id = NEW.id; RETURN NULL;"),
	},
	{
		name: "a cancellation is not kept", want: history.PaidAndCancelled,
		sql: trigger("BEFORE UPDATE", "orders", "NEW.state = 'cancelled'", "RETURN OLD;"),
	},
	{
		name: "a payment is kept, and its order stays payable", want: history.PaidUndone,
		sql: trigger("BEFORE UPDATE", "orders", "NEW.state = 'paid'", "NEW.state := 'created'; NEW.payment := 0; NEW.closed_at := NULL; RETURN NEW;"),
	},
	{
		name: "an unbinding is not honoured", want: history.UnbindIgnored,
		sql: trigger("BEFORE UPDATE", "bindings", "NEW.state = 'cancelled'", "RETURN OLD;"),
	},
	{
		name: "an update of a balance is lost", want: history.BalanceWrong,
		sql: trigger("BEFORE UPDATE", "accounts", "NEW.id % 16 = 1 AND NEW.balance < OLD.balance AND NEW.balance % 3 = 0", "NEW.balance := OLD.balance; RETURN NEW;"),
	},
	{
		name: "a refund gives back more than was asked for", want: history.RefundUnasked,
		sql: trigger("BEFORE INSERT", "refunds", "NEW.amount > 1", "NEW.amount := NEW.amount - 1; RETURN NEW;"),
	},
	{
		name: "a refund is accepted and forgotten", want: history.RefundOpen,
		sql: trigger("BEFORE INSERT", "refunds", "NEW.due_at IS NOT NULL", "NEW.due_at := NEW.due_at + 3600000000; RETURN NEW;"),
	},

	{name: "a cancellation is acknowledged before it is committed", want: history.PaidAndCancelled, front: early},
	{name: "a payment is acknowledged and not committed", want: history.PaidUndone, front: unpaid},
	{name: "a repeated refund is carried out twice", want: history.LedgerIncomplete, front: refundTwice},
	{name: "a query is answered from a copy that lags", want: history.PaidUndone, front: lagging},
	{name: "a number is given to two payments", want: history.NumberTwice, front: sameNumber},
	{name: "a query names another payment", want: history.PaidTwice, front: otherNumber},
	{name: "a repeated create is made again", want: history.CreatedTwice, front: createAgain},
	{name: "the second payer is told that they paid", want: history.PaidByTwo, front: welcomeAll},

	{name: "a callback says another amount", want: history.CallbackWrong, twist: anotherAmount},
	{name: "callbacks are sent again and again", want: history.CallbackRepeated, twist: manyTimes},
	{name: "a callback is thought to be delivered", want: history.CallbackMissing, twist: lostOnTheWay},
}

// TestPlanted plants one bug after the other and looks at whether the checker
// names it. Before the first and after the last, it finds nothing.
func TestPlanted(t *testing.T) {
	if os.Getenv(pgtest.EnvNodes) != "" {
		t.Skip("not run: planted bugs (they are found on one server)")
	}
	dsn := pgtest.DSN(t)
	f := openFleet(t, dsn, 1)
	serial := 0
	inspect := func(t *testing.T, p plant) []history.Violation {
		serial++
		if p.sql != "" {
			pgtest.Execute(t, t.Context(), dsn, p.sql)
			defer pgtest.Execute(t, t.Context(), dsn, pullUp)
		}
		return observe(t, f, serial, p)
	}
	clean := func(t *testing.T) {
		for _, v := range inspect(t, plant{front: straight}) {
			t.Error(v)
		}
	}
	t.Run("nothing at first", clean)
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			found := inspect(t, p)
			i := slices.IndexFunc(found, func(v history.Violation) bool { return v.Rule == p.want })
			if i < 0 {
				t.Fatalf("want %q, got %v", p.want, found)
			}
			t.Logf("%d violations, among them: %v", len(found), found[i])
		})
	}
	t.Run("nothing at last", clean)
}

// observe lets clients work for a while, and returns what the checker says.
func observe(t *testing.T, f *fleet, serial int, p plant) []history.Violation {
	t.Helper()
	if p.twist == nil {
		p.twist = straight
	}
	s := openShop(t, f, serial, number(t, seedVar, uint64(time.Now().UnixNano())), io.Discard, p.twist)
	if s.wait = time.Minute; p.inVain() {
		s.wait = 2 * time.Second
	}
	if p.front != nil {
		s.fronts = []string{stand(t, f, p.front)}
	}
	var before, after control.Ledger
	s.must("GET", "ledger", nil, &before)
	s.drill(3, 4)
	s.settle()
	s.must("GET", "ledger", nil, &after)
	s.noteLedger(control.Ledger{Payments: after.Payments - before.Payments, Refunds: after.Refunds - before.Refunds})
	ops, err := s.record.Ops()
	if err != nil {
		t.Fatal(err)
	}
	return history.Check(ops, 0)
}

// stand puts something before the only gateway of a fleet.
func stand(t *testing.T, f *fleet, front func(http.Handler) http.Handler) string {
	t.Helper()
	to, err := url.Parse(f.node(0).URL)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front(httputil.NewSingleHostReverseProxy(to)))
	t.Cleanup(server.Close)
	return server.URL
}

// body reads a request and leaves it as it was.
func body(r *http.Request) (text []byte, members map[string]any) {
	text, _ = io.ReadAll(r.Body) // what is missing is not found in it
	r.Body = io.NopCloser(bytes.NewReader(text))
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	_ = decoder.Decode(&members)
	return text, members
}

// send sends a request with another body.
func send(next http.Handler, r *http.Request, text []byte) *httptest.ResponseRecorder {
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, again)
	return answer
}

func give(w http.ResponseWriter, answer *httptest.ResponseRecorder, text []byte) {
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(text)
}

// at does something else with the calls of one path.
func at(path string, other func(next http.Handler, w http.ResponseWriter, r *http.Request)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				other(next, w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// otherNumber tells of every third paid order another payment than the one that
// paid it.
func otherNumber(next http.Handler) http.Handler {
	var n atomic.Int64
	return at("/v2/query", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		text, _ := body(r)
		answer := send(next, r, text)
		out := answer.Body.Bytes()
		if strings.Contains(answer.Body.String(), `"return_code":1,`) && n.Add(1)%3 == 0 {
			out = bytes.Replace(out, []byte(`"zp_trans_id":`), []byte(`"zp_trans_id":9`), 1)
		}
		give(w, answer, out)
	})(next)
}

func early(next http.Handler) http.Handler {
	return at("/v2/cancel", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		text, _ := body(r)
		late := r.Clone(context.WithoutCancel(r.Context()))
		go func() {
			time.Sleep(100 * time.Millisecond)
			send(next, late, text)
		}()
		_, _ = io.WriteString(w, `{"return_code":1,"sub_return_code":1}`)
	})(next)
}

func unpaid(next http.Handler) http.Handler {
	var n atomic.Int64
	return at("/control/pay", func(_ http.Handler, w http.ResponseWriter, r *http.Request) {
		_, in := body(r)
		fmt.Fprintf(w, `{"zp_trans_id":%d,"wallet":%q}`, n.Add(1), in["wallet"])
	})(next)
}

// refundTwice uses that the mac does not cover m_refund_id.
func refundTwice(next http.Handler) http.Handler {
	return at("/v2/refund", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		text, in := body(r)
		answer := send(next, r, text)
		if strings.Contains(answer.Body.String(), `"return_code":3`) {
			id, _ := in["m_refund_id"].(string)
			in["m_refund_id"], in["description"] = id+"x", "again"
			key := ""
			for _, a := range sandbox.Apps() {
				if fmt.Sprint(int64(a.ID)) == fmt.Sprint(in["app_id"]) {
					key = a.Key1
				}
			}
			in["mac"] = sen.OpRefundOrder.Sign(key, func(name string) string {
				if in[name] == nil {
					return ""
				}
				return fmt.Sprint(in[name])
			})
			again, _ := json.Marshal(in)
			send(next, r, again)
		}
		give(w, answer, answer.Body.Bytes())
	})(next)
}

func lagging(next http.Handler) http.Handler {
	var seen sync.Map
	return at("/v2/query", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		text, in := body(r)
		answer := send(next, r, text)
		known, _ := seen.LoadOrStore(in["app_trans_id"], answer.Body.Bytes())
		give(w, answer, known.([]byte)) //nolint:forcetypeassert // nothing else is stored
	})(next)
}

func sameNumber(next http.Handler) http.Handler {
	var first atomic.Pointer[json.Number]
	return at("/control/pay", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		text, _ := body(r)
		answer := send(next, r, text)
		var out map[string]any
		decoder := json.NewDecoder(bytes.NewReader(answer.Body.Bytes()))
		decoder.UseNumber()
		_ = decoder.Decode(&out)
		number, ok := out["zp_trans_id"].(json.Number)
		if !ok || first.CompareAndSwap(nil, &number) {
			give(w, answer, answer.Body.Bytes())
			return
		}
		give(w, answer, bytes.Replace(answer.Body.Bytes(), []byte(number), []byte(*first.Load()), 1))
	})(next)
}

func createAgain(next http.Handler) http.Handler {
	return at("/v2/create", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		text, _ := body(r)
		answer := send(next, r, text)
		if strings.Contains(answer.Body.String(), `"sub_return_code":-68`) {
			_, _ = io.WriteString(w, `{"return_code":1,"sub_return_code":1,"zp_trans_token":"another"}`)
			return
		}
		give(w, answer, answer.Body.Bytes())
	})(next)
}

func welcomeAll(next http.Handler) http.Handler {
	var paid sync.Map
	return at("/control/pay", func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		text, in := body(r)
		answer := send(next, r, text)
		if answer.Code == http.StatusOK {
			paid.Store(in["order"], answer.Body.Bytes())
		} else if known, ok := paid.Load(in["order"]); ok {
			_, _ = w.Write(known.([]byte)) //nolint:forcetypeassert // nothing else is stored
			return
		}
		give(w, answer, answer.Body.Bytes())
	})(next)
}

func anotherAmount(next http.Handler) http.Handler {
	apps := map[string]sen.App{}
	for _, a := range publicApps() {
		apps["/"+strconv.Itoa(a.ID)] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := body(r)
		app := apps[r.URL.Path]
		c, err := app.ParseCallback(text)
		if err == nil && c.Order != nil && c.Order.Amount%3 == 0 {
			c.Order.Amount++
			text = app.SealCallback(c.Order.Data(), sen.OrderCallbackType)
		}
		answer := send(next, r, text)
		give(w, answer, answer.Body.Bytes())
	})
}

func manyTimes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := body(r)
		send(next, r, text)
		answer := send(next, r, text)
		give(w, answer, answer.Body.Bytes())
	})
}

func lostOnTheWay(next http.Handler) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%3 == 0 {
			_, _ = io.WriteString(w, `{"return_code":1}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}
