package pay

import (
	"context"
	"time"
)

// The tables of moves, for tests that walk through them.
var (
	OrderMoves   = orderMoves
	RefundMoves  = refundMoves
	BindingMoves = bindingMoves
	ChargeMoves  = chargeMoves
)

// MoveOrder is moveOrder.
func (s *Service) MoveOrder(ctx context.Context, tx Tx, o *Order, to OrderState, now time.Time) error {
	return s.moveOrder(ctx, tx, o, to, now)
}

// MoveRefund is moveRefund.
func (s *Service) MoveRefund(ctx context.Context, tx Tx, r *Refund, to RefundState, now time.Time) error {
	return s.moveRefund(ctx, tx, r, to, now)
}

// MoveBinding is moveBinding.
func MoveBinding(ctx context.Context, tx Tx, b *Binding, to BindingState, now time.Time) error {
	return moveBinding(ctx, tx, b, to, now)
}

// MoveCharge is moveCharge.
func MoveCharge(ctx context.Context, tx Tx, c *Charge, to ChargeState, now time.Time) error {
	return moveCharge(ctx, tx, c, to, now)
}

// LeaseTime is leaseTime.
const LeaseTime = leaseTime
