package main

import (
	"slices"
	"strings"
	"testing"
)

// TestCheck plants what check must find.
func TestCheck(t *testing.T) {
	t.Parallel()
	b := &bill{}
	b.add(component{Name: "std", Version: "go1"}, []string{"BSD-3-Clause"})
	b.add(component{Name: "example.com/a", Version: "v1"}, []string{"MIT"})
	allowed := []string{"MIT", "BSD-3-Clause"}
	if got := b.check([]string{"example.com/a@v1"}, allowed); len(got) != 0 {
		t.Errorf("a complete bill: %q", got)
	}
	if got := b.check([]string{"example.com/a@v1", "example.com/b@v1"}, allowed); len(got) != 2 || !strings.Contains(got[0], "example.com/b@v1 is in the binary") {
		t.Errorf("a module is missing: %q", got)
	}
	b.add(component{Name: "example.com/b", Version: "v1"}, []string{"GPL-3.0-only"})
	if got := b.check([]string{"example.com/a@v1", "example.com/b@v1"}, allowed); !slices.Equal(got, []string{"example.com/b is under GPL-3.0-only, which is not allowed"}) {
		t.Errorf("a licence that is not allowed: %q", got)
	}
}

func TestModulesIn(t *testing.T) {
	t.Parallel()
	told := "bin: go1.26\n\tpath\tx\n\tmod\tx\t(devel)\n\tdep\ta\tv1\th1:=\n\tdep\tb\tv2\n\t=>\tc\tv3\th1:=\n\tbuild\t-x=1\n"
	if got := modulesIn([]byte(told)); !slices.Equal(got, []string{"a@v1", "c@v3"}) {
		t.Errorf("modules %q", got)
	}
}
