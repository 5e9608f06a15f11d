package control

import (
	"net/http"
	"time"

	"sen/internal/chaos"
	"sen/internal/merchant"
)

func wireFault(f chaos.Fault) Fault {
	return Fault{ID: idText(f.ID), App: int64(f.App), Calls: f.Calls, Until: given(f.Until)}
}

func (s *Server) faults(r *http.Request) (any, error) {
	all, err := s.Store.Faults(r.Context(), s.Clock.Now())
	if err != nil {
		return nil, err
	}
	out := []Fault{}
	for _, f := range all {
		out = append(out, wireFault(f))
	}
	return out, nil
}

func (s *Server) inject(r *http.Request) (any, error) {
	var in Fault
	if err := read(r, &in); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	f := chaos.Fault{ID: s.Pay.IDs.Key(now, 0), App: merchant.ID(in.App), Calls: in.Calls}
	if in.For != "" {
		d, err := time.ParseDuration(in.For)
		if err != nil || d <= 0 {
			return nil, errDuration.On("for", "must be a positive duration")
		}
		f.Until = now.Add(d)
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	if err := s.Store.InsertFault(r.Context(), f); err != nil {
		return nil, err
	}
	return wireFault(f), s.Changed(r.Context())
}

func (s *Server) mend(r *http.Request) (any, error) {
	if err := s.Store.DeleteFaults(r.Context()); err != nil {
		return nil, err
	}
	return []Fault{}, s.Changed(r.Context())
}
