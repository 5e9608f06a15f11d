package sen

import (
	"iter"
	"net/http"
)

// A Key names one of the two secrets of an app.
type Key int

// The secrets of an app. They are never the same value in a healthy setup: who
// can send requests need not be able to forge what the gateway sends.
const (
	Key1 Key = 1 // signs what the merchant sends
	Key2 Key = 2 // signs what the gateway sends: callbacks and redirects
)

// keyMember stands for the key itself in a list of signed members: the mac of
// query and cancel covers key1, which is not sent.
const keyMember = "key1"

// A Formula says what a mac covers: the values of the named members in order,
// joined with "|" and without one at the end. A member that was not sent counts
// as an empty value between its separators. A value is the characters sent,
// never a parsed and printed form of them.
type Formula struct {
	// Signed lists the members in order. The member "key1" stands for the key.
	Signed []string

	// Optional is a signed member that takes its place, separator included,
	// only when the request carries it; empty if the formula has none.
	Optional string

	// Key names the secret that signs.
	Key Key
}

// An Operation is one call of the merchant API: where it is, and what its mac
// covers. Client and server read the same table, so they cannot sign
// differently. Treat the values as read-only.
type Operation struct {
	// Name is the key of the operation in the catalogue, such as "create_order".
	Name string

	// Title is the English heading of its table of status values.
	Title string

	// Method is the HTTP method and Path the path, below the host.
	Method, Path string

	// Shared is the path of the wallet operation that does the same for a card
	// when it is given a card's token or binding; empty if there is none. The
	// provider publishes no path of their own for card payments, so merchants
	// use either.
	Shared string

	// FormOnly is set for an operation that takes no JSON.
	FormOnly bool

	// XML is set for an operation that a server takes in XML too, as the provider
	// documents it: one element of any name, with the members as elements in it. This
	// client sends JSON all the same.
	XML bool

	// Aliases are other names under which a server takes a signed member, and the
	// member that each stands for; nil for none. The provider's own clients of ZOD
	// do not agree on the names in a query string.
	Aliases map[string]string
	// RSA is set for an operation whose mac is not sent: its member sig is the
	// RSA signature, made with the app's private key, of the mac's text. See
	// [SignRSA].
	RSA bool

	Formula
}

// The operations of the merchant API. The members that each signs, and their
// order, are those of the provider's documentation and Node SDK.
var (
	OpCreateOrder = &Operation{
		Name: "create_order", Title: "Create Order",
		Method: http.MethodPost, Path: "/v2/create",
		Formula: requestFormula("app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data", "item"),
	}
	OpQueryOrder = &Operation{
		Name: "query_order", Title: "Query Order's Status",
		Method: http.MethodPost, Path: "/v2/query",
		Formula: requestFormula("app_id", "app_trans_id", keyMember),
	}
	OpCancelOrder = &Operation{
		Name: "cancel_order", Title: "Cancel Order",
		Method: http.MethodPost, Path: "/v2/cancel",
		Formula: requestFormula("app_id", "app_trans_id", keyMember),
	}
	// OpQuickPay has no table of status values of the provider's: what it answers
	// is the gateway's choice among those of creating an order and of paying by
	// token.
	OpQuickPay = &Operation{
		Name: "quick_pay", Title: "Quick Pay",
		Method: http.MethodPost, Path: "/v2/quick_pay", XML: true,
		Formula: requestFormula("app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data", "item", "payment_code"),
	}
	OpRefundOrder = &Operation{
		Name: "refund_order", Title: "Refund Order",
		Method: http.MethodPost, Path: "/v2/refund",
		Formula: Formula{
			Signed:   []string{"app_id", "zp_trans_id", "amount", "refund_fee_amount", "description", "timestamp"},
			Optional: "refund_fee_amount",
			Key:      Key1,
		},
	}
	OpQueryRefund = &Operation{
		Name: "query_refund", Title: "Query Refund Order's Status",
		Method: http.MethodPost, Path: "/v2/query_refund",
		Formula: requestFormula("app_id", "m_refund_id", "timestamp"),
	}
	OpCreateBindingWallet = &Operation{
		Name: "create_binding_wallet", Title: "Create Binding (Wallet)",
		Method: http.MethodPost, Path: "/v2/agreement/bind", XML: true,
		Formula: requestFormula("app_id", "app_trans_id", "binding_data", "binding_type", "identifier", "max_amount", "req_date"),
	}
	OpQueryPaymentTokenWallet = &Operation{
		Name: "query_payment_token_wallet", Title: "Query Payment Token (Wallet)",
		Method: http.MethodPost, Path: "/v2/agreement/query", XML: true,
		Formula: requestFormula("app_id", "app_trans_id", "req_date"),
	}
	OpQueryBalanceWallet = &Operation{
		Name: "query_balance_wallet", Title: "Query Balance (Wallet)",
		Method: http.MethodPost, Path: "/v2/agreement/balance", XML: true,
		Formula: requestFormula("app_id", "pay_token", "identifier", "amount", "req_date"),
	}
	OpPayByTokenWallet = &Operation{
		Name: "pay_by_token_wallet", Title: "Pay By Token (Wallet)",
		Method: http.MethodPost, Path: "/v2/agreement/pay", XML: true,
		Formula: requestFormula("app_id", "identifier", "zp_trans_token", "pay_token", "req_date"),
	}
	OpUnbindingWallet = &Operation{
		Name: "unbinding_wallet", Title: "Un Binding (Wallet)",
		Method: http.MethodPost, Path: "/v2/agreement/unbind", XML: true,
		Formula: requestFormula("app_id", "identifier", "binding_id", "req_date"),
	}
	OpQueryUserInfo = &Operation{
		Name: "query_user_info", Title: "Query User Info",
		Method: http.MethodPost, Path: "/v2/agreement/query_user", XML: true,
		Formula: requestFormula("app_id", "access_token", "req_date"),
	}
	OpCreateBindingCard = &Operation{
		Name: "create_binding_card", Title: "Create Binding (Card)",
		Method: http.MethodPost, Path: "/v2/tokenization/bind", XML: true,
		Formula: requestFormula("app_id", "app_trans_id", "identifier", "binding_mode", "binding_type", "device_type", "binding_data", "payment_data", "req_date"),
	}
	OpQueryBindingCard = &Operation{
		Name: "query_binding_card", Title: "Query Binding (Card)",
		Method: http.MethodPost, Path: "/v2/tokenization/query", Shared: "/v2/agreement/query", XML: true,
		Formula: requestFormula("app_id", "app_trans_id", "req_date"),
	}
	OpPayByTokenCard = &Operation{
		Name: "pay_by_token_card", Title: "Pay by Token (Card)",
		Method: http.MethodPost, Path: "/v2/tokenization/pay", Shared: "/v2/agreement/pay", XML: true,
		Formula: requestFormula("app_id", "identifier", "zp_trans_token", "pay_token", "req_date"),
	}
	OpUnbindingCard = &Operation{
		Name: "unbinding_card", Title: "Un Binding (Card)",
		Method: http.MethodPost, Path: "/v2/tokenization/unbind", Shared: "/v2/agreement/unbind", XML: true,
		Formula: requestFormula("app_id", "identifier", "binding_id", "req_date"),
	}

	// OpListBanks is older than the rest: its members have no underscores, and
	// its answer carries returncode without a sub code. The provider serves it
	// from the host of the payment pages.
	OpListBanks = &Operation{
		Name: "list_banks", Title: "List Merchant Banks",
		Method: http.MethodPost, Path: "/api/getlistmerchantbanks", FormOnly: true,
		Formula: requestFormula("appid", "reqtime"),
	}
	OpGetBankDeepLinks = &Operation{
		Name: "get_bank_deep_links", Title: "Get Bank Deep Links",
		Method: http.MethodPost, Path: "/zps/api/v2/get_bank_deep_link",
		Formula: requestFormula("app_id", "bank_codes", "os_type", "order_token"),
	}

	// The operations of ZOD, where the receiver of a parcel pays, have names and
	// answers in camel case. The provider serves them from a host of their own.
	OpCreateZod = &Operation{
		Name: "create_zod", Title: "Create ZOD Invoice",
		Method: http.MethodPost, Path: "/v2/zod", XML: true, Aliases: zodAliases,
		Formula: requestFormula("appId", "mcRefId", "amount", "mcExtInfo"),
	}
	OpQueryZodInvoice = &Operation{
		Name: "query_zod_invoice", Title: "Query ZOD Invoice",
		Method: http.MethodGet, Path: "/v2/zod/invoice", Aliases: zodAliases,
		Formula: requestFormula("appId", "mcRefId"),
	}
	OpQueryZodStatus = &Operation{
		Name: "query_zod_status", Title: "Query ZOD Order Status",
		Method: http.MethodGet, Path: "/v2/zod/status", Aliases: zodAliases,
		Formula: requestFormula("appId", "mcRefId"),
	}

	// The operations that pay out to wallets are in the provider's OpenAPI file,
	// and not among its tables of status values.
	OpDisbursementUser = &Operation{
		Name: "disbursement_user", Title: "Query Receiver (Disbursement)",
		Method: http.MethodPost, Path: "/v2/disbursement/user", XML: true,
		Formula: requestFormula("app_id", "phone", "time"),
	}
	OpDisbursementTopUp = &Operation{
		Name: "disbursement_topup", Title: "Top Up Wallet (Disbursement)",
		Method: http.MethodPost, Path: "/v2/disbursement/topup", XML: true, RSA: true,
		Formula: requestFormula("app_id", "payment_id", "partner_order_id", "m_u_id", "amount", "description", "partner_embed_data", "extra_info", "time"),
	}
	OpDisbursementQuery = &Operation{
		Name: "disbursement_txn", Title: "Query Disbursement",
		Method: http.MethodPost, Path: "/v2/disbursement/txn", XML: true,
		Formula: requestFormula("app_id", "partner_order_id", "time"),
	}
	OpDisbursementBalance = &Operation{
		Name: "disbursement_balance", Title: "Query Balance (Disbursement)",
		Method: http.MethodPost, Path: "/v2/disbursement/balance", XML: true,
		Formula: requestFormula("app_id", "payment_id", "time"),
	}
)

var zodAliases = map[string]string{"app_id": "appId", "mc_ref_id": "mcRefId"}

// The formulas of what the gateway sends.
var (
	// CallbackFormula covers the data member alone, as the exact text in it.
	CallbackFormula = Formula{Signed: []string{"data"}, Key: Key2}

	// RedirectFormula covers the parameters added to the merchant's page. The
	// provider documents it with key2, and its real redirects verify with key2.
	RedirectFormula = Formula{
		Signed: []string{"appid", "apptransid", "pmcid", "bankcode", "amount", "discountamount", "status"},
		Key:    Key2,
	}
)

func requestFormula(members ...string) Formula {
	return Formula{Signed: members, Key: Key1}
}

// MACMember is the member of a request that shows who sent it.
func (op *Operation) MACMember() string {
	if op.RSA {
		return "sig"
	}
	return "mac"
}

// Status finds what value means as an answer of the operation: in its own table,
// or in that of the one whose path it shares. A token of a card can be used
// where a wallet's can, and is then refused in the words of cards; what an app's
// own terms refuse of a card has words in the wallets' table only.
func (op *Operation) Status(value int) (Status, bool) {
	if st, ok := Lookup(op.Name, value); ok {
		return st, true
	}
	for _, other := range Operations() {
		if other.Shared != op.Path && other.Path != op.Shared {
			continue
		}
		if st, ok := Lookup(other.Name, value); ok {
			return st, true
		}
	}
	return Status{}, false
}

// Operations returns the operations in the order of the provider's
// documentation, the 15 that have a table of status values first, then quick
// pay, the bank list and deep links, then ZOD and disbursement. The slice is the
// caller's.
func Operations() []*Operation {
	return []*Operation{
		OpCreateOrder, OpQueryOrder, OpCancelOrder, OpRefundOrder, OpQueryRefund,
		OpCreateBindingWallet, OpQueryPaymentTokenWallet, OpQueryBalanceWallet,
		OpPayByTokenWallet, OpUnbindingWallet, OpQueryUserInfo,
		OpCreateBindingCard, OpQueryBindingCard, OpPayByTokenCard, OpUnbindingCard,
		OpQuickPay, OpListBanks, OpGetBankDeepLinks,
		OpCreateZod, OpQueryZodInvoice, OpQueryZodStatus,
		OpDisbursementUser, OpDisbursementTopUp, OpDisbursementQuery, OpDisbursementBalance,
	}
}

// FindOperation returns the operation with that name.
func FindOperation(name string) (*Operation, bool) {
	for _, op := range Operations() {
		if op.Name == name {
			return op, true
		}
	}
	return nil, false
}

// AppendInput appends to dst the text that the mac covers and returns the
// extended slice. value returns the characters sent for a member, or "" when it
// was not sent; it is not asked for the key. The optional member is part of the
// text when value returns anything for it.
func (f *Formula) AppendInput(dst []byte, value func(member string) string, key string) []byte {
	return f.appendInput(dst, value, key, f.carriesOptional(value))
}

// Inputs yields every text that a server should accept under the mac, most
// likely first. There is more than one only when the optional member was sent
// as "0": some clients then sign it and some sign as if it were absent, and
// both mean the same. The slices are only valid until the next one.
func (f *Formula) Inputs(value func(member string) string, key string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var room [inputRoom]byte
		carries := f.carriesOptional(value)
		if !yield(f.appendInput(room[:0], value, key, carries)) {
			return
		}
		if carries && value(f.Optional) == "0" {
			yield(f.appendInput(room[:0], value, key, false))
		}
	}
}

// Sign returns the mac of the members that value returns.
func (f *Formula) Sign(key string, value func(member string) string) string {
	var room [inputRoom]byte
	return Sign(key, f.AppendInput(room[:0], value, key))
}

// Verify reports whether mac signs one of the [Formula.Inputs].
func (f *Formula) Verify(key, mac string, value func(member string) string) bool {
	for input := range f.Inputs(value, key) {
		if Verify(key, input, mac) {
			return true
		}
	}
	return false
}

// inputRoom holds the input of any ordinary request, so that it need not move
// to a larger buffer; embed_data and item may make it longer.
const inputRoom = 512

func (f *Formula) carriesOptional(value func(string) string) bool {
	return f.Optional != "" && value(f.Optional) != ""
}

func (f *Formula) appendInput(dst []byte, value func(string) string, key string, optional bool) []byte {
	first := true
	for _, member := range f.Signed {
		if member == f.Optional && !optional {
			continue
		}
		if !first {
			dst = append(dst, '|')
		}
		first = false
		if member == keyMember {
			dst = append(dst, key...)
		} else {
			dst = append(dst, value(member)...)
		}
	}
	return dst
}
