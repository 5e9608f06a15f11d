package console

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// Size of a chart's drawing, in its own units. It is as wide as a phone, so that
// what is written in it can be read there.
const (
	chartWidth  = 360
	chartHeight = 150
	chartTop    = 14
	chartBase   = 126
)

// A bar is one column of a chart.
type bar struct {
	Name  string // below it; "" for none
	Title string // what it is about, for those who point at it
	Value int64
	Shown string // the value as people write it
}

// bars draws columns. label tells those who do not see it what it shows; the
// figures stand in a table beside it.
func bars(label string, columns []bar) template.HTML {
	var most int64 = 1
	for _, b := range columns {
		most = max(most, b.Value)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s">`, chartWidth, chartHeight, html.EscapeString(label))
	for _, y := range []int{chartTop, (chartTop + chartBase) / 2} {
		fmt.Fprintf(&s, `<path class="rule" d="M0 %dH%d"/>`, y, chartWidth)
	}
	step := float64(chartWidth) / float64(max(1, len(columns)))
	for i, b := range columns {
		height := float64(chartBase-chartTop) * float64(b.Value) / float64(most)
		if b.Value > 0 {
			height = max(height, 2)
		}
		x := step * float64(i)
		fmt.Fprintf(&s, `<g><title>%s: %s</title><rect class="hit" x="%.1f" y="%d" width="%.1f" height="%d"/>`,
			html.EscapeString(b.Title), html.EscapeString(b.Shown), x, chartTop, step, chartBase-chartTop)
		fmt.Fprintf(&s, `<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/></g>`,
			x+step*.14, float64(chartBase)-height, step*.72, height)
		if b.Name != "" {
			fmt.Fprintf(&s, `<text x="%.1f" y="%d">%s</text>`, x+step/2, chartHeight-8, html.EscapeString(b.Name))
		}
	}
	fmt.Fprintf(&s, `<path class="base" d="M0 %dH%d"/></svg>`, chartBase, chartWidth)
	return template.HTML(s.String()) //nolint:gosec // everything that is not a number was escaped
}
