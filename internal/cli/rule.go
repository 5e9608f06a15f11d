package cli

import (
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sen/internal/control"
)

type ruleCmd struct {
	Add    ruleAddCmd    `cmd:"" help:"Force how calls of merchants are answered: a value, a delay, or a broken answer."`
	List   ruleListCmd   `cmd:"" help:"List the rules that still force something."`
	Remove ruleRemoveCmd `cmd:"" help:"Remove a rule."`
	Clear  ruleClearCmd  `cmd:"" help:"Remove all rules."`
}

type ruleAddCmd struct {
	Operation string            `placeholder:"NAME" complete:"operation" help:"As in create_order. Default: all."`
	App       int64             `placeholder:"N" help:"The app that calls. Default: all."`
	Match     map[string]string `placeholder:"K=V" mapsep:"none" help:"Only calls in which this member is exactly that; may be repeated."`
	Value     *code             `placeholder:"N" help:"The sub_return_code to answer, as in -500. No state changes."`
	Delay     time.Duration     `placeholder:"DURATION" help:"How late to answer, as in 2s."`
	Break     string            `placeholder:"HOW" help:"hang, reset, truncate, http_500, http_502, http_503, not_json or empty."`
	Calls     int64             `placeholder:"N" help:"For that many calls. Default: all, until the rule is removed or ends."`
	For       time.Duration     `placeholder:"DURATION" help:"As in 10m, in the sandbox's time. Default: until it is removed."`
}

// Run adds the rule.
func (r *ruleAddCmd) Run(ctx context.Context, c *console) error {
	in := control.Rule{Operation: r.Operation, App: r.App, Match: r.Match, Value: (*int)(r.Value), Break: r.Break, Calls: r.Calls}
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
	out, err := c.control().AddRule(ctx, in)
	if err != nil {
		return err
	}
	return c.print(out, func(w io.Writer) { writeRules(w, out) })
}

func writeRules(w io.Writer, all ...control.Rule) {
	t := newTable("RULE", "OPERATION", "APP", "WHEN", "ANSWER", "CALLS", "UNTIL")
	for _, r := range all {
		t.add(r.ID, orAll(r.Operation), orAll(digits(r.App)), matched(r.Match), forced(r), orAll(digits(r.Calls)), optional(r.ExpiresAt))
	}
	t.write(w, "No rules.")
}

func orAll(s string) string {
	if s == "" {
		return "all"
	}
	return s
}

// digits is empty for 0, which stands for all.
func digits(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func matched(members map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		all = append(all, name+"="+members[name])
	}
	return orDash(strings.Join(all, " "))
}

// forced says what a rule does.
func forced(r control.Rule) string {
	var all []string
	if r.Value != nil {
		all = append(all, strconv.Itoa(*r.Value))
	}
	if r.Break != "" {
		all = append(all, r.Break)
	}
	if r.Delay != "" {
		all = append(all, "after "+r.Delay)
	}
	return strings.Join(all, ", ")
}

type ruleListCmd struct{}

// Run lists the rules.
func (ruleListCmd) Run(ctx context.Context, c *console) error {
	all, err := c.control().Rules(ctx)
	if err != nil {
		return err
	}
	return c.print(all, func(w io.Writer) { writeRules(w, all...) })
}

type ruleRemoveCmd struct {
	ID string `arg:"" help:"The rule, from the list."`
}

// Run removes the rule and shows what is left.
func (r *ruleRemoveCmd) Run(ctx context.Context, c *console) error {
	if err := c.control().RemoveRule(ctx, r.ID); err != nil {
		return err
	}
	return ruleListCmd{}.Run(ctx, c)
}

type ruleClearCmd struct{}

// Run removes all rules.
func (ruleClearCmd) Run(ctx context.Context, c *console) error {
	if err := c.control().ClearRules(ctx); err != nil {
		return err
	}
	return ruleListCmd{}.Run(ctx, c)
}
