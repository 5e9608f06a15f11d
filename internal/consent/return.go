package consent

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sen"
	"sen/internal/payer"
)

// notConfirmed tells the merchant that there is no consent, for whatever
// reason. The protocol says only that 1 is consent and any other value is
// not; 3 and 4 mean the end of a binding that was confirmed, so it is none of
// them.
const notConfirmed = -1

// target is where the payer is led back to: the merchant's page or, without
// one, its app. It was signed with the merchant's key when the binding was
// made; nothing in a request of a browser changes it.
func (v visit) target() string {
	for _, t := range []string{v.binding.RedirectURL, v.binding.RedirectDeepLink} {
		if payer.SafeTarget(t) {
			return t
		}
	}
	return ""
}

// goBack leads to the merchant with what became of the binding. It proves
// nothing to the merchant, who hears the truth by callback or query.
func (p *pages) goBack(w http.ResponseWriter, r *http.Request) error {
	v, err := p.visit(r)
	if err != nil {
		return p.notFound(w, r, err)
	}
	if v.target() == "" {
		return p.result.Write(w, r, http.StatusOK, resultPage{Title: "result.no_return", Detail: "result.no_return_detail"})
	}
	status := notConfirmed
	if v.state() == confirmed {
		status = sen.BindingConfirmed
	}
	target, err := withResult(v.target(), v.binding.Token, status)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// withResult adds the two parameters of the protocol to the target. What its
// query string holds stays as it is written, except for parameters of the same
// names.
func withResult(target, bindingID string, status int) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", err
	}
	added := url.Values{"binding_id": {bindingID}, "status": {strconv.Itoa(status)}}
	var query []string
	if u.RawQuery != "" {
		query = slices.DeleteFunc(strings.Split(u.RawQuery, "&"), func(part string) bool {
			name, _, _ := strings.Cut(part, "=")
			if plain, err := url.QueryUnescape(name); err == nil {
				name = plain
			}
			return added.Has(name)
		})
	}
	u.RawQuery = strings.Join(append(query, added.Encode()), "&")
	return u.String(), nil
}
