package simtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sen"
)

// A plant is a bug that a gateway could have, at one of its walls: in the rows
// below it, between it and its clients, on the way to merchants, or in what a
// crash leaves. Its code is as it is.
type plant struct {
	name  string
	want  int    // the invariant that breaks
	sql   string // makes the database wrong
	front func(http.Handler) http.Handler
	twist func(body []byte, app sen.App) [][]byte
	lose  string // a file that a crash loses
	after uint64 // seeds that are left out: none of them met the bug when this was written
}

func (p *plant) into(s *sim) {
	s.street.mu.Lock()
	s.street.twist = p.twist
	s.street.mu.Unlock()
	if p.sql != "" {
		if _, err := s.life.db.Exec(p.sql); err != nil {
			panic(fmt.Errorf("%s: %w", p.name, err))
		}
	}
}

// trigger is a bug of the store: what it keeps is not what it was told.
func trigger(when, condition, body string) string {
	return "CREATE TRIGGER planted AFTER " + when + " WHEN " + condition + " BEGIN " + body + "; END"
}

var plants = []*plant{
	{name: "a posting is one đồng off", want: ruleEntries, sql: trigger("INSERT ON postings", "NEW.account_id % 16 = 2",
		"UPDATE postings SET amount = amount + 1 WHERE entry_id = NEW.entry_id AND account_id = NEW.account_id")},
	{name: "an update of a balance is lost", want: ruleBalances, sql: trigger("UPDATE OF balance ON accounts", "NEW.id % 16 = 1 AND NEW.balance < OLD.balance AND NEW.balance % 3 = 0",
		"UPDATE accounts SET balance = OLD.balance WHERE id = NEW.id")},
	{name: "wallets may be overdrawn", want: ruleFloors, sql: "UPDATE accounts SET floor = -100000000 WHERE id % 16 = 1"},
	{name: "a payment is kept, and its order stays payable", want: ruleOnce, sql: trigger("UPDATE ON orders", "NEW.state = 'paid'",
		"UPDATE orders SET state = 'created', payment = 0, closed_at = NULL WHERE id = NEW.id")},
	{name: "a payment says another discount than was taken", want: ruleOnce, sql: trigger("INSERT ON payments", "NEW.amount > 50000",
		"UPDATE payments SET discount = discount + 1 WHERE number = NEW.number")},
	{name: "the second payer is told that they paid", want: ruleOnce, front: welcomeAll()},
	{name: "a repeated refund is carried out twice", want: ruleRefunds, front: refundTwice},
	{name: "a refund gives back less than was asked for", want: ruleRefunds, sql: trigger("INSERT ON refunds", "NEW.amount > 1",
		"UPDATE refunds SET amount = amount - 1 WHERE number = NEW.number")},
	{name: "a refund is accepted and forgotten", want: ruleRefunds, sql: trigger("INSERT ON refunds", "NEW.due_at IS NOT NULL",
		"UPDATE refunds SET due_at = due_at + 86400000000 WHERE number = NEW.number")},
	{name: "a cancellation is not kept", want: ruleMoves, sql: trigger("UPDATE ON orders", "NEW.state = 'cancelled'",
		"UPDATE orders SET state = 'created', closed_at = NULL WHERE id = NEW.id")},
	{name: "an expired order comes back", want: ruleMoves, sql: trigger("UPDATE ON orders", "NEW.state = 'expired'",
		"UPDATE orders SET state = 'created', closed_at = NULL, expires_at = expires_at + 86400000000 WHERE id = NEW.id")},
	{name: "an unbinding is not kept", want: ruleMoves, after: 1, sql: trigger("UPDATE ON bindings", "NEW.state IN ('cancelled', 'disabled')",
		"UPDATE bindings SET state = 'confirmed', closed_at = NULL WHERE id = NEW.id")},
	{name: "a bank forgets what it approved and did not say", want: ruleMoves, after: 3, sql: trigger("INSERT ON bank_records", "NEW.last4 IN ('0104', '3220', '0112') AND NEW.charge = 0",
		"DELETE FROM bank_records WHERE ref = NEW.ref")},
	{name: "a callback says another amount", want: ruleCallbacks, twist: anotherAmount},
	{name: "a callback is signed with key1", want: ruleCallbacks, twist: withKey1},
	{name: "callbacks come twice", want: ruleCallbacks, twist: func(body []byte, _ sen.App) [][]byte { return [][]byte{body, body} }},
	{name: "a callback is thought to be delivered", want: ruleCallbacks, twist: func([]byte, sen.App) [][]byte { return nil }},
	{name: "a callback row is missing", want: ruleCallbacks, sql: trigger("INSERT ON deliveries", "NEW.id % 3 = 0", "DELETE FROM deliveries WHERE id = NEW.id")},
	{name: "a callback is not repeated", want: ruleCallbacks, sql: trigger("UPDATE ON deliveries", "NEW.state = 'due' AND NEW.due_at > OLD.due_at",
		"UPDATE deliveries SET state = 'failed', due_at = NULL WHERE id = NEW.id")},
	{name: "spending by day is not counted", want: ruleLimits, sql: trigger("UPDATE ON spending", "NEW.day_all > 0",
		"UPDATE spending SET day_all = 0 WHERE wallet_id = NEW.wallet_id")},
	{name: "what a campaign spent is not counted", want: ruleLimits, after: 1, sql: trigger("UPDATE OF spent ON campaigns", "NEW.spent > OLD.spent",
		"UPDATE campaigns SET spent = OLD.spent WHERE code = NEW.code")},
	{name: "payments by token are not counted", want: ruleLimits, after: 3, sql: trigger("UPDATE OF used_count ON bindings", "NEW.used_count > 0",
		"UPDATE bindings SET used_count = 0, used_amount = 0 WHERE id = NEW.id")},
	{name: "what a bank refused stays counted for its token", want: ruleLimits, after: 99, sql: trigger("UPDATE OF used_count ON bindings", "NEW.used_count < OLD.used_count AND NEW.used_day = OLD.used_day",
		"UPDATE bindings SET used_count = OLD.used_count WHERE id = NEW.id")},
	{name: "a payment names a binding that is not there", want: ruleOrphans, sql: trigger("INSERT ON payments", "NEW.binding_id = 0",
		"UPDATE payments SET binding_id = 7 WHERE number = NEW.number")},
	{name: "an account loses its wallet", want: ruleOrphans, sql: trigger("INSERT ON entries", "NEW.reason = 'payment'",
		"INSERT OR IGNORE INTO accounts (id, balance, floor) VALUES (16001, 0, 0)")},
	{name: "tokens last longer than their end", want: ruleTokens, after: 1, sql: trigger("UPDATE OF ends_at ON bindings", "OLD.ends_at IS NULL",
		"UPDATE bindings SET ends_at = ends_at + 31536000000000 WHERE id = NEW.id")},
	{name: "a payment by a token that has ended is welcomed", want: ruleTokens, after: 1, front: rewrite("/v2/agreement/pay", `"return_code":2,(.*)"sub_return_code":-100[27],`, `"return_code":1,$1"sub_return_code":1,`)},
	{name: "a query is answered from a copy that lags", want: ruleAnswers, front: lagging()},
	{name: "a value that nobody knows", want: ruleAnswers, front: rewrite("/v2/query", `"sub_return_code":-54,`, `"sub_return_code":-55,`)},
	{name: "a query names another payment", want: ruleAnswers, front: rewrite("/v2/query", `"zp_trans_id":(\d{14})\d`, `"zp_trans_id":${1}9`)},
	{name: "the clock loses time", want: ruleAnswers, front: slowClock},
	{name: "a crash loses what was committed last", want: ruleDurable, lose: logFile},
	{name: "a repeated create is welcomed", want: ruleDurable, front: rewrite("/v2/create", `"return_code":2,(.*)"sub_return_code":-68,`, `"return_code":1,$1"sub_return_code":1,`)},
	{name: "a top-up is carried out twice", want: ruleDurable, front: topUpTwice},
	{name: "an acknowledged order vanishes", want: ruleDurable, sql: trigger("INSERT ON orders", "NEW.amount % 3 = 0", "DELETE FROM orders WHERE id = NEW.id")},
}

// TestPlanted plants one bug after the other. Each must be found, and by the
// invariant that it breaks.
func TestPlanted(t *testing.T) {
	if len(plants) < 20 {
		t.Error("there were twenty")
	}
	hit := map[int]bool{}
	for _, p := range plants {
		hit[p.want] = true
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(8) {
				s := simulate(t, plan{seed: p.after + seed + 1, steps: 400, every: 10, plant: p})
				if len(s.found) == 0 {
					continue
				}
				i := slices.IndexFunc(s.found, func(v violation) bool { return v.rule == p.want })
				if i < 0 {
					t.Fatalf("seed %d, step %d, %s: want invariant %d, got %v", s.seed, s.step, s.kind, p.want, s.found)
				}
				t.Logf("seed %d, step %d: %v", s.seed, s.step, s.found[i])
				return
			}
			t.Fatalf("nobody noticed")
		})
	}
	if len(hit) != len(invariants) {
		t.Errorf("bugs for the invariants %v only", slices.Sorted(maps.Keys(hit)))
	}
}

// body reads a request and leaves it as it was.
func body(r *http.Request) []byte {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return text
}

// pass hands a request on with another body.
func pass(next http.Handler, r *http.Request, text []byte) *httptest.ResponseRecorder {
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, again)
	return answer
}

func give(w http.ResponseWriter, answer *httptest.ResponseRecorder, text []byte) {
	w.WriteHeader(answer.Code)
	_, _ = w.Write(text)
}

// rewrite changes the answers of one path.
func rewrite(path, pattern, to string) func(http.Handler) http.Handler {
	find := regexp.MustCompile(pattern)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := pass(next, r, body(r))
			out := answer.Body.Bytes()
			if r.URL.Path == path {
				out = find.ReplaceAll(out, []byte(to))
			}
			give(w, answer, out)
		})
	}
}

func refundTwice(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := body(r)
		answer := pass(next, r, text)
		// The mac of a refund does not cover its m_refund_id.
		id := regexp.MustCompile(`\d{6}_\d+_s\d+x\d+`).Find(text)
		if r.URL.Path == "/v2/refund" && id != nil && bytes.Contains(answer.Body.Bytes(), []byte(`"sub_return_code":2,`)) {
			pass(next, r, bytes.Replace(text, id, append(slices.Clone(id), 'y'), 1))
		}
		give(w, answer, answer.Body.Bytes())
	})
}

func topUpTwice(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := body(r)
		answer := pass(next, r, text)
		if strings.HasSuffix(r.URL.Path, "/topup") {
			pass(next, r, text)
		}
		give(w, answer, answer.Body.Bytes())
	})
}

func slowClock(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := body(r)
		if r.URL.Path == "/control/clock" {
			text = bytes.Replace(text, []byte("16m0s"), []byte("15m59s"), 1)
		}
		answer := pass(next, r, text)
		give(w, answer, answer.Body.Bytes())
	})
}

// lagging answers a query as it was answered the first time.
func lagging() func(http.Handler) http.Handler {
	seen := map[string][]byte{}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := body(r)
			answer := pass(next, r, text)
			out := answer.Body.Bytes()
			id := regexp.MustCompile(`\d{6}_s\d+x\d+`).FindString(string(text) + r.URL.RawQuery)
			if r.URL.Path == "/v2/query" && bytes.Contains(out, []byte(`"return_code":`)) && id != "" {
				if before, ok := seen[id]; ok {
					out = before
				}
				seen[id] = out
			}
			give(w, answer, out)
		})
	}
}

// welcomeAll tells the second who pays an order that they did.
func welcomeAll() func(http.Handler) http.Handler {
	paid := map[string][]byte{}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := body(r)
			answer := pass(next, r, text)
			if r.URL.Path != "/control/pay" || bytes.Contains(text, []byte(`"card"`)) {
				give(w, answer, answer.Body.Bytes())
				return
			}
			var in struct{ Order string }
			_ = json.Unmarshal(text, &in)
			if answer.Code == http.StatusOK {
				paid[in.Order] = answer.Body.Bytes()
			} else if before, ok := paid[in.Order]; ok {
				_, _ = w.Write(before)
				return
			}
			give(w, answer, answer.Body.Bytes())
		})
	}
}

func anotherAmount(text []byte, app sen.App) [][]byte {
	c, err := app.ParseCallback(text)
	if err == nil && c.Order != nil {
		c.Order.DiscountAmount++
		text = app.SealCallback(c.Order.Data(), sen.OrderCallbackType)
	}
	return [][]byte{text}
}

func withKey1(text []byte, app sen.App) [][]byte {
	c, err := app.ParseCallback(text)
	if err == nil {
		text = sen.App{ID: app.ID, Key2: app.Key1}.SealCallback([]byte(c.Data), c.Type)
	}
	return [][]byte{text}
}
