package console

import "fmt"

// Size of a chart's drawing, in its own units; the template has the rest of it.
// It is as wide as a phone, so that what is written in it can be read there.
const (
	chartWidth = 360
	chartTop   = 14
	chartBase  = 126
)

// A bar is one column of a chart, with its place in the drawing.
type bar struct {
	Name  string // below it; "" for none
	Title string // what it is about, for those who point at it
	Value int64
	Shown string // the value as people write it

	X, Width, Middle string
	Left, Wide       string // of the bar itself
	Top, Height      string
}

// drawn gives columns their places. The tallest is as high as the drawing, or
// lower when full is more. The figures stand in a table beside the drawing, for
// those who do not see it.
func drawn(columns []bar, full int64) []bar {
	most := max(full, 1)
	for _, b := range columns {
		most = max(most, b.Value)
	}
	step := float64(chartWidth) / float64(max(1, len(columns)))
	for i := range columns {
		b := &columns[i]
		height := float64(chartBase-chartTop) * float64(b.Value) / float64(most)
		if b.Value > 0 {
			height = max(height, 2)
		}
		x := step * float64(i)
		b.X, b.Width, b.Middle = units(x), units(step), units(x+step/2)
		b.Left, b.Wide = units(x+step*.14), units(step*.72)
		b.Top, b.Height = units(chartBase-height), units(height)
	}
	return columns
}

func units(n float64) string { return fmt.Sprintf("%.1f", n) }
