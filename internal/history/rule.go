package history

// A Rule is a promise, named by how it is broken.
type Rule string

// What answers can contradict each other about.
const (
	CreatedGone      Rule = "created and then gone"
	CreatedTwice     Rule = "created twice"
	PaidTwice        Rule = "paid twice"
	PaidByTwo        Rule = "two payers were told that they paid"
	PaidAndCancelled Rule = "paid and cancelled"
	PaidUndone       Rule = "paid and then not"
	CancelUndone     Rule = "cancelled and then not"
	PaidByNobody     Rule = "paid by nobody"
	BindingGone      Rule = "bound and then gone"
	UnbindIgnored    Rule = "paid by a binding that had ended"
	UnbindUndone     Rule = "ended and then not"
	RefundGone       Rule = "refund accepted and then gone"
	RefundUndone     Rule = "refund carried out and then not"
	Contradiction    Rule = "answers contradict each other"
	Undecided        Rule = "not decided"
)

// evidence is what a core of answers shows.
type evidence struct {
	paid, unpaid, cancelled, missing   bool
	created, made, bound, unbound      int
	confirmed, refundKnown, refundDone bool
	numbers, payers                    map[string]bool
}

func gather(core []Op) evidence {
	e := evidence{numbers: map[string]bool{}, payers: map[string]bool{}}
	for _, o := range core {
		e.add(o)
	}
	return e
}

func (e *evidence) add(o Op) {
	if o.tellsPaid() {
		e.paid = true
		e.numbers[text(o.Payment)] = true
	}
	switch o.Kind {
	case Pay, PayByToken:
		e.addPayment(o)
	case Cancel:
		e.cancelled = e.cancelled || o.Result == Done
		e.paid = e.paid || o.Result == Paid
	case Create:
		e.count(o, &e.created)
	case Bind, Confirm:
		e.count(o, &e.bound)
	case Unbind:
		e.count(o, &e.unbound)
	case QueryBinding:
		e.confirmed = e.confirmed || o.Result == Done
		if o.Result == Ended {
			e.unbound++
		}
	case Refund, QueryRefund:
		e.refundKnown = e.refundKnown || o.Result != Missing
		e.refundDone = e.refundDone || o.Kind == QueryRefund && o.Result == Done
	case Query, Settled:
		e.unpaid = e.unpaid || o.Result == Open
	default:
	}
	e.missing = e.missing || o.Result == Missing
}

func (e *evidence) addPayment(o Op) {
	switch o.Result {
	case Done:
		e.payers[o.Wallet+" "+o.Binding] = true
	case Paid:
		e.paid = true
	case Poor:
		e.unpaid = true
	case Ended:
		e.unbound++
	default:
	}
}

func (e *evidence) count(o Op, n *int) {
	if o.Result == Done || o.Result == Duplicate {
		*n++
	}
	if o.Kind == Create && o.Result == Done {
		e.made++
	}
}

// nameOf says what contradicts what. The first name that fits is the most
// particular one.
func nameOf(core []Op) Rule {
	e := gather(core)
	for _, n := range []struct {
		fits bool
		rule Rule
	}{
		{e.refundKnown && e.missing, RefundGone},
		{e.refundDone, RefundUndone},
		{e.paid && e.cancelled, PaidAndCancelled},
		{e.paid && e.unbound > 0, UnbindIgnored},
		{len(e.numbers) > 1, PaidTwice},
		{len(e.payers) > 1, PaidByTwo},
		{e.paid && (e.unpaid || e.missing), PaidUndone},
		{(e.created > 0 || e.unpaid) && e.missing, CreatedGone},
		{e.made > 1, CreatedTwice},
		{e.cancelled && e.unpaid, CancelUndone},
		{e.unbound > 0 && e.confirmed, UnbindUndone},
		{e.bound > 0 && e.missing, BindingGone},
		{e.paid, PaidByNobody},
	} {
		if n.fits {
			return n.rule
		}
	}
	return Contradiction
}
