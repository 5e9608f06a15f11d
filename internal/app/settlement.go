package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"sen/internal/clock"
	"sen/internal/control"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/node"
	"sen/internal/pay"
	"sen/internal/secret"
	"sen/internal/store"
)

// settledSetting is the name under which it is kept which day was closed last for
// all apps.
const settledSetting = "settled"

// settleYesterday closes the day before for all apps of a live gateway, once. A
// sandbox's days are closed by whoever tries it out: its clock moves as they like.
func (g *Gateway) settleYesterday(ctx context.Context) (more bool, err error) {
	kept, err := g.store.Setting(ctx, settledSetting)
	if err != nil {
		return false, err
	}
	reg, err := g.store.Register(ctx)
	if err != nil {
		return false, err
	}
	done, err := g.pay.SettleAll(ctx, slices.Sorted(maps.Keys(reg.Apps)), pay.Day(kept))
	if err != nil || string(done) == kept {
		return false, err
	}
	return false, g.store.SetSetting(ctx, settledSetting, string(done))
}

// KeepBooks runs f with the bookkeeper of a database, beside the gateways that
// serve from it if there are any. What is settled is sealed, with the keys that
// are in place.Data; what is done about payouts goes on record by whoever runs the
// command.
func KeepBooks(ctx context.Context, place Where, f func(b control.Bookkeeper, simulated bool) error) error {
	return inside(ctx, place.Database(), func(s *store.Store) error {
		if place.Data == "" {
			return store.ErrNoKeys
		}
		v, _, err := unlock(ctx, s, place.Data)
		if err != nil {
			return err
		}
		if err := s.Seal(ctx, v.Seals(), store.Origins{Chance: rand.Reader, Now: time.Now}); err != nil {
			return err
		}
		mode, err := s.Setting(ctx, modeSetting)
		if err != nil {
			return err
		}
		now, err := clockOf(ctx, s)
		if err != nil {
			return err
		}
		apps := &merchant.Directory{Load: s.Register}
		if err := apps.Refresh(ctx); err != nil {
			return err
		}
		rules := &pay.Service{Store: store.Audited(s), Apps: apps, Now: now.Now, Numbers: &id.Numbers{Reserve: s.ReserveNumbers}, DisbursementOwed: func() {}}
		changed := func(ctx context.Context) error { return errors.Join(node.Await(ctx, s, time.Now), apps.Refresh(ctx)) }
		record := recordBy(newOperators(s, secret.NewPINs(rand.Reader)), byHand())
		return f(control.Bookkeeper{Pay: rules, Store: s, Record: record, Changed: changed}, mode == string(Sandbox))
	})
}

// clockOf is the clock of whoever serves from a database, as it was kept; a live
// gateway's was never moved.
func clockOf(ctx context.Context, s *store.Store) (*clock.Clock, error) {
	now := new(clock.Clock)
	start, err := s.Setting(ctx, startSetting)
	if err != nil {
		return nil, err
	}
	if start != "" {
		began, err := time.Parse(time.RFC3339Nano, start)
		if err != nil {
			return nil, fmt.Errorf("the kept beginning of the clock: %w", err)
		}
		now.Machine = func() time.Time { return began }
	}
	offset, err := s.Setting(ctx, control.ClockSetting)
	if err != nil || offset == "" {
		return now, err
	}
	n, err := strconv.ParseInt(offset, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the kept offset of the clock: %w", err)
	}
	now.Move(time.Duration(n))
	return now, nil
}
