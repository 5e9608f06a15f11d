package app_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

var (
	repeat    = strings.Repeat
	upper     = strings.ToUpper
	parseForm = url.ParseQuery
)

func replaceAll(s string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(s)
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// jsonRaw writes the named members as the JSON that they are, the others as
// strings.
func (m members) jsonRaw(t testing.TB, raw ...string) string {
	t.Helper()
	var parts []string
	for name, value := range m {
		if !slices.Contains(raw, name) {
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			value = string(text)
		}
		parts = append(parts, `"`+name+`": `+value)
	}
	return "{" + strings.Join(parts, " ,\n") + "}"
}

func (s *shop) sendMultipart(path string, m members) answer {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range m {
		if err := w.WriteField(name, value); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.send(http.MethodPost, path, w.FormDataContentType(), body.String())
}

func checkMembers(t testing.TB, operation string, got map[string]any, want []string) {
	t.Helper()
	var names []string
	for name := range got {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("%s: members %q, want %q", operation, names, want)
	}
}
