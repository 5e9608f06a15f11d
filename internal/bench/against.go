package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// What size costs: the same work, asked of a new sandbox and of one that has
// grown, in turns.

// A Comparison says what a sandbox that has grown needs, and a new one.
type Comparison struct {
	Data string `json:"data"`
	// Start-up runs from the start of the process to the first order answered.
	StartNew   time.Duration `json:"start_new_ns"`
	StartGrown time.Duration `json:"start_grown_ns"`
	Work       []Compared    `json:"work"`
	Pages      []PageTime    `json:"pages"`
}

// Compared is a workload in processor time of the server per operation, in
// microseconds: the least of the slices, which others disturbed least.
type Compared struct {
	Workload string  `json:"workload"`
	New      float64 `json:"new_us"`
	Grown    float64 `json:"grown_us"`
}

// PageTime is how long a page of the console takes, in the least of a few tries.
type PageTime struct {
	Path  string        `json:"path"`
	New   time.Duration `json:"new_ns"` // 0: a new sandbox has no such page
	Grown time.Duration `json:"grown_ns"`
}

// against are the workloads that are compared.
var against = []string{"create", "query-paid", payToken}

// Against compares the sandbox in a data directory, which nobody serves, with a
// new one. Some orders are added to it.
func Against(ctx context.Context, c Config, data string) (_ *Comparison, err error) {
	c.Only = against
	if err := c.check(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(c.Dir, "sen-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	both := [2]*side{
		{data: filepath.Join(dir, "new"), log: filepath.Join(dir, "new.log")}, {data: data, log: filepath.Join(dir, "grown.log")},
	}
	found := &Comparison{Data: data}
	for i, s := range both {
		s.bench = bench{Config: c, report: &Report{}}
		took, err := s.start(ctx)
		if err != nil {
			return nil, err
		}
		defer s.stop()
		*[]*time.Duration{&found.StartNew, &found.StartGrown}[i] = took
	}
	if err := found.measurePages(ctx, both); err != nil {
		return nil, err
	}
	return found, found.measureWork(ctx, both)
}

// A side is one of the two sandboxes.
type side struct {
	bench

	data string
	log  string // of what serves from it
	work []*measurement
	stop func()
}

// start starts the sandbox twice, since the first time may bring the tables up to
// date, and returns how long the second took to answer an order.
func (s *side) start(ctx context.Context) (took time.Duration, err error) {
	for range 2 {
		if s.child != nil {
			s.child.stop()
		}
		began := time.Now()
		if s.child, err = start(ctx, s.Binary, s.data, s.log, "", "bench-serve", "--refund-delay", "0s"); err != nil {
			return 0, err
		}
		s.stop = s.child.stop
		if err := s.firstOrder(s.child); err != nil {
			s.stop()
			return 0, err
		}
		took = time.Since(began)
	}
	return took, nil
}

// measureWork has both do the same in turns.
func (c *Comparison) measureWork(ctx context.Context, both [2]*side) error {
	for _, s := range both {
		w, err := newWork(s.child.URL, "")
		if err == nil {
			err = w.furnish(ctx, s.child.URL)
		}
		if err != nil {
			return err
		}
		all := slices.DeleteFunc(w.workloads(s.Merchants, s.Wallets), func(wl workload) bool { return !s.wanted(wl.name) })
		if err := s.openMarket(ctx, all); err != nil {
			return err
		}
		for _, wl := range all {
			m := &measurement{workload: wl, load: newLoad(wl.addr, s.Concurrency[0], wl.op)}
			defer m.load.close()
			s.work = append(s.work, m)
		}
	}
	for i, m := range both[0].work {
		c.Work = append(c.Work, Compared{Workload: m.name})
		both[0].say("measuring %s in turns\n", m.name)
		for range 2 * rounds {
			for j, s := range both {
				if err := c.Work[i].slice(ctx, s, s.work[i], j == 1); err != nil {
					return fmt.Errorf("%s: %w", m.name, err)
				}
			}
		}
	}
	return nil
}

func (c *Compared) slice(ctx context.Context, s *side, m *measurement, grown bool) error {
	m.cpu = usage{}
	m.load.forget()
	if err := s.slice(ctx, m, s.Duration/rounds); err != nil {
		return err
	}
	f := m.figure()
	if f.Errors > 0 {
		return errors.New(f.Error)
	}
	least := &c.New
	if grown {
		least = &c.Grown
	}
	if *least == 0 || f.CPU < *least {
		*least = f.CPU
	}
	return nil
}

// The pages that are looked at: each is an address, or the first link of the page
// before it that the expression finds.
var looks = []struct{ from, link string }{
	{"/console", ""},
	{"/console/orders", ""},
	{"/console/orders?state=paid", ""},
	{"/console/orders?state=cancelled", ""},
	{"/console/orders?app=3000000", ""},
	{"/console/orders?until=%s", ""},
	{"/console/orders?until=%s&state=paid", `/console/orders/\d+`},
	{"/console/refunds", ""},
	{"/console/callbacks?state=failed", `/console/callbacks/\d+`},
	{"/console/callbacks", ""},
	{"/console/bindings", `/console/bindings/\d+`},
	{"/console/apps", ""},
	{"/console/apps/3000000", ""},
	{"/console/wallets", ""},
	{"/console/wallets?phone=0910000007", `/console/wallets/\d+`},
	{"/console/settlements", ""},
	{"/console/requests", ""},
	{"/console/ledger", `/console/ledger/entries/\d+`},
	{"/console/ledger/accounts/48000002", ""},
	{"/console/ledger/accounts/48000002?at=%s", ""},
	{"/console/ledger/accounts/614", ""},
	{"/console/ledger/accounts/614?at=%s", ""},
	{"/console/audit", ""},
}

// measurePages signs in at both consoles and looks at each page.
func (c *Comparison) measurePages(ctx context.Context, both [2]*side) error {
	// A moment when a sandbox that was grown was half as old.
	then := url.QueryEscape(time.Now().AddDate(0, 0, -29).Format("2006-01-02T15:04"))
	for j, s := range both {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		v := visitor{http.Client{Jar: jar, Timeout: time.Minute}, s.child.URL}
		if _, _, err := v.ask(ctx, http.MethodPost, "/console/sign-in", url.Values{"role": {"operator"}}); err != nil {
			return err
		}
		for _, look := range looks {
			path := strings.ReplaceAll(look.from, "%s", then)
			page, err := c.page(ctx, v, path, path, j == 1)
			if err != nil {
				return err
			}
			if look.link == "" {
				continue
			}
			if link := regexp.MustCompile(look.link).FindString(page); link != "" {
				if _, err := c.page(ctx, v, link, "… "+look.link, j == 1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// page looks at a page a few times and notes the least time.
func (c *Comparison) page(ctx context.Context, v visitor, path, name string, grown bool) (body string, err error) {
	const tries = 3
	least := time.Duration(0)
	status := 0
	for range tries {
		began := time.Now()
		if body, status, err = v.ask(ctx, http.MethodGet, path, nil); err != nil {
			return "", err
		}
		if took := time.Since(began); least == 0 || took < least {
			least = took
		}
	}
	if status != http.StatusOK {
		return "", nil
	}
	i := slices.IndexFunc(c.Pages, func(p PageTime) bool { return p.Path == name })
	if i < 0 {
		i = len(c.Pages)
		c.Pages = append(c.Pages, PageTime{Path: name})
	}
	if grown {
		c.Pages[i].Grown = least
	} else {
		c.Pages[i].New = least
	}
	return body, nil
}

// A visitor looks at the pages of a console.
type visitor struct {
	client http.Client
	url    string
}

func (v visitor) ask(ctx context.Context, method, path string, form url.Values) (body string, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, method, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := v.client.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err == nil && method == http.MethodPost && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: HTTP %d", path, res.StatusCode)
	}
	return string(text), res.StatusCode, err
}

// JSON writes the comparison for a program.
func (c *Comparison) JSON(w io.Writer) error { return json.NewEncoder(w).Encode(c) }

// Text writes it for people.
func (c *Comparison) Text(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tnew\tgrown\tratio\t\n")
	fmt.Fprintf(t, "start to the first order, ms\t%d\t%d\t\t\n", c.StartNew.Milliseconds(), c.StartGrown.Milliseconds())
	for _, one := range c.Work {
		fmt.Fprintf(t, "%s, server CPU µs\t%.0f\t%.0f\t%.2f\t\n", one.Workload, one.New, one.Grown, one.Grown/one.New)
	}
	for _, p := range c.Pages {
		fmt.Fprintf(t, "%s, ms\t%.1f\t%.1f\t\t\n", p.Path, float64(p.New.Microseconds())/1000, float64(p.Grown.Microseconds())/1000)
	}
	return t.Flush()
}
