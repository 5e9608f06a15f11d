package cli

import (
	"context"
	"io"
	"time"

	"sen/internal/control"
)

type callbackRuleCmd struct {
	Add    callbackRuleAddCmd    `cmd:"" help:"Let callbacks go wrong. The first rule that matches one decides."`
	List   callbackRuleListCmd   `cmd:"" help:"List the rules that still meet callbacks."`
	Remove callbackRuleRemoveCmd `cmd:"" help:"Remove a rule."`
	Clear  callbackRuleClearCmd  `cmd:"" help:"Remove all rules. What they hold goes when its time has come."`
}

// Help explains the kinds under the command's own help.
func (callbackRuleAddCmd) Help() string {
	return `KIND is one of

  delay               sent --delay later by the sandbox's clock (10s)
  after_expiry        sent only when the order, though paid, would have expired
  reorder             sent after the app's next callback, or --delay later (1m)
  drop                never sent: find out by querying the order
  duplicate           sent again as soon as it was answered
  duplicate_at_once   sent twice at the same time
  slow                its body takes --delay to arrive (3s, by the machine's clock)
  invalid_json        the body is not JSON
  truncate            the body ends in the middle
  changed             a digit of the data is another: the mac is wrong
  key1                the mac is made with key1
  other_key           the mac is made with another app's key2
  wrong_amount        1000 dong too much, with a right mac
  unknown_order       an app_trans_id that you do not know, with a right mac

What is owed stays as it is: "sen callback show" prints it, and what was sent instead.`
}

type callbackRuleAddCmd struct {
	Kind    string        `arg:"" complete:"kind" help:"How they go wrong; see above."`
	App     int64         `placeholder:"N" help:"Of this app. Default: all."`
	Order   string        `placeholder:"PATTERN" help:"Whose app_trans_id is like that, as in '261122_*'. Default: all."`
	Subject string        `placeholder:"WHAT" help:"order or binding. Default: both."`
	Delay   time.Duration `placeholder:"DURATION" help:"How long, as in 20m; of delay, reorder and slow."`
	Calls   int64         `placeholder:"N" help:"That many calls; a repeat is one. Default: all, until the rule is removed or ends."`
	For     time.Duration `placeholder:"DURATION" help:"As in 10m, in the sandbox's time. Default: until it is removed."`
}

// Run adds the rule.
func (r *callbackRuleAddCmd) Run(ctx context.Context, c *console) error {
	in := control.CallbackRule{App: r.App, Subject: r.Subject, AppTransID: r.Order, Kind: r.Kind, Calls: r.Calls}
	if r.Delay != 0 {
		in.Delay = r.Delay.String()
	}
	if r.For != 0 {
		now, err := c.control().Clock(ctx)
		if err != nil {
			return err
		}
		in.ExpiresAt = new(now.Now.Add(r.For))
	}
	out, err := c.control().AddCallbackRule(ctx, in)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeCallbackRules(w, out) })
}

func writeCallbackRules(w io.Writer, all ...control.CallbackRule) {
	t := newTable("RULE", "APP", "ABOUT", "ORDER", "KIND", "CALLS", "UNTIL")
	for _, r := range all {
		kind := r.Kind
		if r.Delay != "" {
			kind += " " + r.Delay
		}
		t.add(r.ID, orAll(digits(r.App)), orAll(r.Subject), orAll(r.AppTransID), kind, orAll(digits(r.Calls)), optional(r.ExpiresAt))
	}
	t.write(w, "No rules.")
}

type callbackRuleListCmd struct{}

// Run lists the rules.
func (callbackRuleListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().CallbackRules(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) { writeCallbackRules(w, all...) })
}

type callbackRuleRemoveCmd struct {
	ID string `arg:"" help:"The rule, from the list."`
}

// Run removes the rule and shows what is left.
func (r *callbackRuleRemoveCmd) Run(ctx context.Context, c *console) error {
	if err := c.control().RemoveCallbackRule(ctx, r.ID); err != nil {
		return err
	}
	return callbackRuleListCmd{}.Run(ctx, c)
}

type callbackRuleClearCmd struct{}

// Run removes all rules.
func (callbackRuleClearCmd) Run(ctx context.Context, c *console) error {
	if err := c.control().ClearCallbackRules(ctx); err != nil {
		return err
	}
	return callbackRuleListCmd{}.Run(ctx, c)
}
