package certify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sen"
	"sen/internal/callback"
)

// A visit is one run at a merchant's server.
type visit struct {
	Config
	client *http.Client
	nonce  int64 // keeps what this run invents apart from what others did
	made   int64
	kept   *sen.OrderCallback // made while finding out the version, for the first check
}

func newClient(transport http.RoundTripper, timeout time.Duration) *http.Client {
	return callback.NewClient(transport, timeout)
}

// A finding is what is wrong.
type finding struct {
	came, want, proof string
	refusal           bool // what should have been accepted was refused for good
}

// order invents an order that was paid, or has the merchant make one.
func (v *visit) order(ctx context.Context) (sen.OrderCallback, error) {
	if c := v.kept; c != nil {
		v.kept = nil
		return *c, nil
	}
	v.made++
	now := v.Now()
	paid := sen.OrderCallback{
		AppID: v.App.ID, AppTransID: sen.AppTransID(now, fmt.Sprintf("certify%d_%d", v.nonce, v.made)),
		AppTime: now.UnixMilli(), AppUser: "certify", Amount: 50000, EmbedData: "{}", Item: "[]",
		ZPTransID: v.transID(now), ServerTime: now.UnixMilli(), Channel: sen.MethodWallet,
		MerchantUserID: "certify",
	}
	if v.CreateWith == "" {
		return paid, nil
	}
	answer, err := v.fetch(ctx, http.MethodPost, v.CreateWith)
	if err != nil {
		return paid, fmt.Errorf("--create-with: %w", err)
	}
	return v.asMade(paid, answer)
}

// asMade fills in what the merchant's server told of an order, in the words of
// either version: those of the first tell that its callbacks are wanted.
func (v *visit) asMade(paid sen.OrderCallback, answer []byte) (sen.OrderCallback, error) {
	var made struct {
		ID        string      `json:"app_trans_id"`
		Amount    json.Number `json:"amount"`
		AppUser   string      `json:"app_user"`
		EmbedData string      `json:"embed_data"`
		Item      string      `json:"item"`

		FirstID        string `json:"apptransid"`
		FirstAppUser   string `json:"appuser"`
		FirstEmbedData string `json:"embeddata"`
	}
	err := json.Unmarshal(answer, &made)
	amount, bad := made.Amount.Int64()
	if err != nil || bad != nil || made.ID == "" && made.FirstID == "" {
		return paid, fmt.Errorf("--create-with must answer with JSON that has app_trans_id and amount: it answered %s", short(answer))
	}
	v.First = v.First || made.ID == ""
	paid.AppTransID, paid.Amount = cmp.Or(made.ID, made.FirstID), amount
	paid.AppUser = cmp.Or(made.AppUser, made.FirstAppUser, paid.AppUser)
	paid.EmbedData = cmp.Or(made.EmbedData, made.FirstEmbedData, paid.EmbedData)
	paid.Item = cmp.Or(made.Item, paid.Item)
	return paid, nil
}

// binding invents a binding that was confirmed, or has the merchant ask for one.
func (v *visit) binding(ctx context.Context) (sen.AgreementCallback, error) {
	v.made++
	now := v.Now()
	suffix := fmt.Sprintf("certify%d_%d", v.nonce, v.made)
	confirmed := sen.AgreementCallback{
		AppID: v.App.ID, AppTransID: sen.AppTransID(now, suffix), BindingID: suffix, PayToken: strings.ToUpper(suffix),
		ServerTime: now.Unix(), MerchantUserID: "certify", Status: sen.BindingConfirmed, MsgType: sen.BindingCreatedMessage,
		ZPUserID: "certify", MaskedUserPhone: "****0001",
	}
	if v.BindWith == "" {
		return confirmed, nil
	}
	answer, err := v.fetch(ctx, http.MethodPost, v.BindWith)
	if err != nil {
		return confirmed, fmt.Errorf("--bind-with: %w", err)
	}
	var asked struct {
		ID         string `json:"app_trans_id"`
		Identifier string `json:"identifier"`
		BindingID  string `json:"binding_id"`
	}
	if err := json.Unmarshal(answer, &asked); err != nil || asked.ID == "" || asked.Identifier == "" {
		return confirmed, fmt.Errorf("--bind-with must answer with JSON that has app_trans_id and identifier: it answered %s", short(answer))
	}
	confirmed.AppTransID, confirmed.MerchantUserID = asked.ID, asked.Identifier
	confirmed.BindingID = cmp.Or(asked.BindingID, confirmed.BindingID)
	return confirmed, nil
}

// transID is a number as the gateway gives them.
func (v *visit) transID(now time.Time) sen.TransID {
	day, _ := strconv.ParseInt(now.In(sen.Zone()).Format("060102"), 10, 64)
	const perDay, rounds = 1_000_000_000, 1_000_000
	return sen.TransID(day*perDay + v.nonce%rounds*1000 + v.made)
}

// An answer is what came of one callback.
type answer struct {
	status  int
	text    []byte
	took    time.Duration
	err     error
	outcome callback.Outcome
	why     string
	sent    []byte
}

// said is the answer in words.
func (a answer) said() string {
	if a.err != nil {
		return "no answer: " + a.err.Error()
	}
	text := fmt.Sprintf("HTTP %d %s", a.status, short(a.text))
	if a.why != "" {
		text += " (" + a.why + ")"
	}
	return text
}

// short is as much of a text as people read.
func short(text []byte) string {
	const enough = 200
	s := strings.TrimSpace(strings.ToValidUTF8(string(text), "\uFFFD"))
	if s == "" {
		return "with an empty body"
	}
	if r := []rune(s); len(r) > enough {
		return string(r[:enough]) + "…"
	}
	return s
}

// post sends a body as the gateway does.
func (v *visit) post(ctx context.Context, body []byte) answer {
	return v.postBy(ctx, v.client, http.MethodPost, body)
}

func (v *visit) postBy(ctx context.Context, client *http.Client, method string, body []byte) (a answer) {
	a.sent = body
	r, err := http.NewRequestWithContext(ctx, method, v.Callback, bytes.NewReader(body))
	if err != nil {
		a.err = err
		return a
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Sen-Callback/1")
	began := v.Now()
	a.status, _, a.text, a.err = do(client, r)
	a.took = v.Now().Sub(began)
	if a.err == nil {
		a.outcome, a.why = callback.Read(a.status, a.text)
	}
	return a
}

// fetch gets a page of the merchant's; statuses from 400 are errors.
func (v *visit) fetch(ctx context.Context, method, at string) (text []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, at, nil)
	if err != nil {
		return nil, err
	}
	status, _, text, err := do(v.client, r)
	if err == nil && status >= http.StatusBadRequest {
		err = fmt.Errorf("%s answered HTTP %d %s", at, status, short(text))
	}
	return text, err
}

func do(client *http.Client, r *http.Request) (status int, header http.Header, text []byte, err error) {
	response, err := client.Do(r)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // who reads it knows where
		}
		return 0, nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	const enough = 1 << 20
	text, err = io.ReadAll(io.LimitReader(response.Body, enough))
	return response.StatusCode, response.Header, text, err
}

// accepted wants return_code 1.
func accepted(a answer) *finding {
	if a.err == nil && a.outcome == callback.Accepted {
		return nil
	}
	return &finding{a.said(), "HTTP 200 with return_code 1", string(a.sent), a.outcome == callback.Refused}
}

// refused wants an answer, and one that is not return_code 1.
func refused(a answer) *finding {
	if a.err == nil && a.outcome != callback.Accepted {
		return nil
	}
	return &finding{came: a.said(), want: "an answer that is not return_code 1", proof: string(a.sent)}
}

// delivered wants the order to have been delivered n times, if that can be seen.
func (v *visit) delivered(ctx context.Context, id string, n int64) (*finding, error) {
	if v.Status == "" {
		return nil, nil
	}
	text, err := v.fetch(ctx, http.MethodGet, strings.ReplaceAll(v.Status, "{app_trans_id}", url.QueryEscape(id)))
	if err != nil {
		return nil, fmt.Errorf("--status: %w", err)
	}
	var object struct {
		Deliveries *int64 `json:"deliveries"`
	}
	got, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		if json.Unmarshal(text, &object) != nil || object.Deliveries == nil {
			return nil, fmt.Errorf("--status must answer with a number, or with JSON that has the number deliveries: it answered %s", short(text))
		}
		got = *object.Deliveries
	}
	if got == n {
		return nil, nil
	}
	return &finding{came: fmt.Sprintf("%s was delivered %d times", id, got), want: fmt.Sprintf("%d times", n)}, nil
}
