package control

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"sen"
	"sen/internal/callback"
	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
	"sen/internal/pay"
)

func (s *Server) apps(r *http.Request) (any, error) {
	reg, err := s.Store.Register(r.Context())
	if err != nil {
		return nil, err
	}
	out := make([]App, 0, len(reg.Apps))
	for _, a := range reg.Apps {
		one, err := s.app(r, a)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b App) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// app adds to an app what its accounts hold.
func (s *Server) app(r *http.Request, a merchant.App) (App, error) {
	var held, owed money.Amount
	err := s.Store.View(r.Context(), func(v pay.Reader) (err error) {
		if held, err = v.Balance(r.Context(), ledger.Account(ledger.Payable, int64(a.ID))); err != nil {
			return err
		}
		owed, err = v.Balance(r.Context(), ledger.Account(ledger.Receivable, int64(a.ID)))
		return err
	})
	return wireApp(a, held, -owed), err
}

func (s *Server) oneApp(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	reg, err := s.Store.Register(r.Context())
	if err != nil {
		return nil, err
	}
	a, ok := reg.Apps[merchant.ID(app)]
	if !ok {
		return nil, merchant.ErrUnknown
	}
	return s.app(r, a)
}

func (s *Server) addApp(r *http.Request) (any, error) {
	var in NewApp
	if err := read(r, &in); err != nil {
		return nil, err
	}
	a, err := s.AddApp(r.Context(), merchant.App{ID: merchant.ID(in.ID), Name: in.Name, CreatedAt: s.Clock.Now()})
	if err != nil {
		return nil, err
	}
	if err := s.Changed(r.Context()); err != nil {
		return nil, err
	}
	return s.app(r, a)
}

func (s *Server) changeApp(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	var in ChangeApp
	if err := read(r, &in); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	a, err := s.Store.UpdateApp(r.Context(), merchant.ID(app), func(a *merchant.App) error {
		return in.apply(a, now)
	})
	if err != nil {
		return nil, err
	}
	if err := s.Changed(r.Context()); err != nil {
		return nil, err
	}
	return s.app(r, a)
}

func (c ChangeApp) apply(a *merchant.App, now time.Time) error {
	if c.CallbackURL != nil && *c.CallbackURL != "" { // empty: the app has none any more
		if _, err := callback.Target(*c.CallbackURL); err != nil {
			return err
		}
	}
	a.TermsAt = now
	set(&a.CallbackURL, c.CallbackURL)
	set(&a.RedirectURL, c.RedirectURL)
	set(&a.Terms.RatePerSecond, c.RatePerSecond)
	set(&a.Terms.FeeBP, c.FeeBP)
	set((*int64)(&a.Terms.RefundApprovalFrom), c.RefundApprovalFrom)
	set((*int64)(&a.Terms.ReceivableLimit), c.ReceivableLimit)
	set(&a.Terms.TokenDayCount, c.TokenDayCount)
	set((*int64)(&a.Terms.TokenDayAmount), c.TokenDayAmount)
	if err := setDuration("refund_period", &a.Terms.RefundPeriod, c.RefundPeriod); err != nil {
		return err
	}
	if err := setDuration("token_life", &a.Terms.TokenLife, c.TokenLife); err != nil {
		return err
	}
	if c.Disabled != nil {
		a.DisabledAt = time.Time{}
		if *c.Disabled {
			a.DisabledAt = now
		}
	}
	return nil
}

// codeKey shows the key with which an app may encrypt payment codes, and makes it
// first if there is none.
func (s *Server) codeKey(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	reg, err := s.Store.Register(r.Context())
	if err != nil {
		return nil, err
	}
	a, ok := reg.Apps[merchant.ID(app)]
	if !ok {
		return nil, merchant.ErrUnknown
	}
	if a.CodeKey == "" {
		if a, err = s.makeCodeKey(r, a.ID); err != nil {
			return nil, err
		}
	}
	public, err := a.PublicCodeKey()
	return CodeKey{App: int64(a.ID), PublicKey: public}, err
}

func (s *Server) makeCodeKey(r *http.Request, id merchant.ID) (merchant.App, error) {
	private, err := s.NewCodeKey()
	if err != nil {
		return merchant.App{}, err
	}
	a, err := s.Store.UpdateApp(r.Context(), id, func(a *merchant.App) error {
		if a.CodeKey == "" {
			a.CodeKey = private
		}
		return nil
	})
	if err == nil {
		err = s.Changed(r.Context())
	}
	return a, err
}

// set copies what is given.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func setDuration(field string, to *time.Duration, from *string) error {
	if from == nil {
		return nil
	}
	d, err := time.ParseDuration(*from)
	if err != nil {
		return errDuration.On(field, "")
	}
	*to = d
	return nil
}

func (s *Server) payOut(r *http.Request) (any, error) {
	app, err := pathNumber(r, "app")
	if err != nil {
		return nil, err
	}
	var in Amount
	if err := read(r, &in); err != nil {
		return nil, err
	}
	amount, err := positive(in.Amount)
	if err != nil {
		return nil, err
	}
	a, err := s.Apps.App(merchant.ID(app))
	if err != nil {
		return nil, err
	}
	if err := s.Pay.PayOut(r.Context(), a.ID, amount); err != nil {
		return nil, err
	}
	return s.app(r, a)
}

func (s *Server) windows(r *http.Request) (any, error) {
	reg, err := s.Store.Register(r.Context())
	if err != nil {
		return nil, err
	}
	out := make([]Window, 0, len(reg.Windows))
	for _, w := range reg.Windows {
		out = append(out, wireWindow(w))
	}
	return out, nil
}

func (s *Server) announce(r *http.Request) (any, error) {
	var in Window
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if err := knownOperation(in.Operation); err != nil {
		return nil, err
	}
	if in.App != 0 {
		if _, err := s.Apps.App(merchant.ID(in.App)); err != nil {
			return nil, err
		}
	}
	now := s.Clock.Now()
	w := merchant.Window{ID: s.Pay.IDs.Key(now, 0), Operation: in.Operation, App: merchant.ID(in.App), From: now}
	set(&w.From, in.From)
	set(&w.Until, in.Until)
	if in.Until != nil && !w.Until.After(w.From) {
		return nil, errTimes.On("until", "")
	}
	if err := s.Store.InsertWindow(r.Context(), w); err != nil {
		return nil, err
	}
	return wireWindow(w), s.Changed(r.Context())
}

// knownOperation refuses a name that no operation has; "" stands for all.
func knownOperation(name string) error {
	if _, ok := sen.FindOperation(name); ok || name == "" {
		return nil
	}
	return errOperation.On("operation", "known are "+operationNames())
}

func operationNames() string {
	var names []string
	for _, op := range sen.Operations() {
		names = append(names, op.Name)
	}
	return strings.Join(names, ", ")
}

func (s *Server) lift(r *http.Request) (any, error) {
	id, err := pathNumber(r, "id")
	if err != nil {
		return nil, err
	}
	found, err := s.Store.DeleteWindow(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errWindow
	}
	return Window{ID: idText(id)}, s.Changed(r.Context())
}
