package web

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// SessionStore keeps sessions. The tokens that it sees are hashes.
type SessionStore interface {
	// Session returns the data of a session that has not ended at now.
	Session(ctx context.Context, token string, now time.Time) (data []byte, found bool, err error)
	PutSession(ctx context.Context, token string, data []byte, expires time.Time) error
	DeleteSession(ctx context.Context, token string) error
}

// sessionLife is how long somebody stays signed in: long enough to top up and
// come back, short enough for a phone that was lent.
const sessionLife = 30 * time.Minute

// newSessions makes the manager without the library's New, which starts a
// store in memory whose goroutine can't be stopped without a race. What New
// would add is a key that keeps two managers in one request apart; a site has
// one.
func newSessions(c Config, failed func(http.ResponseWriter, *http.Request, error)) *scs.SessionManager {
	m := &scs.SessionManager{
		Store:            sessions{c.Store, c.Now},
		Codec:            scs.GobCodec{},
		Lifetime:         sessionLife,
		HashTokenInStore: true,
		ErrorFunc:        failed,
	}
	m.Cookie = scs.SessionCookie{
		Name: "sen_session", Path: "/", Secure: c.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if c.Secure {
		m.Cookie.Name = "__Host-" + m.Cookie.Name // browsers then take it from this host over https only
	}
	return m
}

// Leave ends the session of a request, and has the browser forget the pages that
// it kept. Cookies are not named there: they would be those of all hosts below
// ours too.
func (s *Site) Leave(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return s.Sessions.Destroy(r.Context())
}

// sessions is the store as the session library wants it.
type sessions struct {
	store SessionStore
	now   func() time.Time
}

var _ scs.CtxStore = sessions{}

// FindCtx implements scs.CtxStore.
func (s sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.store.Session(ctx, token, s.now())
}

// CommitCtx implements scs.CtxStore.
func (s sessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.store.PutSession(ctx, token, data, expires)
}

// DeleteCtx implements scs.CtxStore.
func (s sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.DeleteSession(ctx, token)
}

// Find implements scs.Store, which the library asks for and never uses when
// there is FindCtx.
func (s sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s sessions) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

// Delete implements scs.Store.
func (s sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
