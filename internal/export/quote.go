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
