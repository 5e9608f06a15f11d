package app

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// housed are the ends of names that nobody on the internet can have.
var housed = []string{".localhost", ".local", ".internal", ".test", ".home.arpa"}

// byItsName serves a sandbox under names only that are its own. The owner of any
// other name can have it stand for a developer's machine: pages that came from
// there would then be of the sandbox's own origin, and could do with it whatever
// its command line can. A live gateway knows people by what they sign in with.
func (g *Gateway) byItsName(next http.Handler) http.Handler {
	if g.config.Mode == Live {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostName(r.Host); !ownName(host, g.BaseURL) {
			text := fmt.Sprintf("This sandbox is not known as %q. Call it by its address, or start it with --public-url if that name is its own.", host)
			http.Error(w, text, http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// controlPath is where the control API of a sandbox is.
const controlPath = "/control/"

// underName serves a sandbox inside another, which was called by that one's name.
func underName(g *Gateway) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		named := *r
		named.Host = strings.TrimPrefix(strings.TrimPrefix(g.BaseURL, "https://"), "http://")
		g.server.Handler.ServeHTTP(w, &named)
	})
}

// hostName is the name in a Host header, without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

func ownName(host, baseURL string) bool {
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		return true
	}
	if slices.ContainsFunc(housed, func(end string) bool { return strings.HasSuffix(host, end) }) {
		return true
	}
	own, err := url.Parse(baseURL)
	return err == nil && host == hostName(own.Host)
}
