package walletapp

import (
	"net/http"
	"strconv"
	"strings"

	"sen/internal/pay"
	"sen/internal/payer"
)

// codePath is where a payer gets a payment code.
const codePath = root + "/code"

// codePage shows what a shop scans.
type codePage struct {
	shell
	QR    *payer.QR
	Code  string // in groups, to be typed
	Raw   string
	Until string
	Most  string
}

// showCode takes a new code each time that it is asked, and asks for the next
// one by itself.
func (p *pages) showCode(w http.ResponseWriter, r *http.Request, who *payer.Payer) error {
	page := codePage{shell: p.shell(w, r, tabHome), Most: pay.MaxWithoutPIN.String()}
	code, expires, err := p.Pay.IssuePaymentCode(r.Context(), who.Wallet.ID)
	if err != nil {
		s, status, err := refused(tabHome, err)
		if err != nil {
			return err
		}
		return p.code.Write(w, r, status, codePage{shell: s, Most: page.Most})
	}
	drawn, err := payer.DrawQR(code)
	if err != nil {
		return err
	}
	page.QR, page.Raw, page.Code, page.Until = &drawn, code, grouped(code), payer.Moment(expires)
	w.Header().Set("Refresh", strconv.Itoa(int(pay.CodeShown.Seconds())))
	w.Header().Set("Cache-Control", "no-store")
	return p.code.Write(w, r, http.StatusOK, page)
}

// grouped writes digits in threes.
func grouped(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i += 3 {
		b.WriteString(code[i:min(i+3, len(code))] + " ")
	}
	return strings.TrimSpace(b.String())
}
