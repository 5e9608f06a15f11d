package history

import "time"

// phase is where an order, a binding or a refund stands.
type phase byte

const (
	absent phase = 'a'
	open   phase = 'o' // an order that can be paid, a binding to be confirmed, a refund under way
	done   phase = 'd' // a paid order, a confirmed binding, a refund that is carried out
	shut   phase = 's' // a cancelled order, a binding that ended, a refund that failed
)

// state is an order with the bindings that were used on it. The zero number is
// one that nobody has seen yet: the first answer that tells it fixes it.
type state struct {
	order    phase
	payer    string
	number   int64
	bindings string // a phase for each
}

// A move is an operation as the model meets it.
type move struct {
	Op

	binding int           // which of the state's; -1: none
	age     time.Duration // of the order when this ended, at most
}

// life is how long an order of the history can be paid. It is the protocol's
// default, which clients here don't change.
const life = 15 * time.Minute

// step reports whether an order or binding in this state may answer so, and
// what it is then. It is the whole of what the API promises of one order. A
// call of unknown outcome takes effect if it can: one that never took effect
// is one that comes after everything else.
func (s state) step(m move) (bool, state) {
	switch m.Kind {
	case Create:
		return s.create(m)
	case Query, Settled:
		return s.query(m)
	case Callback:
		return s.tell(m)
	case Pay:
		return s.pay(m)
	case PayByToken:
		return s.payByToken(m)
	case Cancel:
		return s.cancel(m)
	case Bind:
		return s.bind(m)
	case Confirm:
		return s.confirm(m)
	case QueryBinding:
		return s.queryBinding(m)
	case Unbind:
		return s.unbind(m)
	default: // no other is right
	}
	return false, s
}

func (s state) create(m move) (bool, state) {
	fresh := s.order == absent
	switch m.Result {
	case Done, Unknown:
		if fresh {
			s.order = open
		}
		return fresh || m.Result == Unknown, s
	case Duplicate:
		return !fresh, s
	default: // no other is right
	}
	return false, s
}

func (s state) query(m move) (bool, state) {
	switch m.Result {
	case Missing:
		return s.order == absent, s
	case Open:
		return s.order == open, s
	case Shut:
		return s.isShut(m), s
	case Paid:
		return s.tell(m)
	default: // no other is right
	}
	return false, s
}

// isShut includes an order whose time may have been up by then.
func (s state) isShut(m move) bool {
	return s.order == shut || s.order == open && m.age >= life
}

// tell is an answer that names the payment.
func (s state) tell(m move) (bool, state) {
	if s.order != done || m.Payment == 0 || s.number != 0 && s.number != m.Payment {
		return false, s
	}
	s.number = m.Payment
	return true, s
}

func (s state) pay(m move) (bool, state) {
	payer := "wallet " + m.Wallet
	switch m.Result {
	case Done:
		if s.order == open {
			s.order, s.payer = done, payer
		}
		if s.payer != payer {
			return false, s
		}
		return s.tell(m)
	case Unknown:
		if s.order == open {
			s.order, s.payer = done, payer
		}
		return true, s
	case Paid:
		return s.order == done && s.payer != payer, s
	case Shut:
		return s.isShut(m), s
	case Missing:
		return s.order == absent, s
	case Poor:
		return s.order == open, s
	default: // no other is right
	}
	return false, s
}

func (s state) payByToken(m move) (bool, state) {
	payer := "binding " + m.Binding
	by := s.bindings[m.binding]
	payable := s.order == open && phase(by) == done
	mine := s.order == done && s.payer == payer
	switch m.Result {
	case Done:
		if payable {
			s.order, s.payer = done, payer
		}
		if !payable && !mine {
			return false, s
		}
		return s.tell(m)
	case Unknown:
		if payable {
			s.order, s.payer = done, payer
		}
		return true, s
	case Ended:
		return phase(by) == shut && (s.order == open || s.order == shut), s
	case Refused:
		return s.order == absent || s.order == done && !mine || s.isShut(m), s
	case Poor:
		return payable, s
	default: // no other is right
	}
	return false, s
}

func (s state) cancel(m move) (bool, state) {
	switch m.Result {
	case Done, Unknown:
		can := s.order == open || s.order == shut
		if can {
			s.order = shut
		}
		return can || m.Result == Unknown, s
	case Paid:
		return s.order == done, s
	case Missing:
		return s.order == absent, s
	default: // no other is right
	}
	return false, s
}

func (s state) at(m move) phase { return phase(s.bindings[m.binding]) }

func (s state) set(m move, p phase) state {
	b := []byte(s.bindings)
	b[m.binding] = byte(p)
	s.bindings = string(b)
	return s
}

func (s state) bind(m move) (bool, state) {
	fresh := s.at(m) == absent
	switch m.Result {
	case Done, Unknown:
		if fresh {
			s = s.set(m, open)
		}
		return fresh || m.Result == Unknown, s
	case Duplicate:
		return !fresh, s
	default: // no other is right
	}
	return false, s
}

// confirm is always from the same wallet, so to say it twice is no error.
func (s state) confirm(m move) (bool, state) {
	was := s.at(m)
	switch m.Result {
	case Done, Unknown:
		if was == open {
			s = s.set(m, done)
		}
		return was == open || was == done || m.Result == Unknown, s
	case Ended:
		return was == shut, s
	case Missing:
		return was == absent, s
	default: // no other is right
	}
	return false, s
}

func (s state) queryBinding(m move) (bool, state) {
	want := map[Result]phase{Missing: absent, Open: open, Done: done, Ended: shut}
	p, ok := want[m.Result]
	return ok && s.at(m) == p, s
}

func (s state) unbind(m move) (bool, state) {
	was := s.at(m)
	switch m.Result {
	case Done, Unknown:
		if was == done {
			s = s.set(m, shut)
		}
		return was == done || m.Result == Unknown, s
	case Missing:
		return was != done, s
	default: // no other is right
	}
	return false, s
}

// stepRefund is step for a refund. A refund under way ends by itself, one way
// or the other, at some time before an answer says so.
func stepRefund(p phase, m move) (bool, phase) {
	switch m.Kind {
	case Refund:
		fresh := p == absent
		switch m.Result {
		case Done, Unknown:
			if fresh {
				p = open
			}
			return fresh || m.Result == Unknown, p
		case Duplicate:
			return !fresh, p
		default: // no other is right
		}
	case QueryRefund:
		switch m.Result {
		case Missing:
			return p == absent, p
		case Open:
			return p == open, p
		case Done:
			return p == open || p == done, done
		case Failed:
			return p == open || p == shut, shut
		default: // no other is right
		}
	default: // no other is right
	}
	return false, p
}
