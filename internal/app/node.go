package app

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"sen/internal/control"
	"sen/internal/node"
	"sen/internal/worker"
)

// What nodes that serve from one database need of each other.

func (g *Gateway) newNode() (*node.Node, error) {
	var chance [8]byte
	if _, err := rand.Read(chance[:]); err != nil {
		return nil, err
	}
	return &node.Node{
		ID:    int64(binary.BigEndian.Uint64(chance[:]) >> 1), //nolint:gosec // 63 bits are not negative
		Store: g.store, Alone: g.config.alone(), Machine: time.Now, Log: g.config.Log, Refresh: g.refresh,
	}, nil
}

// begin makes what a new database and its data directory lack. Of several nodes
// that come up at once each waits for the one before it.
func (g *Gateway) begin(ctx context.Context) error {
	for {
		mine, err := g.mine(ctx, "begin", leaseOfBeginning)
		if err != nil {
			return err
		}
		if mine {
			break
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	if err := g.checkMode(ctx); err != nil {
		return err
	}
	if err := g.openPay(ctx); err != nil {
		return err
	}
	if err := g.furnish(ctx); err != nil || g.node.Alone {
		return err
	}
	return g.store.DropLeases(ctx, g.node.ID)
}

// join makes this process a node. One that has the database to itself first
// clears what an earlier life left: claims that nobody works on any more, and
// failures that a restart ends.
func (g *Gateway) join(ctx context.Context) error {
	if g.node.Alone {
		if err := errors.Join(g.store.ReleaseLeases(ctx), g.mend(ctx)); err != nil {
			return err
		}
	}
	if err := g.node.Join(ctx); err != nil {
		return err
	}
	g.olderSeen = true // one that serves already has noted its keys, if it has any
	return errors.Join(g.noteKeys(ctx), g.lookForOlder(ctx))
}

// mend ends the failures that a sandbox was told to have.
func (g *Gateway) mend(ctx context.Context) error {
	outage, err := g.store.Setting(ctx, control.OutageSetting)
	if err == nil && outage != "" {
		err = g.store.SetSetting(ctx, control.OutageSetting, "")
	}
	if err != nil {
		return err
	}
	faults, err := g.store.Faults(ctx, time.UnixMicro(0)) // whenever they end
	if err == nil && len(faults) > 0 {
		err = g.store.DeleteFaults(ctx)
	}
	return err
}

// leave gives back what others would wait for.
func (g *Gateway) leave() error {
	if g.node == nil || g.node.Alone {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), node.Lease)
	defer cancel()
	return errors.Join(g.node.Leave(ctx), g.store.DropLeases(ctx, g.node.ID))
}

// refresh reads everything that is kept in memory.
func (g *Gateway) refresh(ctx context.Context) error {
	err := errors.Join(g.useKey(ctx), g.apps.Refresh(ctx), g.rules.Refresh(ctx), g.setClock(ctx))
	if g.mishaps != nil {
		err = errors.Join(err, g.mishaps.Refresh(ctx))
	}
	if g.faults != nil {
		err = errors.Join(err, g.faults.Refresh(ctx))
	}
	if g.simulator != nil {
		outage, failed := g.store.Setting(ctx, control.OutageSetting)
		if failed == nil {
			g.simulator.SetOutage(outage != "")
		}
		err = errors.Join(err, failed)
	}
	return err
}

// look is the work of keeping up with the others. A node that can't says so
// itself, and goes on looking: it has little time.
func (g *Gateway) look(ctx context.Context) (bool, error) {
	err := g.node.Look(ctx)
	if g.node.Alone {
		return false, err
	}
	return false, nil
}

// ready lets no request through that this node might answer by what has changed.
// The merchant API looks itself, and answers in its own form.
func (g *Gateway) ready(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.node.Ready(r.Context()); err != nil {
			http.Error(w, "This server has lost touch with its database. Try again in a moment.", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// loop is a worker that every node has. It does nothing by what may have
// changed.
func (g *Gateway) loop(name string, every time.Duration, batch func(context.Context) (bool, error)) *worker.Loop {
	return worker.New(name, g.config.Log, every, func(ctx context.Context) (bool, error) {
		if g.node.Ready(ctx) != nil {
			return false, nil // the node says so itself; when it is back, work goes on at once
		}
		return batch(ctx)
	})
}

// shared is a worker of which one node at a time does the work for all: it is
// nothing but an UPDATE, and two at once would only be in each other's way.
func (g *Gateway) shared(name string, every time.Duration, batch func(context.Context) (bool, error)) *worker.Loop {
	holds := &atomic.Bool{}
	g.shares = append(g.shares, share{name, holds})
	return g.loop(name, every, func(ctx context.Context) (bool, error) {
		mine, err := g.mine(ctx, name, leaseOfWork)
		holds.Store(mine)
		if err != nil || !mine {
			return false, err
		}
		return batch(ctx)
	})
}

// A share is work of which one node at a time does it for all.
type share struct {
	name  string
	holds *atomic.Bool // whether this node did when it looked last
}

// How long nobody does the work of a node that died, and how long others wait
// for one that died when it had just begun.
const (
	leaseOfWork      = 10 * time.Second
	leaseOfBeginning = time.Minute
)

// mine reports whether work that is done once is this node's to do.
func (g *Gateway) mine(ctx context.Context, name string, length time.Duration) (bool, error) {
	if g.node.Alone {
		return true, nil
	}
	return g.store.TakeLease(ctx, name, g.node.ID, time.Now(), length)
}

// pause waits for others.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(100 * time.Millisecond):
		return nil
	}
}
