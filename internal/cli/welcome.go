package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"text/template"
	"time"

	"sen"
	"sen/internal/app"
	"sen/internal/merchant"
	"sen/internal/sandbox"
)

// welcome tells a developer everything that is needed for a first payment.
func welcome(ctx context.Context, w io.Writer, g *app.Gateway, data string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Sen sandbox. No real money. Not affiliated with Zalopay.\n\n")
	apps, err := g.Apps(ctx)
	if err != nil {
		return err
	}
	facts(&b, "Base URL for your code", g.BaseURL, "Wallet for payers", g.BaseURL+"/wallet", "Console", g.BaseURL+"/console", "Guides", g.BaseURL+"/docs", "API, to read and try", g.BaseURL+"/openapi", "Data", data, "Clock", clockOf(g))
	writeApps(&b, apps)
	writeTestWallets(&b, g.Fresh)
	fmt.Fprintf(&b, "\nTest card 4111 1111 1111 1111, any month to come, CVV 123. The page of an order has more.\n")
	if err := firstPayment.Execute(&b, firstPaymentOf(g, apps)); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// clockOf says how the clock goes, if that is not what everybody expects.
func clockOf(g *app.Gateway) string {
	if g.Stands() {
		return moment(g.Now()) + ", and stands: `" + program() + " clock advance 15m` moves it"
	}
	return moved(g.Offset())
}

// moved says so if the clock was moved; a sandbox keeps that when it is
// started again.
func moved(offset time.Duration) string {
	if offset == 0 {
		return ""
	}
	return ahead(offset.String()) + ": `" + program() + " clock reset` sets it back"
}

func writeApps(w io.Writer, apps []merchant.App) {
	t := newTable(">APP", "NAME", "KEY1", "KEY2")
	for _, a := range apps {
		t.add(int64(a.ID), a.Name, a.Key1, a.Key2)
	}
	fmt.Fprintln(w)
	t.write(w, "No apps.")
}

func writeTestWallets(w io.Writer, fresh bool) {
	heading := "CONDITION"
	if !fresh {
		heading = "CONDITION AT FIRST (now: sen wallet list)"
	}
	t := newTable("WALLET", "PIN", heading)
	for _, wl := range sandbox.Wallets() {
		pin := sandbox.PIN
		if strings.Contains(wl.Condition, "no PIN") {
			pin = "-"
		}
		t.add(wl.Phone, pin, wl.Condition)
	}
	fmt.Fprintln(w)
	t.write(w, "")
}

// firstPaymentData fills firstPayment.
type firstPaymentData struct {
	URL, Path, Key, Sen, Flags string
	App                        int64
	Moved                      bool
}

func firstPaymentOf(g *app.Gateway, apps []merchant.App) firstPaymentData {
	d := firstPaymentData{URL: g.BaseURL, Path: sen.OpCreateOrder.Path, Sen: program(), Moved: g.Stands() || g.Offset().Abs() > tolerance}
	for _, a := range apps {
		if a.ID == defaultApp {
			d.App, d.Key = int64(a.ID), a.Key1
		}
	}
	if g.BaseURL != sen.LocalURL {
		d.Flags = " --server " + g.BaseURL
	}
	return d
}

// tolerance is how far the time of a request may be off.
const tolerance = 15 * time.Minute

// firstPayment works in the shells of Linux and macOS: there are no options in
// it that only one of the two has.
var firstPayment = template.Must(template.New("first payment").Parse(`
A first payment, in a shell with curl and openssl:
{{if .Moved}}
  (not while the clock is moved: reset it first, or use {{.Sen}} order create{{.Flags}})
{{end}}
  SEN={{.URL}}
  KEY1={{.Key}}
  NOW=$(date +%s)000
  ID=$(TZ=GMT-7 date +%y%m%d)_$NOW
  MAC=$(printf %s "{{.App}}|$ID|demo|50000|$NOW|{}|[]" |
    openssl dgst -sha256 -hmac "$KEY1" | awk '{print $NF}')
  curl -s "$SEN{{.Path}}" -d app_id={{.App}} -d app_user=demo -d amount=50000 \
    -d "app_trans_id=$ID" -d "app_time=$NOW" -d 'embed_data={}' -d 'item=[]' \
    -d 'description=Coffee' -d "mac=$MAC"; echo

Then pay it: open the order_url of the answer, or

  {{.Sen}} pay "$ID"{{.Flags}}

The same in one step: {{.Sen}} order create{{.Flags}}

`))
