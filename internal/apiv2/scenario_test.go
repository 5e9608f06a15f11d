package apiv2_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sen/internal/apiv2"
	"sen/internal/paytest"
	"sen/internal/scenario"
)

// TestDelayBeyondTimeouts has an answer come later than the time-outs of the
// server, which are there for slow clients and not for slow answers.
func TestDelayBeyondTimeouts(t *testing.T) {
	t.Parallel()
	g := paytest.New(t)
	api := &apiv2.Server{
		Pay: g.Pay, Apps: g.Apps, Now: g.Clock.Now, Log: slog.New(slog.DiscardHandler),
		Scenarios: &scenario.Book{Store: g.Store, Now: g.Clock.Now},
	}
	server := httptest.NewUnstartedServer(api.Handler())
	const timeout, delay = 50 * time.Millisecond, 300 * time.Millisecond
	server.Config.ReadTimeout, server.Config.WriteTimeout = timeout, timeout
	server.Start()
	t.Cleanup(server.Close)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v2/query", bytes.NewReader([]byte(`{"app_id":2553}`)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(scenario.Header, "delay="+delay.String())
	began := time.Now()
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if took := time.Since(began); err != nil || took < delay || !bytes.HasSuffix(body, []byte("}")) {
		t.Errorf("after %v: body %s, error %v, want a whole answer after %v", took, body, err, delay)
	}
}
