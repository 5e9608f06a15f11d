package sen

import "context"

// A RefundService returns money of paid orders.
type RefundService struct{ client *Client }

// A RefundOrderRequest asks for a refund of a payment, in full or in part.
type RefundOrderRequest struct {
	MRefundID       string  `json:"m_refund_id"`                 // at most 45 characters: see MRefundID; never used before
	ZPTransID       TransID `json:"zp_trans_id,string"`          // the payment, from its callback or a query
	Amount          int64   `json:"amount"`                      // dong, 1 to what is left of the payment
	RefundFeeAmount int64   `json:"refund_fee_amount,omitempty"` // dong withheld from the payer, 0 to Amount
	Description     string  `json:"description"`                 // the reason, at most 100 characters
	Timestamp       int64   `json:"timestamp"`                   // milliseconds, within 15 minutes of now; 0 for now
}

// A RefundOrderResponse says that a refund was accepted, not that it is done.
type RefundOrderResponse struct {
	Envelope
	RefundID TransID `json:"refund_id"`
}

// Create asks for a refund, which is then carried out by itself: query it for
// the result. The mac does not cover m_refund_id, as the provider designed it,
// so whoever can record a request could repeat it under another identifier for
// 15 minutes; what is left of the payment is the limit. Use HTTPS.
//
// An m_refund_id that was used before is refused with [CodeDuplicateRefund]. An
// *[ArrivedError] means that this refund was accepted by an earlier try.
func (s *RefundService) Create(ctx context.Context, request RefundOrderRequest) (*RefundOrderResponse, error) {
	request.Timestamp = s.client.timestamp(request.Timestamp)
	return do[RefundOrderResponse](ctx, s.client, OpRefundOrder, request.MRefundID, request)
}

// A QueryRefundRequest names a refund.
type QueryRefundRequest struct {
	MRefundID string `json:"m_refund_id"`
	Timestamp int64  `json:"timestamp"` // milliseconds; 0 for now
}

// A QueryRefundResponse is the state of a refund.
type QueryRefundResponse struct{ Envelope }

// Done reports whether the money was returned, which is final.
func (r *QueryRefundResponse) Done() bool { return r.ReturnCode == Success }

// Final reports whether the refund will not change any more. One that failed is an
// *[Error], which has a Final of its own.
func (r *QueryRefundResponse) Final() bool { return r.Done() }

// Advice says what to do next, in English for "en" and in Vietnamese otherwise.
func (r *QueryRefundResponse) Advice(lang string) string {
	return advice(OpQueryRefund, r.Envelope, lang)
}

// Query asks for the state of a refund. A refund under way is no error: Done is
// false. A refund that failed is an *[Error]; [Error.Final] tells whether that is
// the end of it.
func (s *RefundService) Query(ctx context.Context, request QueryRefundRequest) (*QueryRefundResponse, error) {
	request.Timestamp = s.client.timestamp(request.Timestamp)
	return do[QueryRefundResponse](ctx, s.client, OpQueryRefund, "", request)
}
