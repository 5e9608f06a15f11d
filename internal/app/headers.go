package app

import "net/http"

// bare is the policy of an answer that is no page: whoever opens it in a browser
// runs nothing of it and shows it in no frame. Pages say what they need instead.
const bare = "default-src 'none'; frame-ancestors 'none'"

// careful sets what holds for every answer: no browser guesses that it is
// something else than it says, and no page of another site can load it.
func careful(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", bare)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
