//go:build browser

package browsertest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sen"
	"sen/internal/apiv1"
)

// fits reports whether nothing stands out of the window to the side.
const fits = "document.documentElement.scrollWidth <= window.innerWidth"

// The example of every operation is signed and sent by its button, on a
// telephone in one language and on a wide screen in the other; and no page is
// wider than its window, whichever.
func TestBrowserTriesOperations(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, c := range []struct {
		lang  string
		width int64
		send  []described
	}{
		{"vi", 390, operations()},
		{"en", 1280, operations()},
		{"en", 390, []described{{sen.OpCreateOrder.Name, sen.OpCreateOrder}, {sen.OpQuickPay.Name, sen.OpQuickPay}}},
		{"vi", 1280, []described{{sen.OpCreateOrder.Name, sen.OpCreateOrder}, {sen.OpQuickPay.Name, sen.OpQuickPay}}},
	} {
		v := open(t, g.url, c.lang)
		v.do("take a screen", chromedp.EmulateViewport(c.width, 900))
		v.visit(g.url + "/openapi")
		v.mustFit("the list")
		v.picture("index", c.lang, c.width)
		for _, op := range c.send {
			v.tryOperation(g, op, c.lang, c.width)
		}
		for _, name := range []string{"order_callback", "zod_callback", "agreement_callback", "v1_order_callback", "redirect"} {
			v.visit(g.url + "/openapi/" + name)
			v.mustFit(name)
		}
	}
}

// A described operation has a page.
type described struct {
	page string
	*sen.Operation
}

func operations() (all []described) {
	for _, op := range sen.Operations() {
		all = append(all, described{op.Name, op})
	}
	for _, op := range apiv1.Operations() {
		all = append(all, described{op.ID(), op.Operation})
	}
	return all
}

func (v *visitor) tryOperation(g *gateway, op described, lang string, width int64) {
	v.t.Helper()
	v.visit(g.url + "/openapi/" + op.page)
	v.mustFit(op.page)
	v.press("#send")
	var answer map[string]any
	if err := json.Unmarshal([]byte(v.read("#answer")), &answer); err != nil {
		v.t.Fatalf("%s: %v", op.page, err)
	}
	code, ok := answer["sub_return_code"].(float64)
	if !ok {
		code, ok = answer["subReturnCode"].(float64)
	}
	if !ok {
		code, _ = answer["returncode"].(float64)
	}
	if code == 0 && op.Operation != sen.OpRefundOrder || slices.Contains([]float64{-401, -402, -7002, -2, -3, -10, -12, -53, -79}, code) {
		v.t.Errorf("%s: %v", op.page, answer)
	}
	if op.Name == sen.OpQuickPay.Name && code != 1 {
		v.t.Errorf("%s does not pay: %v", op.page, answer)
	}
	if got := v.read("#signed"); !strings.HasPrefix(got, "2553|") {
		v.t.Errorf("%s: signed %q", op.page, got)
	}
	v.mustFit(op.page + ", sent")
	v.picture(op.page, lang, width)
	v.read("#console") // waits for the end of the page
	if !ask[bool](v, `document.querySelector("#console").getAttribute("href").startsWith("/console/requests/")`) {
		v.t.Errorf("%s: no way to the console", op.page)
	}
}

func (v *visitor) mustFit(what string) {
	v.t.Helper()
	if !ask[bool](v, fits) {
		v.t.Errorf("%s is wider than the window", what)
	}
}

// picture keeps what there is to see where SEN_PICTURES says, for people.
func (v *visitor) picture(name, lang string, width int64) {
	v.t.Helper()
	dir := os.Getenv("SEN_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.Join([]string{name, lang, map[bool]string{true: "narrow", false: "wide"}[width < 800]}, "-")+".png"), png, 0o600)
	}
	if err != nil {
		v.t.Error(err)
	}
}
