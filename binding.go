package sen

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

// A QueryPaymentTokenWalletResponse is the state of a binding. Data is absent
// while the user has not answered.
type QueryPaymentTokenWalletResponse struct {
	Envelope
	Data *AgreementCallback `json:"data,omitempty"`
}

// A QueryBalanceWalletResponse says whether a token can pay an amount; it does
// not reveal the balance.
type QueryBalanceWalletResponse struct {
	Envelope
	Data           []BalanceChannel `json:"data"`
	DiscountAmount int64            `json:"discount_amount"` // dong, the user's best voucher
}

// A BalanceChannel is one source of the user's money.
type BalanceChannel struct {
	Channel  int    `json:"channel"` // MethodWallet
	Payable  bool   `json:"payable"`
	BankCode string `json:"bank_code"`
}

// A PayByTokenWalletResponse names the payment. When it is pending, the outcome
// is told by the order callback or a query of the order.
type PayByTokenWalletResponse struct {
	Envelope
	AppTransID string  `json:"app_trans_id"`
	ZPTransID  TransID `json:"zp_trans_id"`
}

// An UnbindingWalletResponse says that the binding has ended.
type UnbindingWalletResponse struct{ Envelope }

// A QueryUserInfoResponse holds what a merchant may know of a user.
type QueryUserInfoResponse struct {
	Envelope
	Phone string `json:"phone"` // all but the last four digits masked
}

// A CreateBindingCardResponse tells where the card holder enters the card.
type CreateBindingCardResponse struct {
	Envelope
	BindingToken  string `json:"binding_token"`
	BindingURL    string `json:"binding_url"`
	BindingQRLink string `json:"binding_qr_link"` // the same as BindingURL; the provider's guide uses this name
	ReformURL     string `json:"reform_url"`
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

// A PayByTokenCardResponse names the payment. It is pending until the card
// holder has verified at VerificationURL.
type PayByTokenCardResponse struct {
	Envelope
	AppTransID      string  `json:"app_trans_id"`
	ZPTransID       TransID `json:"zp_trans_id"`
	VerificationURL string  `json:"verification_url,omitempty"`
}

// An UnbindingCardResponse says that the binding has ended.
type UnbindingCardResponse struct{ Envelope }
