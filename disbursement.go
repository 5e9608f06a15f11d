package sen

import (
	"cmp"
	"context"
)

// A DisbursementService pays money of the merchant out to wallets.
type DisbursementService struct{ client *Client }

// A DisbursementUserRequest names who is to be paid.
type DisbursementUserRequest struct {
	Phone string `json:"phone"` // ten digits, beginning with 0
	Time  int64  `json:"time"`  // milliseconds, within 15 minutes of now; 0 for now
}

// A DisbursementUserResponse says under which name to pay out to the wallet.
type DisbursementUserResponse struct {
	Envelope
	Data DisbursementUser `json:"data"`
}

// A DisbursementUser is who gets the money.
type DisbursementUser struct {
	ReferenceID   string `json:"reference_id"`
	MUID          string `json:"m_u_id"` // the same each time, for this app
	Name          string `json:"name"`
	Phone         string `json:"phone"`
	OnboardingURL string `json:"onboarding_url"`
}

// User finds the wallet with a telephone number. When there is none the refusal
// is [CodeNotFound].
func (s *DisbursementService) User(ctx context.Context, request DisbursementUserRequest) (*DisbursementUserResponse, error) {
	request.Time = s.client.timestamp(request.Time)
	return do[DisbursementUserResponse](ctx, s.client, OpDisbursementUser, "", request)
}

// A DisbursementTopupRequest pays out to a wallet. Lengths are in characters.
type DisbursementTopupRequest struct {
	PaymentID      string `json:"payment_id"`         // the app's disbursement account; empty for "CASHIN"
	PartnerOrderID string `json:"partner_order_id"`   // 1 to 50, once for each payout of the app
	MUID           string `json:"m_u_id"`             // what User answered
	Amount         int64  `json:"amount"`             // dong, at least 1
	Description    string `json:"description"`        // shown to the receiver; 1 to 256
	EmbedData      string `json:"partner_embed_data"` // JSON object, at most 2048; empty for "{}"
	ExtraInfo      string `json:"extra_info"`         // JSON object, at most 2048; empty for "{}"
	ReferenceID    string `json:"reference_id,omitempty"`
	Time           int64  `json:"time"` // milliseconds, within 15 minutes of now; 0 for now
}

// A DisbursementStatus is where a payout stands.
type DisbursementStatus int

// The statuses of a payout. The first two are final.
const (
	DisbursementPaid    DisbursementStatus = 1 // the wallet has the money
	DisbursementFailed  DisbursementStatus = 2 // nothing was paid out
	DisbursementRunning DisbursementStatus = 3 // ask again
	DisbursementPending DisbursementStatus = 4 // waits for the operator of the wallet, or for funds
)

// Final reports whether the status never changes any more.
func (s DisbursementStatus) Final() bool { return s == DisbursementPaid || s == DisbursementFailed }

// A DisbursementTopupResponse says where a payout stands.
type DisbursementTopupResponse struct {
	Envelope
	Data Disbursement `json:"data"`
}

// A DisbursementTxnResponse says where a payout stands.
type DisbursementTxnResponse struct {
	Envelope
	Data Disbursement `json:"data"`
}

// A Disbursement is a payout to a wallet.
type Disbursement struct {
	OrderID     string             `json:"order_id"` // the gateway's number of it
	Status      DisbursementStatus `json:"status"`
	MUID        string             `json:"m_u_id"`
	Phone       string             `json:"phone"`
	Amount      int64              `json:"amount"`
	Description string             `json:"description"`
	PartnerFee  int64              `json:"partner_fee"`
	ZLPFee      int64              `json:"zlp_fee"`
	ExtraInfo   string             `json:"extra_info"`
	Time        int64              `json:"time"`        // milliseconds
	ZPTransID   string             `json:"zp_trans_id"` // of Query, once it is paid
	ResultURL   string             `json:"result_url"`  // empty; the provider has a page there
	UpgradeURL  string             `json:"upgrade_url"` // of a refusal because the wallet is full
}

// TopUp pays out to a wallet, once for each partner_order_id. Look at the status:
// an accepted payout may still have to wait. The client needs [WithPrivateKey].
//
// A partner_order_id that was used before is refused with [CodeDuplicate]. An
// *[ArrivedError] means that this payout was accepted by an earlier try: ask with
// Query what became of it.
func (s *DisbursementService) TopUp(ctx context.Context, request DisbursementTopupRequest) (*DisbursementTopupResponse, error) {
	request.Time = s.client.timestamp(request.Time)
	request.PaymentID = cmp.Or(request.PaymentID, defaultPaymentID)
	request.EmbedData, request.ExtraInfo = cmp.Or(request.EmbedData, "{}"), cmp.Or(request.ExtraInfo, "{}")
	return do[DisbursementTopupResponse](ctx, s.client, OpDisbursementTopUp, request.PartnerOrderID, request)
}

const defaultPaymentID = "CASHIN"

// A DisbursementTxnRequest names a payout.
type DisbursementTxnRequest struct {
	PartnerOrderID string `json:"partner_order_id"`
	Time           int64  `json:"time"` // milliseconds; 0 for now
}

// Query asks where a payout stands. One that failed is no error: its status is
// [DisbursementFailed]. One that was refused, or never arrived, is
// [CodeNotFound].
func (s *DisbursementService) Query(ctx context.Context, request DisbursementTxnRequest) (*DisbursementTxnResponse, error) {
	request.Time = s.client.timestamp(request.Time)
	return do[DisbursementTxnResponse](ctx, s.client, OpDisbursementQuery, "", request)
}

// A DisbursementBalanceRequest names a disbursement account.
type DisbursementBalanceRequest struct {
	PaymentID string `json:"payment_id"` // empty for "CASHIN"
	Time      int64  `json:"time"`       // milliseconds; 0 for now
}

// A DisbursementBalanceResponse says what is left to pay out.
type DisbursementBalanceResponse struct {
	Envelope
	Data DisbursementAccount `json:"data"`
}

// A DisbursementAccount is what an app pays out from.
type DisbursementAccount struct {
	Balance int64 `json:"balance"` // dong
}

// Balance asks what is left to pay out.
func (s *DisbursementService) Balance(ctx context.Context, request DisbursementBalanceRequest) (*DisbursementBalanceResponse, error) {
	request.Time = s.client.timestamp(request.Time)
	request.PaymentID = cmp.Or(request.PaymentID, defaultPaymentID)
	return do[DisbursementBalanceResponse](ctx, s.client, OpDisbursementBalance, "", request)
}
