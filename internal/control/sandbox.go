package control

import (
	"context"
	"net/http"
	"time"
)

// Sandboxes are sandboxes inside this one, each with everything of its own.
type Sandboxes interface {
	Create(ctx context.Context, s NewSandbox) (Sandbox, error)
	// List returns all, by name.
	List(ctx context.Context) ([]Sandbox, error)
	Delete(ctx context.Context, name string) error
}

// NewSandbox asks for a sandbox. All members may be left out.
type NewSandbox struct {
	Name        string     `json:"name,omitempty"`         // small letters, digits, hyphens; empty: drawn
	Port        int        `json:"port,omitempty"`         // 0: any free one
	PublicURL   string     `json:"public_url,omitempty"`   // when it is not reached at its port
	Clock       *time.Time `json:"clock,omitempty"`        // where its clock begins and stands; null: it runs
	Seed        *uint64    `json:"seed,omitempty"`         // what its chance comes from; needs a clock
	FreshKeys   bool       `json:"fresh_keys,omitempty"`   // keys that nobody knows, instead of the published ones
	RefundDelay string     `json:"refund_delay,omitempty"` // as in 2s; empty: as of the gateway that it is in
	Idle        string     `json:"idle,omitempty"`         // unused for so long it ends; at most 24h, empty: 1h
}

// Sandbox is a sandbox inside another.
type Sandbox struct {
	Name      string    `json:"name"`
	URL       string    `json:"url"`      // its own address: API, pages and control
	PathURL   string    `json:"path_url"` // API and control, by the address of the gateway that it is in
	Clock     Clock     `json:"clock"`
	Seed      *uint64   `json:"seed,omitempty"`
	Apps      []App     `json:"apps"` // their ids, names and keys
	CreatedAt time.Time `json:"created_at"`
	EndsAt    time.Time `json:"ends_at"` // unless it is used before
}

func (s *Server) sandboxes(r *http.Request) (any, error) { return s.Sandboxes.List(r.Context()) }

func (s *Server) addSandbox(r *http.Request) (any, error) {
	var in NewSandbox
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return s.Sandboxes.Create(r.Context(), in)
}

func (s *Server) deleteSandbox(r *http.Request) (any, error) {
	if err := s.Sandboxes.Delete(r.Context(), r.PathValue("name")); err != nil {
		return nil, err
	}
	return s.sandboxes(r)
}

// CreateSandbox makes a sandbox inside this one.
func (c *Client) CreateSandbox(ctx context.Context, s NewSandbox) (Sandbox, error) {
	return call[Sandbox](ctx, c, http.MethodPost, "/sandboxes", s)
}

// Sandboxes returns the sandboxes inside this one, by name.
func (c *Client) Sandboxes(ctx context.Context) ([]Sandbox, error) {
	return call[[]Sandbox](ctx, c, http.MethodGet, "/sandboxes", nil)
}

// DeleteSandbox ends a sandbox, and returns those that are left.
func (c *Client) DeleteSandbox(ctx context.Context, name string) ([]Sandbox, error) {
	return call[[]Sandbox](ctx, c, http.MethodDelete, path("sandboxes", name), nil)
}
