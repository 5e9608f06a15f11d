package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestNamesOfDirectoriesLast takes note of which directories are synced: each
// that got a new name, when the name is there, and of a directory that was there
// the one that has it.
func TestNamesOfDirectoriesLast(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	at := func(names ...string) string { return filepath.Join(append([]string{top}, names...)...) }
	for _, step := range []struct {
		dir  string
		want []string
	}{
		{at("a"), []string{top}},
		{at("a", "b", "c") + string(filepath.Separator), []string{at("a", "b"), at("a")}},
		{at("a", "b", "c"), []string{at("a", "b")}},
	} {
		var synced []string
		err := makeDirectory(step.dir, func(dir string) error {
			if _, err := os.Stat(step.dir); err != nil {
				t.Errorf("%s is synced before what is made: %v", dir, err)
			}
			synced = append(synced, dir)
			return nil
		})
		if err != nil || !slices.Equal(synced, step.want) {
			t.Errorf("%s: %v, synced %q, want %q", step.dir, err, synced, step.want)
		}
	}
}

// TestNameThatMayNotLast has a disk that can't keep a name: a directory that was
// made for it is not good, and one that was there is taken as it is.
func TestNameThatMayNotLast(t *testing.T) {
	t.Parallel()
	dir, failed := filepath.Join(t.TempDir(), "new"), errors.New("the disk failed")
	fail := func(string) error { return failed }
	if err := makeDirectory(dir, fail); !errors.Is(err, failed) {
		t.Errorf("a new directory: %v", err)
	}
	if err := makeDirectory(dir, fail); err != nil {
		t.Errorf("one that was there: %v", err)
	}
	if err := MakeDirectory(filepath.Join(dir, "within")); err != nil {
		t.Error(err)
	}
}
