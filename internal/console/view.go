package console

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"sen/internal/payer"
)

// A view is a page, made of parts that all pages share, with every text in it.
type view struct {
	shell
	Title string
	Lead  string
	Mark  *cell // a state beside the title
	Back  *link
	Top   []part // stays as it is while Parts are brought up to date
	Parts []part
	After []part // likewise

	Watched bool   // whether the page brings itself up to date
	Live    string // where from
}

// A link leads somewhere.
type link struct{ Href, Text string }

// A part is a section of a page. Of its contents each may be missing.
type part struct {
	ID       string
	Title    string
	Lead     string
	Text     string
	Notice   string // something that is wrong
	Tiles    []tile
	Charts   []chart
	Filter   *form
	Facts    []fact
	Table    *table
	Timeline []event
	QR       *payer.QR
	Code     string
	Whole    bool // Code is shown in its whole length
	Forms    []form
	Links    []link
}

// A tile is one figure.
type tile struct {
	Name, Value, Small string
	Href               string
	Tone               tone
}

// tone says how things stand, in a colour and never in a colour alone.
type tone string

// The tones.
const (
	good    tone = "good"
	bad     tone = "bad"
	waiting tone = "waiting"
	over    tone = "over"
)

// A fact is a name and what it stands for.
type fact struct {
	Name  string
	Value cell
}

// A cell is a value as it is shown.
type cell struct {
	Label string // the head of its column, where there is no room for columns
	Text  string
	Small string // below, in small
	Href  string
	Tone  tone
	Mono  bool
	Right bool
	Forms []form
}

// A table lists things. The first column names them.
type table struct {
	Caption string
	Heads   []head
	Rows    [][]cell
	Empty   string
	More    *link // the next page
	Note    string
}

type head struct {
	Text  string
	Right bool
}

// add adds a row, which has as many cells as there are heads.
func (t *table) add(cells ...cell) {
	for i := range cells {
		cells[i].Label, cells[i].Right = t.Heads[i].Text, t.Heads[i].Right
	}
	t.Rows = append(t.Rows, cells)
}

// A form changes something, or with the method get looks for something.
type form struct {
	ID     string
	Action string
	Get    bool
	Fold   string // what to press before the form is seen; "" when it is always
	Title  string
	Lead   string
	Fields []field
	Button string
	Danger bool
	Plain  bool // a button only, of the second rank
	Clear  string
}

// A field is something to fill in.
type field struct {
	ID      string
	Name    string
	Label   string
	Type    string // as HTML has it; "select" and "hidden" too
	Value   string
	Options []option
	Hint    string
	Need    bool
	Max     int
	Mode    string // inputmode
	Auto    string // autocomplete
}

type option struct {
	Value, Text string
	Selected    bool
}

func hidden(name, value string) field { return field{Name: name, Type: "hidden", Value: value} }

// withIDs gives the fields of a form ids of their own.
func (f form) withIDs(prefix string) form {
	f.ID = prefix
	for i := range f.Fields {
		if f.Fields[i].Type != "hidden" {
			f.Fields[i].ID = prefix + "-" + f.Fields[i].Name
		}
	}
	return f
}

// choose marks the chosen one of a field's options.
func choose(value string, options ...option) []option {
	for i := range options {
		options[i].Selected = options[i].Value == value
	}
	return options
}

// An event is one thing that happened in the life of an order.
type event struct {
	At     string
	Title  string
	Tone   tone
	Detail string
	Facts  []fact
	Lines  []cell // postings: Text is the account, Small the amount
	Code   string
	Link   *link

	micros int64
	alike  string // what others in a row have too that need not be told again; "" for none
}

// A chart is a drawing with the figures that it shows.
type chart struct {
	Title   string
	Bars    []bar
	Heads   [2]string
	Figures [][2]string
}

// fingerprint changes with anything that is seen in the parts that are brought
// up to date.
func (p *view) fingerprint() string {
	text, err := json.Marshal([]any{p.Parts, p.Mark})
	if err != nil { // text and numbers can always be marshalled
		panic(err)
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func trim(s string) string { return strings.TrimSpace(s) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// address puts parameters behind a path, without those that are empty.
func address(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
