package bench

import (
	"errors"
	"os"
	"time"
)

// syncsPerSecond measures how often the disk under dir can be made to keep a
// page: one caller with commits of its own can't be faster than that.
func syncsPerSecond(dir string) (perSecond float64, err error) {
	const page, pages, atLeast = 4 << 10, 64, 500 * time.Millisecond
	f, err := os.CreateTemp(dir, "sync")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	buf := make([]byte, page)
	for i := range int64(pages) { // so that the file no longer grows
		if _, err := f.WriteAt(buf, i*page); err != nil {
			return 0, err
		}
	}
	began, n := time.Now(), 0
	for ; time.Since(began) < atLeast; n++ {
		buf[0]++
		if _, err := f.WriteAt(buf, int64(n%pages)*page); err != nil {
			return 0, err
		}
		if err := force(f); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
