package web

import (
	"context"
	"net/http"

	"golang.org/x/text/language"
)

// Lang is a language of the pages, as a BCP 47 tag.
type Lang string

// The languages.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// Langs lists the languages. The first is used when nothing else fits.
var Langs = [...]Lang{Vietnamese, English}

var matcher = language.NewMatcher([]language.Tag{language.Vietnamese, language.English})

// langName is the query parameter, and langCookie the cookie, of the language
// that somebody chose.
const (
	langName   = "lang"
	langCookie = "sen_lang"
)

func known(s string) (Lang, bool) {
	for _, l := range Langs {
		if s == string(l) {
			return l, true
		}
	}
	return Langs[0], false
}

// chooseLang returns the language for the request: the one in its query, else
// the one chosen before, else what the browser asks for. chosen tells that the
// query named it.
func chooseLang(r *http.Request) (l Lang, chosen bool) {
	if l, ok := known(r.URL.Query().Get(langName)); ok {
		return l, true
	}
	if c, err := r.Cookie(langCookie); err == nil {
		if l, ok := known(c.Value); ok {
			return l, false
		}
	}
	_, i := language.MatchStrings(matcher, r.Header.Get("Accept-Language"))
	return Langs[i], false
}

type langKey struct{}

// LangOf returns the language for the request.
func LangOf(r *http.Request) Lang {
	if l, ok := r.Context().Value(langKey{}).(Lang); ok {
		return l
	}
	return Langs[0]
}

// speak finds the language of each request and remembers a choice.
func (s *Site) speak(next http.Handler) http.Handler {
	const year = 365 * 24 * 60 * 60
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l, chosen := chooseLang(r)
		if chosen {
			http.SetCookie(w, &http.Cookie{
				Name: langCookie, Value: string(l), Path: "/", MaxAge: year,
				Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
			})
		}
		w.Header().Set("Content-Language", string(l))
		w.Header().Add("Vary", "Accept-Language")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), langKey{}, l)))
	})
}
