package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sen"
	"sen/internal/conformance"
)

type codesCmd struct {
	List  codesListCmd  `cmd:"" help:"List what operations answer in sub_return_code."`
	Show  codesShowCmd  `cmd:"" help:"Explain a value."`
	Check codesCheckCmd `cmd:"" help:"Bring about every documented value in a running sandbox, then force it by a rule."`
}

// code is a value on the command line.
type code int

// minus is how a negative number is written while the parser has it: to the
// parser a hyphen begins a flag.
const minus = "\u2212"

// UnmarshalText reads a value.
func (c *code) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(strings.Replace(string(text), minus, "-", 1))
	if err != nil {
		return fmt.Errorf("%q is no value: write a whole number, as in -402", text)
	}
	*c = code(n)
	return nil
}

// hideSigns lets negative numbers through the parser. No flag is a digit.
func hideSigns(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = arg
		if n, err := strconv.Atoi(arg); err == nil && n < 0 {
			out[i] = minus + arg[1:]
		}
	}
	return out
}

// language is that of the catalogue's texts.
type language struct {
	Lang string `default:"en" enum:"en,vi" help:"Language of the texts: ${enum}."`
}

type codesListCmd struct {
	Operation string `placeholder:"NAME" help:"As in create_order, or redirect. Default: all."`
	All       bool   `help:"Also the values that the provider does not document."`
	language
}

var errOperation = errors.New("no operation of that name: \"sen codes list\" has them all")

func knownOperation(name string) bool {
	return slices.ContainsFunc(sen.Statuses(), func(st sen.Status) bool { return st.Operation == name })
}

// Run lists the catalogue.
func (l *codesListCmd) Run(c *console) error {
	if l.Operation != "" && !knownOperation(l.Operation) {
		return errOperation
	}
	all := []sen.Status{}
	for _, st := range sen.Statuses() {
		if l.Operation != "" && l.Operation != st.Operation {
			continue
		}
		if st.Documented || l.All {
			all = append(all, st)
		}
	}
	return c.print(all, func(w io.Writer) {
		t := newTable("OPERATION", ">VALUE", "NAME", "TEXT", "WHAT TO DO")
		for _, st := range all {
			t.add(st.Operation, st.Value, st.Name, st.Text.In(l.Lang), st.Action.In(l.Lang))
		}
		t.write(w, "No values.")
	})
}

type codesShowCmd struct {
	Operation string `arg:"" complete:"operation" help:"As in create_order, or redirect."`
	Value     code   `arg:"" help:"As in -402."`
	language
}

// Run explains the value.
func (s *codesShowCmd) Run(c *console) error {
	st, ok := sen.Lookup(s.Operation, int(s.Value))
	if !ok {
		if !knownOperation(s.Operation) {
			return errOperation
		}
		return fmt.Errorf("%s never answers %d: see \"sen codes list --operation %s\"", s.Operation, int(s.Value), s.Operation)
	}
	return c.print(st, func(w io.Writer) {
		facts(w,
			"operation", st.Operation,
			"value", strconv.Itoa(st.Value),
			"name", st.Name,
			"return_code", strconv.Itoa(st.ReturnCode),
			"documented", map[bool]string{true: "yes", false: "no"}[st.Documented],
			"text", st.Text.In(s.Lang),
			"meaning", st.Meaning.In(s.Lang),
			"what to do", st.Action.In(s.Lang),
			"send again", string(st.Retry),
			"may change", string(st.Finality))
	})
}

type codesCheckCmd struct {
	Target string `placeholder:"URL" help:"The sandbox. Default: the one that --server names."`
}

var errCodes = errors.New("not everything came as it should")

// Run checks the sandbox. It works with an app and a wallet of its own, and
// moves the clock ahead by some minutes and back.
func (k *codesCheckCmd) Run(ctx context.Context, c *console) error {
	target := k.Target
	if target == "" {
		target = c.url()
	}
	done := 0
	rep, err := conformance.Run(ctx, target, func(r conformance.Result) {
		done++
		c.progress("%d of %d values: %s %d", done, len(conformance.Documented()), r.Operation, r.Value)
	})
	c.progress("")
	if err != nil {
		return err
	}
	err = c.print(rep, func(w io.Writer) { writeReport(w, rep) })
	if err == nil && !rep.OK {
		err = errCodes
	}
	return err
}

// writeReport prints a table of states, then why some are not ok.
func writeReport(w io.Writer, rep conformance.Report) {
	t := newTable("OPERATION", ">VALUE", "NAME", "EARNED", "FORCED")
	var notes []string
	for _, r := range rep.Results {
		t.add(r.Operation, r.Value, r.Name, r.Earned.State, r.Forced.State)
		notes = append(notes, note(r, "earned", r.Earned), note(r, "forced", r.Forced))
	}
	t.write(w, "Nothing was checked.")
	fmt.Fprintln(w)
	slices.Sort(notes)
	for _, one := range slices.Compact(notes) {
		if one != "" {
			fmt.Fprintln(w, one)
		}
	}
	n := len(rep.Results)
	fmt.Fprintf(w, "%d of %d earned, %d of %d forced\n", rep.Earned, n, rep.Forced, n)
}

// note says why something is not ok.
func note(r conformance.Result, part string, o conformance.Outcome) string {
	if o.State == conformance.OK {
		return ""
	}
	return fmt.Sprintf("%s %d is not %s: %s: %s", r.Operation, r.Value, part, o.State, o.Detail)
}
