package archtest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fuzzNamed   = regexp.MustCompile("`(?:([a-z0-9/]+)\\.)?(Fuzz\\w+)`")
	fuzzDefined = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
)

// TestParsers holds docs/security/parsers.md against the tree, both ways.
func TestParsers(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "security", "parsers.md"))
	if err != nil {
		t.Fatal(err)
	}
	var named, defined []string
	for _, m := range fuzzNamed.FindAllStringSubmatch(string(text), -1) {
		named = append(named, strings.TrimPrefix(m[1]+"."+m[2], "."))
	}
	walk(t, root, func(name string, src []byte) {
		if !strings.HasSuffix(name, "_test.go") {
			return
		}
		for _, m := range fuzzDefined.FindAllStringSubmatch(string(src), -1) {
			defined = append(defined, strings.TrimPrefix(strings.TrimPrefix(path.Dir(name), ".")+"."+m[1], "."))
		}
	})
	if len(defined) < 40 {
		t.Errorf("%d targets were found in the tree: some are written so that they are not", len(defined))
	}
	for _, target := range named {
		if !slices.Contains(defined, target) {
			t.Errorf("parsers.md names %s, which is not in the tree", target)
		}
	}
	for _, target := range defined {
		if !slices.Contains(named, target) {
			t.Errorf("%s is in no line of parsers.md", target)
		}
	}
}
