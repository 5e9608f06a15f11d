package bank

import (
	"context"
	"errors"

	"sen/internal/money"
)

// Closed is the channel of a gateway that has none: nothing gets through.
type Closed struct{}

var _ Channel = Closed{}

var errClosed = errors.New("no card channel is set up")

// Authorise implements Channel.
func (Closed) Authorise(context.Context, Charge) (Outcome, error) { return Outcome{}, errClosed }

// Confirm implements Channel.
func (Closed) Confirm(context.Context, int64, string) (Outcome, error) { return Outcome{}, errClosed }

// Ask implements Channel.
func (Closed) Ask(context.Context, int64) (Outcome, error) { return Outcome{}, errClosed }

// Void implements Channel.
func (Closed) Void(context.Context, int64) (Outcome, error) { return Outcome{}, errClosed }

// Refund implements Channel.
func (Closed) Refund(context.Context, int64, int64, money.Amount) (Outcome, error) {
	return Outcome{}, errClosed
}

// Reachable implements Channel.
func (Closed) Reachable(context.Context) error { return errClosed }
