package trace_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sen/internal/trace"
)

// TestNobodyTraces: to say what is traced costs nothing when nobody traces.
func TestNobodyTraces(t *testing.T) {
	tracer, err := trace.New(trace.Config{})
	if tracer != nil || err != nil {
		t.Fatalf("got %v, %v", tracer, err)
	}
	ctx := trace.WithRequest(context.Background(), "7")
	header := http.Header{}
	if n := testing.AllocsPerRun(100, func() {
		span := trace.Begin(ctx, "part")
		span.Rename("other")
		span.Number("n", 1)
		span.Text("t", "x")
		span.Fail(true)
		span.End()
		_, call := tracer.Call(ctx, 1, trace.Cause(ctx))
		call.End()
		trace.Inject(ctx, header)
	}); n != 0 || len(header) != 0 {
		t.Errorf("%v allocations, and %v", n, header)
	}
	h := http.NotFoundHandler()
	w := httptest.NewRecorder()
	tracer.Serve("x", h).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	tracer.Start()()
	if w.Code != http.StatusNotFound {
		t.Errorf("got %d", w.Code)
	}
}

// TestEndpoint refuses what is no address, without repeating a password in it.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"localhost:4318", "ftp://u:hunter2@h", "http://", "http://u:hunter2@h:x"} {
		_, err := trace.New(trace.Config{Endpoint: bad, Log: slog.Default()})
		if err == nil || !strings.Contains(err.Error(), "--otlp-endpoint") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestQueueIsBounded: when nobody sends, spans beyond the queue are dropped and
// counted, and requests go on.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	const requests, room = 5000, 4096
	tracer, err := trace.New(trace.Config{Endpoint: "http://127.0.0.1:1", Chance: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h := tracer.Serve("x", http.NotFoundHandler())
	for range requests {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
	if got := tracer.Counts.Dropped.Value(); got != requests-room {
		t.Errorf("dropped %d of %d", got, requests)
	}
	tracer.Start()() // and stops at once, though nobody takes what waits
	if got := tracer.Counts.Dropped.Value(); got != requests || tracer.Counts.Sent.Value() != 0 {
		t.Errorf("dropped %d and sent %d of %d", got, tracer.Counts.Sent.Value(), requests)
	}
}

// BenchmarkNobodyTraces is what a call pays when nobody traces.
func BenchmarkNobodyTraces(b *testing.B) {
	ctx := trace.WithRequest(b.Context(), "7")
	b.ReportAllocs()
	for b.Loop() {
		trace.Begin(ctx, "rules").End()
		span := trace.Of(ctx)
		span.Rename("x")
		span.Number("n", 1)
		span.Number("m", 1)
		span.Fail(false)
	}
}
