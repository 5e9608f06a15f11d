package sen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// The types of a callback.
const (
	OrderCallbackType     = 1 // an order, or a ZOD invoice, was paid
	AgreementCallbackType = 2 // a binding was confirmed, changed or ended
)

// A Callback is what the gateway tells a merchant by itself. One of Order, Zod
// and Agreement is set. Compare the amount and the identifiers in it with what
// you stored before acting on it.
type Callback struct {
	Type      int
	Data      string // the signed text, as received
	Order     *OrderCallback
	Zod       *ZodCallback // of the type of an order, in words of its own
	Agreement *AgreementCallback
}

// An OrderCallback says that an order was paid; it is sent for nothing else. It
// may come more than once. Members are written in this order.
type OrderCallback struct {
	AppID          int     `json:"app_id"`
	AppTransID     string  `json:"app_trans_id"`
	AppTime        int64   `json:"app_time"` // as in the order
	AppUser        string  `json:"app_user"`
	Amount         int64   `json:"amount"`     // dong
	EmbedData      string  `json:"embed_data"` // as in the order
	Item           string  `json:"item"`       // as in the order
	ZPTransID      TransID `json:"zp_trans_id"`
	ServerTime     int64   `json:"server_time"`      // milliseconds
	Channel        int     `json:"channel"`          // MethodWallet and so on
	MerchantUserID string  `json:"merchant_user_id"` // the payer, as the gateway names them to this app
	UserFeeAmount  int64   `json:"user_fee_amount"`  // dong the payer paid on top
	DiscountAmount int64   `json:"discount_amount"`  // dong
}

// Data is the text to seal.
func (c OrderCallback) Data() []byte { return compact(c) }

// A ZodCallback says that a ZOD invoice was paid; it is sent for nothing else. It
// may come more than once. Members are written in this order.
type ZodCallback struct {
	AppID            int     `json:"appId"`
	McRefID          string  `json:"mcRefId"`
	Amount           int64   `json:"amount"`    // dong
	McExtInfo        string  `json:"mcExtInfo"` // as in the invoice
	ZPTransID        TransID `json:"zpTransId"`
	ServerTime       int64   `json:"serverTime"`       // milliseconds
	Channel          int     `json:"channel"`          // MethodWallet and so on
	MerchantUserID   string  `json:"merchantUserId"`   // the payer, as the gateway names them to this app
	UserChargeAmount int64   `json:"userChargeAmount"` // dong that the payer paid in all
	UserFeeAmount    int64   `json:"userFeeAmount"`    // dong the payer paid on top
	DiscountAmount   int64   `json:"discountAmount"`   // dong
}

// Data is the text to seal.
func (c ZodCallback) Data() []byte { return compact(c) }

// An AgreementCallback says what became of a binding. Members are written in
// this order.
type AgreementCallback struct {
	AppID             int    `json:"app_id"`
	AppTransID        string `json:"app_trans_id"` // of the binding
	BindingID         string `json:"binding_id"`
	PayToken          string `json:"pay_token"`
	ServerTime        int64  `json:"server_time"`      // seconds, unlike in an OrderCallback
	MerchantUserID    string `json:"merchant_user_id"` // the identifier given when binding
	Status            int    `json:"status"`           // BindingConfirmed, BindingCancelled or BindingDisabled
	MsgType           int    `json:"msg_type"`         // BindingCreatedMessage or BindingChangedMessage
	ZPUserID          string `json:"zp_user_id"`       // the user, as the gateway names them to this app
	MaskedUserPhone   string `json:"masked_user_phone"`
	ExpiryTimestampMS int64  `json:"expiry_timestamp_in_ms,omitempty"` // milliseconds; 0 or less for no end
	BindingData       string `json:"binding_data,omitempty"`           // as in the request
	CardNumber        string `json:"card_number,omitempty"`            // masked; of a card binding, as the next two
	BankCode          string `json:"bank_code,omitempty"`
	BankName          string `json:"bank_name,omitempty"`
}

// Data is the text to seal.
func (c AgreementCallback) Data() []byte { return compact(c) }

// sealed is the body of a callback.
type sealed struct {
	Data string `json:"data"`
	MAC  string `json:"mac"`
	Type int    `json:"type"`
}

// SealCallback returns the body of a callback that carries data, which must be
// JSON in valid UTF-8. The mac is over exactly these bytes; the same arguments
// give the same body, so a repeated callback can be built again.
func (a App) SealCallback(data []byte, typ int) []byte {
	return compact(sealed{string(data), Sign(a.key(CallbackFormula.Key), data), typ})
}

// compact writes JSON without the escapes for HTML, which the provider does not
// use either. None of the types given to it can fail.
func compact(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// ParseCallback reads the body of a callback and checks its mac with Key2. The
// error is [ErrMAC] if the gateway did not send it to this app, and another if
// it cannot be read.
func (a App) ParseCallback(body []byte) (*Callback, error) {
	var envelope sealed
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, fmt.Errorf("sen: callback: %w", err)
	}
	if !Verify(a.key(CallbackFormula.Key), []byte(envelope.Data), envelope.MAC) {
		return nil, ErrMAC
	}
	callback := &Callback{Type: envelope.Type, Data: envelope.Data}
	appID, err := callback.read()
	if err != nil {
		return nil, fmt.Errorf("sen: callback: %w", err)
	}
	if appID != a.ID {
		return nil, fmt.Errorf("sen: callback: it is for app %d, not %d", appID, a.ID)
	}
	return callback, nil
}

// read parses the data and returns the app it names. The mac does not cover the
// type, so each kind must have the identifier that only it has: otherwise a
// callback about a binding could pass for one about a paid order.
func (c *Callback) read() (appID int, err error) {
	switch c.Type {
	case OrderCallbackType:
		return c.readPaid()
	case AgreementCallbackType:
		c.Agreement = new(AgreementCallback)
		err = json.Unmarshal([]byte(c.Data), c.Agreement)
		if err == nil && c.Agreement.BindingID == "" {
			err = errors.New("it is about a binding and has no binding_id")
		}
		return c.Agreement.AppID, err
	}
	return 0, fmt.Errorf("unknown type %d", c.Type)
}

// readPaid tells an invoice from an order by the name that its merchant gave it.
func (c *Callback) readPaid() (appID int, err error) {
	var zod ZodCallback
	if json.Unmarshal([]byte(c.Data), &zod) == nil && zod.McRefID != "" {
		if zod.ZPTransID == 0 {
			return zod.AppID, errors.New("it is about an invoice and has no zpTransId")
		}
		c.Zod = &zod
		return zod.AppID, nil
	}
	c.Order = new(OrderCallback)
	err = json.Unmarshal([]byte(c.Data), c.Order)
	if err == nil && c.Order.ZPTransID == 0 {
		err = errors.New("it is about an order and has no zp_trans_id")
	}
	return c.Order.AppID, err
}

// The answers to a callback. A gateway repeats a callback that is answered with
// 0, and takes any other value as the end of the matter.
const (
	callbackAccepted = 1
	callbackRepeat   = 0
	callbackBadMAC   = -1
	callbackInvalid  = 2
)

// callbackLimit is well above the 4096 characters that data may have.
const callbackLimit = 64 << 10

// A CallbackAnswer is what a merchant answers to a callback.
type CallbackAnswer struct {
	ReturnCode    int    `json:"return_code"`
	ReturnMessage string `json:"return_message"` // at most 256 characters
}

// ErrNotWanted is for the accept of a [CallbackHandler], to return or to wrap: the
// callback will never be accepted, because it is about an order that is not the
// merchant's, or with another amount.
var ErrNotWanted = errors.New("sen: the callback is not wanted")

// CallbackHandler returns a handler that receives the callbacks of app, checks
// them, and gives them to accept. It answers 1 when accept returns nil, 0 when
// it returns an error, so that the gateway sends the callback again, 2 when that
// is [ErrNotWanted] or the body cannot be read, and -1 when the mac is wrong.
//
// The error is not shown to the gateway and not logged: accept should log it.
// The same callback may come more than once, also at the same time.
func CallbackHandler(app App, accept func(context.Context, *Callback) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "callbacks are sent by POST", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// The gateway learns nothing from a failed write that it does not see itself.
		_, _ = w.Write(compact(receive(w, r, app, accept)))
	})
}

func receive(w http.ResponseWriter, r *http.Request, app App, accept func(context.Context, *Callback) error) CallbackAnswer {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, callbackLimit))
	if err != nil {
		return CallbackAnswer{callbackInvalid, "the body cannot be read"}
	}
	callback, err := app.ParseCallback(body)
	if errors.Is(err, ErrMAC) {
		return CallbackAnswer{callbackBadMAC, "mac not equal"}
	}
	if err != nil {
		return CallbackAnswer{callbackInvalid, "the callback cannot be read"}
	}
	err = accept(r.Context(), callback)
	if errors.Is(err, ErrNotWanted) {
		return CallbackAnswer{callbackInvalid, "not wanted"}
	}
	if err != nil {
		return CallbackAnswer{callbackRepeat, "not accepted now, send it again"}
	}
	return CallbackAnswer{callbackAccepted, "success"}
}
