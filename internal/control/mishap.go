package control

import (
	"net/http"
	"time"

	"sen/internal/callback"
	"sen/internal/merchant"
	"sen/internal/mishap"
)

func wireCallbackRule(r mishap.Rule) CallbackRule {
	out := CallbackRule{
		ID: idText(r.ID), App: int64(r.App), Subject: string(r.Subject), AppTransID: r.TransID,
		Kind: string(r.Kind), ExpiresAt: given(r.ExpiresAt),
	}
	if r.Delay > 0 {
		out.Delay = r.Delay.String()
	}
	if r.Left != mishap.Unlimited {
		out.Calls = r.Left
	}
	return out
}

// callbackRules lists the rules that still meet callbacks.
func (s *Server) callbackRules(r *http.Request) (any, error) {
	all, err := s.Store.CallbackRules(r.Context())
	if err != nil {
		return nil, err
	}
	out := make([]CallbackRule, 0, len(all))
	for _, one := range all {
		if one.Left != 0 && (one.ExpiresAt.IsZero() || s.Clock.Now().Before(one.ExpiresAt)) {
			out = append(out, wireCallbackRule(one))
		}
	}
	return out, nil
}

func (s *Server) addCallbackRule(r *http.Request) (any, error) {
	var in CallbackRule
	if err := read(r, &in); err != nil {
		return nil, err
	}
	rule := mishap.Rule{
		ID: s.Pay.IDs.Key(s.Clock.Now(), 0), App: merchant.ID(in.App), Subject: callback.Subject(in.Subject),
		TransID: in.AppTransID, Kind: mishap.Kind(in.Kind), Left: in.Calls,
	}
	switch {
	case in.Calls == 0:
		rule.Left = mishap.Unlimited
	case in.Calls < 0: // which would read as Unlimited
		return nil, mishap.ErrRule.On("calls", "must be positive")
	}
	if in.Delay != "" {
		d, err := time.ParseDuration(in.Delay)
		if err != nil {
			return nil, errDuration.On("delay", "")
		}
		rule.Delay = d
	}
	set(&rule.ExpiresAt, in.ExpiresAt)
	rule.Complete()
	if err := rule.Check(); err != nil {
		return nil, err
	}
	if err := s.Store.InsertCallbackRule(r.Context(), rule); err != nil {
		return nil, err
	}
	return wireCallbackRule(rule), s.Changed(r.Context())
}

func (s *Server) clearCallbackRules(r *http.Request) (any, error) {
	if err := s.Store.DeleteCallbackRules(r.Context()); err != nil {
		return nil, err
	}
	return []CallbackRule{}, s.Changed(r.Context())
}

func (s *Server) removeCallbackRule(r *http.Request) (any, error) {
	id, err := pathNumber(r, "id")
	if err != nil {
		return nil, err
	}
	found, err := s.Store.DeleteCallbackRule(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, mishap.ErrUnknown
	}
	return CallbackRule{ID: idText(id)}, s.Changed(r.Context())
}
