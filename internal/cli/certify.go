package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sen"
	"sen/internal/callback"
	"sen/internal/certify"
)

type certifyCmd struct {
	Callback   string        `required:"" placeholder:"URL" help:"Where your server takes callbacks."`
	App        int64         `default:"2553" help:"The app that it serves. Default: ${default}."`
	V1         bool          `name:"v1" help:"Your server takes callbacks of the first version (/v001/tpe/…). Default: what the order of --create-with tells, by apptransid instead of app_trans_id; else the second version."`
	CreateWith string        `placeholder:"URL" help:"Where your server makes an order to be checked: a POST that answers with JSON that has app_trans_id (or apptransid) and amount. Default: orders are invented."`
	Status     string        `placeholder:"URL" help:"Where your server tells how often it has delivered an order, with {app_trans_id} in it: a number, or JSON with the number deliveries."`
	Redirect   string        `placeholder:"URL" help:"Your page to which payers come back."`
	BindWith   string        `placeholder:"URL" help:"Where your server asks for a binding to be checked: a POST that answers with JSON that has app_trans_id and identifier (and binding_id, if it keeps that). Says --bindings too."`
	Bindings   bool          `help:"Your server takes callbacks about tokens too. Without --bind-with the bindings are invented, which a server that looks them up is right to refuse."`
	Within     time.Duration `default:"5s" help:"How long a good answer may take. Default: ${default}."`
	Key1       string        `name:"key1" env:"SEN_KEY1" placeholder:"KEY" help:"Key1 of the app, to see that nothing that it signs is believed. Default: the running sandbox's."`
	Key2       string        `name:"key2" env:"SEN_KEY2" placeholder:"KEY" help:"Key2 of the app: then no sandbox is needed. Default: the running sandbox's."`
}

// Help says what happens.
func (certifyCmd) Help() string {
	return `Sends good callbacks, repeats, forgeries and rubbish, and says what your server got
wrong. It takes the goods of a test shop: orders are marked as paid that nobody paid,
so never name a server in production.`
}

var errCertify = errors.New("the server got something wrong")

// Run checks the server.
func (k *certifyCmd) Run(ctx context.Context, c *console) error {
	config, err := k.config(ctx, c)
	if err != nil {
		return err
	}
	done := 0
	rep, err := certify.Run(ctx, config, func(r certify.Result, of int) {
		done++
		c.progress("%d of %d checks: %s", done, of, r.Title)
	})
	c.progress("")
	if ctx.Err() != nil {
		return errStopped
	}
	if err != nil {
		return err
	}
	err = c.print(rep, func(w io.Writer) { writeCertificate(w, rep) })
	if err == nil && !rep.OK {
		err = errCertify
	}
	return err
}

var errStopped = errors.New("stopped before it was done")

func (k *certifyCmd) config(ctx context.Context, c *console) (certify.Config, error) {
	config := certify.Config{
		Callback: k.Callback, First: k.V1, CreateWith: k.CreateWith, Status: k.Status, Redirect: k.Redirect, Bindings: k.Bindings, BindWith: k.BindWith,
		Within: k.Within, Timeout: max(callback.Timeout, 2*k.Within), Now: machine,
		App: sen.App{ID: int(k.App), Key1: k.Key1, Key2: k.Key2}, OtherKey: rand.Text(),
	}
	for _, at := range []struct{ flag, url string }{
		{"--callback", k.Callback}, {"--create-with", k.CreateWith}, {"--status", strings.ReplaceAll(k.Status, "{app_trans_id}", "x")}, {"--redirect", k.Redirect}, {"--bind-with", k.BindWith},
	} {
		if _, err := callback.Target(at.url); at.url != "" && err != nil {
			return config, fmt.Errorf("%s must begin with http:// or https:// and name a host", at.flag)
		}
	}
	if k.Status != "" && !strings.Contains(k.Status, "{app_trans_id}") {
		return config, errors.New("--status must have {app_trans_id} in it, where the order's identifier goes")
	}
	if k.Key2 != "" {
		return config, nil
	}
	return config, k.fromSandbox(ctx, c, &config)
}

// fromSandbox asks the sandbox for the keys, and another app's.
func (k *certifyCmd) fromSandbox(ctx context.Context, c *console, config *certify.Config) error {
	all, err := c.control().Apps(ctx)
	if err != nil {
		return fmt.Errorf("no key2: give --key2, or name a running sandbox that has the app (%w)", err)
	}
	found := false
	for _, a := range all {
		if a.ID == k.App {
			config.App.Key1, config.App.Key2, found = a.Key1, a.Key2, true
		} else {
			config.OtherKey = a.Key2
		}
	}
	if !found {
		return fmt.Errorf("the sandbox has no app %d: see \"%s app list\", or give --key2", k.App, program())
	}
	return nil
}

// writeCertificate prints a line for each check, then what is to be done.
func writeCertificate(w io.Writer, rep certify.Report) {
	t := newTable("CHECK", "RESULT", "")
	for _, r := range rep.Results {
		note := r.Title
		if r.State == certify.Skipped {
			note += ": " + r.Note
		}
		t.add(r.Check, r.State, note)
	}
	t.write(w, "Nothing was checked.")
	for _, r := range rep.Results {
		if r.State != certify.Failed {
			continue
		}
		fmt.Fprintf(w, "\n%s: not so: %s\n", r.Check, r.Title)
		facts(w, "  sent", r.Sent, "  came", r.Came, "  wanted", r.Want, "  why it matters", r.Why, "  what to do", r.Do, "  but", r.Note, "  as sent", r.Proof)
	}
	of := ""
	if rep.Version == 1 {
		of = ", by callbacks of the first version"
	}
	fmt.Fprintf(w, "\n%d passed, %d failed, %d skipped%s\n", rep.Passed, rep.Failed, rep.Skipped, of)
}
