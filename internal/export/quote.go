package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

// quoteJSON writes a text as JSON does, which JavaScript and Python read alike:
// what is beyond ASCII stands for itself.
func quoteJSON(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be marshalled
	return strings.TrimSuffix(b.String(), "\n")
}

// control reports whether an editor or a terminal could spoil the character.
func control(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }

// quoteShell uses the quotes in which a shell changes nothing, as long as every
// character can be seen in them.
func quoteShell(s string) string {
	if !strings.ContainsFunc(s, control) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteString(`\` + string(r))
		case control(r):
			fmt.Fprintf(&b, `\%03o`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + "'"
}

func quotePHP(s string) string {
	if !strings.ContainsFunc(s, control) {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune("\\\"$", r):
			b.WriteString(`\` + string(r))
		case control(r):
			fmt.Fprintf(&b, `\x%02X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

// quoteJava writes ASCII only: before Java 18 a compiler reads the rest as the
// system's settings say. Control characters are octal, because Java puts \u000a
// in its place before it looks for strings.
func quoteJava(s string) string {
	return quoteUnits(s, func(b *strings.Builder, u uint16) { fmt.Fprintf(b, `\%03o`, u) })
}

func quoteCSharp(s string) string {
	return quoteUnits(s, func(b *strings.Builder, u uint16) { fmt.Fprintf(b, `\u%04x`, u) })
}

func quoteUnits(s string, escape func(*strings.Builder, uint16)) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		switch {
		case u == '"' || u == '\\':
			b.WriteString(`\` + string(rune(u)))
		case u < ' ':
			escape(&b, u)
		case u > '~':
			fmt.Fprintf(&b, `\u%04x`, u)
		default:
			b.WriteByte(byte(u))
		}
	}
	return `"` + b.String() + `"`
}

// pair is a member for curl, which encodes what follows the first = and takes
// the name as it stands.
func pair(m member) string {
	if m.Signed {
		return `"` + url.QueryEscape(m.Name) + "=$" + m.Name + `"`
	}
	return quoteShell(url.QueryEscape(m.Name) + "=" + m.Value)
}

// plain reports whether a signed member stands in JSON as it stands in the
// program, so that a shell can put one variable into both.
func (m member) plain() bool { return m.Signed && (m.Literal || quoteJSON(m.Value) == `"`+m.Value+`"`) }

// ShellJSON is the body of a JSON request as a word of a shell.
func (c call) ShellJSON() string {
	var word, text strings.Builder
	variable := func(name string) {
		word.WriteString(quoteShell(text.String()) + `"$` + name + `"`)
		text.Reset()
	}
	text.WriteByte('{')
	for _, m := range c.Members {
		text.WriteString(quoteJSON(m.Name) + ":")
		switch {
		case m.plain() && m.Literal:
			variable(m.Name)
		case m.plain():
			text.WriteByte('"')
			variable(m.Name)
			text.WriteByte('"')
		case m.Literal:
			text.WriteString(m.Value)
		default:
			text.WriteString(quoteJSON(m.Value))
		}
		text.WriteByte(',')
	}
	text.WriteString(`"mac":"`)
	variable("mac")
	text.WriteString(`"}`)
	return word.String() + quoteShell(text.String())
}

// Twice names the signed members that a shell's program has in two places.
func (c call) Twice() string {
	var names []string
	for _, m := range c.Members {
		if c.JSON() && m.Signed && !m.plain() {
			names = append(names, m.Name)
		}
	}
	return strings.Join(names, ", ")
}
