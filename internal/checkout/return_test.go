package checkout_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen"
	"sen/internal/pay"
)

// wantReturn checks where the way back leads and that the merchant can verify
// it with the SDK.
func wantReturn(t *testing.T, s *site, o pay.Order, prefix string, want sen.Redirect) {
	t.Helper()
	a := s.browser(t).Get("/checkout/" + o.Token + "/return")
	location := a.Header.Get("Location")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(location, prefix) {
		t.Errorf("status %d to %q, want 303 to %s…", a.Status, location, prefix)
		return
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	app := sen.App{ID: int(s.App.ID), Key2: s.App.Key2}
	got, err := app.VerifyRedirect(u.Query())
	if err != nil {
		t.Errorf("%s: %v", location, err)
		return
	}
	want.AppID, want.AppTransID, want.Amount = app.ID, o.AppTransID, int64(o.Amount)
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", location, diff)
	}
}

func TestReturnStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 80_000)
	paid, cancelled, open := s.Order(t, nil), s.Order(t, nil), s.Order(t, nil)
	if _, err := s.Pay.PayFromWallet(t.Context(), paid.Key, w.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay.CancelOrder(t.Context(), cancelled.App, cancelled.AppTransID); err != nil {
		t.Fatal(err)
	}
	const shop = "https://shop.example/thanks?cart=42&"
	wantReturn(t, s, paid, shop, sen.Redirect{PMCID: 38, Status: 1})
	wantReturn(t, s, cancelled, shop, sen.Redirect{Status: -54})
	wantReturn(t, s, open, shop, sen.Redirect{Status: -49})
	s.Clock.Move(pay.DefaultLife)
	wantReturn(t, s, open, shop, sen.Redirect{Status: -54})
	s.browser(t).Get("/checkout/x/return").Want(t, "unknown", http.StatusNotFound, "Order not found")
}

func TestReturnTargets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for target, prefix := range map[string]string{
		"https://shop.example":            "https://shop.example?",
		"https://shop.example/a#part":     "https://shop.example/a?",
		"http://localhost:3000/done?a=%2": "http://localhost:3000/done?a=%2&",
		"myapp://pay":                     "myapp://pay?",
		"my.app-2:pay":                    "my.app-2:pay?",
	} {
		o := s.Order(t, func(n *pay.NewOrder) { n.RedirectURL = target })
		wantReturn(t, s, o, prefix, sen.Redirect{Status: -49})
	}
}

func TestReturnRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, target := range []string{
		"", "/done", "//evil.example/", "shop.example/done", "https:", "https:///done", "http:evil",
		"javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
		"vbscript:x", "file:///etc/passwd", "blob:https://shop.example/1", "about:blank", "https://shop.example/\r\nX-Evil: 1",
	} {
		o := s.Order(t, func(n *pay.NewOrder) { n.RedirectURL = target })
		a := s.browser(t).Get("/checkout/" + o.Token + "/return")
		a.Want(t, "to "+target, http.StatusOK, "No page to go back to")
		if got := a.Header.Get("Location"); got != "" {
			t.Errorf("%q leads to %q", target, got)
		}
		s.browser(t).Get("/checkout/"+o.Token).Lack(t, "open", "/return\"")
	}
}

// Nothing that a browser sends decides where it is led.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.Order(t, nil)
	b := s.browser(t)
	const evil = "https://evil.example/"
	query := "?redirect_url=" + evil + "&redirecturl=" + evil + "&url=" + evil + "&next=" + evil
	a := b.Do(http.MethodGet, "/checkout/"+o.Token+"/return"+query, nil, "Referer", evil, "X-Forwarded-Host", "evil.example")
	if got := a.Header.Get("Location"); !strings.HasPrefix(got, "https://shop.example/") || strings.Contains(got, "evil") {
		t.Errorf("led to %q", got)
	}
	for _, token := range []string{"%2F%2Fevil.example", "https:%2F%2Fevil.example", "%5C%5Cevil.example"} {
		a := b.Do(http.MethodPost, "/checkout/"+token+"/sign-in", url.Values{})
		a.Want(t, token, http.StatusNotFound)
	}
}
