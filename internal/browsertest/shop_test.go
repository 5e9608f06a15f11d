//go:build browser

package browsertest

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sen/internal/app/apptest"
)

// openShop builds and starts the Go shop of the examples and returns its address.
func openShop(t *testing.T, g *gateway) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "shop-go")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "sen/examples/shop-go").CombinedOutput(); err != nil {
		t.Fatalf("build the shop: %v\n%s", err, out)
	}
	addr := apptest.ReserveAddress(t)
	c := exec.CommandContext(t.Context(), program)
	c.Env = append(os.Environ(), "SHOP_ADDR="+addr, "ZALOPAY_BASE_URL="+g.url)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Wait() }) // it was killed when the test's context ended
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		r, err := http.Get("http://" + addr)
		if err == nil {
			_ = r.Body.Close()
			return "http://" + addr
		}
		if time.Now().After(late) {
			t.Fatalf("the shop does not open: %v", err)
		}
	}
}

// Somebody buys in the shop of the examples on a phone, sees a QR, saves the
// wallet, and pays with it.
func TestBrowserShop(t *testing.T) {
	t.Parallel()
	g := start(t)
	v := open(t, g.url, "vi")
	at := openShop(t, g)

	v.visit(at)
	v.wantFit()
	v.press("button.first")
	v.wantText(".amount", "45.000 ₫")
	v.signIn(payer, pin)
	v.press(`form[action$="/pay"] button`)
	v.ended("Thanh toán thành công")
	v.leaves()
	v.wantText(".state", "đã thanh toán · paid")

	v.visit(at)
	v.press(`button[value="qr"]`)
	v.do("see a QR code", chromedp.WaitVisible(chromedp.CSS("[data-qr] svg path")))
	v.wantFit()

	v.visit(at)
	v.press(`form[action="/wallet"] button`)
	v.press(`form[action$="/confirm"] button`)
	v.ended("Đã liên kết ví")
	v.leaves()
	if phone := v.read("#wallet"); !strings.HasSuffix(phone, payer[len(payer)-4:]) {
		t.Errorf("the saved wallet is %q", phone)
	}
	v.wantFit()
	v.press(`button[value="wallet"]`)
	v.wantText(".state", "đã thanh toán · paid")
	g.wantSpent(t, 90_000)
	v.press(`form[action$="/refund"] button`)
	g.wantRefunded(t)
	v.visit(at) // the page of the order loads itself again, and can't be read in the middle of that
	v.press(`a[href^="/orders/"]`)
	v.wantText(".state", "đã hoàn tiền · refunded")
	g.wantSpent(t, 45_000)
}

// wantRefunded waits until the newest refund has gone through.
func (g *gateway) wantRefunded(t *testing.T) {
	t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		all, err := g.control.RecentRefunds(t.Context(), 1)
		if err != nil || time.Now().After(late) {
			t.Fatalf("no refund: %+v, %v", all, err)
		}
		if len(all) == 1 && all[0].State == "succeeded" {
			return
		}
	}
}

// wantFit sees that nothing is wider than the phone.
func (v *visitor) wantFit() {
	v.t.Helper()
	if !ask[bool](v, fits) {
		v.t.Error("the page is wider than the phone")
	}
}
