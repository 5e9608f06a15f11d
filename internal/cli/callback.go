package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"sen/internal/control"
)

type callbackCmd struct {
	List   callbackListCmd   `cmd:"" help:"List callbacks, the newest first."`
	Show   callbackShowCmd   `cmd:"" help:"Show a callback: what was sent, and what was answered."`
	Replay callbackReplayCmd `cmd:"" help:"Send a callback again and print the answer."`
	Rule   callbackRuleCmd   `cmd:"" help:"Let callbacks go wrong on their way: late, twice, damaged, forged or never."`
}

type callbackListCmd struct {
	Limit int `default:"20" help:"How many at most. Default: ${default}."`
}

// Run lists the callbacks.
func (l *callbackListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Callbacks(ctx, l.Limit)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) { writeCallbacks(w, all) })
}

func writeCallbacks(w io.Writer, all []control.Callback) {
	t := newTable("CALLBACK", "APP", "STATE", ">ATTEMPTS", "CREATED", "URL")
	for _, cb := range all {
		t.add(cb.ID, cb.App, cb.State, cb.Attempts, moment(cb.CreatedAt), orDash(cb.URL))
	}
	t.write(w, "No callbacks.")
}

type callbackShowCmd struct {
	ID string `arg:"" help:"The callback, from the list."`
}

// Run shows the callback.
func (s *callbackShowCmd) Run(ctx context.Context, c *console) error {
	cb, err := c.control().Callback(ctx, s.ID)
	if err != nil {
		return err
	}
	return c.print(cb, func(w io.Writer) {
		next := ""
		if cb.DueAt != nil {
			next = moment(*cb.DueAt)
		}
		facts(w,
			"callback", cb.ID,
			"app", strconv.FormatInt(cb.App, 10),
			"URL", orDash(cb.URL),
			"state", cb.State,
			"created", moment(cb.CreatedAt),
			"due", next)
		fmt.Fprintf(w, "\n%s\n\n", cb.Body)
		writeAttempts(w, cb.History)
	})
}

func writeAttempts(w io.Writer, all []control.Attempt) {
	t := newTable(">N", "AT", ">TOOK", "STATUS", "MEANING", "ANSWER")
	for _, a := range all {
		t.add(a.N, moment(a.At), strconv.FormatFloat(a.TookMS, 'f', 1, 64)+" ms", status(a), meaning(a), orDash(a.Answer))
	}
	t.write(w, "It was not sent yet.")
	for _, a := range all {
		if a.Mishap != "" {
			fmt.Fprintf(w, "\n%d went wrong on its way: %s (rule %s)\n", a.N, a.Mishap, a.Rule)
		}
		if a.Sent != "" {
			fmt.Fprintf(w, "sent instead: %s\n", a.Sent)
		}
	}
}

func status(a control.Attempt) string {
	if a.Status == 0 {
		return "-"
	}
	return "HTTP " + strconv.Itoa(a.Status)
}

// meaning says what an attempt means, and why.
func meaning(a control.Attempt) string {
	if a.Error == "" {
		return a.Outcome
	}
	return a.Outcome + ": " + a.Error
}

type callbackReplayCmd struct {
	ID     string        `arg:"" help:"The callback, from the list."`
	To     string        `placeholder:"URL" help:"Send it there from now on, instead of where it went."`
	Wait   time.Duration `default:"15s" help:"How long to wait for the answer. Default: ${default}."`
	NoWait bool          `help:"Do not wait for the answer."`
}

var errNotAccepted = errors.New("the merchant did not accept the callback")

// Run sends the callback again.
func (r *callbackReplayCmd) Run(ctx context.Context, c *console) error {
	ctl := c.control()
	before, err := ctl.Replay(ctx, r.ID, control.Replay{URL: r.To})
	if err != nil {
		return err
	}
	if r.NoWait {
		return c.print(before, func(w io.Writer) { fmt.Fprintf(w, "Callback %s will be sent to %s.\n", before.ID, before.URL) })
	}
	var a control.Attempt
	done, err := until(ctx, r.Wait, func() (bool, error) {
		now, err := ctl.Callback(ctx, r.ID)
		if n := len(now.History); n > 0 {
			a = now.History[n-1]
		}
		return a.N > before.Attempts, err
	})
	if err != nil {
		return err
	}
	if !done {
		return fmt.Errorf("no answer from %s within %v: see `sen callback show %s`", before.URL, r.Wait, r.ID)
	}
	err = c.print(a, func(w io.Writer) {
		facts(w, "sent to", before.URL, "status", status(a), "meaning", meaning(a), "answer", a.Answer)
	})
	if err == nil && a.Outcome != "accepted" {
		err = errNotAccepted
	}
	return err
}
