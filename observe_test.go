package sen_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"sen"
)

type spanKey struct{}

// TestObserver sees calls that succeed, are refused, are tried again and never
// answered; what it puts into the context comes to the transport.
func TestObserver(t *testing.T) {
	t.Parallel()
	query := sen.QueryOrderRequest{AppTransID: "260102_a"}
	ask := func(c *sen.Client) error {
		_, err := c.Orders.Query(t.Context(), query)
		return err
	}
	create := func(c *sen.Client) error {
		_, err := c.Orders.Create(t.Context(), order)
		return err
	}
	lost := errors.New("connection reset")
	for name, c := range map[string]struct {
		call    func(*sen.Client) error
		answers []string // empty: none
		op      *sen.Operation
		id      string
		tries   int
		sub     int
		fails   bool
	}{
		"paid":            {ask, []string{accepted + `"amount":1}`}, sen.OpQueryOrder, "", 1, 1, false},
		"refused":         {ask, []string{refused + `-54}`}, sen.OpQueryOrder, "", 1, -54, true},
		"at the second":   {create, []string{"", accepted + `"order_url":"u"}`}, sen.OpCreateOrder, order.AppTransID, 2, 1, false},
		"arrived already": {create, []string{"", refused + `-68}`}, sen.OpCreateOrder, order.AppTransID, 2, -68, true},
		"never":           {create, []string{"", "", ""}, sen.OpCreateOrder, order.AppTransID, 3, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent, ended := 0, 0
			transport := roundTrip(func(r *http.Request) (*http.Response, error) {
				sent++
				if r.Context().Value(spanKey{}) != name || r.Header.Get("Accept-Language") != "en" {
					t.Errorf("the transport got %v, %v", r.Context().Value(spanKey{}), r.Header)
				}
				if text := c.answers[sent-1]; text != "" {
					return answerWith(http.StatusOK, text), nil
				}
				return nil, lost
			})
			var told sen.Result
			client := sen.NewClient(app(t, 2553), sen.WithHTTPClient(&http.Client{Transport: transport, Timeout: time.Minute}), sen.WithLanguage("en"),
				sen.WithObserver(func(ctx context.Context, call sen.Call) (context.Context, func(sen.Result)) {
					if call.Operation != c.op || call.App != 2553 || call.ID != c.id {
						t.Errorf("the call is %+v", call)
					}
					return context.WithValue(ctx, spanKey{}, name), func(r sen.Result) { ended++; told = r }
				}))
			err := c.call(client)
			if ended != 1 || told.Tries != c.tries || sent != c.tries || told.Envelope.SubReturnCode != c.sub || (told.Err != nil) != c.fails || !errors.Is(err, told.Err) {
				t.Errorf("told %d times of %+v after %d tries; the caller got %v", ended, told, sent, err)
			}
		})
	}
}

// TestBanksInOrder goes through a list as a page shows it, stops early, and meets a refusal.
func TestBanksInOrder(t *testing.T) {
	t.Parallel()
	list := `{"returncode":1,"returnmessage":"ok","banks":{"39":[{"bankcode":"B","displayorder":3,"pmcid":39},{"bankcode":"A","displayorder":3,"pmcid":39}],` +
		`"38":[{"bankcode":"W","displayorder":1,"pmcid":38}],"36":[{"bankcode":"CC","displayorder":3,"pmcid":36}]}}`
	c := gateway(t, sen.OpListBanks, list, list, `{"returncode":-1,"returnmessage":"no"}`)
	codes := func(most int) (all string, err error) {
		n := 0
		for b, failed := range c.Banks.All(t.Context()) {
			if failed != nil {
				return all, failed
			}
			all += b.BankCode + " "
			if n++; n == most {
				break
			}
		}
		return all, nil
	}
	for _, want := range []struct {
		most  int
		codes string
		fails bool
	}{{9, "W CC A B ", false}, {2, "W CC ", false}, {9, "", true}} {
		if got, err := codes(want.most); got != want.codes || (err != nil) != want.fails {
			t.Errorf("got %q, %v, want %q", got, err, want.codes)
		}
	}
}
