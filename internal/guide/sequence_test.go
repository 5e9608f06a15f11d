package guide_test

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a sequence diagram measures, in pixels.
const (
	lane   = 170 // from one participant to the next
	step   = 46  // from one message to the next
	line   = 16  // of text
	top    = 60
	wrapAt = 22 // letters that fit between two neighbours
)

var (
	participant = regexp.MustCompile(`^participant (\w+) as (.+)$`)
	message     = regexp.MustCompile(`^(\w+)(--?>>)(\w+): (.+)$`)
	note        = regexp.MustCompile(`^Note over (\w+): (.+)$`)
)

// A drawing is a sequence diagram in the making.
type drawing struct {
	who, names []string
	svg, list  strings.Builder
	y          int
}

// sequence draws the part of Mermaid's sequence diagrams that the guides use:
// participants, messages and notes. Who can't see it reads a list of the steps.
func sequence(t *testing.T, code string) string {
	t.Helper()
	d := &drawing{y: top}
	for text := range strings.Lines(code) {
		text = strings.TrimSpace(text)
		if m := participant.FindStringSubmatch(text); m != nil {
			d.who, d.names = append(d.who, m[1]), append(d.names, m[2])
		} else if m := message.FindStringSubmatch(text); m != nil {
			d.message(t, m[1], m[3], m[4], m[2] == "-->>")
		} else if m := note.FindStringSubmatch(text); m != nil {
			d.note(t, m[1], m[2])
		} else if text != "sequenceDiagram" && text != "" {
			t.Fatalf("a diagram says %q, which is not understood", text)
		}
	}
	return d.String()
}

func (d *drawing) x(t *testing.T, who string) int {
	t.Helper()
	i := slices.Index(d.who, who)
	if i < 0 {
		t.Fatalf("a diagram has no participant %s", who)
	}
	return lane/2 + i*lane
}

func (d *drawing) message(t *testing.T, from, to, text string, back bool) {
	t.Helper()
	a, b := d.x(t, from), d.x(t, to)
	fmt.Fprintf(&d.list, "<li>%s → %s: %s</li>", d.name(from), d.name(to), html.EscapeString(text))
	class := "way"
	if back {
		class += " back"
	}
	gap := max(a-b, b-a)
	d.text((a+b)/2, text, wrapAt*max(1, gap/lane))
	tip := 8
	if b < a {
		tip = -8
	}
	fmt.Fprintf(&d.svg, `<path class="%s" d="M%d %dH%d"/><path class="head" d="M%d %dl%d -5v10z"/>`, class, a, d.y, b-tip, b, d.y, -tip)
	d.y += step
}

func (d *drawing) note(t *testing.T, who, text string) {
	t.Helper()
	x, lines := d.x(t, who), wrap(text, wrapAt)
	fmt.Fprintf(&d.list, "<li>%s: %s</li>", d.name(who), html.EscapeString(text))
	height := len(lines)*line + 12
	d.y -= 20
	fmt.Fprintf(&d.svg, `<rect class="note" x="%d" y="%d" width="%d" height="%d" rx="6"/>`, x-lane/2+4, d.y, lane-8, height)
	for i, l := range lines {
		fmt.Fprintf(&d.svg, `<text class="what" x="%d" y="%d">%s</text>`, x, d.y+18+i*line, html.EscapeString(l))
	}
	d.y += height + step
}

// text stands above the line of a message.
func (d *drawing) text(x int, text string, most int) {
	lines := wrap(text, most)
	d.y += (len(lines) - 1) * line
	for i, l := range lines {
		fmt.Fprintf(&d.svg, `<text class="what" x="%d" y="%d">%s</text>`, x, d.y-8-(len(lines)-1-i)*line, html.EscapeString(l))
	}
}

func wrap(text string, most int) (lines []string) {
	current := ""
	for _, word := range strings.Fields(text) {
		if current != "" && len([]rune(current+" "+word)) > most {
			lines, current = append(lines, current), ""
		}
		current = strings.TrimSpace(current + " " + word)
	}
	return append(lines, current)
}

func (d *drawing) name(who string) string {
	return html.EscapeString(d.names[slices.Index(d.who, who)])
}

// String returns the figure.
func (d *drawing) String() string {
	var b strings.Builder
	width, height := lane*len(d.who), d.y-10
	fmt.Fprintf(&b, `<figure class="sequence" tabindex="0"><ol class="hidden">%s</ol>`, d.list.String())
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" height="%d" aria-hidden="true" focusable="false">`, width, height, width, height)
	for i, name := range d.names {
		x := lane/2 + i*lane
		fmt.Fprintf(&b, `<path class="life" d="M%d 34V%d"/><rect class="box" x="%d" y="6" width="%d" height="28" rx="6"/><text class="who" x="%d" y="25">%s</text>`,
			x, height, x-lane/2+12, lane-24, x, html.EscapeString(name))
	}
	b.WriteString(d.svg.String() + "</svg></figure>\n")
	return b.String()
}
