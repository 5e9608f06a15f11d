package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"sen"
	"sen/internal/app/apptest"
	"sen/internal/cli"
	"sen/internal/control"
)

// session is a command that goes on while a test does something.
type session struct {
	t          *testing.T
	out, notes *bufio.Scanner
	ended      chan int
}

func start(t *testing.T, args ...string) *session {
	t.Helper()
	outR, outW := io.Pipe()
	errR, errW := io.Pipe()
	s := &session{t: t, out: bufio.NewScanner(outR), notes: bufio.NewScanner(errR), ended: make(chan int, 1)}
	go func() {
		status := cli.Run("test", args, outW, errW)
		_ = outW.Close()
		_ = errW.Close()
		s.ended <- status
	}()
	return s
}

func expect(t *testing.T, from *bufio.Scanner, want string) string {
	t.Helper()
	if !from.Scan() {
		t.Fatalf("it ended instead of saying %q", want)
	}
	if !regexp.MustCompile(want).MatchString(from.Text()) {
		t.Fatalf("it said %q, want %q", from.Text(), want)
	}
	return from.Text()
}

func order(t *testing.T, g *apptest.Gateway, id string) *sen.CreateOrderResponse {
	t.Helper()
	o, err := g.Client(2553).Orders.Create(t.Context(), sen.CreateOrderRequest{
		AppTransID: id, AppUser: "an", Amount: 50_000, Description: "Trà sen", Item: "[]", EmbedData: "{}",
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestListenForward pays an order whose callback has nowhere to go, and has it
// sent to a merchant's server by the one who listens; then again by a replay.
func TestListenForward(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	app := g.App(2553)
	heard := make(chan string, 10)
	merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- string(body)
		fmt.Fprint(w, `{"return_code":2,"return_message":"không"}`)
	}))
	t.Cleanup(merchant.Close)

	s := start(t, "listen", "--server", g.URL, "--forward-to", merchant.URL+"/cb")
	expect(t, s.notes, "^Ready. Callbacks of "+g.URL+" are sent to "+merchant.URL+"/cb too.$")
	o := order(t, g, "261122_listen")
	expect(t, s.out, `-> create_order  261122_listen  app 2553  1  .* \[\d+\]$`)
	g.Pay(o.OrderToken, "0900000001")
	line := expect(t, s.out, `<- callback  order  app 2553  unaddressed  -  \[\d+\]$`)
	expect(t, s.out, `=> `+merchant.URL+`/cb  HTTP 200  refused: return_code 2 .*  \{"return_code":2,"return_message":"không"\}  \[\d+\]$`)

	// The bytes are those that the gateway would have sent: their mac is good.
	id := regexp.MustCompile(`\[(\d+)\]$`).FindStringSubmatch(line)[1]
	cb := apptest.Control[control.Callback](g, http.MethodGet, "/control/callbacks/"+id, nil)
	var sent struct{ Data, Mac string }
	if got := <-heard; got != cb.Body || json.Unmarshal([]byte(got), &sent) != nil || sent.Mac != sen.Sign(app.Key2, []byte(sent.Data)) {
		t.Errorf("forwarded %s, want %s", got, cb.Body)
	}
	s.drain()
	apptest.Control[control.Callback](g, http.MethodPost, "/control/callbacks/"+id+"/replay", control.Replay{URL: merchant.URL})
	if a, b := <-heard, <-heard; a != cb.Body || b != cb.Body { // from the gateway, and from the one who listens
		t.Errorf("after the replay %s and %s, want %s", a, b, cb.Body)
	}
	s.finish(g)
}

// drain lets a command say what else it has to say.
func (s *session) drain() {
	go func() {
		for s.out.Scan() {
		}
	}()
}

// finish stops the sandbox, which ends a command that watches it.
func (s *session) finish(g *apptest.Gateway) {
	s.t.Helper()
	g.Restart(nil)
	expect(s.t, s.notes, "^The sandbox has stopped.$")
	if status := <-s.ended; status != 0 {
		s.t.Errorf("exit status %d", status)
	}
}

// TestWatchJSON reads requests as a program does: one object in a line.
func TestWatchJSON(t *testing.T) {
	t.Parallel()
	g := apptest.Start(t)
	s := start(t, "requests", "watch", "--json", "--server", g.URL, "--operation", "create_order")
	expect(t, s.notes, "^Ready. ")
	if _, err := g.Client(2553).Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: "261122_x"}); err == nil {
		t.Error("an order that there is not was found")
	}
	order(t, g, "261122_json")
	var one struct {
		Kind    string
		Request control.Request
	}
	if err := json.Unmarshal([]byte(expect(t, s.out, "^{.*}$")), &one); err != nil || one.Kind != "request" || one.Request.AppTransID != "261122_json" {
		t.Errorf("read %+v, %v", one, err)
	}
	s.drain()
	s.finish(g)
}

// TestListenNobody is told that there is no sandbox, or that the address to
// forward to is none.
func TestListenNobody(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"listen", "--server", "http://127.0.0.1:1"},
		{"requests", "watch", "--server", "http://127.0.0.1:1"},
		{"listen", "--forward-to", "here"},
	} {
		var out, notes strings.Builder
		if status := cli.Run("test", args, &out, &notes); status != 1 || notes.Len() == 0 || out.Len() > 0 {
			t.Errorf("%q: status %d: %s%s", args, status, out.String(), notes.String())
		}
	}
}
