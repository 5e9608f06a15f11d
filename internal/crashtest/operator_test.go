package crashtest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sen/internal/control"
)

// What an operator does in the console. Each step looks first whether it was done:
// to send a form twice is to do it twice, and both are on record.

// signingIn is what a sandbox lets everybody do.
func signingIn(tr *trial) error {
	return tr.submit("/sign-in", url.Values{"role": {"operator"}})
}

// submit sends a form of the console in the operator's browser.
func (tr *trial) submit(path string, form url.Values) error {
	browser := &http.Client{
		Jar: tr.cookies, Transport: client.Transport, Timeout: client.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := browser.PostForm(tr.entry+"/console"+path, form)
	if err != nil {
		return err
	}
	to := res.Header.Get("Location")
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode != http.StatusSeeOther || strings.Contains(to, "/sign-in") || strings.Contains(to, "/prove") {
		return fmt.Errorf("console%s: %s, to %q", path, res.Status, to)
	}
	return nil
}

// wallet is the thin one, and the address of its page.
func (tr *trial) wallet() (w control.Wallet, page string, err error) {
	all, err := tr.Wallets(ctx)
	if err != nil {
		return w, "", err
	}
	i := slices.IndexFunc(all, func(w control.Wallet) bool { return w.Phone == thin })
	if i < 0 {
		return w, "", errors.New("there is no wallet " + thin)
	}
	id, err := tr.query(`SELECT id FROM wallets WHERE phone = '` + thin + `'`)
	return all[i], "/wallets/" + id, err
}

func fundingWallet(tr *trial) error {
	w, page, err := tr.wallet()
	if err != nil || w.Balance > 5_000_000 {
		return err
	}
	return tr.submit(page+"/top-up", url.Values{"amount": {fmt.Sprint(price)}})
}

func limitingWallet(tr *trial) error {
	w, page, err := tr.wallet()
	if err != nil || w.Limits.DayAll == price {
		return err
	}
	return tr.submit(page+"/limits", url.Values{"kyc": {"1"}, "day_all": {fmt.Sprint(price)}, "month_card": {"1"}})
}

func lockingWallet(tr *trial) error {
	w, page, err := tr.wallet()
	if err != nil || w.Locked {
		return err
	}
	return tr.submit(page+"/lock", url.Values{"locked": {"yes"}})
}

func approving(tr *trial) error {
	r, err := tr.Refund(ctx, app1(), refundID(1))
	if err != nil || r.State != "pending" {
		return err
	}
	return tr.submit(fmt.Sprintf("/refunds/%d/decide", r.Number), url.Values{"approve": {"yes"}})
}

// rotatingKeys leaves the old pair good for so long that the merchant's program
// goes on with it.
func rotatingKeys(tr *trial) error {
	rotated, err := tr.query(fmt.Sprintf(`SELECT old_until IS NOT NULL FROM apps WHERE id = %d`, app1()))
	if err != nil || rotated == "1" {
		return err
	}
	return tr.submit(fmt.Sprintf("/apps/%d/rotate", app1()), url.Values{"overlap": {(30 * 24 * time.Hour).String()}})
}
