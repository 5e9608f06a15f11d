package macdoctor

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// A whole is something done to the joined text.
type whole struct {
	cause  Cause
	note   string
	likely bool
	do     func(string) string
}

// wholeTexts are what clients do between joining and signing.
var wholeTexts = []whole{
	{Newline, "at the end of the text", true, func(t string) string { return t + "\n" }},
	{Newline, "at the end of the text", false, func(t string) string { return t + "\r\n" }},
	{Newline, "at the beginning of the text", false, func(t string) string { return "\n" + t }},
	{Spaces, "at the end of the text", true, func(t string) string { return t + " " }},
	{Spaces, "at the beginning of the text", false, func(t string) string { return " " + t }},
	{Spaces, "left out of the text", false, func(t string) string { return strings.ReplaceAll(t, " ", "") }},
	{Charset, "UTF-16", false, func(t string) string { return wide(t, false) }},
	{Charset, "UTF-16", false, func(t string) string { return wide(t, true) }},
	{Charset, "UTF-16", false, func(t string) string { return "\xff\xfe" + wide(t, false) }},
	{Charset, "UTF-16", false, func(t string) string { return "\xfe\xff" + wide(t, true) }},
	{Charset, "UTF-8 with a byte order mark", false, func(t string) string { return "\ufeff" + t }},
	{Charset, "Latin-1", true, func(t string) string { return inCharmap(t, charmap.ISO8859_1, "?") }},
	{Charset, "Latin-1", false, func(t string) string { return inCharmap(t, charmap.ISO8859_1, "") }},
	{Charset, "Latin-1", false, lowBytes},
	{Charset, "Windows-1252", false, func(t string) string { return inCharmap(t, charmap.Windows1252, "?") }},
	{Charset, "Windows-1252", false, func(t string) string { return inCharmap(t, charmap.Windows1252, "") }},
	{Charset, "Windows-1258", false, func(t string) string { return inCharmap(t, charmap.Windows1258, "?") }},
	{Charset, "Windows-1258", false, vietnamese},
	{Charset, "ASCII", false, func(t string) string { return asASCII(t, "?") }},
	{Charset, "ASCII", false, func(t string) string { return asASCII(t, "") }},
	{Charset, "ASCII", false, func(t string) string { return asASCII(t, "\ufffd") }},
	{Mojibake, "the whole text", false, func(t string) string { s, _ := charmap.ISO8859_1.NewDecoder().String(t); return s }},
	{Mojibake, "the whole text", false, func(t string) string { s, _ := charmap.Windows1252.NewDecoder().String(t); return s }},
	{UnicodeForm, "the whole text", false, norm.NFD.String},
	{URLEncoded, "the whole text", true, url.QueryEscape},
	{URLEncoded, "the whole text", false, func(t string) string { return percentEncode(t, "-_.!~*'()") }},
	{URLEncoded, "the whole text", false, func(t string) string { return percentEncode(t, "-_.~") }},
	{URLEncoded, "the whole text", false, func(t string) string { return percentEncode(t, "-_.~/") }},
	{URLEncoded, "the whole text", false, func(t string) string { return percentEncode(t, "-_.!~*'();/?:@&=+$,#") }},
	{QuotedValue, "the whole text", false, func(t string) string { return `"` + t + `"` }},
	{QuotedValue, "the whole text", false, func(t string) string { return "'" + t + "'" }},
	{QuotedValue, "the whole text", false, strconv.Quote},
	{JSONDoubleEncoded, "the whole text", false, func(t string) string { b, _ := json.Marshal(t); return string(b) }},
	{JSONDoubleEncoded, "the whole text", false, func(t string) string {
		return strings.ReplaceAll(strings.ReplaceAll(t, `\`, `\\`), `"`, `\"`)
	}},
	{TextEncoded, "base64", false, func(t string) string { return base64.StdEncoding.EncodeToString([]byte(t)) }},
	{TextEncoded, "hexadecimal digits", false, func(t string) string { return hex.EncodeToString([]byte(t)) }},
	{ValueCase, "the whole text", false, strings.ToLower},
	{ValueCase, "the whole text", false, strings.ToUpper},
	{HTMLEntities, "the whole text", false, func(t string) string { return strings.ReplaceAll(t, `"`, "&quot;") }},
	{Accents, "the whole text", false, plain},
	{Charset, "a zero byte at the end", false, func(t string) string { return t + "\x00" }},
	{MemberMissing, "everything", false, func(string) string { return "" }},
}

// wholes does them to the right text, and tries the body itself.
func (s *search) wholes() bool {
	return s.tryWholes(s.own, s.base, s.values, wholeTexts) || s.bodies()
}

// wholePairs does the likely ones to texts that are wrong already.
func (s *search) wholePairs(signers []signer, layouts []layout, changes []change) bool {
	likely := only(wholeTexts, func(w whole) bool { return w.likely })
	for _, g := range signers {
		if s.tryWholes(g, s.base, s.values, likely) {
			return true
		}
	}
	for _, l := range layouts {
		if s.tryWholes(s.own, l, s.values, likely) {
			return true
		}
	}
	values := slices.Clone(s.values)
	for _, ch := range changes {
		ch.apply(values)
		if s.tryWholes(s.own, s.base, values, likely, ch.why) {
			return true
		}
		ch.undo(values, s.values)
	}
	return false
}

func (s *search) tryWholes(g signer, l layout, values []string, all []whole, why ...Finding) bool {
	text := string(l.append(nil, s, values, g.text))
	for _, w := range all {
		if s.left < 0 {
			return false
		}
		made := w.do(text)
		if made == text {
			s.left -= overhead / 4
			continue
		}
		s.left -= len(made)
		if s.buf = append(s.room(), made...); s.matches(g.mac) {
			theirs := w.do(s.show(l, values, g))
			if !utf8.ValidString(theirs) {
				theirs = strconv.QuoteToASCII(theirs)
			}
			return s.keep(theirs, append([]Finding{g.why, l.why, {w.cause, w.note}}, why...)...)
		}
	}
	return false
}

// bodies are the body or query itself, with and without its mac, and objects of
// the members.
func (s *search) bodies() bool {
	all := s.asJSON()
	for _, text := range []string{string(s.c.Wire.Body), s.c.Wire.Query} {
		if text == "" || len(text) > maxText {
			continue
		}
		s.left -= 4 * len(text)
		bare := macMember.ReplaceAllString(text, "")
		bare = strings.NewReplacer(",}", "}", "{,", "{", "{ ", "{").Replace(strings.TrimPrefix(bare, "&"))
		all = append(all, text, bare, emptyMAC.ReplaceAllString(text, `${1}`))
	}
	for _, g := range []signer{s.own, {Finding{Cause: Key2}, true, s.c.App.Key2, s.c.App.Key2, "<key2>"}} {
		for _, body := range all {
			if s.buf = append(s.room(), body...); s.matches(g.mac) {
				return s.keep(body, g.why, Finding{Cause: BodySigned})
			}
		}
	}
	return false
}

var (
	macMember = regexp.MustCompile(`,?\s*"(?:mac|sig)"\s*:\s*"[^"]*"|&?\b(?:mac|sig)=[^&]*`)
	emptyMAC  = regexp.MustCompile(`("(?:mac|sig)"\s*:\s*"|\b(?:mac|sig)=)[0-9a-zA-Z+/=%]*`)
)

// asJSON are objects of the signed members, and of all of them.
func (s *search) asJSON() (all []string) {
	for _, order := range [][]int{s.signed, s.asSent(append(slices.Clone(s.signed), s.rest...)), s.byName(append(slices.Clone(s.signed), s.rest...))} {
		for _, digits := range []bool{false, true} {
			for _, sp := range spacings[:2] {
				n := node{kind: '{'}
				for _, i := range order {
					item := node{kind: '"', text: s.values[i]}
					if digits && digitsOnly(s.values[i]) {
						item.kind = 0
					}
					n.keys, n.items = append(n.keys, s.names[i]), append(n.items, item)
				}
				all = append(all, sp.text(&n))
			}
		}
	}
	return all
}

// readWire finds the members as they stood in the query and the body.
func (s *search) readWire() {
	s.wire = make([]string, len(s.names))
	if len(s.c.Wire.Body)+len(s.c.Wire.Query) > maxText {
		return
	}
	s.readPairs(s.c.Wire.Query)
	body := s.c.Wire.Body
	if !s.isJSON() {
		if !strings.HasPrefix(s.c.Wire.ContentType, "multipart/") {
			s.readPairs(string(body))
		}
		return
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal(body, &raw) != nil {
		return
	}
	for name, text := range raw {
		if i := slices.Index(s.names, name); i >= 0 && len(text) > 1 && text[0] == '"' {
			s.wire[i] = string(text[1 : len(text)-1])
		}
	}
}

func (s *search) isJSON() bool {
	body := bytes.TrimSpace(s.c.Wire.Body)
	return len(body) > 0 && body[0] == '{'
}

func (s *search) readPairs(text string) {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if i := slices.Index(s.names, name); i >= 0 {
			s.wire[i] = value
		}
	}
}

// wide is a text in UTF-16.
func wide(t string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(t)) {
		lo, hi := byte(u), byte(u>>8)
		if big {
			lo, hi = hi, lo
		}
		b = append(b, lo, hi)
	}
	return string(b)
}

func inCharmap(t string, m *charmap.Charmap, instead string) string {
	var b strings.Builder
	for _, r := range t {
		if c, ok := m.EncodeRune(r); ok {
			b.WriteByte(c)
		} else {
			b.WriteString(instead)
		}
	}
	return b.String()
}

// lowBytes keeps the low byte of each unit, as Node does under the name latin1.
func lowBytes(t string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(t)) {
		b = append(b, byte(u))
	}
	return string(b)
}

func asASCII(t, instead string) string {
	var b strings.Builder
	for _, r := range t {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			b.WriteString(instead)
		}
	}
	return b.String()
}

// vietnamese is Windows-1258, which has the letters but not all of them with
// their tones: those follow.
func vietnamese(t string) string {
	var b strings.Builder
	for _, r := range t {
		if c, ok := charmap.Windows1258.EncodeRune(r); ok {
			b.WriteByte(c)
			continue
		}
		b.WriteString(inCharmap(letterAndTone(r), charmap.Windows1258, "?"))
	}
	return b.String()
}

// letterAndTone takes one mark off a letter that has two.
func letterAndTone(r rune) string {
	marks := []rune(norm.NFD.String(string(r)))
	if len(marks) == 3 {
		for i, tone := range marks[1:] {
			letter := norm.NFC.String(string([]rune{marks[0], marks[2-i]}))
			if _, ok := charmap.Windows1258.EncodeRune([]rune(letter)[0]); ok && utf8.RuneCountInString(letter) == 1 {
				return letter + string(tone)
			}
		}
	}
	return string(marks)
}
