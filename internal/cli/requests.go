package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/control"
)

type requestsCmd struct {
	List   requestsListCmd   `cmd:"" help:"List what merchants asked and what they were answered, the newest first."`
	Show   requestsShowCmd   `cmd:"" help:"Show a request: its members, the answer, and why."`
	Export requestsExportCmd `cmd:"" help:"Write a request as a program that makes it again."`
	Watch  requestsWatchCmd  `cmd:"" help:"Print requests as they come, until Ctrl-C."`
}

// requestFilter chooses requests.
type requestFilter struct {
	App        int64  `placeholder:"N" help:"The app that calls. Default: all."`
	Operation  string `placeholder:"NAME" help:"As in create_order. Default: all."`
	AppTransID string `name:"order" placeholder:"ID" help:"About that app_trans_id."`
	Value      *code  `placeholder:"N" help:"The sub_return_code answered, as in -402."`
}

func (f *requestFilter) query() url.Values {
	q := url.Values{}
	add := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	add("app", digits(f.App))
	add("operation", f.Operation)
	add("app_trans_id", f.AppTransID)
	if f.Value != nil {
		add("value", strconv.Itoa(int(*f.Value)))
	}
	return q
}

type requestsListCmd struct {
	requestFilter
	Since  time.Duration `placeholder:"DURATION" help:"Of the last 10m, for example, by this machine's clock."`
	Before string        `placeholder:"REQUEST" help:"Older than that one: the next page."`
	Limit  int           `default:"20" help:"How many at most. Default: ${default}."`
}

// Run lists the requests.
func (l *requestsListCmd) Run(ctx context.Context, c *console) error {
	q := l.query()
	q.Set("limit", strconv.Itoa(l.Limit))
	q.Set("before", l.Before)
	if l.Since != 0 {
		q.Set("from", machine().Add(-l.Since).Format(time.RFC3339))
	}
	page, err := c.control().Requests(ctx, q)
	if err != nil {
		return err
	}
	return c.print(page, func(w io.Writer) {
		t := newTable("REQUEST", "AT", "APP", "OPERATION", ">ANSWER", "ABOUT", ">TOOK")
		for _, r := range page.Requests {
			t.add(r.ID, moment(r.At), r.App, operation(r), answered(r), orDash(about(r)), took(r))
		}
		t.write(w, "No requests.")
		if page.Dropped > 0 {
			fmt.Fprintf(w, "\n%d more were not kept: they came faster than they could be written.\n", page.Dropped)
		}
	})
}

// operation is that of a request, or the path that has none.
func operation(r control.Request) string {
	if r.Operation == "" {
		return r.Path
	}
	return r.Operation
}

// answered is the value of the answer, or how it was broken.
func answered(r control.Request) string {
	if r.HTTPStatus == 0 {
		return "cut"
	}
	if r.HTTPStatus != http.StatusOK { // which every answer of the API has
		return fmt.Sprintf("%d, HTTP %d", r.Value, r.HTTPStatus)
	}
	return strconv.Itoa(r.Value)
}

func about(r control.Request) string {
	switch {
	case r.MRefundID != "":
		return r.MRefundID
	case r.AppTransID != "":
		return r.AppTransID
	}
	return digits(r.Payment)
}

func took(r control.Request) string { return strconv.FormatFloat(r.TookMS, 'f', 1, 64) + " ms" }

type requestsShowCmd struct {
	ID string `arg:"" help:"The request, from the list."`
}

// Run shows the request.
func (s *requestsShowCmd) Run(ctx context.Context, c *console) error {
	r, err := c.control().Request(ctx, s.ID)
	if err != nil {
		return err
	}
	return c.print(r, func(w io.Writer) { writeRequest(w, r) })
}

func writeRequest(w io.Writer, r control.Request) {
	facts(w,
		"request", r.ID,
		"at", moment(r.At),
		"took", took(r),
		"from", r.Remote,
		"sent by", r.Headers.UserAgent,
		"app", digits(r.App),
		"operation", r.Operation,
		"call", r.Method+" "+r.Path,
		"content type", r.Headers.ContentType,
		"mac", map[string]string{"good": "good", "wrong": "wrong", "": "not looked at"}[r.MAC],
		"answer", meaningOf(r),
		"reason", r.Reason,
		"HTTP status", status(control.Attempt{Status: r.HTTPStatus}),
		"scenario", scenarioOf(r),
		"about", about(r),
		"zp_trans_id", digits(r.Payment),
		"refund_id", digits(r.Refund),
		"changed", changed(r))
	t := newTable("MEMBER", "VALUE")
	for _, f := range r.Fields {
		where := ""
		if f.InQuery {
			where = " (in the query string)"
		}
		t.add(f.Name+where, visible(f.Value))
	}
	fmt.Fprintln(w)
	t.write(w, "No members could be read.")
	if len(r.Fields) == 0 && r.Body != nil && *r.Body != "" {
		fmt.Fprintf(w, "\n%s\n", visible(*r.Body))
	}
	fmt.Fprintf(w, "\n%s\n", r.Answer)
	if len(r.Callbacks) > 0 {
		fmt.Fprintln(w)
		writeCallbacks(w, r.Callbacks)
	}
	if r.Operation != "" {
		fmt.Fprintf(w, "\nAs a program: %s requests export %s --as curl\n", program(), r.ID)
	}
}

// meaningOf is the value of an answer in words.
func meaningOf(r control.Request) string {
	st, ok := sen.Lookup(r.Operation, r.Value)
	if !ok {
		return strconv.Itoa(r.Value)
	}
	return fmt.Sprintf("%d, %s", r.Value, st.Text.In("en"))
}

func scenarioOf(r control.Request) string {
	switch {
	case r.Scenario == "":
		return ""
	case r.Rule == "":
		return r.Scenario + " (the request's own header)"
	}
	return r.Scenario + " (rule " + r.Rule + ")"
}

// changed says in words what a request changed.
func changed(r control.Request) string {
	switch r.Change {
	case "order_created":
		return "order " + r.AppTransID + " created"
	case "order_cancelled":
		return "order " + r.AppTransID + " cancelled"
	case "order_paid":
		return fmt.Sprintf("order %s paid by payment %d", r.AppTransID, r.Payment)
	case "payment_started":
		return "payment of order " + r.AppTransID + " started; the bank has not decided"
	case "payment_failed":
		return "payment of order " + r.AppTransID + " failed"
	case "refund_accepted":
		return fmt.Sprintf("refund %d of payment %d accepted", r.Refund, r.Payment)
	case "binding_created":
		return "binding " + r.AppTransID + " asked for"
	case "binding_ended":
		return "binding " + r.AppTransID + " ended"
	}
	return "nothing"
}

// visible writes a text in one line, as it is unless that spoils the terminal.
func visible(s string) string {
	if quoted := strconv.Quote(s); strings.Trim(quoted, `"`) != strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`) {
		return quoted
	}
	return s
}

type requestsExportCmd struct {
	ID     string `arg:"" help:"The request, from the list."`
	As     string `default:"curl" enum:"curl,go,node,python,php,java,csharp" help:"The language: ${enum}."`
	Output string `short:"o" type:"path" placeholder:"FILE" help:"Write it there instead of printing it."`
}

// Run writes the program.
func (e *requestsExportCmd) Run(ctx context.Context, c *console) error {
	out, err := c.control().Export(ctx, e.ID, e.As)
	if err != nil {
		return err
	}
	if e.Output != "" {
		const readable = 0o644
		if err := os.WriteFile(e.Output, []byte(out.Program), readable); err != nil { //nolint:gosec // there is no secret in it
			return err
		}
		out.File = e.Output
		return c.print(out, func(w io.Writer) { fmt.Fprintf(w, "Written to %s.\n", e.Output) })
	}
	return c.print(out, func(w io.Writer) { fmt.Fprint(w, out.Program) })
}

type requestsWatchCmd struct {
	requestFilter
}

// Run prints requests until it is told to stop, or the sandbox stops.
func (r *requestsWatchCmd) Run(ctx context.Context, c *console) error {
	t := &tail{console: c}
	ready := false
	err := c.control().Watch(ctx, r.query(), func() {
		ready = true
		t.note("Ready. Requests to %s appear here.", c.url())
	}, t.request, t.missed)
	if !ready {
		return err
	}
	return t.end(ctx, err)
}

// oneLine is a request in a stream.
func oneLine(r control.Request) string {
	line := fmt.Sprintf("%s  -> %s", clockTime(r.At), operation(r))
	for _, word := range []string{about(r), "app " + strconv.FormatInt(r.App, 10)} {
		if word != "" {
			line += "  " + word
		}
	}
	line += "  " + answered(r) + "  " + took(r)
	if r.Reason != "" {
		line += "  " + r.Reason
	}
	return line + "  [" + r.ID + "]"
}

// clockTime is the time of a day at GMT+7.
func clockTime(at time.Time) string { return at.In(sen.Zone()).Format("15:04:05") }

// asJSON is a value in one line.
func asJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}
