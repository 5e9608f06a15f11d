package console_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sen/internal/console"
	"sen/internal/operator"
	"sen/internal/store"
	"sen/internal/web/webtest"
)

var secretOnPage = regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`)

// enrol sets up codes in a browser, and returns their secret and the recovery
// codes.
func (s *site) enrol(t *testing.T, b *webtest.Browser) (secret string, recovery []string) {
	t.Helper()
	page := b.Get("/console/account")
	found := secretOnPage.FindStringSubmatch(page.Body)
	if found == nil || !strings.Contains(page.Body, `<svg class="qr"`) {
		t.Fatalf("no secret, or no QR code, on the page:\n%s", page.Body)
	}
	secret = found[1]
	b.Do(http.MethodPost, "/console/account/code", url.Values{"code": {"000000"}}, "Referer", s.server.URL+"/console/account").WantRedirect(t, "a wrong code", "/console/account")
	b.Get("/console/account").Want(t, "after a wrong code", http.StatusOK, "not the one that your app shows")
	shown := b.Do(http.MethodPost, "/console/account/code", url.Values{"code": {operator.CodeAt(secret, s.machine)}})
	shown.Want(t, "the right code", http.StatusOK, "Recovery codes")
	recovery = regexp.MustCompile(`[a-z2-7]{4}(?:-[a-z2-7]{4}){5}-[a-z2-7]{2}`).FindAllString(shown.Body, -1)
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes are shown, want 10", len(recovery))
	}
	b.Get("/console/account").Lack(t, "the page afterwards", append([]string{secret}, recovery...)...)
	return secret, recovery
}

// letIn signs in and reports whether somebody is in.
func (s *site) letIn(t *testing.T, name, word, code string) bool {
	t.Helper()
	p := webtest.Open(t, s.server.URL).Do(http.MethodPost, "/console/sign-in", url.Values{"name": {name}, "password": {word}, "code": {code}})
	if p.Status != http.StatusSeeOther {
		p.Want(t, "a refusal", http.StatusUnprocessableEntity, "The name, the password or the code is wrong.")
		s.machine = s.machine.Add(operator.Forgotten + time.Second) // nothing is paused
	}
	return p.Status == http.StatusSeeOther
}

// TestCodes sets up codes and signs in with them: one step early and late, and
// each once.
func TestCodes(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	secret, recovery := s.enrol(t, s.by(t, "ann"))
	const step = 30 * time.Second
	code := func(d time.Duration) string { return operator.CodeAt(secret, s.machine.Add(d)) }
	if s.letIn(t, "ann", password, code(0)) {
		t.Error("the code that was given to set them up was good again")
	}
	for _, c := range []struct {
		name, word, code string
		want             bool
	}{
		{"no code", password, "", false},
		{"a wrong code", password, "123456", false},
		{"a wrong password and the right code", "wrong", "now", false},
		{"the code of two steps ago", password, "-2", false},
		{"the code of two steps ahead", password, "+2", false},
		{"the code of a step ago", password, "-1", true},
		{"the code of now", password, "now", true},
		{"the same again", password, "now", false},
		{"the code of a step ahead", password, "+1", true},
		{"a recovery code", password, recovery[0], true},
		{"the same again", password, recovery[0], false},
		{"one in capitals without hyphens", password, strings.ToUpper(strings.ReplaceAll(recovery[1], "-", "")), true},
	} {
		given := c.code
		switch c.code {
		case "now":
			given = code(0)
		case "-2":
			given = code(-2 * step)
		case "-1":
			given = code(-step)
		case "+1":
			given = code(step)
		case "+2":
			given = code(2 * step)
		}
		if got := s.letIn(t, "ann", c.word, given); got != c.want {
			t.Errorf("%s: let in: %v, want %v", c.name, got, c.want)
		}
	}
	by := map[string]int{}
	for _, r := range s.records(t, store.RecordSearch{}) {
		if r.Action == operator.SignedIn {
			by[r.Became]++
		}
	}
	if by["password"] != 1 || by["password and code"] != 3 || by["password and recovery code"] != 2 || len(by) != 3 {
		t.Errorf("on record are sign-ins by %v", by)
	}
	records := fmt.Sprint(s.records(t, store.RecordSearch{}))
	if strings.Contains(records, secret) || strings.Contains(records, recovery[0]) || !strings.Contains(records, "code_enrol") {
		t.Errorf("the log must say that codes were set up, and not which: %s", records)
	}
	if strings.Contains(s.log.String(), secret) || strings.Contains(s.log.String(), password) {
		t.Error("a secret is in the log")
	}
	if _, err := s.operators.ResetCode(t.Context(), operator.ByHand, "ann"); err != nil {
		t.Fatal(err)
	}
	if !s.letIn(t, "ann", password, "") {
		t.Error("after the codes were taken away the password alone is not enough")
	}
}

// TestCodesNeeded signs in at a live gateway: whoever can move money or use keys
// sets up codes before anything else, support need not.
func TestCodesNeeded(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.operators.NeedCodes = true
	s.add(t)
	tr := s.trade(t, s.App, "0900000001", "ours")
	for _, name := range []string{"ann", "max"} {
		b := webtest.Open(t, s.server.URL)
		b.Do(http.MethodPost, "/console/sign-in", url.Values{"name": {name}, "password": {password}}).WantRedirect(t, name, "/console")
		b.Get("/console").WantRedirect(t, name, "/console/account")
		b.Get("/console/orders").WantRedirect(t, name, "/console/account")
		b.Do(http.MethodPost, "/console/apps/2553/rotate", url.Values{}).WantRedirect(t, name+" wants new keys", "/console/account")
		for _, route := range console.Routes(s.console) {
			method, pattern, _ := strings.Cut(route, " ")
			if open[route] || strings.HasPrefix(pattern, "/console/account") {
				continue
			}
			b.Do(method, tr.fill(pattern), form(method)).WantRedirect(t, name+" without codes: "+route, "/console/account")
		}
		b.Get("/console/live?page=/console/orders").Want(t, name+" watches without codes", http.StatusUnauthorized)
		s.enrol(t, b)
		b.Get("/console/orders").Want(t, name+" with codes", http.StatusOK)
	}
	s.by(t, "sue").Get("/console/orders").Want(t, "support", http.StatusOK)
}

// TestStepUp rests for a while, and then wants what is dangerous.
func TestStepUp(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	before := s.App.Key1
	key := func() string {
		t.Helper()
		reg, err := s.Store.Register(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return reg.Apps[ours].Key1
	}
	b := s.by(t, "max")
	s.machine = s.machine.Add(operator.Fresh + time.Second)
	rotate := func() webtest.Page {
		return b.Do(http.MethodPost, "/console/apps/2553/rotate", url.Values{}, "Referer", s.server.URL+"/console/apps/2553")
	}
	const ask = "/console/prove?to=%2Fconsole%2Fapps%2F2553"
	rotate().WantRedirect(t, "new keys", ask)
	b.Do(http.MethodPost, "/console/account/sessions", nil).WantRedirect(t, "sign out elsewhere", "/console/prove?to=%2Fconsole")
	b.Do(http.MethodPost, "/console/apps/2553/keys", nil).WantRedirect(t, "the keys", "/console/prove?to=%2Fconsole")
	b.Do(http.MethodPost, "/console/prove", url.Values{"proof": {"wrong"}, "to": {"/console/apps/2553"}}).WantRedirect(t, "a wrong password", ask)
	rotate().WantRedirect(t, "new keys after a wrong password", ask)
	if key() != before {
		t.Fatal("the keys were changed")
	}
	proved := b.Do(http.MethodPost, "/console/prove", url.Values{"proof": {password}, "to": {"https://evil.example"}})
	proved.WantRedirect(t, "the password", "/console")
	if !strings.Contains(strings.Join(proved.Header.Values("Set-Cookie"), "\n"), "sen_session=") {
		t.Error("the session kept its token after the proof")
	}
	rotate().WantRedirect(t, "new keys after the password", "/console/apps/2553")
	if key() == before {
		t.Error("the keys were not changed")
	}
	secret, _ := s.enrol(t, b)
	s.machine = s.machine.Add(operator.Fresh + time.Second)
	b.Do(http.MethodPost, "/console/prove", url.Values{"proof": {password}}).WantRedirect(t, "the password of somebody with codes", "/console/prove?to=%2Fconsole")
	b.Do(http.MethodPost, "/console/prove", url.Values{"proof": {operator.CodeAt(secret, s.machine)}}).WantRedirect(t, "the code", "/console")
	rotate().WantRedirect(t, "new keys after the code", "/console/apps/2553")
}

// TestSessionEnds rests, works all day, and signs out elsewhere.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	const out = "/console/sign-in?to=%2Fconsole%2Forders"
	b := s.by(t, "sue")
	s.machine = s.machine.Add(operator.Idle - time.Second)
	b.Get("/console/orders").Want(t, "just before it has rested too long", http.StatusOK)
	s.machine = s.machine.Add(operator.Idle)
	b.Get("/console/orders").WantRedirect(t, "after it has rested too long", out)

	b = s.by(t, "sue")
	for range 16 {
		s.machine = s.machine.Add(operator.Idle - time.Second)
		b.Get("/console/orders").Want(t, "at work", http.StatusOK)
	}
	s.machine = s.machine.Add(operator.Idle - time.Second)
	b.Get("/console/orders").WantRedirect(t, "after a working day", out)

	here, there := s.by(t, "sue"), s.by(t, "sue")
	page := here.Get("/console/account")
	page.Want(t, "the account", http.StatusOK, "this browser")
	if n := strings.Count(page.Body, "Go-http-client"); n != 2 {
		t.Errorf("%d sessions are listed, want 2", n)
	}
	here.Do(http.MethodPost, "/console/account/sessions", nil).WantRedirect(t, "sign out elsewhere", "/console/account")
	there.Get("/console/orders").WantRedirect(t, "elsewhere", out)
	here.Get("/console/orders").Want(t, "here", http.StatusOK)

	ann := s.by(t, "ann")
	ann.Do(http.MethodPost, "/console/operators/sue/sessions", nil).WantRedirect(t, "an operator ends them", "/console/operators/sue")
	here.Get("/console/orders").WantRedirect(t, "after an operator ended it", out)

	here = s.by(t, "sue")
	here.Send("/console/account/password", url.Values{"present": {"wrong"}, "password": {"a new long password"}}).Want(t, "a wrong present password", http.StatusOK, "is wrong")
	here.Do(http.MethodPost, "/console/account/password", url.Values{"present": {password}, "password": {"short"}}).WantRedirect(t, "a short one", "/console/account")
	here.Send("/console/account/password", url.Values{"present": {password}, "password": {"Sue.Sue.2026!"}}).Want(t, "her own name", http.StatusOK, "tried first")
	here.Do(http.MethodPost, "/console/account/password", url.Values{"present": {password}, "password": {"a new long password"}}).WantRedirect(t, "a new one", "/console/sign-in")
	if s.letIn(t, "sue", password, "") || !s.letIn(t, "sue", "a new long password", "") {
		t.Error("the old password is still good, or the new one is not")
	}
}

// TestOperatorsPage makes an operator, changes them and shuts them out. Nobody
// does that to themselves.
func TestOperatorsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.add(t)
	ann := s.by(t, "ann")
	ann.Get("/console/operators").Want(t, "the list", http.StatusOK, `href="/console/operators/sue"`, `href="/console/operators/max"`)
	page := ann.Do(http.MethodPost, "/console/operators", url.Values{"name": {"zoe"}, "role": {"merchant"}, "apps": {"2553, 7001"}})
	page.Want(t, "a new one", http.StatusOK, "not shown again")
	given := regexp.MustCompile(`<code>([A-Z2-7]{26})</code>`).FindStringSubmatch(page.Body)
	if given == nil {
		t.Fatalf("no password on the page:\n%s", page.Body)
	}
	zoe := webtest.Open(t, s.server.URL)
	zoe.Do(http.MethodPost, "/console/sign-in", url.Values{"name": {"zoe"}, "password": {html.UnescapeString(given[1])}}).WantRedirect(t, "zoe", "/console")
	zoe.Get("/console/apps/7001").Want(t, "her app", http.StatusOK)
	for what, form := range map[string]url.Values{
		"taken": {"name": {"sue"}, "role": {"support"}}, "shape": {"name": {"No Good"}, "role": {"support"}},
		"role": {"name": {"yan"}, "role": {"king"}}, "no apps": {"name": {"yan"}, "role": {"merchant"}}, "apps of support": {"name": {"yan"}, "role": {"support"}, "apps": {"1"}},
	} {
		p := ann.Do(http.MethodPost, "/console/operators", form, "Referer", s.server.URL+"/console/operators")
		p.WantRedirect(t, what, "/console/operators")
	}
	ann.Do(http.MethodPost, "/console/operators/zoe/role", url.Values{"role": {"support"}}).WantRedirect(t, "another role", "/console/operators/zoe")
	zoe.Get("/console/apps").WantRedirect(t, "with the session of before", "/console/sign-in?to=%2Fconsole%2Fapps")
	ann.Do(http.MethodPost, "/console/operators/zoe/able", url.Values{"disabled": {"yes"}}).WantRedirect(t, "shut out", "/console/operators/zoe")
	if s.letIn(t, "zoe", given[1], "") {
		t.Error("who is shut out came in")
	}
	ann = s.by(t, "ann")
	for _, act := range []string{"role", "able", "code"} {
		ann.Do(http.MethodPost, "/console/operators/ann/"+act, url.Values{"role": {"support"}, "disabled": {"yes"}}).WantRedirect(t, act, "/console/operators")
	}
	ann.Get("/console/operators/ann").Want(t, "still in", http.StatusOK)
	ann.Get("/console/operators/nobody").Want(t, "nobody", http.StatusNotFound, `href="/console"`)
	actions := map[operator.Action]int{}
	for _, r := range s.records(t, store.RecordSearch{Subject: "zoe"}) {
		actions[r.Action]++
	}
	if actions[operator.OperatorAdded] != 1 || actions[operator.OperatorChanged] != 2 {
		t.Errorf("on record is %v", actions)
	}
}

// TestCallbackRulesPage adds a rule and removes it.
func TestCallbackRulesPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	b := s.as(t, operator.Admin)
	b.Send("/console/callback-rules", url.Values{"kind": {"delay"}, "delay": {"20m"}, "trans_id": {"261122_*"}, "calls": {"3"}}).
		Want(t, "a rule", http.StatusOK, "delay 20m0s", "261122_*", "</th><td")
	b.Send("/console/callback-rules", url.Values{"kind": {"drop"}, "delay": {"20m"}}).Want(t, "a bad one", http.StatusOK, "out of range")
	all, err := s.Store.CallbackRules(t.Context())
	if err != nil || len(all) != 1 || all[0].Left != 3 || all[0].Delay != 20*time.Minute {
		t.Fatalf("kept are %+v, %v", all, err)
	}
	b.Send(fmt.Sprintf("/console/callback-rules/%d/remove", all[0].ID), nil).Want(t, "removed", http.StatusOK, "No rules")
	if n := len(s.records(t, store.RecordSearch{Subject: fmt.Sprintf("callback rule %d", all[0].ID)})); n != 2 {
		t.Errorf("%d lines on record, want 2", n)
	}
}
