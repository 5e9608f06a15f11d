package sen

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Where gateways are. The provider serves the bank list, the payment pages and
// ZOD from hosts of their own; a client finds them by itself.
const (
	SandboxURL    = "https://sb-openapi.zalopay.vn"
	ProductionURL = "https://openapi.zalopay.vn"
	LocalURL      = "http://127.0.0.1:8080" // where Sen listens unless told otherwise

	sandboxPagesURL    = "https://sbgateway.zalopay.vn"
	productionPagesURL = "https://gateway.zalopay.vn"

	sandboxDeliveriesURL    = "https://sbapimep.zalopay.vn"
	productionDeliveriesURL = "https://apimep.zalopay.vn"
)

// Defaults of a client.
const (
	defaultTimeout = 30 * time.Second
	defaultRetries = 2

	firstDelay = 200 * time.Millisecond
	lastDelay  = 2 * time.Second

	answerLimit = 1 << 20 // the longest answer, a bank list, has some tens of kilobytes
)

// A Client calls the merchant API for one app. It is safe for concurrent use.
type Client struct {
	Orders        *OrderService
	Refunds       *RefundService
	Bindings      *BindingService
	Cards         *CardService
	Banks         *BankService
	Deliveries    *DeliveryService
	Disbursements *DisbursementService

	app     App
	base    string
	http    *http.Client
	now     func() time.Time
	retries int
	private *rsa.PrivateKey
	codeKey *rsa.PublicKey // nil: payment codes go as they are

	language string
	observer Observer
}

// An Option sets a Client up.
type Option func(*Client)

// WithBaseURL sets where the gateway is: [SandboxURL], which is the default,
// [ProductionURL], [LocalURL], or another scheme and host.
func WithBaseURL(base string) Option {
	return func(c *Client) { c.base = strings.TrimRight(base, "/") }
}

// WithHTTPClient sets the HTTP client. The default allows 30 seconds for a try.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Client) { c.http = client }
}

// WithClock sets where the time of requests comes from; the default is
// [time.Now]. A gateway refuses requests more than 15 minutes off its own clock.
func WithClock(now func() time.Time) Option {
	return func(c *Client) { c.now = now }
}

// WithRetries sets how often a call is tried again after it could not reach the
// gateway, lost the answer, or met HTTP 500 or more. The default is 2; 0 turns
// it off. Every call can be repeated safely, because its identifier is unique.
func WithRetries(times int) Option {
	return func(c *Client) { c.retries = times }
}

// WithPrivateKey sets the key that signs what the app pays out; see
// [ParsePrivateKey]. Only [DisbursementService.TopUp] needs it.
func WithPrivateKey(key *rsa.PrivateKey) Option {
	return func(c *Client) { c.private = key }
}

// WithLanguage sets the language of the messages in answers, and so of the text
// of an [Error]: "en" or "vi", which is what gateways write when nothing is asked
// for. [Error.Advice] has both whatever is set here.
func WithLanguage(lang string) Option {
	return func(c *Client) { c.language = lang }
}

// NewClient returns a client that signs as app. It needs no Key2.
func NewClient(app App, options ...Option) *Client {
	c := &Client{
		app:     app,
		base:    SandboxURL,
		http:    &http.Client{Timeout: defaultTimeout},
		now:     time.Now, //nolint:forbidigo // the default of a client that is given no clock
		retries: defaultRetries,
	}
	for _, option := range options {
		option(c)
	}
	c.Orders = &OrderService{c}
	c.Refunds = &RefundService{c}
	c.Bindings = &BindingService{c}
	c.Cards = &CardService{c}
	c.Banks = &BankService{c}
	c.Deliveries = &DeliveryService{c}
	c.Disbursements = &DisbursementService{c}
	return c
}

// hosts are those of operations that the provider serves from elsewhere: in its
// sandbox, and in production.
var hosts = map[*Operation][2]string{
	OpListBanks:       {sandboxPagesURL, productionPagesURL},
	OpCreateZod:       {sandboxDeliveriesURL, productionDeliveriesURL},
	OpQueryZodInvoice: {sandboxDeliveriesURL, productionDeliveriesURL},
	OpQueryZodStatus:  {sandboxDeliveriesURL, productionDeliveriesURL},
}

// timestamp is the time sent with a request, in milliseconds: what the caller
// gave, or now.
func (c *Client) timestamp(given int64) int64 {
	if given != 0 {
		return given
	}
	return c.now().UnixMilli()
}

// An answer is what an operation returns.
type answer interface{ envelope() Envelope }

// do makes one call: it signs request, sends it, tries again where that may
// help, and turns a refusal into an *Error. id is what makes a repeated request
// recognisable to the gateway; it is empty for calls that change nothing.
func do[T answer](ctx context.Context, c *Client, op *Operation, id string, request any) (*T, error) {
	ready, err := c.encode(op, request)
	if err != nil {
		return nil, fmt.Errorf("sen: %s: %w", op.Name, err)
	}
	return observed(ctx, c, op, id, func(ctx context.Context) (*T, int, error) {
		return sendUntil[T](ctx, c, op, id, ready)
	})
}

// sendUntil sends the same request until an answer comes, or it is not worth
// while, and says how often it did.
func sendUntil[T answer](ctx context.Context, c *Client, op *Operation, id string, ready encoded) (*T, int, error) {
	for try := 0; ; try++ {
		result, err := send[T](ctx, c, op, ready)
		if err == nil {
			if err := refusal(op, *result, id, try); err != nil {
				return nil, try + 1, err
			}
			return result, try + 1, nil
		}
		if try >= c.retries || !worthRetrying(err) {
			return nil, try + 1, err
		}
		if stop := wait(ctx, try); stop != nil {
			return nil, try + 1, fmt.Errorf("%w; then %w", err, stop)
		}
	}
}

// An encoded request is what is sent at each try.
type encoded struct {
	query, contentType string
	body               []byte
}

// encode completes a request with the app, which every formula begins with, and
// the mac. The request goes through a map so that the mac covers what is sent,
// whatever type holds it.
func (c *Client) encode(op *Operation, request any) (encoded, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return encoded{}, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return encoded{}, err
	}
	value := func(member string) string { return literal(members[member]) }
	members[op.Signed[0]] = json.RawMessage(strconv.Itoa(c.app.ID))
	if err := c.sign(op, members, value); err != nil {
		return encoded{}, err
	}
	if err := c.sealCode(members); err != nil {
		return encoded{}, err
	}
	if op.FormOnly || op.Method == http.MethodGet {
		form := url.Values{}
		for member := range members {
			form.Set(member, value(member))
		}
		if op.Method == http.MethodGet {
			return encoded{query: "?" + form.Encode()}, nil
		}
		return encoded{contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode())}, nil
	}
	body, err := json.Marshal(members)
	return encoded{contentType: "application/json", body: body}, err
}

// sign adds the mac, or what stands for it.
func (c *Client) sign(op *Operation, members map[string]json.RawMessage, value func(string) string) error {
	signature := op.Sign(c.app.key(op.Key), value)
	if op.RSA {
		var err error
		if signature, err = c.signRSA(signature); err != nil {
			return err
		}
	}
	members[op.MACMember()] = json.RawMessage(strconv.Quote(signature))
	return nil
}

var errNoPrivateKey = errors.New("paying out needs the private key of the app: give it to the client with WithPrivateKey")

func (c *Client) signRSA(mac string) (string, error) {
	if c.private == nil {
		return "", errNoPrivateKey
	}
	return SignRSA(c.private, mac)
}

// literal is the text of a JSON scalar: a string without its quotes and escapes,
// anything else as it is written.
func literal(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

func (c *Client) url(op *Operation) string {
	base := c.base
	if host, elsewhere := hosts[op]; elsewhere {
		switch base {
		case SandboxURL:
			base = host[0]
		case ProductionURL:
			base = host[1]
		}
	}
	return base + op.Path
}

// send makes one try.
func send[T answer](ctx context.Context, c *Client, op *Operation, e encoded) (*T, error) {
	r, err := http.NewRequestWithContext(ctx, op.Method, c.url(op)+e.query, bytes.NewReader(e.body))
	if err != nil {
		return nil, fmt.Errorf("sen: %s: %w", op.Name, err)
	}
	if e.contentType != "" {
		r.Header.Set("Content-Type", e.contentType)
	}
	if c.language != "" {
		r.Header.Set("Accept-Language", c.language)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, &lostError{op.Name, err}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if response.StatusCode != http.StatusOK {
		return nil, &HTTPError{op.Name, response.StatusCode}
	}
	result := new(T)
	if err == nil {
		err = json.Unmarshal(text, result)
	}
	if err != nil {
		return nil, &lostError{op.Name, err}
	}
	return result, nil
}

// A lostError is a try without a readable answer.
type lostError struct {
	operation string
	cause     error
}

func (e *lostError) Error() string { return "sen: " + e.operation + ": no answer: " + e.cause.Error() }
func (e *lostError) Unwrap() error { return e.cause }

// worthRetrying is false when the caller gave up, and for answers that would be
// the same again.
func worthRetrying(err error) bool {
	var lost *lostError
	var status *HTTPError
	switch {
	case errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &lost):
		return true
	case errors.As(err, &status):
		return status.StatusCode >= http.StatusInternalServerError
	}
	return false
}

// refusal is nil for success and for a result still to come.
func refusal(op *Operation, result answer, id string, try int) error {
	envelope := result.envelope()
	if envelope.ReturnCode == Success || envelope.ReturnCode == Processing {
		return nil
	}
	refused := newError(op, envelope)
	duplicate := refused.Code() == CodeDuplicate || refused.Code() == CodeDuplicateRefund
	if try > 0 && id != "" && duplicate {
		return &ArrivedError{ID: id, Refusal: refused}
	}
	return refused
}

// wait sleeps before the next try, twice as long each time. The random half
// keeps clients that failed together from coming back together.
func wait(ctx context.Context, try int) error {
	delay := lastDelay
	if try < 4 {
		delay = min(firstDelay<<try, lastDelay)
	}
	timer := time.NewTimer(delay/2 + rand.N(delay/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
