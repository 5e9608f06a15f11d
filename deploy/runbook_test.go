package deploy_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// page reads a page below docs.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	heading = regexp.MustCompile(`(?m)^#{1,4} (.+)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	ours    = regexp.MustCompile("`(sen [^`]+)`|(?m)^(sen .*)$")
)

// anchors are the names by which a page's headings are linked: of two that are
// the same, the second ends with -1.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		name := strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")
		if found[name] {
			name += "-1"
		}
		found[name] = true
	}
	return found
}

// TestAlertsHaveASection follows the link of every alert.
func TestAlertsHaveASection(t *testing.T) {
	t.Parallel()
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert       string
				Annotations struct{ Summary, Runbook string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(files(t)["prometheus/sen.rules.yaml"]), &rules); err != nil {
		t.Fatal(err)
	}
	text := page(t, "runbook.md")
	there, n := anchors(text), 0
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			n++
			file, section, _ := strings.Cut(r.Annotations.Runbook, "#")
			if file != "docs/runbook.md" || !there[section] {
				t.Errorf("%s links to %q, which is no section", r.Alert, r.Annotations.Runbook)
			}
			if !strings.Contains(text, r.Alert) {
				t.Errorf("the runbook does not name %s", r.Alert)
			}
		}
	}
	if n < 15 {
		t.Errorf("looked at %d alerts only", n)
	}
}

// TestLinksOfOperatorsPages follows the links of the pages for operators.
func TestLinksOfOperatorsPages(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"runbook.md", "operations.md"} {
		text, n := page(t, name), 0
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			file, section, _ := strings.Cut(l[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			n++
			target := text
			if file != "" {
				if _, err := os.Stat(path.Join("../docs", file)); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if section != "" {
					target = page(t, file)
				}
			}
			if section != "" && !anchors(target)[section] {
				t.Errorf("%s links to %q, which is no section", name, l[1])
			}
		}
		if n < 10 {
			t.Errorf("%s: followed %d links only", name, n)
		}
	}
}

// TestRunbookCommands has the program explain each command of the runbook: one
// that it does not know is an error there.
func TestRunbookCommands(t *testing.T) {
	t.Parallel()
	n := 0
	for _, m := range ours.FindAllStringSubmatch(page(t, "runbook.md"), -1) {
		line, _, _ := strings.Cut(m[1]+m[2], " #")
		if strings.Contains(line, "…") {
			continue
		}
		n++
		var words []string
		for _, w := range strings.Fields(line)[1:] {
			if strings.HasPrefix(w, "-") || w == strings.ToUpper(w) {
				break
			}
			words = append(words, w)
		}
		about := help(t, words...)
		if about == "" || !strings.Contains(about, "sen "+strings.Join(words, " ")) {
			t.Errorf("%q: there is no such command", line)
		}
		for _, f := range flag.FindAllString(line, -1) {
			if !regexp.MustCompile(regexp.QuoteMeta(f) + `\b[^-]`).MatchString(about) {
				t.Errorf("%q: sen %s has no %s", line, strings.Join(words, " "), f)
			}
		}
	}
	if n < 25 {
		t.Errorf("found %d commands only", n)
	}
}
