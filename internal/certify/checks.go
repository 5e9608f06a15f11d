package certify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"sen"
)

// together is how many of the same callback come at once.
const together = 8

// A check is one thing that can be wrong with a merchant's server.
type check struct {
	id, title string
	needs     needs
	sent      string
	why, do   string
	play      func(ctx context.Context, v *visit) (*finding, error)
}

// goodChecks send what must be accepted.
func goodChecks() []check {
	return []check{
		{
			"good", "accepts a good callback", 0, "a callback as the gateway sends it",
			"What is not answered with HTTP 200 and return_code 1 counts as not delivered: it is repeated three times and then given up, and the order stays paid without your knowing.",
			"Verify the mac over data exactly as it was received, with key2, then answer {\"return_code\":1,\"return_message\":\"success\"} as JSON.",
			good(func(*sen.OrderCallback) {}),
		},
		{
			"in_time", "answers in time", 0, "a good callback",
			"A gateway waits some seconds and then calls again while the first call is still at work.",
			"Note that the order is paid, answer, and do the rest of the work afterwards.", inTime,
		},
		{
			"repeat", "accepts the same callback twice", 0, "a good callback, and the same bytes again",
			"Callbacks are delivered at least once: an answer that was lost on its way makes the gateway call again.",
			"Answer return_code 1 for an order that you have marked as paid already, and do nothing else.", repeated,
		},
		{
			"once", "delivers once for a repeated callback", needsStatus, "a good callback, and the same bytes again",
			"Otherwise goods are given away whenever an answer is lost.",
			"Mark the order as paid with a condition, as in UPDATE … SET paid = true WHERE id = ? AND paid = false, and deliver only if that changed a row.", once,
		},
		{
			"at_once", "accepts the same callback many times at once", 0, fmt.Sprintf("a good callback %d times at the same time", together),
			"Two of the gateway's machines, or a repeat that overtakes a slow call, can come together: what looks first and writes afterwards delivers twice.",
			"Let the database decide who was first, by a condition in the UPDATE or a unique key, and answer return_code 1 to all.", atOnce,
		},
		{
			"extra_members", "accepts members that it does not know", 0, "a good callback with one member more in data and one more beside it",
			"Members are added to the protocol without notice.",
			"Ignore members that you do not know.", extraMembers,
		},
		{
			"reordered", "accepts data that is written in another way", 0, "a good callback whose data has another order of members, spaces and escapes, with the mac of exactly that text",
			"The mac is over the text of data as it was sent. Who decodes it and encodes it again signs another text as soon as the gateway changes an order or an escape.",
			"Compute the mac over the string data itself before it is decoded.", reordered,
		},
		{
			"unicode", "accepts names in Vietnamese", 0, "a good callback with Vietnamese letters and an emoji in app_user, embed_data and item",
			"Most payers' names, and most goods, are written like that.",
			"Treat data as UTF-8 everywhere: in the HMAC, in JSON, and in the columns of the database.",
			good(func(c *sen.OrderCallback) {
				c.AppUser, c.EmbedData, c.Item = "Nguyễn Thị Ánh 😀", `{"note":"Trà đá <&> \"ít đường\""}`, `[{"itemname":"Phở bò đặc biệt"}]`
			}),
		},
		{
			"large", "accepts long embed_data and item", 0, "a good callback with 2048 characters each in embed_data and item",
			"Both come back as they were in the order, and each may be that long.",
			"Allow bodies of at least 64 kB, and columns of 2048 characters.",
			good(func(c *sen.OrderCallback) {
				c.EmbedData = `{"a":"` + strings.Repeat("đ", 2040) + `"}`
				c.Item = `[{"a":"` + strings.Repeat("x", 2038) + `"}]`
			}),
		},
		{
			"connections", "serves kept and new connections", 0, "two good callbacks by one connection, and one by a new connection that is closed",
			"The gateway keeps connections open, and opens new ones when it is restarted.",
			"Send Content-Length or chunks, and read the body to its end before you answer.", connections,
		},
	}
}

// forgeryChecks send what must not be accepted.
func forgeryChecks() []check {
	const forger = "Whoever finds the address of your server can send it callbacks: only the mac tells that the gateway did."
	const verify = "Compute HMAC-SHA256 of data with key2, compare all of it in constant time, and refuse with return_code -1 what differs, before anything else is done."
	return []check{
		{
			"bad_mac", "refuses a wrong mac", 0, "a callback whose mac has another last character", forger, verify,
			forged(func(v *visit, c sen.OrderCallback) []byte {
				return v.sealed(c, flipped(sen.Sign(v.App.Key2, v.data(c))))
			}),
		},
		{
			"no_mac", "refuses a missing mac", 0, "a callback with an empty mac", forger, verify,
			forged(func(v *visit, c sen.OrderCallback) []byte { return v.sealed(c, "") }),
		},
		{
			"key1", "refuses a mac made with key1", needsKey1, "a callback that is signed with key1",
			"key1 signs what you send, key2 what you receive; whoever has seen key1 must not be able to say that orders are paid.", verify,
			forged(func(v *visit, c sen.OrderCallback) []byte { return v.sealed(c, sen.Sign(v.App.Key1, v.data(c))) }),
		},
		{
			"other_key", "refuses a mac made with another app's key2", 0, "a callback that is signed with another key2",
			"Other merchants have keys of the same gateway.", verify,
			forged(func(v *visit, c sen.OrderCallback) []byte { return v.sealed(c, sen.Sign(v.OtherKey, v.data(c))) }),
		},
		{
			"changed_data", "refuses data that was changed", 0, "a callback whose amount was changed after it was signed", forger, verify,
			forged(func(v *visit, c sen.OrderCallback) []byte {
				mac := sen.Sign(v.App.Key2, v.data(c))
				c.Amount += 10
				return v.sealed(c, mac)
			}),
		},
		{
			"wrong_amount", "notices a wrong amount", needsOrders, "a callback with a right mac for an order of yours, but with 1000 dong less",
			"A mac proves who speaks, not that what was paid is what your order costs: an order may have been created with another amount by a mistake, or by somebody who has key1.",
			"Look the order up, and compare amount with what it costs before you deliver.",
			forged(func(v *visit, c sen.OrderCallback) []byte {
				c.Amount -= min(1000, c.Amount-1)
				return v.seal(c)
			}),
		},
		{
			"unknown_order", "refuses an order that it does not know", needsOrders, "a callback with a right mac for an app_trans_id that you never made",
			"Test data, or another program with the same app, would be booked as your sales, and a mistake in finding orders goes unnoticed.",
			"Look the order up by app_trans_id, and answer return_code 2 if there is none.", unknownOrder,
		},
		{
			"damaged", "survives what is not a callback", 0, "an empty body, truncated JSON, null, a list, data that is no string, data that is no JSON",
			"A request that brings your server down, or that it answers with success, can be sent by anybody.",
			"Check each step of decoding, and answer what can't be read with return_code -1 or HTTP 400.", damaged,
		},
		{
			"get", "does not take GET for a callback", 0, "GET instead of POST, without a body",
			"Crawlers, and people who open the address in a browser, send GET.",
			"Serve POST only, and answer everything else with HTTP 405.", get,
		},
	}
}

// otherChecks are for what not every merchant has.
func otherChecks() []check {
	return []check{
		{
			"binding", "accepts a callback about a token", needsBindings, "a callback of type 2: a binding was confirmed",
			"It brings the pay_token, without which the binding is of no use.",
			"Tell type 1 from type 2, verify both with key2, and answer return_code 1.", binding(true),
		},
		{
			"binding_bad_mac", "refuses a forged callback about a token", needsBindings, "a callback of type 2 with a wrong mac",
			"A forged pay_token, or a forged end of a binding, would be stored for your user.",
			"Verify the mac before you look at the type.", binding(false),
		},
		{
			"redirect", "shows a page to payers who come back", needsRedirect, "a redirect with a right checksum and status 1",
			"It is the first thing that a payer sees after paying.",
			"Verify checksum with key2 over appid|apptransid|pmcid|bankcode|amount|discountamount|status, and answer with a page.", redirectGood,
		},
		{
			"redirect_bad_checksum", "does not believe a redirect with a wrong checksum", needsRedirect, "a redirect whose status was changed from -49 to 1 by the payer",
			"The payer can edit the address: a page that believes it shows, or delivers, what was not paid.",
			"Verify checksum first, and show paid only what the callback or a query of the order says.", redirectForged,
		},
	}
}

// good sends a good callback of an order like that.
func good(like func(*sen.OrderCallback)) func(context.Context, *visit) (*finding, error) {
	return func(ctx context.Context, v *visit) (*finding, error) {
		c, err := v.order(ctx)
		if err != nil {
			return nil, err
		}
		like(&c)
		if f := accepted(v.post(ctx, v.seal(c))); f != nil {
			return f, nil
		}
		return v.delivered(ctx, c.AppTransID, 1)
	}
}

func inTime(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	a := v.post(ctx, v.seal(c))
	if a.took <= v.Within {
		return nil, nil // what else may be wrong with it is another check's affair
	}
	return &finding{came: fmt.Sprintf("an answer after %d ms", a.took.Milliseconds()), want: "an answer within " + v.Within.String(), proof: string(a.sent)}, nil
}

func repeated(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	body := v.seal(c)
	for n := range 2 {
		if f := accepted(v.post(ctx, body)); f != nil {
			f.came += map[bool]string{true: " to the first", false: " to the second"}[n == 0]
			return f, nil
		}
	}
	return nil, nil
}

func once(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	for range 2 {
		v.post(ctx, v.seal(c)) // the answers are another check's affair
	}
	return v.delivered(ctx, c.AppTransID, 1)
}

func atOnce(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	body := v.seal(c)
	var all [together]answer
	var calls sync.WaitGroup
	for i := range all {
		calls.Go(func() { all[i] = v.post(ctx, body) })
	}
	calls.Wait()
	for _, a := range all {
		if f := accepted(a); f != nil {
			f.came += " to one of them"
			return f, nil
		}
	}
	return v.delivered(ctx, c.AppTransID, 1)
}

func extraMembers(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	data := strings.TrimSuffix(string(v.data(c)), "}") + `,"certify_member":{"a":[1,null]}}`
	body := v.sealData([]byte(data))
	body = append(body[:len(body)-1], `,"certify_member":"x"}`...)
	return accepted(v.post(ctx, body)), nil
}

func reordered(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	c.AppUser = "an/na"
	var members map[string]json.RawMessage // which the encoder writes by name
	if err := json.Unmarshal(v.data(c), &members); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(members, "", " ")
	if err != nil {
		return nil, err
	}
	text := strings.Replace(string(data), "an/na", `\u0061n\/na`, 1)
	return accepted(v.post(ctx, v.sealData([]byte(text)))), nil
}

func connections(ctx context.Context, v *visit) (*finding, error) {
	for _, kept := range []bool{true, false} {
		transport := &http.Transport{DisableKeepAlives: !kept, MaxConnsPerHost: 1}
		client := newClient(transport, v.Timeout)
		for range 2 {
			c, err := v.order(ctx)
			if err != nil {
				return nil, err
			}
			if f := accepted(v.postBy(ctx, client, http.MethodPost, v.seal(c))); f != nil {
				f.came += map[bool]string{true: " by a kept connection", false: " by a new connection"}[kept]
				return f, nil
			}
		}
		transport.CloseIdleConnections()
	}
	return nil, nil
}

// forged sends what somebody else could have made of a good order. It must be
// refused, deliver nothing, and not be in the way of the good callback.
func forged(forge func(*visit, sen.OrderCallback) []byte) func(context.Context, *visit) (*finding, error) {
	return func(ctx context.Context, v *visit) (*finding, error) {
		c, err := v.order(ctx)
		if err != nil {
			return nil, err
		}
		if f := refused(v.post(ctx, forge(v, c))); f != nil {
			return f, nil
		}
		return v.delivered(ctx, c.AppTransID, 0)
	}
}

// flipped is the mac with another last character.
func flipped(mac string) string {
	last := "0"
	if strings.HasSuffix(mac, "0") {
		last = "1"
	}
	return mac[:len(mac)-1] + last
}

func unknownOrder(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	c.AppTransID = sen.AppTransID(v.Now(), fmt.Sprintf("unknown%d", v.nonce))
	return refused(v.post(ctx, v.seal(c))), nil
}

// damaged sends rubbish, then a good callback.
func damaged(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	whole := v.seal(c)
	for _, body := range [][]byte{
		{},
		whole[:len(whole)/2], []byte("null"), []byte("[]"), []byte(`"text"`), []byte("data=x&mac=y&type=1"), []byte(`{"data":{},"mac":{},"type":[]}`),
		v.sealData([]byte("{")), v.sealData([]byte("null")),
		v.sealData([]byte("[1]")), v.sealData([]byte(v.say(`{"app_trans_id":7,"amount":"x"}`))),
	} {
		if f := refused(v.post(ctx, body)); f != nil {
			f.came += " to " + short(body)
			return f, nil
		}
	}
	f := accepted(v.post(ctx, whole))
	if f != nil {
		f.came += " to a good callback afterwards"
	}
	return f, nil
}

func get(ctx context.Context, v *visit) (*finding, error) {
	return refused(v.postBy(ctx, v.client, http.MethodGet, nil)), nil
}

func binding(right bool) func(context.Context, *visit) (*finding, error) {
	return func(ctx context.Context, v *visit) (*finding, error) {
		confirmed, err := v.binding(ctx)
		if err != nil {
			return nil, err
		}
		if right {
			return accepted(v.post(ctx, v.App.SealCallback(confirmed.Data(), sen.AgreementCallbackType))), nil
		}
		other := sen.App{ID: v.App.ID, Key2: v.OtherKey}
		return refused(v.post(ctx, other.SealCallback(confirmed.Data(), sen.AgreementCallbackType))), nil
	}
}

// A page is what a payer sees.
type page struct {
	status int
	text   string
}

// page gets a page, and where it sends the payer on to.
func (v *visit) page(ctx context.Context, at string) (page, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return page{}, err
	}
	status, header, text, err := do(v.client, r)
	return page{status, header.Get("Location") + "\n" + string(text)}, err
}

func (v *visit) redirectURL(ctx context.Context, status int) (string, error) {
	c, err := v.order(ctx)
	if err != nil {
		return "", err
	}
	return v.App.RedirectURL(v.Redirect, sen.Redirect{
		AppID: v.App.ID, AppTransID: c.AppTransID, PMCID: sen.MethodWallet, Amount: c.Amount, Status: status,
	})
}

func redirectGood(ctx context.Context, v *visit) (*finding, error) {
	at, err := v.redirectURL(ctx, sen.Success)
	if err != nil {
		return nil, err
	}
	p, err := v.page(ctx, at)
	if err != nil || p.status < http.StatusBadRequest {
		return nil, err
	}
	return &finding{came: fmt.Sprintf("HTTP %d %s", p.status, short([]byte(p.text))), want: "a page, or a redirect to one", proof: at}, nil
}

// redirectForged compares what the payer sees who has changed the status to 1 with
// what one sees who has paid, and with what one sees who gave up: all the same is
// well, since then the page goes by something else.
func redirectForged(ctx context.Context, v *visit) (*finding, error) {
	const gaveUp = -49
	at, err := v.redirectURL(ctx, gaveUp)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	redirect, err := v.App.VerifyRedirect(query)
	if err != nil {
		return nil, fmt.Errorf("--redirect has parameters in it that are the gateway's: %w", err)
	}
	redirect.Status = sen.Success
	paid, err := v.App.RedirectURL(v.Redirect, *redirect)
	if err != nil {
		return nil, err
	}
	query.Set("status", "1")
	u.RawQuery = query.Encode()
	var seen [3]page
	for i, one := range []string{u.String(), paid, at} {
		if seen[i], err = v.page(ctx, one); err != nil {
			return nil, err
		}
	}
	if seen[0] != seen[1] || seen[0] == seen[2] {
		return nil, nil
	}
	return &finding{
		came: fmt.Sprintf("the same answer as to a right checksum: HTTP %d", seen[0].status),
		want: "HTTP 400, or a page that does not say paid", proof: u.String(),
	}, nil
}
