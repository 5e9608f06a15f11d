package killtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"sen"
)

// A merchant is a merchant's server: it checks every callback with the SDK,
// and at first it is often not able to take one.
type merchant struct {
	*httptest.Server
	mu       sync.Mutex
	rand     *rand.Rand
	patient  bool                   // accepts everything
	got      map[string]sen.TransID // by app_trans_id
	accepted map[string]int
	problems []string
}

func openMerchant(t *testing.T, app sen.App, seed uint64) *merchant {
	t.Helper()
	m := &merchant{
		rand: rand.New(rand.NewPCG(seed, 2)), got: map[string]sen.TransID{}, accepted: map[string]int{},
	}
	accept := sen.CallbackHandler(app, m.accept)
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch m.mood() {
		case 0:
			w.WriteHeader(http.StatusInternalServerError)
			return
		case 1:
			time.Sleep(50 * time.Millisecond)
		}
		answer := httptest.NewRecorder()
		accept.ServeHTTP(answer, r)
		if code := answer.Body.String(); len(code) > 0 && !okOrRepeat(code) {
			m.problem("a callback was answered with %s", code)
		}
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(m.Close)
	return m
}

func okOrRepeat(answer string) bool {
	const one, zero = `{"return_code":1,`, `{"return_code":0,`
	return len(answer) > len(one) && (answer[:len(one)] == one || answer[:len(zero)] == zero)
}

func (m *merchant) mood() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.patient {
		return -1
	}
	return m.rand.IntN(12)
}

var errBusy = errors.New("busy")

func (m *merchant) accept(_ context.Context, c *sen.Callback) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.Order == nil {
		m.problems = append(m.problems, "a callback is not about an order")
		return nil
	}
	o := c.Order
	if before := m.got[o.AppTransID]; before != 0 && before != o.ZPTransID {
		m.problems = append(m.problems, fmt.Sprintf("callbacks of %s name payments %v and %v", o.AppTransID, before, o.ZPTransID))
	}
	m.got[o.AppTransID] = o.ZPTransID
	if !m.patient && m.rand.IntN(12) == 0 {
		return errBusy
	}
	m.accepted[o.AppTransID]++
	return nil
}

func (m *merchant) problem(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.problems = append(m.problems, fmt.Sprintf(format, args...))
}

// bePatient makes the merchant accept everything from now on.
func (m *merchant) bePatient() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.patient = true
}

// missing returns how many of the paid orders it has not accepted a callback
// of, and what is wrong with those that it has.
func (m *merchant) missing(paid map[string]sen.TransID) (n int, problems []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	problems = append(problems, m.problems...)
	for id, payment := range paid {
		switch {
		case m.accepted[id] == 0:
			n++
		case m.got[id] != payment:
			problems = append(problems, fmt.Sprintf("the callback of %s names payment %v, but %v paid it", id, m.got[id], payment))
		}
	}
	for id := range m.got {
		if paid[id] == 0 {
			problems = append(problems, fmt.Sprintf("a callback came for %s, which is not paid", id))
		}
	}
	return n, problems
}
