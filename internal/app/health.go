package app

import (
	"io"
	"net/http"
)

// mountHealth answers whoever routes requests to this process and starts it
// again when it hangs: load balancers, orchestrators. Nobody has to sign in for
// that, so nothing is told but yes or no, and nothing may keep the answer.
//
//   - /healthz: the process answers. The database is not asked: to start every
//     process again because their database is away would make it worse.
//   - /readyz: the node may serve, and does not stop. Other paths wait a moment for a node that may
//     not; here nobody waits, and what anyone may ask makes no work.
func (g *Gateway) mountHealth(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		tell(w, http.StatusOK, "alive\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if g.stopping.Load() {
			tell(w, http.StatusServiceUnavailable, "stopping\n")
			return
		}
		if !g.node.Serves() {
			tell(w, http.StatusServiceUnavailable, "not in touch with the database\n")
			return
		}
		tell(w, http.StatusOK, "ready\n")
	})
}

func tell(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // whoever asked is gone
}
