package cli

import (
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, text              string
		path, query, kind, body string
	}{
		{"a bare form", "a=1&b=2\n", "", "", form, "a=1&b=2"},
		{"bare JSON", "\n {\"a\":1}\r\n", "", "", "application/json", `{"a":1}`},
		{"HTTP text", "POST /v2/query?x=1 HTTP/1.1\r\ncontent-type: text/plain\r\nHost: h\r\n\r\na=1\r\n", "/v2/query", "x=1", "text/plain", "a=1"},
		{"HTTP text of a whole address", "POST http://h/v2/query\n\n{}", "/v2/query", "", "", "{}"},
		{"curl", `curl -X POST 'http://h/p' -d a=1 -d 'b=x y'`, "/p", "", form, "a=1&b=x y"},
		{"curl in lines", "curl http://h/p \\\n  -H \"Content-Type: application/json\" \\\r\n  --data '{\"a\":\"it'\\''s\"}'", "/p", "", "application/json", `{"a":"it's"}`},
		{"curl that encodes", `curl http://h/p --data-urlencode "item=[1, 2]" --data-urlencode =a+b`, "/p", "", form, "item=%5B1%2C+2%5D&a%2Bb"},
		{"curl in the query", `curl -G http://h/p?z=1 -d a=1`, "/p", "z=1&a=1", form, ""},
		{"curl from a browser", `curl 'http://h/p' --compressed -o out --data-raw $'{"a":"\u00e0\n\'"}' --json=`, "/p", "", "application/json", "{\"a\":\"à\n'\"}"},
		{"curl without spaces", `curl -XPOST -da=1 --url=http://h/p -Hcontent-type:x/y`, "/p", "", "x/y", "a=1"},
		{"curl with parts", `curl http://h/p -F a=1`, "/p", "", "multipart/form-data; boundary=sen-boundary", "--sen-boundary\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--sen-boundary--\r\n"},
	} {
		r, err := parseRequest([]byte(c.text))
		if err != nil || r.path != c.path || r.query != c.query || r.contentType != c.kind || string(r.body) != c.body {
			t.Errorf("%s: got %q %q %q %q, %v", c.name, r.path, r.query, r.contentType, r.body, err)
		}
	}
	for text, want := range map[string]string{
		" \n":                       "the request is empty",
		"curl http://h -d":          "curl's -d has no value",
		"curl http://h -d @f":       "names a file",
		"curl 'http://h":            "has no end",
		"POST http://[h HTTP/1.1\n": "the address of the request",
	} {
		if _, err := parseRequest([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// FuzzParseRequest wants an answer or an error of whatever somebody pastes.
func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{
		`curl -X POST "http://h/p" -d 'a=1' --json '{}' -F a=b`, "POST /v2/query HTTP/1.1\r\nA: b\r\n\r\nx=1", `{"a":1}`, "a=1&b", `curl $'\u00e0\'`, "curl -d", `curl "\`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseRequest(text)
		if err == nil && len(r.body) > 200*len(text)+200 {
			t.Errorf("%d bytes became %d", len(text), len(r.body))
		}
	})
}
