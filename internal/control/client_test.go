package control_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen/internal/control"
)

// client talks to a server that answers everything with h.
func client(t *testing.T, h http.HandlerFunc) (*control.Client, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return control.NewClient(server.URL + "/"), server.URL
}

func TestClientRefused(t *testing.T) {
	t.Parallel()
	c, _ := client(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":{"code":"amount_invalid","message":"The amount is wrong.","field":"amount","detail":"must be 1 to 9"}}`)
	})
	_, err := c.TopUp(t.Context(), "0900000001", 10)
	got, ok := errors.AsType[*control.Error](err)
	if !ok {
		t.Fatalf("got %v, want a *control.Error", err)
	}
	want := control.Error{Code: "amount_invalid", Message: "The amount is wrong.", Field: "amount", Detail: "must be 1 to 9"}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, detail, want string }{
		{"", "", "x: It is wrong."},
		{"app", "", "x: It is wrong. (app)"},
		{"", "why", "x: It is wrong. (why)"},
		{"app", "why", "x: It is wrong. (app: why)"},
	} {
		e := &control.Error{Code: "x", Message: "It is wrong.", Field: c.field, Detail: c.detail}
		if got := e.Error(); got != c.want {
			t.Errorf("field %q, detail %q: got %q, want %q", c.field, c.detail, got, c.want)
		}
	}
}

func TestClientNotSandbox(t *testing.T) {
	t.Parallel()
	for _, answer := range []struct {
		status int
		body   string
	}{
		{http.StatusNotFound, "404 page not found\n"},
		{http.StatusOK, "<html>"},
		{http.StatusBadGateway, `{"error":"no upstream"}`},
		{http.StatusForbidden, `{}`},
	} {
		c, url := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answer.status)
			fmt.Fprint(w, answer.body)
		})
		_, err := c.Status(t.Context())
		got, ok := errors.AsType[*control.NotSandboxError](err)
		if !ok || got.URL != url || got.Status != answer.status {
			t.Errorf("HTTP %d %q: got %v, want a *control.NotSandboxError", answer.status, answer.body, err)
		}
	}
}

func TestClientUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	c := control.NewClient(server.URL)
	server.Close()
	_, err := c.Status(t.Context())
	if got, ok := errors.AsType[*control.UnreachableError](err); !ok || got.URL != server.URL {
		t.Errorf("got %v, want a *control.UnreachableError", err)
	}
}

// Who gives up is not told that the server is gone.
func TestClientGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := client(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := c.Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// What a caller gives stays one segment of the path.
func TestClientEscapes(t *testing.T) {
	t.Parallel()
	var got string
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.EscapedPath()
		fmt.Fprint(w, "{}")
	})
	if _, err := c.Order(t.Context(), 7, "../clock?x=é"); err != nil {
		t.Fatal(err)
	}
	if want := "/control/orders/7/..%2Fclock%3Fx=%C3%A9"; got != want {
		t.Errorf("path %s, want %s", got, want)
	}
}

func TestClientWalletPages(t *testing.T) {
	t.Parallel()
	const all = 1000 // exactly two pages, so that the third is empty
	phone := func(n int) string { return fmt.Sprintf("09%08d", n) }
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		next := 0
		if after := r.URL.Query().Get("after"); after != "" {
			next, _ = strconv.Atoi(after[2:])
			next++
		}
		sep := "["
		for n := next; n < min(next+limit, all); n++ {
			fmt.Fprintf(w, `%s{"phone":%q}`, sep, phone(n))
			sep = ","
		}
		if sep == "[" {
			fmt.Fprint(w, "[")
		}
		fmt.Fprint(w, "]")
	})
	got, err := c.Wallets(t.Context())
	if err != nil || len(got) != all {
		t.Fatalf("%d wallets, %v, want %d", len(got), err, all)
	}
	for n, w := range got {
		if w.Phone != phone(n) {
			t.Fatalf("wallet %d is %s, want %s", n, w.Phone, phone(n))
		}
	}
}
