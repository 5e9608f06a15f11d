package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sen/internal/fault"
	"sen/internal/web"
)

// A page that is open brings itself up to date. Its browser keeps a stream of
// events open; who watches the same thing shares one look at the store, which
// borrows a connection for that look only.

// How often a watched page is looked at, and how often a stream makes sure that
// its session still stands.
const (
	lookAgain  = 400 * time.Millisecond
	checkAgain = 5 * time.Second
	// writeTime is how long a browser may take to receive an event.
	writeTime = 15 * time.Second
	// maxStreams bounds what open pages can cost.
	maxStreams = 500
)

var errBusy = fault.New(fault.Unavailable, "streams_many", "Too many pages are open.")

// A hub knows the open streams and what they watch.
type hub struct {
	mu      sync.Mutex
	topics  map[string]*topic
	streams map[*stream]bool
	stopped bool
}

func newHub() *hub { return &hub{topics: map[string]*topic{}, streams: map[*stream]bool{}} }

// A stream is one open page. over is closed when it must end.
type stream struct {
	token string // of its session
	over  chan struct{}
}

// A topic is what several streams may watch.
type topic struct {
	watchers int
	end      context.CancelFunc
	seen     string        // the last fingerprint
	changed  chan struct{} // closed at the next change
}

// open begins a stream of the session with that token.
func (h *hub) open(token string) (*stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped || len(h.streams) >= maxStreams {
		return nil, errBusy
	}
	s := &stream{token, make(chan struct{})}
	h.streams[s] = true
	return s, nil
}

func (h *hub) close(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, s)
}

// end ends the streams of a session.
func (h *hub) end(token string) { h.endAll(func(s *stream) bool { return s.token == token }) }

// stop ends all streams and begins no more.
func (h *hub) stop() {
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.endAll(func(*stream) bool { return true })
}

func (h *hub) endAll(which func(*stream) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		if which(s) {
			close(s.over)
			delete(h.streams, s)
		}
	}
}

// join watches what has the key, and look tells its fingerprint.
func (h *hub) join(key, seen string, look func(context.Context) (string, error)) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[key]
	if t == nil {
		ctx, end := context.WithCancel(context.Background())
		t = &topic{end: end, seen: seen, changed: make(chan struct{})}
		h.topics[key] = t
		go h.watch(ctx, t, look)
	}
	t.watchers++
	return t
}

func (h *hub) leave(key string, t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.watchers--; t.watchers == 0 {
		t.end()
		delete(h.topics, key)
	}
}

// now returns what the topic's fingerprint is, and what is closed when it is
// another.
func (h *hub) now(t *topic) (seen string, changed <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.seen, t.changed
}

// watch looks until nobody watches any more. A look that fails is made again: a
// page that stays as it is for a moment harms nobody.
func (h *hub) watch(ctx context.Context, t *topic, look func(context.Context) (string, error)) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		seen, err := look(ctx)
		if err != nil {
			continue
		}
		h.mu.Lock()
		if seen != t.seen {
			t.seen = seen
			close(t.changed)
			t.changed = make(chan struct{})
		}
		h.mu.Unlock()
	}
}

// target finds the screen at an address of the console, and the request that
// would show it.
func (p *pages) target(r *http.Request, to string) (screen, *http.Request, error) {
	u, err := url.Parse(to)
	if err != nil || within(to) != to || u.Host != "" {
		return screen{}, nil, errNoScreen
	}
	var found *screen
	var request *http.Request
	mux := http.NewServeMux()
	for pattern, s := range p.screens() {
		mux.HandleFunc("GET "+root+pattern, func(_ http.ResponseWriter, r *http.Request) { found, request = &s, r })
	}
	there := r.Clone(r.Context())
	there.Method, there.URL, there.RequestURI, there.Form = http.MethodGet, u, to, nil
	if _, pattern := mux.Handler(there); pattern != "" {
		mux.ServeHTTP(nil, there)
	}
	if found == nil {
		return screen{}, nil, errNoScreen
	}
	return *found, request, nil
}

// stream tells a page whenever there is something newer to see at its address.
func (p *pages) stream(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visitor(w, r, false)
	if err != nil {
		return err
	}
	if v == nil || p.detour(v) != "" {
		return errSignedOut
	}
	s, there, err := p.target(r, v.query("page"))
	if err != nil {
		return err
	}
	look := func(ctx context.Context) (string, error) {
		again := &visit{pages: p, r: there.WithContext(unending{ctx, r.Context()}), who: v.who, now: p.Now()}
		page, err := again.load(s)
		if err != nil {
			return "", err
		}
		return page.fingerprint(), nil
	}
	seen, err := look(r.Context())
	if err != nil {
		return err
	}
	st, err := p.live.open(p.Site.Sessions.Token(r.Context()))
	if err != nil {
		return err
	}
	defer p.live.close(st)
	key := strings.Join([]string{v.who.Mark(), string(v.who.Role), string(web.LangOf(r)), there.URL.RequestURI()}, "\n")
	t := p.live.join(key, seen, look)
	defer p.live.leave(key, t)
	have := r.Header.Get("Last-Event-ID")
	if have == "" {
		have = v.query("have")
	}
	newWriter(w, p.Site.Now).serve(r.Context(), p, st, t, have, *v)
	return nil
}

var errSignedOut = fault.New(fault.Unauthorized, "signed_out", "Nobody is signed in.")

// unending has the life of one context and the values of another.
type unending struct {
	context.Context
	values context.Context
}

// Value implements context.Context.
func (u unending) Value(key any) any { return u.values.Value(key) }

// A writer sends events.
type writer struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	now func() time.Time
}

func newWriter(w http.ResponseWriter, now func() time.Time) *writer {
	e := &writer{w, http.NewResponseController(w), now}
	// The server's own limits are for requests that end.
	_ = e.rc.SetReadDeadline(time.Time{}) // without it the stream is shorter, and the browser comes back
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not keep events back
	return e
}

func (e *writer) send(format string, args ...any) error {
	_ = e.rc.SetWriteDeadline(e.now().Add(writeTime)) // likewise
	if _, err := fmt.Fprintf(e.w, format, args...); err != nil {
		return err
	}
	return e.rc.Flush()
}

// serve sends events until the page is closed, its session is over or the
// server stops.
func (e *writer) serve(ctx context.Context, p *pages, st *stream, t *topic, have string, v visit) {
	check := time.NewTicker(checkAgain)
	defer check.Stop()
	err := e.send("retry: 1000\n\n")
	for err == nil {
		seen, changed := p.live.now(t)
		if seen != have {
			have = seen
			if err = e.send("id: %s\nevent: changed\ndata: %s\n\n", seen, seen); err != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-st.over:
			_ = e.send("event: over\ndata: over\n\n") // whoever is gone need not know
			return
		case <-changed:
		case <-check.C:
			if !p.stillIn(ctx, st.token, v) {
				_ = e.send("event: over\ndata: over\n\n") // likewise
				return
			}
			err = e.send(": still here\n\n")
		}
	}
}

// stillIn reports whether the session stands as it did when the stream began.
func (p *pages) stillIn(ctx context.Context, token string, v visit) bool {
	fresh, err := p.Site.Sessions.Load(unending{ctx, context.Background()}, token)
	if err != nil {
		return true // the store could not be asked; the next check will tell
	}
	who, _, err := p.admitted(fresh, false)
	return err != nil || (who != nil && who.Name == v.who.Name && who.Mark() == v.who.Mark())
}
