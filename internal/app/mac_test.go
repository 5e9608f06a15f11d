package app_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/app/apptest"
	"sen/internal/merchant"
)

// refused is a request of the corpus of broken macs.
type refused struct {
	Operation   string `json:"operation"`
	App         int    `json:"app_id"`
	Cause       string `json:"cause"`
	ContentType string `json:"content_type"`
	Query       string `json:"query"`
	Body        string `json:"body"`
}

// refusals are the first request of the corpus for each cause.
func refusals(t *testing.T) (all []refused) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "macdoctor", "testdata", "corpus-*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for scan := bufio.NewScanner(f); scan.Scan(); {
			var r refused
			if err := json.Unmarshal(scan.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			if !seen[r.Cause] && r.App != 7001 && r.Operation != sen.OpListBanks.Name { // neither an app of the sandbox, nor two codes
				seen[r.Cause] = true
				all = append(all, r)
			}
		}
		_ = f.Close()
	}
	return all
}

func path(t *testing.T, operation string) string {
	t.Helper()
	i := slices.IndexFunc(sen.Operations(), func(op *sen.Operation) bool { return op.Name == operation })
	if i < 0 {
		t.Fatalf("no operation %q", operation)
	}
	return sen.Operations()[i].Path
}

// TestDoctor sends broken requests to a sandbox: the refusal says in one line
// which text is signed, and holds no key.
func TestDoctor(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, r := range refusals(t) {
		a := s.send(http.MethodPost, path(t, r.Operation)+"?"+r.Query, r.ContentType, r.Body)
		if a.Sub != -402 || !strings.Contains(a.SubText, "HMAC-SHA256, with key1 of app") || strings.Contains(a.SubText, "\n") {
			t.Errorf("%s %s: got %s", r.Operation, r.Cause, a.Body)
		}
		if unknown := strings.Contains(a.SubText, "no usual mistake fits"); unknown != (r.Cause == "unknown") {
			t.Errorf("%s: got %s", r.Cause, a.SubText)
		}
		for _, id := range []int{2553, 2554, 553} {
			if other := s.App(id); strings.Contains(a.Body, other.Key1) || strings.Contains(a.Body, other.Key2) {
				t.Errorf("%s: a key of app %d is in %s", r.Cause, id, a.Body)
			}
		}
	}
}

// TestReasonsInBothLanguages wants the same reason in the language asked for.
func TestReasonsInBothLanguages(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, c := range []struct {
		name   string
		op     *sen.Operation
		m      members
		sub    int
		en, vi string
	}{
		{"key2", sen.OpCreateOrder, signedBy(order("a"), &sen.OpCreateOrder.Formula, s.app.Key2), -402, "mac was made with key2", "mac được tạo bằng key2"},
		{"missing", sen.OpCreateOrder, order("a").with(members{"app_user": "-"}), -401, "app_user is missing or empty: send 1 to 50 characters", "app_user bị thiếu hoặc rỗng: gửi 1 đến 50 ký tự"},
		{"another name", sen.OpCreateOrder, order("a").with(members{"app_user": "-", "appUser": "x"}), -401, `what came is "appUser"`, `trường nhận được là "appUser"`},
		{"too long", sen.OpCreateOrder, order("a").with(members{"app_user": strings.Repeat("u", 51)}), -401, "app_user has 51 characters, at most 50 are allowed", "app_user có 51 ký tự, cho phép tối đa 50"},
		{"wrong type", sen.OpCreateOrder, order("a").with(members{"amount": "1.5"}), -401, `amount must be written in digits only, as in 50000, not "1.5"`, `amount chỉ được viết bằng chữ số, như 50000, không phải "1.5"`},
		{"no JSON", sen.OpCreateOrder, order("a").with(members{"item": "x"}), -401, `item must be a JSON array, [] when empty, not "x"`, `item phải là mảng JSON, [] khi rỗng, không phải "x"`},
		{"unknown word", sen.OpCreateBindingWallet, bound("a").with(members{"binding_type": "wallet"}), -401, `binding_type must be WALLET here, not "wallet"`, `binding_type ở đây phải là WALLET, không phải "wallet"`},
		{"another day", sen.OpCreateOrder, order("a").with(members{"app_trans_id": "261121_a"}), -401, `app_trans_id must begin with 261122, today as yyMMdd at GMT+7, not "261121"`, `app_trans_id phải bắt đầu bằng 261122, ngày hôm nay dạng yyMMdd theo GMT+7, không phải "261121"`},
		{"a late clock", sen.OpCreateOrder, order("a").with(members{"app_time": millis(-20 * time.Minute)}), -401, "app_time is 20m0s behind the server's clock, at most 15 minutes are allowed: it says " + millis(-20*time.Minute), "app_time chậm 20m0s so với đồng hồ máy chủ, cho phép lệch tối đa 15 phút: giá trị gửi là " + millis(-20*time.Minute) + " (2026-11-22 11:40:00 GMT+7), đồng hồ máy chủ là " + millis(0)},
		{"seconds", sen.OpQueryRefund, members{"m_refund_id": "261122_2553_a", "timestamp": millis(0)[:10]}, -401, "is it in seconds?", "có phải bạn gửi giây?"},
		{"no app", sen.OpCreateOrder, order("a").with(members{"app_id": "99"}), -402, "there is no enabled app 99 here", "ở đây không có app 99 đang bật"},
	} {
		for lang, want := range map[string]string{"en": c.en, "vi": c.vi} {
			h := http.Header{"Accept-Language": {lang}, "Content-Type": {"application/x-www-form-urlencoded"}}
			if a := s.sendWith(http.MethodPost, c.op.Path, h, s.signed(c.op, c.m).form()); a.Sub != c.sub || !strings.Contains(a.SubText, want) {
				t.Errorf("%s in %s: got %s\nwant %d %s", c.name, lang, a.Body, c.sub, want)
			}
		}
	}
}

func bound(suffix string) members {
	return members{"app_trans_id": "261122_" + suffix, "req_date": millis(0), "identifier": "u", "max_amount": "0", "binding_type": "WALLET", "binding_data": "{}"}
}

// TestLiveKeepsTheDoctorIn makes every kind of mistake at a live gateway. Its
// answers are the same for all of them: no key, no expected mac, no signed text.
func TestLiveKeepsTheDoctorIn(t *testing.T) {
	t.Parallel()
	var live sen.App
	g := apptest.Start(t, func(c *app.Config) {
		c.Mode, c.PublicURL = app.Live, "https://pay.example"
		a, err := app.CreateApp(t.Context(), livePlace(t, c), app.Live, merchant.App{ID: 77, Name: "Live"})
		if err != nil {
			t.Fatal(err)
		}
		live = sen.App{ID: 77, Key1: a.Key1, Key2: a.Key2}
	})
	s := &shop{g, t, live}
	m := order("a").with(members{"app_id": "77", "app_user": "Nguyễn"})
	get := func(name string) string { return m[name] }
	text := string(sen.OpCreateOrder.AppendInput(nil, get, s.app.Key1))
	right := sen.OpCreateOrder.Sign(s.app.Key1, get)
	if a := s.call(sen.OpCreateOrder, m); a.Sub != 1 {
		t.Fatalf("a good request: %s", a.Body)
	}
	status, _ := sen.Lookup(sen.OpCreateOrder.Name, -402)
	raw := hmac.New(sha256.New, []byte(s.app.Key1))
	raw.Write([]byte(text))
	for name, mac := range map[string]string{
		"key2":            sen.Sign(s.app.Key2, []byte(text)),
		"another order":   sen.Sign(s.app.Key1, []byte(strings.Replace(text, "{}|[]", "[]|{}", 1))),
		"no separator":    sen.Sign(s.app.Key1, []byte(strings.ReplaceAll(text, "|", ""))),
		"a padded key":    sen.Sign(s.app.Key1+"\n", []byte(text)),
		"a cut key":       sen.Sign(s.app.Key1[:31], []byte(text)),
		"key1 added":      sen.Sign(s.app.Key1, []byte(text+"|"+s.app.Key1)),
		"a line end":      sen.Sign(s.app.Key1, []byte(text+"\n")),
		"base64":          base64.StdEncoding.EncodeToString(raw.Sum(nil)),
		"a part":          right[:32],
		"no mac":          "x",
		"nothing that is": strings.Repeat("0", 64),
	} {
		for _, lang := range []string{"en", "vi"} {
			h := http.Header{"Accept-Language": {lang}, "Content-Type": {"application/x-www-form-urlencoded"}}
			a := s.sendWith(http.MethodPost, sen.OpCreateOrder.Path, h, m.with(members{"mac": mac}).form())
			if a.Sub != -402 || a.SubText != status.Text.In(lang) {
				t.Errorf("%s: got %s, want just %q", name, a.Body, status.Text.In(lang))
			}
			for what, secret := range map[string]string{"key1": s.app.Key1, "key2": s.app.Key2, "the mac": right, "the text": text, "a part of the text": "Nguyễn"} {
				if strings.Contains(a.Body, secret) {
					t.Errorf("%s: %s is in %s", name, what, a.Body)
				}
			}
		}
	}
}
