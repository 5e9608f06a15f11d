package bench

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// surroundings describes what the gateway runs on.
func (b *bench) surroundings(ctx context.Context, dir string) (err error) {
	if info, err := os.Stat(b.Binary); err == nil {
		b.report.Binary = info.Size()
	}
	if b.database != nil {
		b.report.Database, err = b.database.describe(ctx)
		return err
	}
	b.report.Syncs, err = syncsPerSecond(dir)
	return err
}

// startUp measures from the start of the process to the first order answered,
// with a new database and again with the same one, and the memory in use
// when nothing has happened yet.
func (b *bench) startUp(ctx context.Context, dir string) error {
	data := filepath.Join(dir, "start")
	place, err := b.fresh(ctx)
	if err != nil {
		return err
	}
	for _, took := range []*time.Duration{&b.report.StartFresh, &b.report.StartAgain} {
		began := time.Now()
		c, err := start(ctx, b.Binary, data, data+".log", place, "serve")
		if err != nil {
			return err
		}
		err = b.firstOrder(c)
		*took = time.Since(began)
		if err == nil && b.report.IdleRSS == 0 {
			time.Sleep(time.Second) // what the start left behind is collected
			b.report.IdleRSS, _ = c.rss()
		}
		c.stop()
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) firstOrder(child *child) error {
	w, err := newWork(child.URL, "")
	if err != nil {
		return err
	}
	c := newCaller(w.addr, 0)
	defer c.close()
	if err := c.until(time.Now().Add(patience)); err != nil {
		return err
	}
	return w.create(c)
}
