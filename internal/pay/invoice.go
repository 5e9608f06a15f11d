package pay

import (
	"context"
	"time"

	"sen/internal/merchant"
)

// InvoiceLife is how long a ZOD invoice can be paid: a month, of 30 days.
const InvoiceLife = MaxLife

// CreateInvoice opens an order that the receiver of a parcel pays. Its
// AppTransID is the merchant's reference, of any form; like every app_trans_id
// it is used once, or ErrOrderDuplicate. The request says no time of its own.
func (s *Service) CreateInvoice(ctx context.Context, n NewOrder) (Order, error) {
	now := s.Now()
	n.AppTime, n.Life, n.Version = now.Truncate(time.Millisecond), InvoiceLife, ZOD
	return s.openOrder(ctx, n, now)
}

// Invoice returns the app's invoice, and its payment once there is one. An order
// that is no invoice is ErrOrderNotFound.
func (s *Service) Invoice(ctx context.Context, app merchant.ID, reference string) (Receipt, error) {
	rc, err := s.Receipt(ctx, app, reference)
	if err == nil && rc.Order.Version != ZOD {
		return Receipt{}, ErrOrderNotFound
	}
	return rc, err
}
