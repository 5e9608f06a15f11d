package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// MakeDirectory makes a directory for its owner only, and those above it that are
// not there. The names of those that it made are on disk when it returns: what is
// in a directory goes with its name when the power does, however well it was
// written.
func MakeDirectory(dir string) error { return makeDirectory(dir, syncNames) }

func makeDirectory(dir string, sync func(string) error) error {
	var parents []string // of what is not there yet, the highest last
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		parents = append(parents, filepath.Dir(at))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if len(parents) == 0 {
		// Who made it may not have waited. It can be somebody else's affair: what is
		// above may not be ours to read.
		_ = sync(filepath.Dir(filepath.Clean(dir)))
		return nil
	}
	for _, parent := range parents {
		if err := sync(parent); err != nil {
			return err
		}
	}
	return nil
}

// syncNames waits until the names in a directory are on disk.
func syncNames(dir string) error {
	if runtime.GOOS == "windows" { // directories can't be synced there
		return nil
	}
	return syncPath(dir)
}

// syncPath waits until a file, or the names in a directory, are on disk.
func syncPath(name string) error {
	f, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
