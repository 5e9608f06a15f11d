//go:build browser

package browsertest

import (
	"encoding/base64"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"sen"
	"sen/internal/app"
	"sen/internal/control"
)

var update = flag.Bool("update", false, "take the pictures of the guides again")

// What a picture of the guides may be: bytes, and how far what there is to see
// may be from it, of 255, on the average of a coarse grid. Fonts and ports
// differ from machine to machine; another page is several times as far.
const (
	mostBytes = 60 << 10
	mostApart = 14
)

// The pictures in the guides show the pages as they are.
func TestBrowserGuidePictures(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"vi", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			takePictures(t, lang)
		})
	}
}

func takePictures(t *testing.T, lang string) {
	t.Helper()
	seed := uint64(1)
	at := time.Date(2026, 1, 2, 7, 0, 0, 0, time.FixedZone("", 7*60*60))
	g := startWith(t, app.Config{Start: at, Seed: &seed})
	client := sen.NewClient(shop, sen.WithBaseURL(g.url), sen.WithClock(func() time.Time { return at }))
	order := func(id string, amount int64) *sen.CreateOrderResponse {
		t.Helper()
		o, err := client.Orders.Create(t.Context(), sen.CreateOrderRequest{
			AppTransID: sen.AppTransID(at, id), AppUser: "an", Amount: amount, Description: "Cà phê sữa đá",
			EmbedData: "{}", Item: "[]", CallbackURL: g.shopURL + "/callback",
		})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	paid := order("cart-41", 65_000)
	if _, err := g.control.Pay(t.Context(), control.PayOrder{Order: paid.OrderURL, Wallet: payer}); err != nil {
		t.Fatal(err)
	}
	g.heard(t)
	g.wrongMAC(t)

	v := open(t, g.url, lang)
	v.visit(order("cart-42", 50_000).OrderURL)
	v.read(".amount")
	v.keepPicture("order-page", lang, 390, 780)
	v.visit(g.url + "/wallet")
	v.signIn(payer, pin)
	v.read(".balance-card .amount")
	v.keepPicture("wallet", lang, 390, 780)

	v.enter(g.url, "operator")
	all, err := g.control.Callbacks(t.Context(), 1)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d callbacks: %v", len(all), err)
	}
	v.visit(g.url + "/console/callbacks/" + all[0].ID)
	v.keepPicture("callback", lang, 1000, 760)
	v.visit(g.url + "/console/requests?value=-402")
	v.press("tbody a")
	v.read("pre")
	v.keepPicture("request", lang, 1000, 900)
	v.visit(g.url + "/console/ledger")
	v.keepPicture("ledger", lang, 1000, 760)
}

// wrongMAC asks with a mac that was made with key2.
func (g *gateway) wrongMAC(t *testing.T) {
	t.Helper()
	wrong := sen.App{ID: shop.ID, Key1: shop.Key2, Key2: shop.Key2}
	client := sen.NewClient(wrong, sen.WithBaseURL(g.url), sen.WithRetries(0), sen.WithHTTPClient(http.DefaultClient))
	if _, err := client.Orders.Query(t.Context(), sen.QueryOrderRequest{AppTransID: "260102_cart-41"}); err == nil {
		t.Fatal("a wrong mac was taken")
	}
}

// keepPicture holds a picture of the guides against what there is to see, or
// takes it.
func (v *visitor) keepPicture(name, lang string, width, height int64) {
	v.t.Helper()
	v.do("take a screen", chromedp.EmulateViewport(width, height))
	quality, surface := int64(60), true
	shot, err := chromedp.Call(v.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: &quality, FromSurface: &surface,
		Clip: &page.Viewport{Width: float64(width), Height: float64(height), Scale: 1},
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.do("take the phone again", chromedp.EmulateViewport(390, 844))
	file := filepath.Join("..", "guide", "assets", name+"."+lang+".webp")
	if *update {
		if err := os.WriteFile(file, shot.Data, 0o644); err != nil { //nolint:gosec // for everybody to read
			v.t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		v.t.Fatal(err)
	}
	if len(kept) > mostBytes {
		v.t.Errorf("%s has %d bytes, more than %d", file, len(kept), mostBytes)
	}
	if apart := v.apart(kept, shot.Data); apart > mostApart {
		v.t.Errorf("%s is %.1f of 255 from what there is to see: go test -tags browser ./internal/browsertest -run GuidePictures -update", file, apart)
	}
}

// apart says how far two pictures are from each other; 255 if they differ in
// size.
func (v *visitor) apart(a, b []byte) float64 {
	v.t.Helper()
	v.visit("about:blank") // whose policy lets images be read
	url := func(data []byte) string {
		return quote("data:image/webp;base64," + base64.StdEncoding.EncodeToString(data))
	}
	got, err := chromedp.Run(v.ctx, chromedp.Evaluate[float64](fmt.Sprintf(`(async () => {
		const grid = 40, seen = [];
		for (const src of [%s, %s]) {
			const image = new Image();
			image.src = src;
			await image.decode();
			const canvas = document.createElement("canvas");
			canvas.width = canvas.height = grid;
			const c = canvas.getContext("2d");
			c.imageSmoothingQuality = "high";
			c.drawImage(image, 0, 0, grid, grid);
			seen.push({ size: image.width + "x" + image.height, data: c.getImageData(0, 0, grid, grid).data });
		}
		if (seen[0].size !== seen[1].size) return 255;
		return seen[0].data.reduce((sum, x, i) => sum + Math.abs(x - seen[1].data[i]), 0) / seen[0].data.length;
	})()`, url(a), url(b)), chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatal(err)
	}
	return got
}

// The guides fit a telephone and a wide screen, the switch of the language stays
// on the page, and nothing breaks the policy.
func TestBrowserGuides(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, c := range []struct {
		lang, other string
		width       int64
		all         bool
	}{{"vi", "en", 390, true}, {"en", "vi", 1280, true}, {"en", "vi", 390, false}, {"vi", "en", 1280, false}} {
		v := open(t, g.url, c.lang)
		v.do("take a screen", chromedp.EmulateViewport(c.width, 900))
		v.visit(g.url + "/docs")
		pages := ask[[]string](v, `[...new Set([...document.querySelectorAll(".pages a")].map(a => a.pathname))]`)
		if len(pages) < 13 {
			t.Fatalf("the menu has %d guides", len(pages))
		}
		pages = append(pages, "/docs/operations", "/docs/search?q=mac")
		if !c.all {
			pages = []string{"/docs/faq", "/docs/values"} // the widest text, the widest table
		}
		for _, at := range pages {
			v.visit(g.url + at)
			v.mustFit(at)
			if !ask[bool](v, `[...document.images].every(i => { i.loading = "eager"; return i.alt !== "" })`) {
				t.Errorf("%s has an image without a text", at)
			}
			v.picture("guide"+strings.NewReplacer("/", "-", "?", "-").Replace(at), c.lang, c.width)
		}
		v.visit(g.url + "/docs/orders")
		if n := ask[int](v, `document.querySelectorAll(".sequence svg").length`); n != 1 {
			t.Errorf("%d diagrams on the page of orders", n)
		}
		v.press("a.switch")
		v.wantText("a.switch", map[string]string{"en": "Tiếng Việt", "vi": "English"}[c.other])
		if at := ask[string](v, "location.pathname"); at != "/docs/orders" {
			t.Errorf("the switch leads to %s", at)
		}
	}
}
