package conformance

import (
	"context"
	"errors"
	"maps"

	"sen"
	"sen/internal/control"
)

// A scene brings about the state that earns a value, makes the call, and returns
// the value that came.
type scene func(ctx context.Context, b *bench) (int, error)

// cases returns the case of every value that has one.
func cases() map[Key]scene {
	all := map[Key]scene{}
	for _, st := range Documented() {
		op := operation(st.Operation)
		if common, ok := everywhere[st.Value]; ok {
			all[Key{st.Operation, st.Value}] = func(ctx context.Context, b *bench) (int, error) { return common(ctx, b, op) }
		}
	}
	maps.Copy(all, orderCases)
	maps.Copy(all, refundCases)
	maps.Copy(all, bindingCases)
	maps.Copy(all, cardCases)
	return all
}

// good makes, for each operation, a request that is right in all its members.
var good = map[*sen.Operation]func(context.Context, *bench) (members, error){
	sen.OpCreateOrder: func(_ context.Context, b *bench) (members, error) {
		return b.orderRequest(b.newID(), price), nil
	},
	sen.OpQueryOrder:  onOrder,
	sen.OpCancelOrder: onOrder,
	sen.OpRefundOrder: func(ctx context.Context, b *bench) (members, error) {
		payment, err := b.paid(ctx, nil)
		return b.refundRequest(b.newRefundID(), payment, price), err
	},
	sen.OpQueryRefund: func(ctx context.Context, b *bench) (members, error) {
		id, err := b.refunded(ctx, price)
		return members{"m_refund_id": id, "timestamp": b.now()}, err
	},
	sen.OpCreateBindingWallet: func(_ context.Context, b *bench) (members, error) {
		return b.bindRequest(b.newID(), "0"), nil
	},
	sen.OpQueryPaymentTokenWallet: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.bound(ctx, "0")
		return members{"app_trans_id": t.transID, "req_date": b.now()}, err
	},
	sen.OpQueryBalanceWallet: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.bound(ctx, "0")
		return b.balanceRequest(t, price), err
	},
	sen.OpPayByTokenWallet: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.bound(ctx, "0")
		if err != nil {
			return nil, err
		}
		return b.payRequest(ctx, t, price)
	},
	sen.OpUnbindingWallet: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.bound(ctx, "0")
		return b.endRequest(t), err
	},
	sen.OpQueryUserInfo: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.bound(ctx, "0")
		return members{"access_token": t.payToken, "req_date": b.now()}, err
	},
	sen.OpCreateBindingCard: func(_ context.Context, b *bench) (members, error) {
		return b.bindCardRequest(b.newID()), nil
	},
	sen.OpQueryBindingCard: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.boundCard(ctx)
		return members{"app_trans_id": t.transID, "req_date": b.now()}, err
	},
	sen.OpPayByTokenCard: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.boundCard(ctx)
		if err != nil {
			return nil, err
		}
		return b.payRequest(ctx, t, price)
	},
	sen.OpUnbindingCard: func(ctx context.Context, b *bench) (members, error) {
		t, err := b.boundCard(ctx)
		return b.endRequest(t), err
	},
}

func onOrder(ctx context.Context, b *bench) (members, error) {
	id := b.newID()
	_, err := b.order(ctx, id, price)
	return members{"app_trans_id": id}, err
}

// everywhere are the values that every operation earns in the same way.
var everywhere = map[int]func(context.Context, *bench, *sen.Operation) (int, error){
	-401:  malformed,
	-7002: malformed,
	-402: func(ctx context.Context, b *bench, op *sen.Operation) (int, error) {
		m, err := good[op](ctx, b)
		if err != nil {
			return 0, err
		}
		a, err := b.call(ctx, op, m, "somebody else's key", "")
		return a.value(), err
	},
	-429:  tooOften,
	-500:  withFault,
	-999:  inMaintenance,
	-1801: inMaintenance,
}

// malformed leaves a required member out.
func malformed(ctx context.Context, b *bench, op *sen.Operation) (int, error) {
	m, err := good[op](ctx, b)
	if err != nil {
		return 0, err
	}
	delete(m, op.Signed[1])
	return b.value(ctx, op, m)
}

// tooOften calls until the limit of one call in a second is reached, which is at
// the second call unless the machine is very slow.
func tooOften(ctx context.Context, b *bench, op *sen.Operation) (int, error) {
	m, err := good[op](ctx, b)
	if err != nil {
		return 0, err
	}
	if err := b.changeApp(ctx, control.ChangeApp{RatePerSecond: new(int64(1))}); err != nil {
		return 0, err
	}
	var got int
	for range 20 {
		if got, err = b.value(ctx, op, m); err != nil || got == -429 {
			break
		}
	}
	return got, err
}

// withFault calls while the gateway's store fails.
func withFault(ctx context.Context, b *bench, op *sen.Operation) (int, error) {
	m, err := good[op](ctx, b)
	if err != nil {
		return 0, err
	}
	fault, err := b.control.Inject(ctx, control.Fault{App: ownApp, Calls: 1})
	if err != nil {
		return 0, err
	}
	got, err := b.value(ctx, op, m)
	ctx = context.WithoutCancel(ctx)
	left, listed := b.control.Faults(ctx)
	for _, f := range left {
		if f.ID == fault.ID { // the call did not meet it, and somebody else must not
			return got, errors.Join(err, b.control.Mend(ctx))
		}
	}
	return got, errors.Join(err, listed)
}

// inMaintenance calls while the operation is closed to the app.
func inMaintenance(ctx context.Context, b *bench, op *sen.Operation) (int, error) {
	m, err := good[op](ctx, b)
	if err != nil {
		return 0, err
	}
	w, err := b.control.Announce(ctx, control.Window{Operation: op.Name, App: ownApp})
	if err != nil {
		return 0, err
	}
	b.later(func(ctx context.Context) error { _, err := b.control.Lift(ctx, w.ID); return err })
	return b.value(ctx, op, m)
}
