package sen

import (
	"cmp"
	"context"
)

// An OrderService creates, queries and cancels orders.
type OrderService struct{ client *Client }

// A CreateOrderRequest asks for an order. Lengths are in characters.
type CreateOrderRequest struct {
	AppTransID  string `json:"app_trans_id"` // at most 40, begins with yyMMdd of today: see AppTransID; never used before
	AppUser     string `json:"app_user"`     // who pays, in the merchant's terms; 1 to 50
	Amount      int64  `json:"amount"`       // dong, at least 1
	Description string `json:"description"`  // shown to the payer; at most 256

	AppTime   int64  `json:"app_time"`   // milliseconds, within 15 minutes of now; 0 for now
	Item      string `json:"item"`       // JSON array of the goods, at most 2048; empty for "[]"
	EmbedData string `json:"embed_data"` // JSON object, returned in the callback, at most 2048; empty for "{}"

	CallbackURL   string `json:"callback_url,omitempty"`            // instead of the app's
	RedirectURL   string `json:"redirect_url,omitempty"`            // used when embed_data has no redirecturl
	BankCode      string `json:"bank_code,omitempty"`               // empty for every method, "zalopayapp" for the wallet, "CC" for international cards
	ExpireSeconds int64  `json:"expire_duration_seconds,omitempty"` // 300 to 2592000; 0 for 900
	Title         string `json:"title,omitempty"`                   // at most 256
	DeviceInfo    string `json:"device_info,omitempty"`             // JSON object, at most 256
	SubAppID      string `json:"sub_app_id,omitempty"`              // at most 50
	ProductCode   string `json:"product_code,omitempty"`            // "AGREEMENT" for an order to be paid by token
	Phone         string `json:"phone,omitempty"`                   // at most 50
	Email         string `json:"email,omitempty"`                   // at most 100
	Address       string `json:"address,omitempty"`                 // at most 1024
}

// A CreateOrderResponse tells how the order can be paid.
type CreateOrderResponse struct {
	Envelope
	ZPTransToken    string `json:"zp_trans_token"` // for the app SDK and for payment by token
	OrderURL        string `json:"order_url"`      // the payment page; also the content of a QR that wallets read
	OrderToken      string `json:"order_token"`    // the same as ZPTransToken
	QRCode          string `json:"qr_code"`        // VietQR text, for banking apps; may be empty
	CashierOrderURL string `json:"cashier_order_url,omitempty"`
}

// Create makes an order, to be paid by whoever opens its page. No money moves.
//
// An app_trans_id that was used before is refused with [CodeDuplicate], whatever
// became of that order. An *[ArrivedError] means that this order was made but
// that its order_url is lost.
func (s *OrderService) Create(ctx context.Context, request CreateOrderRequest) (*CreateOrderResponse, error) {
	request.AppTime = s.client.timestamp(request.AppTime)
	request.Item, request.EmbedData = cmp.Or(request.Item, "[]"), cmp.Or(request.EmbedData, "{}")
	return do[CreateOrderResponse](ctx, s.client, OpCreateOrder, request.AppTransID, request)
}

// A QueryOrderRequest names an order.
type QueryOrderRequest struct {
	AppTransID string `json:"app_trans_id"`
}

// A QueryOrderResponse is the state of an order. Its members are present in
// refusals too, because typed clients of the provider's API insist on them.
type QueryOrderResponse struct {
	Envelope
	IsProcessing   bool    `json:"is_processing"`   // a payment is in flight; do not decide by it
	Amount         int64   `json:"amount"`          // dong received, 0 before payment
	DiscountAmount int64   `json:"discount_amount"` // dong given by a promotion
	ZPTransID      TransID `json:"zp_trans_id"`     // the payment, 0 before
	ServerTime     int64   `json:"server_time"`     // milliseconds
}

// Paid reports whether the order is paid, which is final.
func (r *QueryOrderResponse) Paid() bool { return r.ReturnCode == Success }

// Final reports whether the order will not change any more. An order that failed
// is an *[Error], which has a Final of its own.
func (r *QueryOrderResponse) Final() bool { return r.Paid() }

// Advice says what to do next, in English for "en" and in Vietnamese otherwise.
func (r *QueryOrderResponse) Advice(lang string) string {
	return advice(OpQueryOrder, r.Envelope, lang)
}

// Query asks for the state of an order. An order that is not paid yet is no
// error: [QueryOrderResponse.Paid] is false. An order that failed is an *[Error];
// [Error.Final] tells whether that is the end of it, as after [CodeExpired], or
// whether it can still be paid, as after [CodeBalanceTooLow].
func (s *OrderService) Query(ctx context.Context, request QueryOrderRequest) (*QueryOrderResponse, error) {
	return do[QueryOrderResponse](ctx, s.client, OpQueryOrder, "", request)
}

// A CancelOrderRequest names an order.
type CancelOrderRequest struct {
	AppTransID string `json:"app_trans_id"`
}

// A CancelOrderResponse says that the order is cancelled.
type CancelOrderResponse struct{ Envelope }

// Cancel makes an unpaid order unpayable. Cancelling it again succeeds. An order
// that is paid, or being paid, is refused with [CodeAlreadyPaid].
func (s *OrderService) Cancel(ctx context.Context, request CancelOrderRequest) (*CancelOrderResponse, error) {
	return do[CancelOrderResponse](ctx, s.client, OpCancelOrder, "", request)
}
