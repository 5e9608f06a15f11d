package sen

import (
	"cmp"
	"context"
	"encoding/json"
)

// A DeliveryService makes and queries invoices that the receiver of a parcel
// pays (ZOD). Refund one that is paid by its payment, as any other.
type DeliveryService struct{ client *Client }

// A CreateZodRequest asks for an invoice.
type CreateZodRequest struct {
	McRefID   string      `json:"mcRefId"`            // at most 40 characters; names no invoice and no order yet
	Amount    int64       `json:"amount"`             // dong, at least 1
	Receiver  ZodReceiver `json:"receiver"`           // who pays
	OrderInfo []ZodParcel `json:"orderInfo"`          // what is delivered
	McExtInfo string      `json:"mcExtInfo"`          // JSON object, returned in the callback, at most 2048; empty for "{}"
	HubID     string      `json:"hubId,omitempty"`    // where the parcel starts, at most 50
	DriverID  string      `json:"driverId,omitempty"` // who delivers it, at most 50
}

// A ZodReceiver is who receives a parcel.
type ZodReceiver struct {
	Contact string `json:"contact,omitempty"` // a name, or a telephone number
}

// A ZodParcel is one thing of an invoice.
type ZodParcel struct {
	TrackingNumber string `json:"trackingNumber,omitempty"`
	Description    string `json:"description,omitempty"`
	Amount         int64  `json:"amount,omitempty"` // dong
}

// A ZodEnvelope begins every answer of ZOD. It is [Envelope] in camel case.
type ZodEnvelope struct {
	ReturnCode       int    `json:"returnCode"`
	ReturnMessage    string `json:"returnMessage"`
	SubReturnCode    int    `json:"subReturnCode"`
	SubReturnMessage string `json:"subReturnMessage"`
}

// envelope takes an answer without codes for success: the provider documents
// none.
func (e ZodEnvelope) envelope() Envelope {
	return Envelope{cmp.Or(e.ReturnCode, Success), e.ReturnMessage, e.SubReturnCode, e.SubReturnMessage}
}

// A CreateZodResponse says where the invoice is paid.
type CreateZodResponse struct {
	ZodEnvelope
	OrderURL string `json:"orderUrl"` // to be shown as a QR code
}

// Create makes an invoice that can be paid once, for a month. No money moves.
// Its callback goes to the app's own address, and is [Callback.Zod].
//
// A McRefID that was used before is refused with [CodeDuplicate]. An
// *[ArrivedError] means that this invoice was made: [DeliveryService.Invoice] has
// its OrderURL.
func (s *DeliveryService) Create(ctx context.Context, request CreateZodRequest) (*CreateZodResponse, error) {
	request.McExtInfo = cmp.Or(request.McExtInfo, "{}")
	if request.OrderInfo == nil {
		request.OrderInfo = []ZodParcel{}
	}
	return do[CreateZodResponse](ctx, s.client, OpCreateZod, request.McRefID, request)
}

// A QueryZodInvoiceRequest names an invoice.
type QueryZodInvoiceRequest struct {
	McRefID string `json:"mcRefId"`
}

// A QueryZodInvoiceResponse says where the invoice is paid.
type QueryZodInvoiceResponse struct {
	ZodEnvelope
	OrderURL string `json:"orderUrl"`
}

// Invoice asks for the address of an invoice, paid or not.
func (s *DeliveryService) Invoice(ctx context.Context, request QueryZodInvoiceRequest) (*QueryZodInvoiceResponse, error) {
	return do[QueryZodInvoiceResponse](ctx, s.client, OpQueryZodInvoice, "", request)
}

// The states of an invoice.
const (
	ZodPaid   = 1
	ZodFailed = 2 // its month is over, or it was cancelled: it can't be paid any more
	ZodUnpaid = 3
)

// A QueryZodStatusRequest names an invoice.
type QueryZodStatusRequest struct {
	McRefID string `json:"mcRefId"`
}

// A QueryZodStatusResponse is the state of an invoice.
type QueryZodStatusResponse struct {
	ZodEnvelope
	Status    int     `json:"status"`           // ZodPaid, ZodFailed or ZodUnpaid
	Amount    int64   `json:"amount,string"`    // dong received, 0 before payment
	ZPTransID TransID `json:"zpTransId,string"` // the payment, 0 before
}

// UnmarshalJSON reads both numbers as text, as they are documented, or as
// numbers, as the provider's own samples also have them.
func (r *QueryZodStatusResponse) UnmarshalJSON(text []byte) error {
	var wire struct {
		ZodEnvelope
		Status    int     `json:"status"`
		Amount    TransID `json:"amount"` // it reads either
		ZPTransID TransID `json:"zpTransId"`
	}
	err := json.Unmarshal(text, &wire)
	*r = QueryZodStatusResponse{wire.ZodEnvelope, wire.Status, int64(wire.Amount), wire.ZPTransID}
	return err
}

// Paid reports whether the invoice is paid, which is final.
func (r *QueryZodStatusResponse) Paid() bool { return r.Status == ZodPaid }

// Status asks for the state of an invoice. One that is not paid is no error.
func (s *DeliveryService) Status(ctx context.Context, request QueryZodStatusRequest) (*QueryZodStatusResponse, error) {
	return do[QueryZodStatusResponse](ctx, s.client, OpQueryZodStatus, "", request)
}
