package archtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	claimRow   = regexp.MustCompile(`(?m)^\| v5\.0\.0-(\d+\.\d+\.\d+) \| ([12]) \| [^|]+ \| (met|partly|not met|operator|n/a) \| ([^|]+) \|$`)
	testNamed  = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)\\w+)`")
	placeNamed = regexp.MustCompile("`((?:internal|cmd|docs)/[\\w./]+\\.[a-z]+|operation\\.go|catalogue\\.json|go\\.mod)`")
)

// TestClaims holds what docs/security/asvs.md claims against the tree: a test or a
// place that is named there is there.
func TestClaims(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "security", "asvs.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := claimRow.FindAllStringSubmatch(string(text), -1)
	// The standard has 253 requirements of levels 1 and 2.
	if lines := strings.Count(string(text), "| v5.0.0-"); len(rows) != 253 || lines != len(rows) {
		t.Errorf("%d rows can be read of %d, want 253", len(rows), lines)
	}
	seen, tests, states := map[string]bool{}, 0, map[string]int{}
	for _, row := range rows {
		states[row[3]]++
		if seen[row[1]] {
			t.Errorf("%s is there twice", row[1])
		}
		seen[row[1]] = true
		for _, named := range testNamed.FindAllStringSubmatch(row[4], -1) {
			tests++
			if !hasTest(t, named[1], named[2]) {
				t.Errorf("%s: there is no test %s in %s", row[1], named[2], named[1])
			}
		}
		for _, named := range placeNamed.FindAllStringSubmatch(row[4], -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(named[1]))); err != nil {
				t.Errorf("%s: %v", row[1], err)
			}
		}
	}
	for state, n := range states {
		if line := fmt.Sprintf("\n| %s | %d |\n", state, n); !strings.Contains(string(text), line) {
			t.Errorf("the head does not say that %d are %s", n, state)
		}
	}
	if tests < 80 {
		t.Errorf("%d tests are named: some are written so that they are not found", tests)
	}
}

func hasTest(t *testing.T, pkg, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pkg), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
