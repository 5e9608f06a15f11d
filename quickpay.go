package sen

import (
	"cmp"
	"context"
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
// Sen takes the code as it was scanned. The provider's own hosts want it
// encrypted, which this client does not do.
func (s *OrderService) QuickPay(ctx context.Context, request QuickPayRequest) (*QuickPayResponse, error) {
	request.AppTime = s.client.timestamp(request.AppTime)
	request.Item, request.EmbedData = cmp.Or(request.Item, "[]"), cmp.Or(request.EmbedData, "{}")
	return do[QuickPayResponse](ctx, s.client, OpQuickPay, request.AppTransID, request)
}
