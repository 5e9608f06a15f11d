// Package deploy_test holds what is given to operators against the program.
package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"sen/internal/cli"
)

// files reads everything that operators are given, with the pages about it.
func files(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	read := func(name string) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found[filepath.ToSlash(name)] = string(text)
	}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(name) != ".go" {
			read(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	read("../docs/operations.md")
	read("../docs/runbook.md")
	return found
}

func TestYAML(t *testing.T) {
	t.Parallel()
	n := 0
	for name, text := range files(t) {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		n++
		decoder := yaml.NewDecoder(strings.NewReader(text))
		for {
			var document map[string]any
			err := decoder.Decode(&document)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || len(document) == 0 {
				t.Errorf("%s: %v, %v", name, document, err)
				break
			}
		}
	}
	if n < 8 {
		t.Errorf("looked at %d files only", n)
	}
}

var (
	variable = regexp.MustCompile(`\bSEN_[A-Z_]+\b`)
	// What a shell, a unit or a page calls. The words are the command.
	call = regexp.MustCompile(`(?m)(?:^|[ /"` + "`" + `])sen"? ((?:[a-z]+ )*[a-z]+)((?: +(?:--[a-z-]+|[^ \n-][^ \n]*))*)`)
	flag = regexp.MustCompile(`--[a-z][a-z-]+`)
)

// own are variables of these files and of tests, which sen does not read.
var own = []string{"SEN_DATABASE_PASSWORD", "SEN_TLS"}

// help returns what sen says about a command; "" when it knows none such.
func help(t *testing.T, command ...string) string {
	t.Helper()
	var out, complaint bytes.Buffer
	if cli.Run("test", append(command, "--help"), &out, &complaint) != 0 {
		return ""
	}
	return out.String()
}

// TestNames looks for variables and flags that sen does not have.
func TestNames(t *testing.T) {
	t.Parallel()
	known := help(t, "serve") + help(t, "ledger", "verify")
	variables, flags := 0, 0
	for name, text := range files(t) {
		for _, v := range variable.FindAllString(text, -1) {
			variables++
			if !strings.Contains(known, "$"+v) && !slices.Contains(own, v) {
				t.Errorf("%s names %s, which sen does not read", name, v)
			}
		}
		for _, c := range call.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(c[1])
			about := help(t, words...)
			if about == "" {
				if len(flag.FindAllString(c[2], -1)) > 0 {
					t.Errorf("%s: %q: there is no such command", name, c[0])
				}
				continue // a sentence about sen
			}
			for _, f := range flag.FindAllString(c[2], -1) {
				flags++
				if !regexp.MustCompile(regexp.QuoteMeta(f) + `\b[^-]`).MatchString(about) {
					t.Errorf("%s: %q: sen %s has no %s", name, c[0], c[1], f)
				}
			}
		}
	}
	if variables < 20 || flags < 10 {
		t.Errorf("found %d variables and %d flags only", variables, flags)
	}
}

// TestPointInTimeRecovery runs the script that backs a server up, loses it and
// restores it. It takes some seconds, so it is asked for: make test-postgres
// does.
func TestPointInTimeRecovery(t *testing.T) {
	t.Parallel()
	const asked = "SEN_TEST_RECOVERY"
	if os.Getenv(asked) == "" {
		t.Skip("not run: backup and restore of PostgreSQL (make test-postgres, or set " + asked + ")")
	}
	bin := programs(t)
	sen := filepath.Join(t.TempDir(), "sen")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", sen, "sen/cmd/sen") // as make does: that is in the cache
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	script := exec.CommandContext(t.Context(), "postgres/pitr-test.sh", bin)
	script.Env = append(os.Environ(), "SEN="+sen)
	out, err := script.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"a restore to the last moment: 5 payments, and the ledger is right",
		"a restore to an earlier moment: 4 payments, and the ledger is right",
		"a payment after the restore: 5 payments, and the ledger is right",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

// programs is a folder with PostgreSQL's programs, those for backups among
// them.
func programs(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_basebackup") // fails on a malformed pattern only
	if path, err := exec.LookPath("pg_basebackup"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			found = append(found, path)
		}
	}
	for _, path := range found {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
			return filepath.Dir(path)
		}
	}
	t.Skip("not run: backup and restore of PostgreSQL (no pg_basebackup beside a postgres)")
	return ""
}
