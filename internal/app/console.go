package app

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"time"

	"sen/internal/console"
	"sen/internal/control"
	"sen/internal/id"
	"sen/internal/merchant"
	"sen/internal/operator"
	"sen/internal/sandbox"
	"sen/internal/secret"
	"sen/internal/store"
)

// mountConsole serves the console. What its users change through the rules goes
// on record with the change, so it has those rules over a store of its own.
func (g *Gateway) mountConsole(mux *http.ServeMux) {
	rules := *g.pay
	rules.Store = store.Audited(g.pay.Store)
	s := &console.Server{
		Site: g.site, Operators: g.operators(), Pay: &rules, Store: g.store, Apps: g.apps, Now: g.clock.Now,
		Reach: g.config.reach(), Exchanges: g.exchanges, BaseURL: g.BaseURL, AddApp: g.addApp, Changed: g.changed,
		ReplaceKeys: func(a *merchant.App, overlap time.Duration) error {
			return replaceKeys(a, g.keys, g.clock.Now(), overlap)
		},
		NewCodeKey: g.newCodeKey,
	}
	if g.config.Mode == Sandbox {
		s.Lab = &console.Lab{Rules: g.rules, Offset: g.clock.Offset, Move: g.moveClock, Outage: g.simulator.Outage, SetOutage: g.setOutage}
	}
	handler, stop := s.Handler()
	g.stopStreams.Store(&stop)
	for _, path := range console.Patterns() {
		mux.Handle(path, g.byItsName(handler))
	}
}

// newCodeKey makes a key with which an app may encrypt payment codes.
func (g *Gateway) newCodeKey() (string, error) { return merchant.NewCodeKey(g.codeKeys) }

// countHours counts the hours that are over, for the console's overview.
func (g *Gateway) countHours(ctx context.Context) (more bool, err error) {
	return g.store.CountHours(ctx, g.clock.Now())
}

// sumHours sums up what accounts moved, for balances of the past.
func (g *Gateway) sumHours(ctx context.Context) (more bool, err error) {
	return g.store.SumHours(ctx, store.SummedAtOnce)
}

// operators are those of the data directory, and in a sandbox a guest for each
// role.
func (g *Gateway) operators() *operator.Service {
	s := newOperators(g.store, g.passwords)
	if g.config.Mode == Sandbox {
		s.Guests = operator.Guests(sandbox.Apps()[0].ID)
	}
	s.NeedCodes, s.House = g.config.Mode == Live, g.BaseURL
	return s
}

// recordBy begins lines of the audit log by that one.
func (g *Gateway) recordBy(by operator.Operator) func(operator.Action, string, merchant.ID) operator.Record {
	return recordBy(newOperators(g.store, g.passwords), by)
}

func recordBy(s *operator.Service, by operator.Operator) func(operator.Action, string, merchant.ID) operator.Record {
	return func(a operator.Action, subject string, app merchant.ID) operator.Record {
		return s.Record(by, a, subject, app)
	}
}

func newOperators(s *store.Store, passwords *secret.PINs) *operator.Service {
	return &operator.Service{
		Store: s, Passwords: passwords, Now: time.Now, IDs: &id.Source{Rand: rand.Reader, Shards: 1},
	}
}

// moveClock sets the offset of a sandbox's clock. It is kept first: a sandbox
// that is restarted goes on in its own time.
func (g *Gateway) moveClock(ctx context.Context, offset time.Duration) error {
	if err := g.store.SetSetting(ctx, control.ClockSetting, strconv.FormatInt(int64(offset), 10)); err != nil {
		return err
	}
	return g.changed(ctx)
}

// setOutage makes a sandbox's bank unreachable, or reachable again.
func (g *Gateway) setOutage(ctx context.Context, on bool) error {
	outage := ""
	if on {
		outage = "yes"
	}
	if err := g.store.SetSetting(ctx, control.OutageSetting, outage); err != nil {
		return err
	}
	return g.node.Changed(ctx)
}

// AddOperator makes an operator in a place, which must be of that mode. A directory
// that is new becomes a live gateway's.
func AddOperator(ctx context.Context, place Where, mode Mode, o operator.Operator, password string) error {
	return administer(ctx, place, mode, func(s *store.Store, pins *secret.PINs) error {
		return newOperators(s, pins).Add(ctx, byHand(), o, password)
	})
}

// Operators returns the operators in a place.
func Operators(ctx context.Context, place Where) (all []operator.Operator, err error) {
	err = inside(ctx, place.Database(), func(s *store.Store) (err error) {
		all, err = s.Operators(ctx)
		return err
	})
	return all, err
}

// SetOperatorPassword gives an operator in a place a new password.
func SetOperatorPassword(ctx context.Context, place Where, name, password string) error {
	return unlocked(ctx, place, func(s *store.Store, pins *secret.PINs) error {
		_, err := newOperators(s, pins).SetPassword(ctx, byHand(), name, password)
		return err
	})
}

// DisableOperator shuts an operator in a place out, or lets them in again.
func DisableOperator(ctx context.Context, place Where, name string, disabled bool) error {
	return inside(ctx, place.Database(), func(s *store.Store) error {
		_, err := newOperators(s, secret.NewPINs(rand.Reader)).Disable(ctx, byHand(), name, disabled)
		return err
	})
}

// ResetOperatorCode takes an operator's codes away, and ends their sessions.
func ResetOperatorCode(ctx context.Context, place Where, name string) error {
	return unlocked(ctx, place, func(s *store.Store, pins *secret.PINs) error {
		_, err := newOperators(s, pins).ResetCode(ctx, byHand(), name)
		return err
	})
}
