package conformance

import (
	"context"

	"sen"
)

// notYet lists the values that this gateway cannot earn, because it lacks what
// earns them. It is to become empty: a run looks whether the lack is still
// there, and whether somebody has written a case, and is not content with
// either.
var notYet = map[Key]lack{
	{"query_order", -217}:  noBanks,
	{"query_order", -1332}: noBanks,
	{"query_order", -1333}: noBanks,
	{"query_order", -1342}: noBanks,
	{"query_order", -1343}: noBanks,
	{"refund_order", 0}:    noBanks,
	{"query_refund", -2}:   noBanks,

	{"create_binding_card", -68}:   noCards,
	{"create_binding_card", -500}:  noCards,
	{"create_binding_card", -7002}: noCards,
	{"query_binding_card", -101}:   noCards,
	{"query_binding_card", -500}:   noCards,
	{"query_binding_card", -7002}:  noCards,
	{"pay_by_token_card", -500}:    noCards,
	{"pay_by_token_card", -7002}:   noCards,
	{"pay_by_token_card", -7202}:   noCards,
	{"pay_by_token_card", -7032}:   noCards,
	{"pay_by_token_card", -7041}:   noCards,
	{"pay_by_token_card", -7217}:   noCards,
	{"pay_by_token_card", -7223}:   noCards,
	{"unbinding_card", -101}:       noCards,
	{"unbinding_card", -500}:       noCards,
	{"unbinding_card", -7002}:      noCards,
	{"unbinding_card", -7216}:      noCards,
}

// A lack is something that a gateway may not have.
type lack struct {
	what string
	// still reports whether the gateway under test lacks it.
	still func(context.Context, *bench) (bool, error)
}

var (
	noBanks = lack{"payments by bank or card", onlyWallets}
	noCards = lack{"card bindings", noCardOperations}
)

// onlyWallets looks at the methods of payment that the gateway offers.
func onlyWallets(ctx context.Context, b *bench) (bool, error) {
	a, err := b.call(ctx, sen.OpListBanks, members{"reqtime": b.now()}, b.app.Key1, "")
	return len(a.Banks) <= 1, err
}

func noCardOperations(ctx context.Context, b *bench) (bool, error) {
	answered, err := b.answers(ctx, sen.OpCreateBindingCard)
	return !answered, err
}
