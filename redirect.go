package sen

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A Redirect is what the payment page adds to the merchant's page when it sends
// the payer back. It is for showing a result: the payer can keep it, and load
// the page again at any time, so wait for the callback or query the order before
// delivering.
type Redirect struct {
	AppID          int
	AppTransID     string
	PMCID          int    // MethodWallet and so on; MethodNone if none was used
	BankCode       string // "CC" for international cards, empty for the wallet
	Amount         int64  // dong
	DiscountAmount int64  // dong
	Status         int    // 1 paid, otherwise the failing value; see RedirectStatus
}

// Paid reports whether the page says that the order is paid.
func (r *Redirect) Paid() bool { return r.Status == Success }

// checksumParameter holds the mac of a redirect.
const checksumParameter = "checksum"

// RedirectURL returns target with the parameters of r and their checksum, under
// Key2, added to its query string. What the query string holds stays as it is
// written, except for parameters of the same names. A target may be a page or
// an app link such as myapp://pay; it is an error if it has no scheme, or one
// that a browser would run.
func (a App) RedirectURL(target string, r Redirect) (string, error) {
	u, err := url.Parse(strings.TrimSpace(target))
	if err != nil {
		return "", fmt.Errorf("sen: redirect: %w", err)
	}
	if slices.Contains([]string{"", "javascript", "data", "vbscript"}, u.Scheme) {
		return "", fmt.Errorf("sen: redirect: a target cannot have the scheme %q", u.Scheme)
	}
	added := r.values()
	added.Set(checksumParameter, a.redirectChecksum(added))
	query := append(unrelated(u.RawQuery, added), added.Encode())
	u.RawQuery = strings.Join(query, "&")
	return u.String(), nil
}

func (r Redirect) values() url.Values {
	return url.Values{
		"appid":          {strconv.Itoa(r.AppID)},
		"apptransid":     {r.AppTransID},
		"pmcid":          {strconv.Itoa(r.PMCID)},
		"bankcode":       {r.BankCode},
		"amount":         {strconv.FormatInt(r.Amount, 10)},
		"discountamount": {strconv.FormatInt(r.DiscountAmount, 10)},
		"status":         {strconv.Itoa(r.Status)},
	}
}

func (a App) redirectChecksum(values url.Values) string {
	return RedirectFormula.Sign(a.key(RedirectFormula.Key), values.Get)
}

// unrelated returns the parts of a query string that name none of the added
// parameters, unchanged.
func unrelated(query string, added url.Values) []string {
	if query == "" {
		return nil
	}
	return slices.DeleteFunc(strings.Split(query, "&"), func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		return added.Has(name)
	})
}

// VerifyRedirect reads the parameters that the payment page added and checks
// their checksum with Key2. The error is [ErrMAC] if the checksum is wrong, and
// another if the parameters cannot be read. Parameters of the merchant's own are
// ignored; one of the page's that occurs twice is an error, since programs
// differ in which they believe.
func (a App) VerifyRedirect(values url.Values) (*Redirect, error) {
	for _, name := range append(slices.Clone(RedirectFormula.Signed), checksumParameter) {
		if len(values[name]) > 1 {
			return nil, fmt.Errorf("sen: redirect: %s occurs more than once", name)
		}
	}
	if !RedirectFormula.Verify(a.key(RedirectFormula.Key), values.Get(checksumParameter), values.Get) {
		return nil, ErrMAC
	}
	redirect, err := readRedirect(values)
	if err != nil {
		return nil, fmt.Errorf("sen: redirect: %w", err)
	}
	if redirect.AppID != a.ID {
		return nil, fmt.Errorf("sen: redirect: it is for app %d, not %d", redirect.AppID, a.ID)
	}
	return redirect, nil
}

func readRedirect(values url.Values) (*Redirect, error) {
	var errs []error
	number := func(name string) int64 {
		n, err := strconv.ParseInt(values.Get(name), 10, 64)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return n
	}
	redirect := &Redirect{
		AppID:          int(number("appid")),
		AppTransID:     values.Get("apptransid"),
		PMCID:          int(number("pmcid")),
		BankCode:       values.Get("bankcode"),
		Amount:         number("amount"),
		DiscountAmount: number("discountamount"),
		Status:         int(number("status")),
	}
	return redirect, errors.Join(errs...)
}
