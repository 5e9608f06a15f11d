package app

import (
	"net/http"

	"sen/internal/guide"
)

// mountGuides serves the guides for developers and operators.
func (g *Gateway) mountGuides(mux *http.ServeMux) {
	handler := (&guide.Server{Site: g.site}).Handler()
	for _, path := range guide.Patterns() {
		mux.Handle(path, handler)
	}
}
