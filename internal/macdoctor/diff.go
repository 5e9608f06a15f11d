package macdoctor

import "strings"

// A Span is a piece of two texts: in both, in ours only, or in theirs only.
type Span struct {
	In   string `json:"in"` // both, ours, theirs
	Text string `json:"text"`
}

// Where a span is.
const (
	InBoth   = "both"
	InOurs   = "ours"
	InTheirs = "theirs"
)

// mostCompared bounds the middles that are compared character by character:
// the work is the product of their lengths.
const mostCompared = 1500

// Diff compares two texts character by character. What lies between the first
// and the last difference is taken as a whole when it is too long.
func Diff(ours, theirs string) []Span {
	a, b := []rune(ours), []rune(theirs)
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	end := 0
	for end < len(a)-n && end < len(b)-n && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	d := &spans{}
	d.add(InBoth, a[:n])
	middleA, middleB := a[n:len(a)-end], b[n:len(b)-end]
	if len(middleA) > mostCompared || len(middleB) > mostCompared {
		d.add(InOurs, middleA)
		d.add(InTheirs, middleB)
	} else {
		d.compare(middleA, middleB)
	}
	d.add(InBoth, a[len(a)-end:])
	return d.all
}

type spans struct{ all []Span }

func (d *spans) add(in string, text []rune) {
	if len(text) == 0 {
		return
	}
	if last := len(d.all) - 1; last >= 0 && d.all[last].In == in {
		d.all[last].Text += string(text)
		return
	}
	d.all = append(d.all, Span{in, string(text)})
}

// compare finds the longest common subsequence.
func (d *spans) compare(a, b []rune) {
	common := make([][]int16, len(a)+1)
	for i := range common {
		common[i] = make([]int16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			d.add(InBoth, a[i:i+1])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			d.add(InOurs, a[i:i+1])
			i++
		default:
			d.add(InTheirs, b[j:j+1])
			j++
		}
	}
	d.add(InOurs, a[i:])
	d.add(InTheirs, b[j:])
}

// Inline writes a comparison in one line: [-what only we have-] and {+what only
// they have+}, with what no one sees made visible there.
func Inline(all []Span) string {
	visible := strings.NewReplacer(" ", "␣", "\n", "␤", "\r", "␍", "\t", "␉", "\x00", "␀")
	var b strings.Builder
	for _, s := range all {
		switch s.In {
		case InOurs:
			b.WriteString("[-" + visible.Replace(s.Text) + "-]")
		case InTheirs:
			b.WriteString("{+" + visible.Replace(s.Text) + "+}")
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}
