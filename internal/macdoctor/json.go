package macdoctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// node is a JSON value with its members in order and its scalars as they
// stand, so that it can be written again in another style and nothing else.
type node struct {
	kind  byte   // '{', '[', '"', or 0 for another scalar
	text  string // of a string what it stands for, of another scalar its characters
	keys  []string
	items []node
}

// order is that of the items, or of an object's keys by name.
func (n *node) order(byName bool) []int {
	order := make([]int, len(n.items))
	for i := range order {
		order[i] = i
	}
	if byName && n.kind == '{' {
		sort.SliceStable(order, func(i, j int) bool { return n.keys[order[i]] < n.keys[order[j]] })
	}
	return order
}

const maxDepth = 32

// parseJSON is false for what is no JSON, and for what is deeper than any
// client's.
func parseJSON(text string) (node, bool) {
	if !json.Valid([]byte(text)) {
		return node{}, false
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	n, err := parseNode(dec, 0)
	return n, err == nil
}

func parseNode(dec *json.Decoder, depth int) (node, error) {
	t, err := dec.Token()
	if err != nil || depth > maxDepth {
		return node{}, fmt.Errorf("no value at depth %d: %w", depth, err)
	}
	switch v := t.(type) {
	case json.Delim:
		return parseItems(dec, byte(v), depth)
	case string:
		return node{kind: '"', text: v}, nil
	case json.Number:
		return node{text: v.String()}, nil
	case bool:
		return node{text: strconv.FormatBool(v)}, nil
	}
	return node{text: "null"}, nil
}

func parseItems(dec *json.Decoder, kind byte, depth int) (node, error) {
	n := node{kind: kind}
	for dec.More() {
		if kind == '{' {
			key, err := dec.Token()
			if err != nil {
				return n, err
			}
			name, _ := key.(string) // the decoder refuses another key
			n.keys = append(n.keys, name)
		}
		item, err := parseNode(dec, depth+1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
	}
	_, err := dec.Token()
	return n, err
}

// A style is how an encoder writes JSON.
type style struct {
	comma, colon string
	indent       string // one member a line, unless empty
	slashes      bool   // \/
	unicode      string // format of an escaped UTF-16 unit; "": characters stand for themselves
	html         string // the characters that are escaped though they need not be
	upper        bool   // digits of the html escapes
	sorted       bool
	number       func(string) string
}

func (st *style) write(b *bytes.Buffer, n *node, depth int) {
	switch n.kind {
	case '{', '[':
		st.writeItems(b, n, depth)
	case '"':
		st.quote(b, n.text)
	default:
		if st.number != nil {
			b.WriteString(st.number(n.text))
			return
		}
		b.WriteString(n.text)
	}
}

func (st *style) writeItems(b *bytes.Buffer, n *node, depth int) {
	order := n.order(st.sorted)
	b.WriteByte(n.kind)
	for at, i := range order {
		if at > 0 {
			b.WriteString(st.comma)
		}
		st.newline(b, depth+1)
		if n.kind == '{' {
			st.quote(b, n.keys[i])
			b.WriteString(st.colon)
		}
		st.write(b, &n.items[i], depth+1)
	}
	if len(order) > 0 {
		st.newline(b, depth)
	}
	b.WriteByte(n.kind + 2) // '}' and ']' are two after their opening ones
}

func (st *style) newline(b *bytes.Buffer, depth int) {
	if st.indent != "" {
		b.WriteByte('\n')
		b.WriteString(strings.Repeat(st.indent, depth))
	}
}

var shortEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}

func (st *style) quote(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for s != "" {
		if n := ordinary(s); n > 0 {
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		st.char(b, r, s[:n])
		s = s[n:]
	}
	b.WriteByte('"')
}

// ordinary is the length of what no style escapes.
func ordinary(s string) int {
	for i := range len(s) {
		if c := s[i]; c < '0' && c != ' ' && c != '-' && c != '.' && c != ',' || c > 'z' || c == '<' || c == '>' || c == '=' || c == '\\' || c == '`' {
			return i
		}
	}
	return len(s)
}

func (st *style) char(b *bytes.Buffer, r rune, as string) {
	html := st.html != "" && strings.ContainsRune(st.html, r)
	switch short, ok := shortEscapes[r]; {
	case html && st.upper:
		fmt.Fprintf(b, upperEscape, r)
	case html:
		fmt.Fprintf(b, lowerEscape, r)
	case ok:
		b.WriteString(short)
	case r == '/' && st.slashes:
		b.WriteString(`\/`)
	case r < ' ':
		fmt.Fprintf(b, lowerEscape, r)
	case r >= utf8.RuneSelf && st.unicode != "":
		for _, u := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(b, st.unicode, u)
		}
	default:
		b.WriteString(as)
	}
}

const (
	lowerEscape = `\u%04x`
	upperEscape = `\u%04X`
)

// spacings, escapings: how the encoders of the usual languages differ.
var (
	spacings = []style{
		{comma: ",", colon: ":"},                // most
		{comma: ", ", colon: ": "},              // Python, Ruby's to_s, Jackson's tree
		{comma: ",", colon: ": "},               // Go's text/template, hand-written
		{comma: ", ", colon: ":"},               // hand-written
		{comma: ",", colon: ": ", indent: "  "}, // JSON.stringify(x, null, 2), Gson, Ruby
		{comma: ",", colon: ": ", indent: "    "},
		{comma: ",", colon: ": ", indent: "\t"},
		{comma: ",", colon: " : ", indent: "  "}, // Jackson, Perl
		{comma: ",", colon: " : ", indent: "   "},
	}
	escapings = []style{
		{},
		{slashes: true},
		{unicode: lowerEscape},
		{slashes: true, unicode: lowerEscape}, // PHP
		{unicode: upperEscape},                // .NET
		{html: "<>&"},                         // Go
		{html: "<>&='"},                       // Gson
		{html: "<>&'+\"`", unicode: upperEscape, upper: true}, // System.Text.Json
		{html: "<>&'\"", upper: true},                         // PHP's JSON_HEX_…
		{slashes: true, unicode: upperEscape},
	}
)

// A spelling is a JSON text written otherwise.
type spelling struct {
	cause  Cause
	likely bool
	text   string
}

// respell writes a JSON text as other encoders would: each text once, and again
// by encoder, so that the texts of two members can be taken from the same one.
func respell(text string) (all, byEncoder []spelling) {
	n, ok := parseJSON(text)
	if !ok || n.kind != '{' && n.kind != '[' {
		return nil, nil
	}
	p := &speller{n: n, seen: map[string]bool{text: true}}
	mine := styleOf(text, &n)
	for i, st := range spacings {
		p.add(mine.spaced(st), JSONSpacing, i < 2)
	}
	for i, st := range escapings {
		p.add(mine.escaped(st), JSONEscapes, i < 4)
	}
	for _, html := range []string{"<>&", "&'", "&", "'", "<>"} {
		for _, upper := range []bool{false, true} {
			st := mine
			st.html, st.upper = html, upper
			p.add(st, JSONEscapes, false)
		}
	}
	sorted := mine
	sorted.sorted = true
	p.add(sorted, JSONKeyOrder, true)
	if len(text) <= longJSON {
		p.otherEncoders()
	}
	for _, number := range []func(string) string{decimal, undecimal, quoted} {
		for _, sp := range spacings[:2] {
			sp.number = number
			p.add(sp, JSONNumbers, false)
		}
	}
	for _, order := range keyOrders(&p.n) { // their number differs by text, so they come last
		reorder(&p.n, order, func() { p.add(mine, JSONKeyOrder, false) })
	}
	return p.all, p.byEncoder
}

// longJSON is from where on a text is too dear to write in every style.
const longJSON = 1 << 10

// A speller collects spellings of one value.
type speller struct {
	n              node
	all, byEncoder []spelling
	seen           map[string]bool
}

func (p *speller) add(st style, cause Cause, likely bool) {
	one := spelling{cause, likely, st.text(&p.n)}
	p.byEncoder = append(p.byEncoder, one)
	if !p.seen[one.text] {
		p.seen[one.text] = true
		p.all = append(p.all, one)
	}
}

// otherEncoders differ in more than one respect.
func (p *speller) otherEncoders() {
	for i, sp := range spacings[:6] {
		for j, es := range escapings {
			p.add(sp.escaped(es), JSONReserialised, i == 0 && j == 3 || i == 1 && j == 2) // PHP, Python
		}
	}
	for _, sp := range []style{spacings[0], spacings[1], spacings[4]} {
		for _, es := range escapings[:6] {
			st := sp.escaped(es)
			st.sorted = true
			p.add(st, JSONReserialised, false)
		}
	}
}

func decimal(s string) string {
	if s != "" && strings.Trim(s, "-0123456789") == "" {
		return s + ".0"
	}
	return s
}

func undecimal(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, ".00"), ".0") }

func quoted(s string) string {
	if strings.ContainsAny(s, "0123456789") {
		return `"` + s + `"`
	}
	return s
}

func (st style) spaced(as style) style {
	st.comma, st.colon, st.indent = as.comma, as.colon, as.indent
	return st
}

func (st style) escaped(as style) style {
	st.slashes, st.unicode, st.html, st.upper = as.slashes, as.unicode, as.html, as.upper
	return st
}

// styleOf finds the style in which a text is written, or compact.
func styleOf(text string, n *node) style {
	for _, sp := range spacings {
		for _, es := range escapings {
			st := sp.escaped(es)
			var b bytes.Buffer
			if st.write(&b, n, 0); b.String() == text {
				return st
			}
		}
	}
	return spacings[0]
}

// keyOrders are the orders of an object's few keys: maps of some languages have
// none of their own.
func keyOrders(n *node) (all [][]int) {
	const most = 4
	keys := len(n.keys)
	if n.kind == '[' && len(n.items) > 0 {
		keys = len(n.items[0].keys)
	}
	if keys < 2 || keys > most {
		return nil
	}
	order := make([]int, keys)
	for i := range order {
		order[i] = i
	}
	var walk func(from int)
	walk = func(from int) {
		if from == keys {
			all = append(all, append([]int(nil), order...))
			return
		}
		for i := from; i < keys; i++ {
			order[from], order[i] = order[i], order[from]
			walk(from + 1)
			order[from], order[i] = order[i], order[from]
		}
	}
	walk(0)
	return all
}

// reorder calls f while the object, or each of an array's, has its keys in that
// order.
func reorder(n *node, order []int, f func()) {
	objects := []*node{n}
	if n.kind == '[' {
		objects = nil
		for i := range n.items {
			objects = append(objects, &n.items[i])
		}
	}
	before := make([]node, len(objects))
	for i, o := range objects {
		before[i] = *o
		if len(o.keys) != len(order) {
			continue
		}
		o.keys, o.items = make([]string, len(order)), make([]node, len(order))
		for to, from := range order {
			o.keys[to], o.items[to] = before[i].keys[from], before[i].items[from]
		}
	}
	f()
	for i, o := range objects {
		*o = before[i]
	}
}

// spoken are the texts that languages make of a value that was not encoded at
// all.
func spoken(text string) (all []string) {
	n, ok := parseJSON(text)
	if !ok {
		return nil
	}
	switch n.kind {
	case '{':
		all = append(all, "[object Object]", "Array", "System.Collections.Generic.Dictionary`2[System.String,System.String]")
	case '[':
		var js []string
		for _, item := range n.items {
			switch item.kind {
			case '{':
				js = append(js, "[object Object]")
			default:
				js = append(js, item.text)
			}
		}
		all = append(all, strings.Join(js, ","), "Array", "System.Collections.Generic.List`1[System.Object]")
	default:
		return nil
	}
	for _, l := range spokenLanguages {
		var b strings.Builder
		l.write(&b, &n)
		all = append(all, b.String())
	}
	return all
}

// A spokenLanguage is how a language prints a structure.
type spokenLanguage struct {
	open, close map[byte]string
	quote       string
	colon, sep  string
	words       map[string]string
	sorted      bool
}

var spokenLanguages = []spokenLanguage{
	{quote: "'", colon: ": ", sep: ", ", words: map[string]string{"true": "True", "false": "False", "null": "None"}}, // Python
	{colon: "=", sep: ", "}, // Java
	{quote: `"`, colon: "=>", sep: ", ", words: map[string]string{"null": "nil"}},                                                                         // Ruby
	{open: map[byte]string{'{': "map["}, close: map[byte]string{'{': "]"}, colon: ":", sep: " ", words: map[string]string{"null": "<nil>"}, sorted: true}, // Go
}

func (l *spokenLanguage) write(b *strings.Builder, n *node) {
	switch n.kind {
	case '"':
		b.WriteString(l.quote + n.text + l.quote)
		return
	case '{', '[':
	default:
		if word, ok := l.words[n.text]; ok {
			b.WriteString(word)
			return
		}
		b.WriteString(n.text)
		return
	}
	b.WriteString(orElse(l.open[n.kind], string(n.kind)))
	for at, i := range n.order(l.sorted) {
		if at > 0 {
			b.WriteString(l.sep)
		}
		if n.kind == '{' {
			b.WriteString(l.quote + n.keys[i] + l.quote + l.colon)
		}
		l.write(b, &n.items[i])
	}
	b.WriteString(orElse(l.close[n.kind], string(n.kind+2)))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// text writes one node.
func (st *style) text(n *node) string {
	var b bytes.Buffer
	st.write(&b, n, 0)
	return b.String()
}
