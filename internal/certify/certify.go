// Package certify holds a merchant's server against what a gateway, and those who
// pretend to be one, will send it: good callbacks in every form that is allowed,
// repeats, forgeries and rubbish.
package certify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"sen"
)

// State is what came of a check.
type State string

// The states.
const (
	Passed  State = "passed"
	Failed  State = "failed"
	Skipped State = "skipped" // something that it needs was not given
)

// A Result is what came of one check.
type Result struct {
	Check string `json:"check"`
	Title string `json:"title"`
	State State  `json:"state"`
	Sent  string `json:"sent,omitempty"` // in words
	Came  string `json:"came,omitempty"`
	Want  string `json:"want,omitempty"`
	Why   string `json:"why"`             // it matters
	Do    string `json:"do"`              // about it
	Note  string `json:"note,omitempty"`  // why it was skipped, or what else is to be said
	Proof string `json:"proof,omitempty"` // the request as it was sent, when the check failed
}

// A Report is what came of a run.
type Report struct {
	Callback string   `json:"callback"`
	App      int      `json:"app_id"`
	Version  int      `json:"version"` // of the merchant API whose callbacks were sent: 1 or 2
	Results  []Result `json:"results"`
	Passed   int      `json:"passed"`
	Failed   int      `json:"failed"`
	Skipped  int      `json:"skipped"`
	OK       bool     `json:"ok"` // nothing failed
}

func (r *Report) add(one Result) {
	switch one.State {
	case Passed:
		r.Passed++
	case Failed:
		r.Failed++
	case Skipped:
		r.Skipped++
	}
	r.OK = r.Failed == 0
	r.Results = append(r.Results, one)
}

// Config says whom to check, and how.
type Config struct {
	App      sen.App // Key2 is needed; without Key1 one check is skipped
	OtherKey string  // a key2 that is not the app's
	Callback string  // URL of the merchant's server
	// First says that the server takes callbacks of the first version. It is found
	// out when what CreateWith answers has apptransid instead of app_trans_id.
	First bool
	// CreateWith is where the merchant makes an order: a POST that answers with
	// JSON that has app_trans_id and amount. Without it orders are invented, and
	// whether the merchant looks them up can't be seen.
	CreateWith string
	// Status is where the merchant tells how often an order was delivered, with
	// {app_trans_id} in it: a number, or JSON with the number deliveries.
	Status   string
	Redirect string // the page to which payers come back
	Bindings bool   // whether the merchant uses wallet or card tokens
	// BindWith is where the merchant asks for a binding: a POST that answers with
	// JSON that has app_trans_id and identifier, and binding_id if it keeps that.
	// It says Bindings too. Without it bindings are invented.
	BindWith string

	Within  time.Duration // a good answer takes at most that
	Timeout time.Duration // when a call is given up
	Now     func() time.Time
}

// ErrNoTokens is returned for a server that is said to take callbacks about tokens
// in a version that has none.
var ErrNoTokens = errors.New("the first version of the API has no tokens: leave out --bindings and --bind-with")

// Run makes the checks one after another and tells each of every result as it
// comes, and how many there will be. An error is about the run itself; what the
// merchant's server does wrong stands in the report.
func Run(ctx context.Context, c Config, each func(r Result, of int)) (Report, error) {
	rep := Report{Callback: c.Callback, App: c.App.ID, OK: true}
	if err := reach(ctx, c); err != nil {
		return rep, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: together}
	defer transport.CloseIdleConnections()
	v := &visit{Config: c, client: newClient(transport, c.Timeout), nonce: c.Now().UnixMilli()}
	v.findOut(ctx)
	rep.Version = v.version()
	if v.First && (v.Bindings || v.BindWith != "") {
		return rep, ErrNoTokens
	}
	all := v.checks()
	for _, check := range all {
		one := v.make(ctx, check)
		if ctx.Err() != nil {
			return rep, ctx.Err()
		}
		rep.add(one)
		each(one, len(all))
	}
	return rep, nil
}

// reach reports a server that is not there: each check would fail for that one
// reason, and the list of them would hide it.
func reach(ctx context.Context, c Config) error {
	at, err := url.Parse(c.Callback)
	if err != nil {
		return err
	}
	port := cmp.Or(at.Port(), map[string]string{"http": "80", "https": "443"}[at.Scheme])
	conn, err := (&net.Dialer{Timeout: c.Timeout}).DialContext(ctx, "tcp", net.JoinHostPort(at.Hostname(), port))
	if err != nil {
		return fmt.Errorf("your server does not answer at %s: start it first (%w)", c.Callback, err)
	}
	return conn.Close()
}

// make makes one check.
func (v *visit) make(ctx context.Context, c check) Result {
	r := Result{Check: c.id, Title: c.title, Why: c.why, Do: c.do, State: Passed, Sent: v.say(c.sent)}
	if c.id != checkWords { // which is about the words of both
		r.Why, r.Do = v.say(c.why), v.say(c.do)
	}
	if note := v.lacks(c.needs); note != "" {
		r.State, r.Note = Skipped, note
		return r
	}
	f, err := c.play(ctx, v)
	switch {
	case err != nil:
		r.State, r.Came, r.Want = Failed, err.Error(), "an answer"
	case f != nil:
		r.State, r.Came, r.Want, r.Proof = Failed, f.came, v.say(f.want), f.proof
		switch about := c.needs & needsBindings; {
		case !f.refusal:
		case about == 0 && v.CreateWith == "":
			r.Note = noteInvented
		case about != 0 && v.BindWith == "":
			r.Note = noteInventedBinding
		}
	}
	return r
}

// These tell those who do right from those who don't.
const (
	noteInvented        = "the order was invented. A server that looks orders up refuses it, and is right: give --create-with, so that there is an order that it knows"
	noteInventedBinding = "the binding was invented. A server that looks bindings, or its users, up refuses it, and is right: give --bind-with, so that there is a binding that it asked for"
)

// needs are what a check can't do without.
type needs int

const (
	needsOrders needs = 1 << iota
	needsKey1
	needsStatus
	needsRedirect
	needsBindings
)

// lacks says what to give so that the check can be made.
func (v *visit) lacks(n needs) string {
	for _, one := range []struct {
		need needs
		has  bool
		note string
	}{
		{needsOrders, v.CreateWith != "", "give --create-with, so that there is an order that your server knows"},
		{needsKey1, v.App.Key1 != "", "give --key1"},
		{needsStatus, v.Status != "", "give --status, so that it can be seen what was delivered"},
		{needsRedirect, v.Redirect != "", "give --redirect, the page to which payers come back"},
		{needsBindings, v.Bindings || v.BindWith != "", "if your server takes callbacks about tokens, give --bind-with, where it asks for a binding, or say --bindings to have bindings invented"},
	} {
		if n&one.need != 0 && !one.has {
			return one.note
		}
	}
	return ""
}
