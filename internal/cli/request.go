package cli

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// request is a request as somebody kept it.
type request struct {
	path, query, contentType string
	body                     []byte
}

var requestLine = regexp.MustCompile(`^(?:GET|POST|PUT|PATCH|DELETE) (\S+)(?: HTTP/[0-9.]+)?\r?$`)

// parseRequest reads a curl command, HTTP text, or a bare body.
func parseRequest(text []byte) (request, error) {
	trimmed := bytes.TrimLeft(text, " \t\r\n$")
	first, _, _ := bytes.Cut(trimmed, []byte("\n"))
	switch m := requestLine.FindSubmatch(first); {
	case len(bytes.TrimSpace(text)) == 0:
		return request{}, errors.New("the request is empty: give it with --request FILE, or on standard input")
	case bytes.HasPrefix(trimmed, []byte("curl ")):
		return parseCurl(string(trimmed))
	case m != nil:
		return parseHTTP(trimmed, string(m[1]))
	}
	body := bytes.TrimSpace(text)
	kind := formType
	if body[0] == '{' {
		kind = jsonType
	}
	return request{contentType: kind, body: body}, nil
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

func (r *request) target(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("the address of the request: %w", err)
	}
	r.path, r.query = u.Path, u.RawQuery
	return nil
}

// parseHTTP reads what a log or a proxy shows: the first line, headers, an
// empty line, the body.
func parseHTTP(text []byte, target string) (request, error) {
	var r request
	if err := r.target(target); err != nil {
		return r, err
	}
	rest := text
	for {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		if line = bytes.TrimRight(line, "\r"); len(line) == 0 {
			break
		}
		if name, value, ok := strings.Cut(string(line), ":"); ok && strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
			r.contentType = strings.TrimSpace(value)
		}
	}
	r.body = bytes.TrimRight(rest, "\r\n")
	return r, nil
}

// parseCurl reads the options of curl that make a body, and its address.
func parseCurl(text string) (request, error) {
	words, err := shellWords(text)
	if err != nil {
		return request{}, err
	}
	c := &curl{}
	for i := 1; i < len(words); i++ {
		word, value, joined := strings.Cut(words[i], "=")
		if len(words[i]) > 2 && words[i][0] == '-' && strings.ContainsRune("dHXF", rune(words[i][1])) {
			word, value, joined = words[i][:2], words[i][2:], true // -dname=value
		}
		if !strings.HasPrefix(word, "-") {
			c.address = words[i]
			continue
		}
		takes := curlTakes(word)
		if takes && !joined {
			if i++; i == len(words) {
				return request{}, fmt.Errorf("curl's %s has no value", word)
			}
			value = words[i]
		}
		if err := c.option(word, value); err != nil {
			return request{}, err
		}
	}
	return c.request()
}

type curl struct {
	sent    request
	address string
	data    []string
	parts   []string
	get     bool
}

// curlTakes tells which options have a value.
func curlTakes(word string) bool {
	switch word {
	case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json", "-F", "--form", "--form-string",
		"-H", "--header", "-X", "--request", "--url", "-o", "--output", "-u", "--user", "-A", "--user-agent", "-e", "--referer",
		"-b", "--cookie", "-c", "--cookie-jar", "-m", "--max-time", "--connect-timeout", "-x", "--proxy", "-w", "--write-out",
		"--resolve", "--cacert", "-E", "--cert", "--key", "--retry", "--limit-rate", "-K", "--config":
		return true
	}
	return false
}

func (c *curl) option(word, value string) error {
	if strings.HasPrefix(value, "@") && (word == "-d" || strings.HasPrefix(word, "--data") && word != "--data-raw" || word == "--json") {
		return fmt.Errorf("curl's %s %s names a file: put what is in it there", word, value)
	}
	switch word {
	case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii":
		c.data = append(c.data, value)
	case "--json":
		c.data, c.sent.contentType = append(c.data, value), jsonType
	case "--data-urlencode":
		name, text, ok := strings.Cut(value, "=")
		if !ok {
			name, text = "", value
		}
		c.data = append(c.data, strings.TrimPrefix(name+"="+url.QueryEscape(text), "="))
	case "-F", "--form", "--form-string":
		c.parts = append(c.parts, value)
	case "-G", "--get":
		c.get = true
	case "--url":
		c.address = value
	case "-H", "--header":
		if name, text, ok := strings.Cut(value, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
			c.sent.contentType = strings.TrimSpace(text)
		}
	}
	return nil
}

func (c *curl) request() (request, error) {
	if err := c.sent.target(c.address); err != nil {
		return request{}, err
	}
	data := strings.Join(c.data, "&")
	if c.sent.contentType == jsonType {
		data = strings.Join(c.data, "")
	}
	switch {
	case len(c.parts) > 0:
		c.multipart()
	case c.get:
		c.sent.query = strings.Trim(c.sent.query+"&"+data, "&")
	default:
		c.sent.body = []byte(data)
	}
	if c.sent.contentType == "" {
		c.sent.contentType = formType
	}
	return c.sent, nil
}

// multipart makes the body that curl makes of its parts.
func (c *curl) multipart() {
	const boundary = "sen-boundary"
	var b bytes.Buffer
	for _, p := range c.parts {
		name, value, _ := strings.Cut(p, "=")
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s\r\n", boundary, strconv.Quote(name), value)
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	c.sent.contentType, c.sent.body = "multipart/form-data; boundary="+boundary, b.Bytes()
}

// shellWords splits a command as a shell does: quotes of both kinds, $'…', and
// backslashes, before the end of a line too.
func shellWords(text string) (words []string, err error) {
	var word strings.Builder
	open := false // a word has begun, maybe an empty one
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			if i++; text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			if text[i] != '\n' {
				word.WriteByte(text[i])
				open = true
			}
		case c == '\'' || c == '"' || c == '$' && strings.HasPrefix(text[i:], "$'"):
			n, err := quotedWord(&word, text[i:])
			if err != nil {
				return nil, err
			}
			i, open = i+n-1, true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if open {
				words, open = append(words, word.String()), false
				word.Reset()
			}
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// quotedWord reads a quoted part and returns its length.
func quotedWord(word *strings.Builder, text string) (int, error) {
	escapes, start := text[0] != '\'', 1
	if text[0] == '$' {
		start = 2
	}
	end := text[start-1]
	for i := start; i < len(text); i++ {
		switch {
		case text[i] == end:
			return i + 1, nil
		case escapes && text[i] == '\\' && i+1 < len(text):
			i += unescape(word, text[i:], text[0] == '$') - 1
		default:
			word.WriteByte(text[i])
		}
	}
	return 0, fmt.Errorf("a quotation mark %c of the curl command has no end", end)
}

// unescape reads one backslash sequence and returns its length. In "…" a shell
// knows few of them, in $'…' those of C.
func unescape(word *strings.Builder, text string, ansi bool) int {
	c := text[1]
	if !ansi {
		if c != '\n' && !strings.ContainsRune("\"\\$`", rune(c)) {
			word.WriteByte('\\')
		}
		if c != '\n' {
			word.WriteByte(c)
		}
		return 2
	}
	if c == 'u' && len(text) >= 6 {
		if n, err := strconv.ParseUint(text[2:6], 16, 16); err == nil {
			word.WriteRune(rune(n))
			return 6
		}
	}
	if at := strings.IndexByte("nrt", c); at >= 0 {
		c = "\n\r\t"[at]
	}
	word.WriteByte(c)
	return 2
}
