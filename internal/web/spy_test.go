package web_test

import (
	"context"
	"time"

	"sen/internal/web"
)

// spy remembers for which token the store was asked last.
type spy struct {
	web.SessionStore
	token string
}

func (s *spy) Session(ctx context.Context, token string, now time.Time) ([]byte, bool, error) {
	s.token = token
	return s.SessionStore.Session(ctx, token, now)
}
