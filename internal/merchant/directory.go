package merchant

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sen/internal/snapshot"
)

// A Window is a maintenance announced by an operator: calls of the operation
// are refused from From until Until.
type Window struct {
	ID        int64
	Operation string // name of the operation, or "" for all
	App       ID     // or 0 for all
	From      time.Time
	Until     time.Time // zero: until it is lifted
}

// Covers reports whether the window closes the operation to the app at now.
func (w Window) Covers(operation string, app ID, now time.Time) bool {
	return (w.Operation == "" || w.Operation == operation) &&
		(w.App == 0 || w.App == app) &&
		!now.Before(w.From) && (w.Until.IsZero() || now.Before(w.Until))
}

// A Register is everything the gateway must know before it looks at a
// request's business: small, read by every call, changed by hardly any.
type Register struct {
	Apps    map[ID]App
	Windows []Window
}

// Directory keeps the register in memory.
type Directory struct {
	// Load reads the register from the store.
	Load func(context.Context) (Register, error)

	register snapshot.Of[Register]
}

// Refresh reads the register again. When that fails the old one stays in use.
func (d *Directory) Refresh(ctx context.Context) error { return d.register.Refresh(ctx, d.Load) }

// App returns the app with that id if it is there and enabled, or ErrUnknown.
func (d *Directory) App(id ID) (App, error) {
	app, err := d.Known(id)
	if err == nil && !app.Enabled() {
		return App{}, ErrUnknown
	}
	return app, err
}

// Known returns the app with that id, enabled or not, or ErrUnknown: what
// began while an app was enabled is brought to its end.
func (d *Directory) Known(id ID) (App, error) {
	if app, ok := d.register.Last().Apps[id]; ok {
		return app, nil
	}
	return App{}, ErrUnknown
}

// All returns the enabled apps by id.
func (d *Directory) All() []App {
	var all []App
	for _, app := range d.register.Last().Apps {
		if app.Enabled() {
			all = append(all, app)
		}
	}
	slices.SortFunc(all, func(a, b App) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Label is how payers know the app with that id, also when it is disabled.
func (d *Directory) Label(id ID) string {
	app, err := d.Known(id)
	if err != nil {
		app = App{ID: id}
	}
	return app.Label()
}

// Closed reports whether a maintenance window covers the call.
func (d *Directory) Closed(operation string, app ID, now time.Time) bool {
	for _, w := range d.register.Last().Windows {
		if w.Covers(operation, app, now) {
			return true
		}
	}
	return false
}
