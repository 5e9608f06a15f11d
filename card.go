package sen

import "context"

// A CardService lets holders of bank cards agree, once, that an app charges
// their card. It is what BindingService is for wallets: the holder enters the
// card on a page of the gateway, the app gets a pay_token, and pays orders with
// it. No card number passes through the app.
type CardService struct{ client *Client }

// Where the holder of a card is when the binding is made.
const (
	DeviceMobile  = "MOBILE"
	DeviceDesktop = "DESKTOP"
)

// A CreateBindingCardRequest asks a holder to bind a card.
type CreateBindingCardRequest struct {
	AppTransID string // names the binding, and the order paid with it: at most 40, begins with yyMMdd of today, see AppTransID; never used before
	Identifier string // the user, in the merchant's terms; 1 to 256
	ReqDate    int64  // milliseconds, within 15 minutes of now; 0 for now
	DeviceType string // DeviceMobile or DeviceDesktop; empty for the latter

	CallbackURL      string // instead of the app's
	RedirectURL      string // web page to return to
	RedirectDeepLink string // app link to return to
	EmbedData        string // returned in callbacks about the binding

	Payment *CardPayment // pay this while the card is bound; nil to bind it only
}

// A CardPayment is an order that is paid while its card is bound.
type CardPayment struct {
	Amount      int64  `json:"amount"` // dong, at least 1
	Description string `json:"description,omitempty"`
	CallbackURL string `json:"callback_url,omitempty"` // instead of the app's
	EmbedData   string `json:"embed_data,omitempty"`   // JSON object, returned in the order's callback
}

// bindCard is CreateBindingCardRequest as it is sent: the last two members hold
// JSON in text.
type bindCard struct {
	AppTransID  string `json:"app_trans_id"`
	ReqDate     int64  `json:"req_date"`
	Identifier  string `json:"identifier"`
	BindingType string `json:"binding_type"`
	BindingMode string `json:"binding_mode"`
	DeviceType  string `json:"device_type"`
	BindingData string `json:"binding_data"`
	PaymentData string `json:"payment_data"`
}

type bindingData struct {
	CallbackURL      string `json:"callback_url,omitempty"`
	RedirectURL      string `json:"redirect_url,omitempty"`
	RedirectDeepLink string `json:"redirect_deep_link,omitempty"`
	EmbedData        string `json:"embed_data,omitempty"`
}

func (r CreateBindingCardRequest) wire(reqDate int64) bindCard {
	w := bindCard{
		AppTransID: r.AppTransID, ReqDate: reqDate, Identifier: r.Identifier, BindingType: "CARD", BindingMode: "BIND",
		DeviceType: r.DeviceType, PaymentData: "{}",
		BindingData: string(compact(bindingData{r.CallbackURL, r.RedirectURL, r.RedirectDeepLink, r.EmbedData})),
	}
	if w.DeviceType == "" {
		w.DeviceType = DeviceDesktop
	}
	if r.Payment != nil {
		w.BindingMode, w.PaymentData = "BIND_AND_PAY", string(compact(r.Payment))
	}
	return w
}

// A CreateBindingCardResponse tells where the card holder enters the card.
type CreateBindingCardResponse struct {
	Envelope
	BindingToken  string `json:"binding_token"`
	BindingURL    string `json:"binding_url"`
	BindingQRLink string `json:"binding_qr_link"` // the same as BindingURL; the provider's guide uses this name
	ReformURL     string `json:"reform_url"`
}

// Create asks a holder to bind a card. Send the holder to the link in the
// answer; the callback, or Query, tells what became of it. Who enters no card
// within 15 minutes has declined.
//
// An app_trans_id that was used before for a binding is refused with
// [CodeDuplicate]. An *[ArrivedError] means that this binding was made but that
// its links are lost.
func (s *CardService) Create(ctx context.Context, request CreateBindingCardRequest) (*CreateBindingCardResponse, error) {
	wire := request.wire(s.client.timestamp(request.ReqDate))
	return do[CreateBindingCardResponse](ctx, s.client, OpCreateBindingCard, request.AppTransID, wire)
}

// A QueryBindingCardRequest names a card binding.
type QueryBindingCardRequest struct {
	AppTransID string `json:"app_trans_id"` // of the binding
	ReqDate    int64  `json:"req_date"`     // milliseconds, within 15 minutes of now; 0 for now
}

// A QueryBindingCardResponse is the state of a card binding. The last four
// members are ours: the provider publishes no names for them.
type QueryBindingCardResponse struct {
	Envelope
	BindingToken  string `json:"binding_token"`
	BindingQRLink string `json:"binding_qr_link"`
	DeepLink      string `json:"deep_link"`
	ShortLink     string `json:"short_link"`
	OrderNo       int64  `json:"order_no"`
	OrderToken    string `json:"order_token"`
	OrderURL      string `json:"order_url"`
	ZPTransID     string `json:"zp_trans_id"` // a string here, unlike everywhere else
	Status        int    `json:"status"`      // BindingConfirmed, BindingCancelled or BindingDisabled
	BindingID     string `json:"binding_id,omitempty"`
	PayToken      string `json:"pay_token,omitempty"`
	CardNumber    string `json:"card_number,omitempty"` // masked, 411111******1111
	BankCode      string `json:"bank_code,omitempty"`
}

// Confirmed reports whether the holder has agreed and the binding still pays.
func (r *QueryBindingCardResponse) Confirmed() bool { return r.Status == BindingConfirmed }

// Query asks what became of a card binding. While the holder has not finished,
// the result is pending and that is no error. A binding that was declined, or
// not answered in time, is refused with [CodeNotFound]; one that has ended is a
// result whose status says so.
func (s *CardService) Query(ctx context.Context, request QueryBindingCardRequest) (*QueryBindingCardResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[QueryBindingCardResponse](ctx, s.client, OpQueryBindingCard, "", request)
}

// A PayByTokenCardRequest pays an order by the token of a card.
type PayByTokenCardRequest struct {
	PayToken     string `json:"pay_token"`
	Identifier   string `json:"identifier"`     // as given when binding
	ZPTransToken string `json:"zp_trans_token"` // of the order, from OrderService.Create
	ReqDate      int64  `json:"req_date"`       // milliseconds, within 15 minutes of now; 0 for now
}

// A PayByTokenCardResponse names the payment. It is pending until the card
// holder has verified at VerificationURL.
type PayByTokenCardResponse struct {
	Envelope
	AppTransID      string  `json:"app_trans_id"`
	ZPTransID       TransID `json:"zp_trans_id"`
	VerificationURL string  `json:"verification_url,omitempty"`
}

// Pay pays an order by the token of a card. A pending result with a
// VerificationURL means that the card's bank wants its holder to enter a code:
// send them there. A pending result without one means that the bank has not
// answered, or has declined: in every case the order's callback, or a query of
// the order, tells the outcome. Paying it again by the same token while it is
// under way changes nothing, so a call whose answer was lost can be repeated.
func (s *CardService) Pay(ctx context.Context, request PayByTokenCardRequest) (*PayByTokenCardResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[PayByTokenCardResponse](ctx, s.client, OpPayByTokenCard, "", request)
}

// An UnbindingCardRequest names a binding by its binding_id, which is not its
// pay_token.
type UnbindingCardRequest struct {
	BindingID  string `json:"binding_id"`
	Identifier string `json:"identifier"` // as given when binding
	ReqDate    int64  `json:"req_date"`   // milliseconds, within 15 minutes of now; 0 for now
}

// An UnbindingCardResponse says that the binding has ended.
type UnbindingCardResponse struct{ Envelope }

// End ends the binding of a card at once and for good. One that has ended
// already is refused with [CodeNotFound].
func (s *CardService) End(ctx context.Context, request UnbindingCardRequest) (*UnbindingCardResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[UnbindingCardResponse](ctx, s.client, OpUnbindingCard, "", request)
}
