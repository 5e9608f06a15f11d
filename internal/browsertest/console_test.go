//go:build browser

package browsertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"

	"sen"
	"sen/internal/control"
)

// enter signs in to the console of a sandbox in that role.
func (v *visitor) enter(base, role string) {
	v.t.Helper()
	v.visit(base + "/console")
	v.press(`form:has(input[value="` + role + `"]) button`)
	v.read(".heading h1")
}

// keys types keys, wherever the focus is.
func (v *visitor) keys(keys string) {
	v.t.Helper()
	v.do("type", chromedp.KeyEvent(keys))
}

// ask evaluates an expression in the page.
func ask[T any](v *visitor, expression string) T {
	v.t.Helper()
	return took(v, expression, chromedp.Evaluate[T](expression))
}

// tabTo presses the tabulator until the focus is on what matches.
func (v *visitor) tabTo(selector string) {
	v.t.Helper()
	for range 200 {
		v.keys("\t")
		// There is none while a page comes.
		if ask[bool](v, "document.activeElement?.matches("+quote(selector)+") ?? false") {
			return
		}
	}
	v.t.Fatalf("the tabulator never comes to %s", selector)
}

func quote(text string) string {
	out, err := json.Marshal(text)
	if err != nil { // text always can be
		panic(err)
	}
	return string(out)
}

// paidOrder makes an order, pays it, and hears of it.
func (g *gateway) paidOrder(t *testing.T, amount int64) control.Payment {
	t.Helper()
	_, o := g.order(t, amount)
	paid, err := g.control.Pay(t.Context(), control.PayOrder{Order: o.OrderURL, Wallet: payer})
	if err != nil {
		t.Fatal(err)
	}
	g.heard(t)
	return paid
}

// pendingRefund asks for a refund that waits for an operator.
func (g *gateway) pendingRefund(t *testing.T, amount int64) {
	t.Helper()
	one := int64(1)
	if _, err := g.control.ChangeApp(t.Context(), int64(shop.ID), control.ChangeApp{RefundApprovalFrom: &one}); err != nil {
		t.Fatal(err)
	}
	p := g.paidOrder(t, amount)
	_, err := g.orders.Refunds.Create(t.Context(), sen.RefundOrderRequest{
		MRefundID: sen.MRefundID(time.Now(), shop.ID, fmt.Sprint("browser", amount)), ZPTransID: sen.TransID(p.Number), Amount: amount, Description: "Khách đổi ý",
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An operator approves a refund, has a callback sent again, and gives an app new
// keys, on a telephone.
func TestBrowserConsole(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.pendingRefund(t, 40_000)
	v := open(t, g.url, "vi")
	v.enter(g.url, "operator")
	v.press(".menu-button")
	v.press(`#menu a[href="/console/refunds"]`)
	v.wantText(".heading h1", "Hoàn tiền")
	v.press(`form[id^="approve-"] button`)
	v.wantText("[role=status].notice", "Đã duyệt hoàn tiền.")
	v.wantText(".grid .pill.good", "Thành công") // when it has run, without loading anew

	v.visit(g.url + "/console/callbacks")
	v.press(`.grid a[href^="/console/callbacks/"]`)
	v.press("#replay-do")
	v.wantText("[role=status].notice", "Đang gửi lại callback.")
	g.heard(t)
	v.wantText("#attempts li:nth-child(2) h3", "Callback, lần 2")

	v.visit(g.url + fmt.Sprintf("/console/apps/%d", shop.ID))
	v.press("#rotate-fold summary")
	v.do("leave no overlap", chromedp.SetValue(chromedp.CSS("#rotate-overlap"), "0s"))
	v.press("#rotate-do")
	v.wantText("[role=status].notice", "Ứng dụng đã có khóa mới. Hãy xem và giao cho đơn vị bán hàng một cách an toàn.")
	_, err := g.orders.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: sen.AppTransID(time.Now(), "any")})
	if refused, ok := errors.AsType[*sen.Error](err); !ok || refused.Code() != sen.CodeUnauthorized {
		t.Errorf("a call that the old key signed: %v", err)
	}
	v.press("#keys-do")
	v.wantText(".heading h1", "Khóa của Sen Coffee")
	if shown := ask[string](v, `document.querySelector("#live .facts").textContent`); strings.Contains(shown, shop.Key1) || !strings.Contains(shown, "key1") {
		t.Errorf("the keys are %q", shown)
	}
	v.visit(g.url + "/console/audit")
	rows := ask[string](v, `[...document.querySelectorAll(".grid tbody tr")].map(r => r.textContent).join("\n")`)
	for _, action := range []string{"Duyệt hoàn tiền", "Gửi lại callback", "Tạo khóa mới", "Xem khóa"} {
		if !strings.Contains(rows, action) {
			t.Errorf("the audit log lacks %s:\n%s", action, rows)
		}
	}
}

// An open page shows what happens elsewhere, by itself, and asks to sign in when
// the session is over.
func TestBrowserConsoleLive(t *testing.T) {
	t.Parallel()
	g := start(t)
	_, o := g.order(t, 61_000)
	v := open(t, g.url, "en")
	v.enter(g.url, "support")
	v.visit(g.url + "/console/orders")
	v.press(`.grid a[href^="/console/orders/"]`)
	v.wantText(".mark .pill", "Waiting for payment")
	v.wantText("#live-note", "Up to date")
	ask[int](v, "window.loadedOnce = 1")
	if _, err := g.control.Pay(t.Context(), control.PayOrder{Order: o.OrderURL, Wallet: payer}); err != nil {
		t.Fatal(err)
	}
	paid := time.Now()
	v.wantText(".mark .pill.good", "Paid")
	t.Logf("the page showed the payment after %v", time.Since(paid).Round(10*time.Millisecond))
	if ask[int](v, "window.loadedOnce || 0") != 1 {
		t.Error("the page was loaded anew")
	}
	v.read(`.timeline pre`) // the merchant's answer to the callback
	// The same session is ended elsewhere.
	ask[int](v, `fetch("/console/sign-out", {method: "POST"}), 1`)
	v.read(`form:has(input[value="support"]) button`)
}

// A request that is refused appears in the list that is open, and opening it
// shows why and what to sign.
func TestBrowserConsoleRequests(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "en")
	v.enter(g.url, "merchant")
	v.visit(g.url + "/console/requests?value=-402")
	v.wantText("#live-note", "Up to date")
	v.wantText("#live .empty", "There are no requests like these.")
	ask[int](v, "window.loadedOnce = 1")
	wrong := sen.NewClient(sen.App{ID: shop.ID, Key1: shop.Key2, Key2: shop.Key2}, sen.WithBaseURL(g.url))
	appTransID := sen.AppTransID(time.Now(), "browserwrong")
	if _, err := wrong.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: appTransID}); err == nil {
		t.Fatal("a wrong mac was taken")
	}
	refused := time.Now()
	v.read("#live .grid tbody a")
	t.Logf("the list showed the request after %v", time.Since(refused).Round(10*time.Millisecond))
	if ask[int](v, "window.loadedOnce || 0") != 1 {
		t.Error("the page was loaded anew")
	}
	v.press("#live .grid tbody a")
	if why := v.read("#why .notice"); !strings.Contains(why, "key2") {
		t.Errorf("the reason is %q", why)
	}
	v.wantText("#signed pre", fmt.Sprintf("%d|%s|<key1>", shop.ID, appTransID))
	v.press(`#code a[href$="/python"]`)
	if program := v.read(".part:last-child pre"); !strings.Contains(program, appTransID) || strings.Contains(program, shop.Key1) {
		t.Errorf("the program is %q", program)
	}
}

// heldPayout asks for a payout that waits for an operator.
func (g *gateway) heldPayout(t *testing.T, id string) {
	t.Helper()
	account, err := g.control.ChangePayouts(t.Context(), int64(shop.ID), control.ChangePayouts{ReviewFrom: new(int64(30_000))})
	if err != nil {
		t.Fatal(err)
	}
	key, err := sen.ParsePrivateKey(account.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	client := sen.NewClient(shop, sen.WithBaseURL(g.url), sen.WithPrivateKey(key))
	user, err := client.Disbursements.User(t.Context(), sen.DisbursementUserRequest{Phone: payer})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Disbursements.TopUp(t.Context(), sen.DisbursementTopupRequest{
		PaymentID: account.PaymentID, PartnerOrderID: id, MUID: user.Data.MUID, Amount: 30_000, Description: "Lương tháng 11",
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An operator sees a payout come in by itself, opens it, releases it and puts money
// in, on a telephone and without a mouse.
func TestBrowserConsolePayouts(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "vi")
	v.enter(g.url, "operator")
	v.tabTo(".menu-button")
	v.keys("\r")
	v.tabTo(`#menu a[href="/console/payouts"]`)
	v.keys("\r")
	v.wantText("#live .empty", "Không có lệnh chi nào như vậy.")
	v.wantText("#live-note", "Đang cập nhật")
	ask[int](v, "window.loadedOnce = 1")
	g.heldPayout(t, "salary-1")
	v.wantText("#live .grid .pill.waiting", "Chờ xét duyệt")
	if ask[int](v, "window.loadedOnce || 0") != 1 {
		t.Error("the page was loaded anew")
	}
	v.tabTo(`.grid a[href^="/console/payouts/"]`)
	v.keys("\r")
	v.wantText(".heading h1", "salary-1")
	v.tabTo(`[id^="release-"][id$="-do"]`)
	v.keys("\r")
	v.wantText("[role=status].notice", "Đã cho chi.")
	v.wantText(".mark .pill.good", "Thành công")
	v.tabTo(`#facts a[href^="/console/payouts/accounts/"]`)
	v.keys("\r")
	v.tabTo("#fund-amount")
	v.keys("25.000")
	v.tabTo("#fund-reference")
	v.keys("VCB 42")
	v.tabTo("#fund-do")
	v.keys("\r")
	v.wantText("[role=status].notice", "Đã ghi nhận tiền nạp.")
	v.wantText("#movements tbody tr:first-child td:last-child", "+25.000 ₫")
}

// nextDay moves the sandbox's clock past midnight.
func (g *gateway) nextDay(t *testing.T) {
	t.Helper()
	if _, err := g.control.MoveClock(t.Context(), control.MoveClock{Advance: "24h"}); err != nil {
		t.Fatal(err)
	}
}

// An operator settles the day before, and looks at what it came to.
func TestBrowserConsoleSettlement(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.paidOrder(t, 43_000)
	g.nextDay(t)
	v := open(t, g.url, "vi")
	v.enter(g.url, "operator")
	v.visit(g.url + "/console/settlements")
	v.wantText("#live .empty", "Chưa có ngày nào được quyết toán.")
	v.press("#run-do")
	v.wantText("[role=status].notice", "Đã quyết toán mọi ngày đã kết thúc.")
	v.press(`.grid a[href^="/console/settlements/"]`)
	if facts := v.read("#live .facts"); strings.Count(facts, "43.000 ₫") < 3 {
		t.Errorf("the day came to %q", facts)
	}
	if files := ask[int](v, `document.querySelectorAll('a[href*=".csv"]').length`); files != 4 {
		t.Errorf("%d files", files)
	}
}

// Everything can be reached and pressed without a mouse.
func TestBrowserConsoleKeyboard(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.pendingRefund(t, 41_000)
	v := open(t, g.url, "en")
	v.visit(g.url + "/console/sign-in")
	v.tabTo(`form:has(input[value="operator"]) button`)
	v.keys("\r")
	v.wantText(".heading h1", "Overview")
	v.keys("\t")
	if !ask[bool](v, `document.activeElement.matches(".skip")`) {
		t.Error("the first stop is not the way past the menu")
	}
	v.tabTo(".menu-button")
	v.keys("\r")
	v.tabTo(`#menu a[href="/console/refunds"]`)
	v.keys("\r")
	v.wantText(".heading h1", "Refunds")
	v.tabTo(`[id^="approve-"][id$="-do"]`)
	v.keys("\r")
	v.wantText("[role=status].notice", "The refund was approved.")
	v.visit(fmt.Sprintf("%s/console/apps/%d", g.url, shop.ID))
	v.tabTo("#rotate-fold summary")
	v.keys("\r")
	v.tabTo("#rotate-do")
	v.keys("\r")
	v.wantText("[role=status].notice", "The app has new keys. Show them, and give them to the merchant in a safe way.")
}

// controls are the roles that a screen reader announces by their name.
var controls = map[string]bool{
	"button": true, "link": true, "textbox": true, "searchbox": true, "combobox": true, "checkbox": true, "radio": true,
	"spinbutton": true, "DisclosureTriangle": true, "Date": true, "DateTime": true, "InputTime": true, "img": true, "image": true, "navigation": true,
}

// Every page is as wide as the window and names
// every control to those who do not see it, in both languages.
func TestBrowserConsoleAccessible(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.pendingRefund(t, 42_000)
	g.bind(t, "console")
	g.heldPayout(t, "accessible")
	g.nextDay(t)
	if _, err := g.control.Settle(t.Context(), control.Settle{}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"vi", "en"} {
		for _, width := range []int64{390, 1280} {
			t.Run(fmt.Sprintf("%s %d", lang, width), func(t *testing.T) {
				v := open(t, g.url, lang)
				v.do("take another window", chromedp.EmulateViewport(width, 900))
				v.enter(g.url, "operator")
				paths := v.consolePages(g.url)
				if len(paths) < 20 {
					t.Errorf("only %d pages were found: %q", len(paths), paths)
				}
			})
		}
	}
}

// consolePages visits one page of each kind, and looks at each.
func (v *visitor) consolePages(base string) (paths []string) {
	v.t.Helper()
	kinds := map[string]bool{}
	paths = []string{"/console", "/console/orders?state=paid", "/console/codes?operation=query_order", "/console/codes/query_order/-63"}
	for i := 0; i < len(paths); i++ {
		v.visit(base + paths[i])
		v.wantNamed(paths[i])
		if wide, window := ask[int64](v, "document.documentElement.scrollWidth"), ask[int64](v, "innerWidth"); wide > window {
			v.t.Errorf("%s is %d wide in a window of %d", paths[i], wide, window)
		}
		for _, path := range ask[[]string](v, `[...document.querySelectorAll("a[href^='/console/']")].map(a => a.getAttribute("href"))`) {
			kind := strings.Map(func(c rune) rune {
				if c >= '0' && c <= '9' {
					return -1
				}
				return c
			}, path)
			if !kinds[kind] && !strings.Contains(path, "?") && !strings.HasPrefix(path, "/console/codes/") && !strings.Contains(path, ".csv") {
				kinds[kind] = true
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// wantNamed looks through the accessibility tree for controls without a name.
func (v *visitor) wantNamed(page string) {
	v.t.Helper()
	tree, err := chromedp.Call(v.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		v.t.Fatal(err)
	}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil || !controls[strings.Trim(string(n.Role.Value), `"`)] {
			continue
		}
		if n.Name == nil || strings.Trim(string(n.Name.Value), `" `) == "" {
			v.t.Errorf("%s: a %s has no name", page, n.Role.Value)
		}
	}
}
