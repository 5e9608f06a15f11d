package guide

import (
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// A section is what stands under one heading, as search sees it.
type section struct {
	href, page, title string
	text              string // to show
	folded            string // to compare
}

// searchPage shows what was found.
type searchPage struct {
	Query string
	Hits  []hit
}

type hit struct{ Href, Page, Title, Text string }

const (
	mostHits   = 20
	excerpt    = 180 // runes
	titleFirst = 10  // a word in a heading counts as much as so many in the text
)

var (
	mark  = regexp.MustCompile(`<a class="anchor"[^>]*>#</a>`)
	tag   = regexp.MustCompile(`<[^>]*>`)
	space = regexp.MustCompile(`\s+`)
	cut   = regexp.MustCompile(`<h2 id="`)
)

// plain is the text of some HTML.
func plain(markup string) string {
	return strings.TrimSpace(space.ReplaceAllString(html.UnescapeString(tag.ReplaceAllString(mark.ReplaceAllString(markup, ""), "")), " "))
}

// fold lets "hoan tien" find "Hoàn tiền": people who search type without marks.
func fold(text string) string {
	bare := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	folded, _, err := transform.String(bare, strings.ToLower(text))
	if err != nil {
		folded = strings.ToLower(text)
	}
	return strings.ReplaceAll(folded, "đ", "d")
}

// split cuts a page into its sections.
func split(href, title, markup string) (all []section) {
	starts := cut.FindAllStringIndex(markup, -1)
	begin, at, name := 0, href, title
	add := func(end int) {
		text := plain(markup[begin:end])
		all = append(all, section{href: at, page: title, title: name, text: text, folded: fold(text)})
	}
	for _, start := range starts {
		add(start[0])
		begin = start[0]
		if h := heading.FindStringSubmatch(markup[begin:]); h != nil {
			at, name = href+"#"+h[1], plain(h[2])
		}
	}
	add(len(markup))
	return all
}

// search finds the sections that have every word, the best first.
func search(pages map[string]*page, query string) searchPage {
	type found struct {
		hit
		score int
	}
	words := strings.Fields(fold(query))
	var all []found
	for _, name := range append(append([]string{}, names...), references...) {
		for _, s := range pages[name].sections {
			if score := s.score(words); score > 0 {
				all = append(all, found{hit{s.href, s.page, s.title, s.around(words[0])}, score})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(b.score, a.score) })
	page := searchPage{Query: query}
	for _, f := range all[:min(len(all), mostHits)] {
		page.Hits = append(page.Hits, f.hit)
	}
	return page
}

// score is 0 when a word is missing.
func (s section) score(words []string) (score int) {
	title, page := fold(s.title), fold(s.page)
	for _, w := range words {
		n := strings.Count(s.folded, w) + titleFirst*strings.Count(title, w) + strings.Count(page, w)
		if n == 0 {
			return 0
		}
		score += min(n, titleFirst+2)
	}
	return score
}

// around is a piece of the text where the word stands. Folding keeps the number
// of letters, so a place in one text is a place in the other.
func (s section) around(word string) string {
	shown := []rune(s.text)
	at, _, _ := strings.Cut(s.folded, word)
	from := max(0, min(len([]rune(at))-excerpt/3, len(shown)-excerpt))
	to := min(len(shown), from+excerpt)
	text := string(shown[from:to])
	if from > 0 {
		text = "…" + text
	}
	if to < len(shown) {
		text += "…"
	}
	return text
}
