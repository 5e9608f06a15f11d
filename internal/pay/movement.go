package pay

import (
	"time"

	"sen/internal/ledger"
	"sen/internal/merchant"
	"sen/internal/money"
)

// A Movement is money that came into a wallet or left it, as its owner may see
// it.
type Movement struct {
	Number int64
	Reason ledger.Reason
	At     time.Time
	Amount money.Amount // negative: left the wallet
	// Of the order that was paid or refunded, or of the disbursement, whose
	// partner_order_id AppTransID is then; zero for any other movement.
	App         merchant.ID
	AppTransID  string
	Description string
	Binding     BindingKey // that paid it
}
