package consent_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sen/internal/merchant"
	"sen/internal/orderlink"
	"sen/internal/pay"
)

func (s *site) wantReturn(t *testing.T, what string, x pay.Binding, want string) {
	t.Helper()
	s.browser(t).Get(orderlink.BindingPage(x.Token)+"/return").WantRedirect(t, what, want)
}

func TestReturnStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	asked, confirmed, declined, ended := s.Binding(t, nil), s.Binding(t, nil), s.Binding(t, nil), s.Binding(t, nil)
	s.confirm(t, confirmed, w.ID)
	s.confirm(t, ended, w.ID)
	if _, err := s.Pay.EndBinding(t.Context(), ended.Token, pay.Ender{Operator: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pay.DeclineBinding(t.Context(), declined.Token); err != nil {
		t.Fatal(err)
	}
	const shop = "https://shop.example/linked?cart=42&binding_id="
	s.wantReturn(t, "confirmed", confirmed, shop+confirmed.Token+"&status=1")
	s.wantReturn(t, "declined", declined, shop+declined.Token+"&status=-1")
	s.wantReturn(t, "ended", ended, shop+ended.Token+"&status=-1")
	s.wantReturn(t, "not answered", asked, shop+asked.Token+"&status=-1")
	s.Clock.Move(pay.ConfirmTime)
	s.wantReturn(t, "lapsed", asked, shop+asked.Token+"&status=-1")
	s.browser(t).Get("/binding/x/return").Want(t, "unknown", http.StatusNotFound, "Request not found")
}

// A consent that has run out is none.
func TestReturnAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.OpenWallet(t, phone, 0)
	_, err := s.Store.UpdateApp(t.Context(), s.App.ID, func(a *merchant.App) error {
		a.Terms.TokenLife = time.Hour
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Refresh(t)
	x := s.Binding(t, nil)
	s.confirm(t, x, w.ID)
	const shop = "https://shop.example/linked?cart=42&binding_id="
	s.wantReturn(t, "before", x, shop+x.Token+"&status=1")
	s.Clock.Move(time.Hour)
	s.wantReturn(t, "after", x, shop+x.Token+"&status=-1")
	s.browser(t).Get(orderlink.BindingPage(x.Token)).Want(t, "after", http.StatusOK, "The link has ended")
}

func TestReturnTargets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct{ page, app, want string }{
		{"https://shop.example", "", "https://shop.example?"},
		{"https://shop.example/a#part", "", "https://shop.example/a?"},
		{"http://localhost:3000/done?a=%2", "", "http://localhost:3000/done?a=%2&"},
		{"https://shop.example/?status=1&x=2&binding%5fid=7", "", "https://shop.example/?x=2&"},
		{"", "myapp://linked", "myapp://linked?"},
		{"https://shop.example", "myapp://linked", "https://shop.example?"},
		{"javascript:alert(1)", "myapp://linked", "myapp://linked?"},
	} {
		x := s.Binding(t, func(n *pay.NewBinding) { n.RedirectURL, n.RedirectDeepLink = c.page, c.app })
		want := c.want + "binding_id=" + x.Token + "&status=-1"
		if _, part, ok := strings.Cut(c.page, "#"); ok {
			want += "#" + part
		}
		s.wantReturn(t, c.page+" or "+c.app, x, want)
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
		x := s.Binding(t, func(n *pay.NewBinding) { n.RedirectURL, n.RedirectDeepLink = target, target })
		b := s.browser(t)
		a := b.Get(orderlink.BindingPage(x.Token) + "/return")
		a.Want(t, "to "+target, http.StatusOK, "No page to go back to")
		if got := a.Header.Get("Location"); got != "" {
			t.Errorf("%q leads to %q", target, got)
		}
		a = answer(b, x, "decline")
		a.Lack(t, "declined", `/return"`)
		if got := a.Header.Get("Refresh"); got != "" {
			t.Errorf("%q: Refresh is %q", target, got)
		}
	}
}

// Nothing that a browser sends decides where it is led.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	x := s.Binding(t, nil)
	const evil = "https://evil.example/"
	query := "?redirect_url=" + evil + "&redirect_deep_link=" + evil + "&url=" + evil + "&next=" + evil
	a := s.browser(t).Do(http.MethodGet, orderlink.BindingPage(x.Token)+"/return"+query, nil, "Referer", evil, "X-Forwarded-Host", "evil.example")
	a.WantRedirect(t, "with a query", "https://shop.example/linked?cart=42&binding_id="+x.Token+"&status=-1")
}
