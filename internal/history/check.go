package history

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// A Violation is a promise that was not kept.
type Violation struct {
	Rule   Rule
	About  string // the order, refund, binding or wallet
	Detail string
	Ops    []Op // the fewest answers that contradict each other, if it is answers
}

func (v Violation) String() string {
	text := fmt.Sprintf("%s: %s", v.Rule, v.About)
	if v.Detail != "" {
		text += ": " + v.Detail
	}
	for _, o := range v.Ops {
		text += "\n\t" + o.String()
	}
	return text
}

// Check returns what is wrong with a history. callbackRepeats is how often a
// callback that was accepted may come again.
//
// Orders with the bindings that were used on them, bindings, and refunds are
// each held against a model: there must be an order of the operations, in which
// each happens at one moment between its begin and its end, and in which every
// answer is right. To look at one object at a time loses nothing where a call
// touches one object; of a call that touches several, a payment by token that
// ends up in many histories of orders, each is checked by itself. What belongs
// to no single order, numbers and money, is counted.
func Check(ops []Op, callbackRepeats int) (found []Violation) {
	ops = slices.DeleteFunc(slices.Clone(ops), func(o Op) bool { return o.Result == Unsent })
	for _, part := range parts(ops) {
		found = append(found, part.check()...)
	}
	found = append(found, count(ops, callbackRepeats)...)
	slices.SortStableFunc(found, func(a, b Violation) int { return cmp.Compare(a.Rule, b.Rule) })
	return found
}

// A part is all operations on one object that the model looks at together.
type part struct {
	about    string
	refund   bool
	bindings []string
	ops      []Op
}

func parts(ops []Op) (all []*part) {
	byBinding := map[string]*part{}
	index := map[string]*part{}
	of := func(about string) *part {
		if index[about] == nil {
			index[about] = &part{about: about}
			all = append(all, index[about])
		}
		return index[about]
	}
	for _, o := range ops {
		var p *part
		switch o.Kind {
		case Bind, Confirm, QueryBinding, Unbind:
			p = of("binding " + o.Binding)
			p.bindings, byBinding[o.Binding] = []string{o.Binding}, p
		case Refund, QueryRefund:
			p = of("refund " + o.Refund)
			p.refund = true
		case Opened, Closed, Ledger:
			continue
		default:
			p = of("order " + o.Order)
		}
		p.ops = append(p.ops, o)
	}
	for _, p := range all {
		p.addBindings(byBinding)
	}
	return all
}

// addBindings gives an order what happened to the bindings that it was paid by.
func (p *part) addBindings(all map[string]*part) {
	for _, o := range slices.Clone(p.ops) {
		if o.Kind != PayByToken || slices.Contains(p.bindings, o.Binding) {
			continue
		}
		p.bindings = append(p.bindings, o.Binding)
		if b := all[o.Binding]; b != nil {
			p.ops = append(p.ops, b.ops...)
		}
	}
}

// check holds the part against its model. When that fails, it finds the fewest
// answers that still contradict each other.
func (p *part) check() []Violation {
	switch p.linearizable(p.ops) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return []Violation{{Rule: Undecided, About: p.about, Detail: fmt.Sprintf("%d operations are too many to try all their orders", len(p.ops))}}
	default:
	}
	core := p.core()
	slices.SortFunc(core, func(a, b Op) int { return cmp.Compare(a.Begin, b.Begin) })
	return []Violation{{Rule: nameOf(core), About: p.about, Ops: core}}
}

// core forgets one answer after the other as long as the rest is still wrong.
// To forget an answer never makes a right history wrong: a look is left out,
// and a write becomes one of unknown outcome. Looks are forgotten first, because
// what was done says more.
func (p *part) core() (core []Op) {
	ops := slices.Clone(p.ops)
	slices.SortStableFunc(ops, func(a, b Op) int {
		switch {
		case a.isWrite() == b.isWrite():
			return 0
		case b.isWrite():
			return -1
		}
		return 1
	})
	for i := range ops {
		was := ops[i]
		ops[i] = was.forgotten()
		if p.linearizable(ops) == porcupine.Ok {
			ops[i] = was
			core = append(core, was)
		}
	}
	return core
}

func (o Op) forgotten() Op {
	o.Result, o.End = Unknown, 0
	return o
}

const tryFor = 20 * time.Second

// linearizable looks for an order of the operations in which every answer is
// right. A write of unknown outcome that comes after everything else is as good
// as none. So it tries first with none of them, then with each and with each two:
// what fits then fits with all, and with all there may be more orders to try than
// there is time for.
func (p *part) linearizable(ops []Op) porcupine.CheckResult {
	answered, lost := split(ops)
	for some := range few(lost) {
		if p.try(slices.Concat(answered, some)) == porcupine.Ok {
			return porcupine.Ok
		}
	}
	return p.try(slices.Concat(answered, lost))
}

// few are none of them, each, and each with another one.
func few(lost []Op) iter.Seq[[]Op] {
	return func(yield func([]Op) bool) {
		if !yield(nil) {
			return
		}
		for i, o := range lost {
			if !yield([]Op{o}) {
				return
			}
			for _, other := range lost[:i] {
				if !yield([]Op{other, o}) {
					return
				}
			}
		}
	}
}

// split tells answers from writes of unknown outcome. What the model is about
// changes by each write once, so of several lost calls that are the same, at most
// one did anything, and could as well be the first.
func split(ops []Op) (answered, lost []Op) {
	first := map[Op]int{}
	for _, o := range ops {
		if o.Result != Unknown {
			answered = append(answered, o)
			continue
		}
		if !o.isWrite() {
			continue
		}
		same := Op{Kind: o.Kind, Order: o.Order, Binding: o.Binding, Refund: o.Refund, Wallet: o.Wallet}
		i, ok := first[same]
		switch {
		case !ok:
			first[same] = len(lost)
			lost = append(lost, o)
		case o.Begin < lost[i].Begin:
			lost[i] = o
		}
	}
	return answered, lost
}

// try looks for an order of just these operations.
func (p *part) try(ops []Op) porcupine.CheckResult {
	calls := make([]porcupine.Operation, 0, len(ops))
	for _, o := range ops {
		end := o.End
		if o.Result == Unknown {
			end = math.MaxInt64
		}
		m := move{Op: o, binding: slices.Index(p.bindings, o.Binding), age: p.age(o)}
		calls = append(calls, porcupine.Operation{ClientId: o.Client, Input: m, Call: o.Begin, Return: end})
	}
	return porcupine.CheckOperationsTimeout(p.model(), calls, tryFor)
}

// age is how old the order can be at most when the operation ends.
func (p *part) age(o Op) time.Duration {
	first := o.End
	for _, c := range p.ops {
		if c.Kind == Create {
			first = min(first, c.Begin)
		}
	}
	return time.Duration(o.End - first)
}

func (p *part) model() porcupine.Model {
	if p.refund {
		return porcupine.Model{
			Init: func() any { return absent },
			Step: func(s, in, _ any) (bool, any) {
				return stepRefund(s.(phase), in.(move)) //nolint:forcetypeassert // what Init and linearizable make
			},
		}
	}
	start := state{order: absent, bindings: strings.Repeat(string(absent), len(p.bindings))}
	return porcupine.Model{
		Init: func() any { return start },
		Step: func(s, in, _ any) (bool, any) {
			return s.(state).step(in.(move)) //nolint:forcetypeassert // the same
		},
	}
}
