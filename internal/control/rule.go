package control

import (
	"net/http"
	"time"

	"sen/internal/merchant"
	"sen/internal/scenario"
)

func wireRule(r scenario.Rule) Rule {
	out := Rule{
		ID: idText(r.ID), Operation: r.Operation, App: int64(r.App), Match: r.Match,
		Break: string(r.Effect.Break), ExpiresAt: given(r.ExpiresAt),
	}
	if r.Effect.Forced {
		out.Value = &r.Effect.Value
	}
	if r.Effect.Delay > 0 {
		out.Delay = r.Effect.Delay.String()
	}
	if r.Left != scenario.Unlimited {
		out.Calls = r.Left
	}
	return out
}

// rules lists the rules that still have calls left.
func (s *Server) rules(r *http.Request) (any, error) {
	all, err := s.Store.Rules(r.Context())
	if err != nil {
		return nil, err
	}
	out := make([]Rule, 0, len(all))
	for _, one := range all {
		if one.Left != 0 && (one.ExpiresAt.IsZero() || s.Clock.Now().Before(one.ExpiresAt)) {
			out = append(out, wireRule(one))
		}
	}
	return out, nil
}

func (s *Server) addRule(r *http.Request) (any, error) {
	var in Rule
	if err := read(r, &in); err != nil {
		return nil, err
	}
	rule := scenario.Rule{
		ID: s.Pay.IDs.Key(s.Clock.Now(), 0), Operation: in.Operation, App: merchant.ID(in.App), Match: in.Match,
		Effect: scenario.Effect{Break: scenario.Break(in.Break)}, Left: in.Calls,
	}
	switch {
	case in.Calls == 0:
		rule.Left = scenario.Unlimited
	case in.Calls < 0: // which would read as Unlimited
		return nil, scenario.ErrEffect.On("calls", "must be positive")
	}
	if in.Value != nil {
		rule.Effect.Value, rule.Effect.Forced = *in.Value, true
	}
	set(&rule.ExpiresAt, in.ExpiresAt)
	if in.Delay != "" {
		d, err := time.ParseDuration(in.Delay)
		if err != nil {
			return nil, errDuration.On("delay", "")
		}
		rule.Effect.Delay = d
	}
	if err := knownOperation(in.Operation); err != nil {
		return nil, err
	}
	if err := rule.Check(); err != nil {
		return nil, err
	}
	if err := s.Store.InsertRule(r.Context(), rule); err != nil {
		return nil, err
	}
	return wireRule(rule), s.Changed(r.Context())
}

func (s *Server) clearRules(r *http.Request) (any, error) {
	if err := s.Store.DeleteRules(r.Context()); err != nil {
		return nil, err
	}
	return []Rule{}, s.Changed(r.Context())
}

func (s *Server) removeRule(r *http.Request) (any, error) {
	id, err := pathNumber(r, "id")
	if err != nil {
		return nil, err
	}
	found, err := s.Store.DeleteRule(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, scenario.ErrRule
	}
	return Rule{ID: idText(id)}, s.Changed(r.Context())
}
