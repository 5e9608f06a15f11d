package sen

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// A QuickPayRequest asks for an order that is paid with the code that the payer
// shows. Lengths are in characters.
type QuickPayRequest struct {
	AppTransID  string `json:"app_trans_id"` // as in CreateOrderRequest
	AppUser     string `json:"app_user"`     // the till or the clerk; 1 to 50
	Amount      int64  `json:"amount"`       // dong, at least 1
	Description string `json:"description"`  // shown to the payer; at most 100
	PaymentCode string `json:"payment_code"` // the digits that were scanned
	UserIP      string `json:"userIP"`       // of the till

	AppTime     int64  `json:"app_time"`   // milliseconds, within 15 minutes of now; 0 for now
	Item        string `json:"item"`       // JSON array of the goods, at most 1024; empty for "[]"
	EmbedData   string `json:"embed_data"` // JSON object, at most 1024; empty for "{}"
	CallbackURL string `json:"callback_url,omitempty"`
	RedirectURL string `json:"redirect_url,omitempty"`
	DeviceInfo  string `json:"device_info,omitempty"`
	Title       string `json:"title,omitempty"`
}

// A QuickPayResponse says whether the order is paid.
type QuickPayResponse struct {
	Envelope
	IsProcessing bool    `json:"is_processing"`
	ZPTransID    TransID `json:"zp_trans_id"` // the payment, 0 without one
}

// QuickPay makes an order and pays it with the code on the payer's screen. The
// code works once and for about a minute. After an *[ArrivedError], ask with
// Query what became of the order.
//
// The code goes as it was scanned, or encrypted with [WithCodeKey], as the
// provider's own hosts want it. The mac covers it as it was scanned.
func (s *OrderService) QuickPay(ctx context.Context, request QuickPayRequest) (*QuickPayResponse, error) {
	request.AppTime = s.client.timestamp(request.AppTime)
	request.Item, request.EmbedData = cmp.Or(request.Item, "[]"), cmp.Or(request.EmbedData, "{}")
	return do[QuickPayResponse](ctx, s.client, OpQuickPay, request.AppTransID, request)
}

// WithCodeKey has payment codes encrypted with the key that the gateway gave the
// app, as RSA with PKCS #1 v1.5 in base64: whoever reads a request can't use its
// code before the gateway does.
func WithCodeKey(key *rsa.PublicKey) Option {
	return func(c *Client) { c.codeKey = key }
}

// ErrCodeKey is returned for a text that is no public RSA key.
var ErrCodeKey = errors.New("sen: the key for payment codes must be a public RSA key, as PEM or as the base64 in it")

// ParseCodeKey reads the key that a gateway gives an app for payment codes: PEM,
// or the base64 in it.
func ParseCodeKey(text string) (*rsa.PublicKey, error) {
	der := []byte(nil)
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der = block.Bytes
	} else if bare, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
		der = bare
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	key, ok := parsed.(*rsa.PublicKey)
	if err != nil || !ok {
		return nil, ErrCodeKey
	}
	return key, nil
}

const codeMember = "payment_code"

// sealCode encrypts the payment code of a request, if it has one.
func (c *Client) sealCode(members map[string]json.RawMessage) error {
	code, ok := members[codeMember]
	if !ok || c.codeKey == nil {
		return nil
	}
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, c.codeKey, []byte(literal(code))) //nolint:staticcheck // the padding that gateways expect
	if err != nil {
		return fmt.Errorf("encrypt the payment code: %w", err)
	}
	members[codeMember], err = json.Marshal(base64.StdEncoding.EncodeToString(sealed))
	return err
}
