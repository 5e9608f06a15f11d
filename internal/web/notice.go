package web

import "net/http"

// noticeCookie carries the code of something to tell across the redirect that
// follows a form. It is not in the address, where it would be told again with
// every reload, and not in a session, which most payers do not have yet.
const noticeCookie = "sen_notice"

// SetNotice makes the next page under path tell the notice with that code.
func (s *Site) SetNotice(w http.ResponseWriter, path, code string) {
	const seconds = 60
	s.setNotice(w, path, code, seconds)
}

// TakeNotice returns the code that SetNotice left, or "". Whoever uses it must
// look it up among codes that it knows: the browser can send anything.
func (s *Site) TakeNotice(w http.ResponseWriter, r *http.Request, path string) string {
	c, err := r.Cookie(noticeCookie)
	if err != nil {
		return ""
	}
	s.setNotice(w, path, "", -1)
	return c.Value
}

func (s *Site) setNotice(w http.ResponseWriter, path, code string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: noticeCookie, Value: code, Path: path, MaxAge: age,
		Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
