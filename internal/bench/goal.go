package bench

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// A goal is a figure that we want to reach on an idle machine with two
// processors.
type goal struct {
	what string
	want float64
	most bool // the figure is to be at most that; else at least
	of   func(*Report) float64
}

// goals are those of the embedded database, and of a server.
var (
	embeddedGoals = []goal{
		{"orders created per second", 15_000, false, rate("create")},
		{"the same, of the ceiling", 0.6, false, ofCeiling("create")},
		{"payments by token per second", 9_000, false, rate(payToken)},
		{"queries of paid orders, of the ceiling", 0.85, false, ofCeiling("query-paid")},
		{"server CPU per order, µs", 70, true, cpu("create")},
		{"server CPU per payment by token, µs", 110, true, cpu(payToken)},
		{"p99 of orders at 80 % load, ms", 10, true, steadyP99("create")},
		{"p99 of payments at 80 % load, ms", 10, true, steadyP99(payToken)},
		{"callbacks delivered per second", 6_000, false, settled("pay-callback")},
		{"one merchant, of many", 0.95, false, ofSpread},
		{"p99 at twice the load, of that at 80 %", 3, true, crowdedP99(payToken)},
		{"start to the first order, ms", 300, true, func(r *Report) float64 { return float64(r.StartFresh.Milliseconds()) }},
	}
	serverGoals = []goal{
		{"payments by token per second", 4_000, false, rate(payToken)},
		{"the same, of pgbench", 2, false, func(r *Report) float64 { return r.best(payToken).OfPgbench }},
		{"one merchant, of many", 0.95, false, ofSpread},
		{"p99 at twice the load, of that at 80 %", 3, true, crowdedP99(payToken)},
	}
)

func rate(name string) func(*Report) float64 {
	return func(r *Report) float64 { return r.best(name).PerSecond }
}

func ofCeiling(name string) func(*Report) float64 {
	return func(r *Report) float64 { return r.best(name).OfCeiling }
}

func cpu(name string) func(*Report) float64 {
	return func(r *Report) float64 { return r.best(name).CPU }
}

func settled(name string) func(*Report) float64 {
	return func(r *Report) float64 { return r.best(name).SettledPerSecond }
}

func ofSpread(r *Report) float64 { return r.best(payTokenHot).OfSpread }

func steadyP99(name string) func(*Report) float64 {
	return func(r *Report) float64 { return float64(named(r.Steady, name).P99) / milli }
}

func crowdedP99(name string) func(*Report) float64 {
	return func(r *Report) float64 { return named(r.Crowded, name).OfSteady }
}

// named returns the figure of a workload that was measured once.
func named(figures []Figure, name string) Figure {
	for _, f := range figures {
		if f.Workload == name {
			return f
		}
	}
	return Figure{}
}

// met says whether a figure reaches the goal, or by how much it does not.
func (g goal) met(v float64) string {
	if v >= g.want && !g.most || v <= g.want && g.most {
		return "met"
	}
	return fmt.Sprintf("missed by %.0f %%", math.Ceil(math.Abs(v-g.want)/g.want*100))
}

// goals holds what was measured against what we want. What was not measured is
// left out.
func (r *Report) goals(w io.Writer) {
	all := embeddedGoals
	if r.Database != "" {
		all = serverGoals
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	lines := 0
	for _, g := range all {
		v := g.of(r)
		if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
			continue
		}
		if lines++; lines == 1 {
			fmt.Fprintln(t, "\nGoals for an idle machine with two processors\tgoal\tmeasured\t")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", g.what, short(g.want), short(v), g.met(v))
	}
	_ = t.Flush() // the writer reports it with what follows
}

// short writes a figure with as many digits as it is good for.
func short(v float64) string {
	const big = 10
	if v >= big {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2g", v)
}
