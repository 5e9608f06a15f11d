package webtest_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"sen/internal/web/webtest"
)

// recorder takes down what a check reports.
type recorder struct {
	testing.TB
	reports []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.reports = append(r.reports, fmt.Sprintf(format, args...))
}

func TestCheckTexts(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"texts/vi.json":       {Data: []byte(`{"a.one":"một {n}","a.two":"hai","a.three":"ba","a.idle":"thừa"}`)},
		"texts/en.json":       {Data: []byte(`{"a.one":"one {m}","a.two":"two","a.four":"four","a.idle":"idle"}`)},
		"templates/page.html": {Data: []byte(`{{define "x"}}{{if text "a.one" "n" 1}}{{with .Y}}{{text "a.gone"}}{{else}}{{text "a.three"}}{{end}}{{end}}{{end}}`)},
		"page.go":             {Data: []byte("package p\n\nvar keys = []string{\"a.two\", \"a.missing\", \"b.other\"}\n")},
		"page_test.go":        {Data: []byte("package p\n\nvar key = \"a.idle\"\n")},
	}
	r := &recorder{TB: t}
	webtest.CheckTexts(r, files)
	want := []string{
		"a.four is missing in vi",
		"a.gone is used in templates/page.html but is no text",
		"a.idle is used nowhere",
		"a.missing is used in page.go but is no text",
		"a.one has the places [{m}] in en and [{n}] in vi",
		"a.three is missing in en",
	}
	got := r.reports
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
}
