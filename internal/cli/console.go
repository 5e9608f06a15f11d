package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"sen"
	"sen/internal/clock"
	"sen/internal/control"
	"sen/internal/money"
)

// console is what a command has around it.
type console struct {
	out, err io.Writer
	version  string
	server   string // "" if none was named
	json     bool
}

func (c *console) url() string {
	if c.server == "" {
		return sen.LocalURL
	}
	return c.server
}

// program is how this program was called, so that a command that is suggested
// can be pasted: make run starts ./bin/sen, which no PATH has.
func program() string {
	if name := os.Args[0]; strings.ContainsAny(name, `/\`) && !filepath.IsAbs(name) && !strings.ContainsRune(name, ' ') {
		return name
	}
	return "sen"
}

func (c *console) control() *control.Client { return control.NewClient(c.url()) }

// merchant returns the client that one of the sandbox's apps would use. The
// keys come from the sandbox, and so does the time: it may have been moved.
func (c *console) merchant(ctx context.Context, app int64, options ...sen.Option) (*sen.Client, *clock.Clock, error) {
	ctl := c.control()
	a, err := ctl.App(ctx, app)
	if err != nil {
		return nil, nil, err
	}
	now, err := ctl.Clock(ctx)
	if err != nil {
		return nil, nil, err
	}
	theirs := &clock.Clock{}
	if now.Stands {
		theirs.Machine = func() time.Time { return now.Now }
	}
	theirs.Move(now.Now.Sub(theirs.Now()))
	client := sen.NewClient(sen.App{ID: int(app), Key1: a.Key1, Key2: a.Key2}, append(options,
		sen.WithBaseURL(c.url()), sen.WithClock(theirs.Now),
		sen.WithHTTPClient(&http.Client{Timeout: callTimeout, Transport: english{}}))...)
	return client, theirs, nil
}

const callTimeout = 30 * time.Second

// english asks for answers in the language of this program.
type english struct{}

func (english) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept-Language", "en")
	return http.DefaultTransport.RoundTrip(r) //nolint:forbidigo // a command makes a call or two and ends
}

// print writes v as JSON or as what human makes of it, in one write.
func (c *console) print(v any, human func(w io.Writer)) error {
	var b bytes.Buffer
	if c.json {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(v); err != nil {
			return err
		}
	} else {
		human(&b)
	}
	_, err := c.out.Write(b.Bytes())
	return err
}

// progress overwrites one line of a terminal with how far long work is; nothing
// wipes it. Elsewhere it says nothing: a log of it would help nobody.
func (c *console) progress(format string, args ...any) {
	f, ok := c.err.(*os.File)
	if !ok {
		return
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return
	}
	fmt.Fprintf(f, "\r\x1b[K"+format, args...)
}

// until calls ready again and again until it says yes, or fails, or the time
// is up. It always calls it once.
func until(ctx context.Context, wait time.Duration, ready func() (bool, error)) (bool, error) {
	const pause = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		if ok, err := ready(); ok || err != nil {
			return ok, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false, nil
		case <-timer.C:
		}
	}
}

// amount is how people write it: 50.000 ₫.
func amount(n int64) string { return money.Amount(n).String() }

// moment is a time at GMT+7.
func moment(at time.Time) string { return at.In(sen.Zone()).Format("2006-01-02 15:04:05") + " GMT+7" }

// optional is a moment, or a dash for one that has not come.
func optional(at *time.Time) string {
	if at == nil {
		return "-"
	}
	return moment(*at)
}

// orDash makes emptiness visible.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// A table aligns columns: those whose heading begins with > to the right.
type table struct{ rows [][]string }

func newTable(heading ...string) *table { return &table{rows: [][]string{heading}} }

func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.rows = append(t.rows, row)
}

// write writes the table, or what there is to say when it is empty.
func (t *table) write(w io.Writer, empty string) {
	if len(t.rows) == 1 {
		fmt.Fprintln(w, empty)
		return
	}
	right := make([]bool, len(t.rows[0]))
	width := make([]int, len(t.rows[0]))
	for i, heading := range t.rows[0] {
		t.rows[0][i], right[i] = strings.CutPrefix(heading, ">")
	}
	for _, row := range t.rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if right[i] {
				cell, space = space+cell, ""
			}
			line.WriteString(cell + space + "   ")
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// facts writes names and values, two at a time, under each other. Values that
// are empty are left out.
func facts(w io.Writer, pairs ...string) {
	width := 0
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			width = max(width, utf8.RuneCountInString(pairs[i]))
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(w, "%-*s   %s\n", width, pairs[i], pairs[i+1])
		}
	}
}

// dong is an amount on the command line.
type dong money.Amount

// UnmarshalText takes digits only.
func (d *dong) UnmarshalText(text []byte) error {
	n, err := money.Parse(string(text))
	if err != nil {
		return fmt.Errorf("%q is no amount: write 1 to %s in digits only, as in 50000", text, money.Max.Digits())
	}
	*d = dong(n)
	return nil
}
