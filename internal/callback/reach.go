package callback

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"sen/internal/fault"
)

// Reach says where callbacks may go. The zero value is that of a sandbox, which
// calls the developer's own machine.
type Reach struct {
	// Public allows addresses of the public internet only, on ports 80 and 443:
	// whoever may write a URL must not have us call what only we can reach.
	Public bool
}

var errNotPublic = fault.New(fault.Invalid, "callback_url_not_public",
	"A live gateway calls public addresses only, by https or http on ports 443 and 80.")

// platform is what clouds serve to their own machines at an address that no
// registry calls special.
var platform = netip.MustParsePrefix("168.63.129.16/32")

var public = ssrf.New(ssrf.WithPorts(80, 443), ssrf.WithDeniedV4Prefixes(platform))

// Target cleans and checks a URL, as the function of that name does, and refuses
// one of which it can be seen without asking anybody that it must not be called.
// What a name stands for is judged when it is called: it can change at any time.
func (r Reach) Target(raw string) (*url.URL, error) {
	u, err := Target(raw)
	if err != nil || !r.Public {
		return u, err
	}
	if why := notPublic(u); why != "" {
		return nil, errNotPublic.On("callback_url", why)
	}
	return u, nil
}

// Check is Target for those who only want to know.
func (r Reach) Check(raw string) error {
	_, err := r.Target(raw)
	return err
}

// notPublic says what is wrong with a URL; "" is nothing.
func notPublic(u *url.URL) string {
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		return "port " + port + " is none of 80 and 443"
	}
	host := strings.ToLower(u.Hostname())
	if addr, err := netip.ParseAddr(host); err == nil {
		if public.SafeAddr(addr) != nil {
			return "the address " + addr.String() + " is private, special or written in a way that hides another one"
		}
		return ""
	}
	return notPublicName(strings.TrimSuffix(host, "."))
}

// inside are the ends of names that no public name has.
var inside = []string{".localhost", ".local", ".internal", ".home.arpa", ".localdomain", ".onion"}

// notPublicName refuses names that are not meant for the public, and texts that
// some programs read as an address though they are not written like one.
func notPublicName(name string) string {
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notInName) {
			return "the host must be a name of letters, digits and hyphens, with other alphabets in their xn-- form"
		}
	}
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "the host looks like an address that is not written in full, as in 203.0.113.7"
	}
	for _, end := range inside {
		if strings.HasSuffix(name, end) {
			return "names that end in " + end + " are not public"
		}
	}
	if len(labels) == 1 || len(name) > 253 {
		return "the host must be a full name, as in shop.example"
	}
	return ""
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// Transport makes calls through the dialer. It asks no proxy of the environment,
// which would resolve names in our place, and judges every address at the moment
// of dialling, when its name has been resolved for good.
func (r Reach) Transport(dialer *net.Dialer, timeout time.Duration) *http.Transport {
	guarded := *dialer
	guarded.Timeout = timeout
	if r.Public {
		guarded.Control, guarded.ControlContext = nil, r.guard(dialer)
	}
	return &http.Transport{
		DialContext:           guarded.DialContext,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   parallel,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   timeout,
		ResponseHeaderTimeout: timeout,
		// A header of a megabyte is nothing that a callback's answer has.
		MaxResponseHeaderBytes: maxRead,
	}
}

// guard refuses addresses before the dialer's own control, if it has one, sees
// them.
func (r Reach) guard(dialer *net.Dialer) func(context.Context, string, string, syscall.RawConn) error {
	return func(ctx context.Context, network, address string, c syscall.RawConn) error {
		if err := public.Safe(network, address, c); err != nil {
			return errNotPublic.Because(err)
		}
		if dialer.ControlContext != nil {
			return dialer.ControlContext(ctx, network, address, c)
		}
		return nil
	}
}

// reason is an error of a call as merchants may read it: they learn neither what
// a name of ours stands for, nor whom we ask about names, nor our own address.
func reason(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok && errors.Is(e, errNotPublic) {
		if e.Detail == "" {
			e = e.On("callback_url", "the host stands for an address that is private or special")
		}
		return e.Because(nil).Error()
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		asked := *e
		asked.Server = ""
		return asked.Error()
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		made := *e
		made.Source = nil
		return made.Error()
	}
	return err.Error()
}
