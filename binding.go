package sen

import (
	"context"
	"slices"
)

// A BindingService lets users agree, once, that an app charges their wallet: a
// user confirms a binding in the wallet, the app gets a pay_token, and pays
// orders with it until the binding ends.
type BindingService struct{ client *Client }

// The states of a binding, in answers and in callbacks.
const (
	BindingConfirmed = 1
	BindingCancelled = 3 // ended by the user or the merchant
	BindingDisabled  = 4 // ended by the operator
)

// Why an agreement callback was sent.
const (
	BindingCreatedMessage = 1 // the user confirmed
	BindingChangedMessage = 2 // the binding changed or ended
)

// A CreateBindingWalletResponse tells where the user confirms the binding. The
// provider's pages name binding_id and binding_url, its servers send the other
// four; clients read either.
type CreateBindingWalletResponse struct {
	Envelope
	BindingToken  string `json:"binding_token"`
	BindingID     string `json:"binding_id"`      // the same as BindingToken
	DeepLink      string `json:"deep_link"`       // opens the wallet
	BindingQRLink string `json:"binding_qr_link"` // page that shows a QR
	BindingURL    string `json:"binding_url"`     // the same as BindingQRLink
	ShortLink     string `json:"short_link"`      // content of a QR that the merchant draws
}

// A CreateBindingWalletRequest asks a user for a binding. Lengths are in
// characters.
type CreateBindingWalletRequest struct {
	AppTransID string `json:"app_trans_id"` // names the binding: at most 40, begins with yyMMdd of today, see AppTransID; never used before for a binding
	Identifier string `json:"identifier"`   // the user, in the merchant's terms; 1 to 256
	ReqDate    int64  `json:"req_date"`     // milliseconds, within 15 minutes of now; 0 for now

	MaxAmount        int64  `json:"max_amount,omitempty"`         // dong for one payment; 0 for no limit of the binding's own
	BindingType      string `json:"binding_type,omitempty"`       // empty or "WALLET"
	BindingData      string `json:"binding_data,omitempty"`       // JSON object of what the user agrees to, returned in callbacks; at most 2048
	CallbackURL      string `json:"callback_url,omitempty"`       // instead of the app's
	RedirectURL      string `json:"redirect_url,omitempty"`       // web page to return to
	RedirectDeepLink string `json:"redirect_deep_link,omitempty"` // app link to return to
}

// Create asks a user for a binding. Show the user one of the links in the
// answer; the callback, or Query, tells what the user said. Who says nothing for
// 15 minutes has declined.
//
// An app_trans_id that was used before for a binding is refused with
// [CodeDuplicate]. An *[ArrivedError] means that this binding was made but that
// its links are lost.
func (s *BindingService) Create(ctx context.Context, request CreateBindingWalletRequest) (*CreateBindingWalletResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[CreateBindingWalletResponse](ctx, s.client, OpCreateBindingWallet, request.AppTransID, request)
}

// A QueryPaymentTokenWalletRequest names a binding.
type QueryPaymentTokenWalletRequest struct {
	AppTransID string `json:"app_trans_id"` // of the binding
	ReqDate    int64  `json:"req_date"`     // milliseconds, within 15 minutes of now; 0 for now
}

// A QueryPaymentTokenWalletResponse is the state of a binding. Data is absent
// while the user has not answered.
type QueryPaymentTokenWalletResponse struct {
	Envelope
	Data *AgreementCallback `json:"data,omitempty"`
}

// Confirmed reports whether the user has agreed and the binding still pays.
func (r *QueryPaymentTokenWalletResponse) Confirmed() bool {
	return r.Data != nil && r.Data.Status == BindingConfirmed
}

// Query asks what became of a binding. While the user has not answered, the
// result is pending and that is no error. A binding that was declined, or not
// answered in time, is refused with [CodeNotFound]; one that has ended is a
// result whose status says so.
func (s *BindingService) Query(ctx context.Context, request QueryPaymentTokenWalletRequest) (*QueryPaymentTokenWalletResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[QueryPaymentTokenWalletResponse](ctx, s.client, OpQueryPaymentTokenWallet, "", request)
}

// A QueryBalanceWalletRequest asks about a payment by token before it is made.
type QueryBalanceWalletRequest struct {
	PayToken   string `json:"pay_token"`
	Identifier string `json:"identifier"` // as given when binding
	Amount     int64  `json:"amount"`     // dong, at least 1
	ReqDate    int64  `json:"req_date"`   // milliseconds, within 15 minutes of now; 0 for now
}

// A QueryBalanceWalletResponse says whether a token can pay an amount; it does
// not reveal the balance.
type QueryBalanceWalletResponse struct {
	Envelope
	Data           []BalanceChannel `json:"data"`
	DiscountAmount int64            `json:"discount_amount"` // dong, the user's best voucher
}

// Payable reports whether any source of the user's money can pay the amount.
func (r *QueryBalanceWalletResponse) Payable() bool {
	return slices.ContainsFunc(r.Data, func(c BalanceChannel) bool { return c.Payable })
}

// A BalanceChannel is one source of the user's money.
type BalanceChannel struct {
	Channel  int    `json:"channel"` // MethodWallet
	Payable  bool   `json:"payable"`
	BankCode string `json:"bank_code"`
}

// Balance asks whether a token can pay an amount now. A balance that is too low
// is no error: [QueryBalanceWalletResponse.Payable] is false. A token that pays
// nothing any more is refused with [CodeBindingEnded] or [CodeTokenExpired].
func (s *BindingService) Balance(ctx context.Context, request QueryBalanceWalletRequest) (*QueryBalanceWalletResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[QueryBalanceWalletResponse](ctx, s.client, OpQueryBalanceWallet, "", request)
}

// A PayByTokenWalletRequest pays an order by a token.
type PayByTokenWalletRequest struct {
	PayToken     string `json:"pay_token"`
	Identifier   string `json:"identifier"`     // as given when binding
	ZPTransToken string `json:"zp_trans_token"` // of the order, from OrderService.Create
	ReqDate      int64  `json:"req_date"`       // milliseconds, within 15 minutes of now; 0 for now
}

// A PayByTokenWalletResponse names the payment. When it is pending, the outcome
// is told by the order callback or a query of the order.
type PayByTokenWalletResponse struct {
	Envelope
	AppTransID      string  `json:"app_trans_id"`
	ZPTransID       TransID `json:"zp_trans_id"`
	VerificationURL string  `json:"verification_url,omitempty"` // only for the token of a card: see CardService.Pay
}

// Pay pays an order by a token. Paying it again by the same token returns the
// same payment, so a call whose answer was lost can be repeated; no money moves
// twice. A result may be pending: the order's callback or a query of the order
// then tells the outcome. A refusal leaves the order payable.
func (s *BindingService) Pay(ctx context.Context, request PayByTokenWalletRequest) (*PayByTokenWalletResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[PayByTokenWalletResponse](ctx, s.client, OpPayByTokenWallet, "", request)
}

// An UnbindingWalletRequest names a binding by its binding_id, which is not its
// pay_token.
type UnbindingWalletRequest struct {
	BindingID  string `json:"binding_id"`
	Identifier string `json:"identifier"` // as given when binding
	ReqDate    int64  `json:"req_date"`   // milliseconds, within 15 minutes of now; 0 for now
}

// An UnbindingWalletResponse says that the binding has ended.
type UnbindingWalletResponse struct{ Envelope }

// End ends a binding at once and for good. One that has ended already is refused
// with [CodeNotFound], which is also what a repeated try meets after the answer
// of the first was lost: either way the token pays nothing more.
func (s *BindingService) End(ctx context.Context, request UnbindingWalletRequest) (*UnbindingWalletResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[UnbindingWalletResponse](ctx, s.client, OpUnbindingWallet, "", request)
}

// A QueryUserInfoRequest asks who agreed to a binding.
type QueryUserInfoRequest struct {
	AccessToken string `json:"access_token"` // the pay_token of the binding
	ReqDate     int64  `json:"req_date"`     // milliseconds, within 15 minutes of now; 0 for now
}

// A QueryUserInfoResponse holds what a merchant may know of a user.
type QueryUserInfoResponse struct {
	Envelope
	Phone string `json:"phone"` // all but the last four digits masked
}

// User asks who agreed to a binding.
func (s *BindingService) User(ctx context.Context, request QueryUserInfoRequest) (*QueryUserInfoResponse, error) {
	request.ReqDate = s.client.timestamp(request.ReqDate)
	return do[QueryUserInfoResponse](ctx, s.client, OpQueryUserInfo, "", request)
}
