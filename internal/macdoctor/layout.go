package macdoctor

import (
	"slices"
	"sort"
	"strings"

	"sen"
)

// A layout says how values become a text.
type layout struct {
	why             Finding
	likely          bool // also tried together with other mistakes
	order           []int
	sep, head, tail string
	named           bool // name=value instead of the value
}

func (l *layout) append(dst []byte, s *search, values []string, key string) []byte {
	dst = append(dst, l.head...)
	for n, i := range l.order {
		if n > 0 {
			dst = append(dst, l.sep...)
		}
		if l.named {
			dst = append(append(dst, s.names[i]...), '=')
		}
		if i == s.key {
			dst = append(dst, key...)
		} else {
			dst = append(dst, values[i]...)
		}
	}
	return append(dst, l.tail...)
}

// layouts are the ways to join the right values wrongly.
func (s *search) layouts() []layout {
	var all []layout
	add := func(why Finding, likely bool, change func(*layout)) {
		l := s.base
		l.why, l.likely, l.order = why, likely, slices.Clone(l.order)
		change(&l)
		all = append(all, l)
	}
	s.keyLayouts(add)
	s.missing(add)
	s.separators(add)
	s.orders(add)
	s.otherFormulas(add)
	s.extra(add)
	s.namedPairs(add)
	return all
}

type adder func(why Finding, likely bool, change func(*layout))

// keyLayouts leave the key out of the text, or put it in.
func (s *search) keyLayouts(add adder) {
	if slices.Contains(s.base.order, s.key) {
		add(Finding{Cause: Key1Missing}, true, func(l *layout) { l.order = without(l.order, s.key) })
		add(Finding{Cause: Key1Missing}, false, func(l *layout) { l.order, l.tail = without(l.order, s.key), "|" })
		return
	}
	add(Finding{Cause: Key1Added}, true, func(l *layout) { l.order = append(l.order, s.key) })
	add(Finding{Cause: Key1Added}, false, func(l *layout) { l.order = slices.Insert(l.order, 0, s.key) })
	for at := 1; at < len(s.base.order); at++ {
		add(Finding{Cause: Key1Added}, false, func(l *layout) { l.order = slices.Insert(l.order, at, s.key) })
	}
}

func without(order []int, gone ...int) []int {
	return slices.DeleteFunc(slices.Clone(order), func(i int) bool { return slices.Contains(gone, i) })
}

// missing leaves out one member, two, or all that are empty.
func (s *search) missing(add adder) {
	drop := func(likely bool, gone ...int) {
		why := Finding{MemberMissing, s.list(gone)}
		if len(gone) == 1 && s.names[gone[0]] == "refund_fee_amount" {
			why = Finding{RefundFee, "without refund_fee_amount"}
		}
		add(why, likely, func(l *layout) { l.order = without(l.order, gone...) })
	}
	var empty []int
	for _, i := range s.signed {
		drop(true, i)
		if s.values[i] == "" {
			empty = append(empty, i)
		}
	}
	if len(empty) > 1 {
		drop(true, empty...)
	}
	for n, i := range s.signed {
		for _, j := range s.signed[n+1:] {
			drop(false, i, j)
		}
	}
	if s.c.Operation.Optional != "" && s.c.get(s.c.Operation.Optional) == "" {
		s.feeAdded(add)
	}
}

// feeAdded gives the optional member of a refund a place that it has only when
// it is sent.
func (s *search) feeAdded(add adder) {
	at := slices.Index(s.c.Operation.Signed, s.c.Operation.Optional)
	for _, fee := range []string{"", "0", "null", "undefined", "None"} {
		i := s.add(s.c.Operation.Optional, fee)
		s.wire = append(s.wire, "")
		add(Finding{RefundFee, "with refund_fee_amount, which was not sent"}, true,
			func(l *layout) { l.order = slices.Insert(l.order, at, i) })
	}
}

func (s *search) list(order []int) string { return strings.ReplaceAll(s.nameAll(order), "|", ", ") }

func (s *search) separators(add adder) {
	for i, sep := range []string{"", ",", "&", "||", " | ", ";", "-", "_", ":", " ", "\n", ".", "+", "/", "#", "*", "~", "%7C", "\\|", "| ", " |", ", ", "\t"} {
		note := "\"" + sep + "\" between the members"
		if sep == "" {
			note = "nothing between the members"
		}
		add(Finding{Separator, note}, i < 3, func(l *layout) { l.sep = sep })
	}
	for _, ends := range [][2]string{{"", "|"}, {"|", ""}, {"|", "|"}, {"", "||"}} {
		note := "\"|\" at the end"
		if ends[0] != "" {
			note = "\"|\" at the beginning"
		}
		add(Finding{Separator, note}, true, func(l *layout) { l.head, l.tail = ends[0], ends[1] })
	}
}

// orders are those in which clients find the members: sorted, as sent, or with
// one of them in a wrong place.
func (s *search) orders(add adder) {
	sorted := slices.Clone(s.base.order)
	sort.Slice(sorted, func(i, j int) bool { return s.names[sorted[i]] < s.names[sorted[j]] })
	reversed := slices.Clone(s.base.order)
	slices.Reverse(reversed)
	sent := s.asSent(s.base.order)
	order := func(o []int, likely bool) {
		if !slices.Equal(o, s.base.order) {
			add(Finding{OrderOfMembers, s.nameAll(o)}, likely, func(l *layout) { l.order = o })
		}
	}
	order(sorted, true)
	order(sent, true)
	order(reversed, true)
	for i := 1; i < len(s.base.order); i++ {
		order(append(slices.Clone(s.base.order[i:]), s.base.order[:i]...), false)
	}
	for i := range s.base.order {
		for j := range i {
			o := slices.Clone(s.base.order)
			o[i], o[j] = o[j], o[i]
			order(o, i == j+1)
		}
	}
	for _, o := range moves(s.base.order) {
		order(o, false)
	}
}

// asSent sorts by the place in the request; what was not sent keeps the end.
func (s *search) asSent(order []int) []int {
	place := func(i int) int {
		if at := slices.IndexFunc(s.c.Members, func(m Member) bool { return m.Name == s.names[i] }); at >= 0 {
			return at
		}
		return len(s.c.Members)
	}
	order = slices.Clone(order)
	sort.SliceStable(order, func(i, j int) bool { return place(order[i]) < place(order[j]) })
	return order
}

// extra puts one unsigned member into the text, in its place or in that of
// another one, or all of them.
func (s *search) extra(add adder) {
	for _, i := range s.rest {
		if s.values[i] == "" || isEmptyJSON(s.values[i]) {
			continue // an empty place has other reasons
		}
		for at := len(s.base.order); at >= 0; at-- {
			add(Finding{MemberExtra, s.names[i]}, at == len(s.base.order), func(l *layout) { l.order = slices.Insert(l.order, at, i) })
		}
		for at := range s.base.order {
			add(Finding{OtherMember, s.names[i] + " in place of " + s.names[s.base.order[at]]}, false, func(l *layout) { l.order[at] = i })
		}
	}
	for _, i := range s.signed {
		for at := range s.base.order {
			if s.base.order[at] != i && !isEmptyJSON(s.values[i]) {
				add(Finding{OtherMember, s.names[i] + " in place of " + s.names[s.base.order[at]]}, false, func(l *layout) { l.order[at] = i })
			}
		}
		add(Finding{MemberExtra, s.names[i] + " twice"}, false, func(l *layout) { l.order = append(l.order, i) })
	}
	everything := append(slices.Clone(s.signed), s.rest...)
	for _, o := range [][]int{s.asSent(everything), s.byName(everything), everything} {
		add(Finding{MemberExtra, s.list(s.rest)}, false, func(l *layout) { l.order = o })
	}
	if len(s.rest) > 1 && len(s.rest) < 8 {
		s.twoExtra(add)
	}
}

func isEmptyJSON(v string) bool { return v == "{}" || v == "[]" }

func (s *search) twoExtra(add adder) {
	for _, i := range s.rest {
		for _, j := range s.rest {
			if i != j {
				add(Finding{MemberExtra, s.list([]int{i, j})}, false, func(l *layout) { l.order = append(l.order, i, j) })
			}
		}
	}
}

func (s *search) byName(order []int) []int {
	order = slices.Clone(order)
	sort.SliceStable(order, func(i, j int) bool { return s.names[order[i]] < s.names[order[j]] })
	return order
}

// otherFormulas are those of the other operations, filled with what there is.
func (s *search) otherFormulas(add adder) {
	for _, op := range sen.Operations() {
		if slices.Equal(op.Signed, s.c.Operation.Signed) {
			continue
		}
		if order, ok := s.fill(op.Signed); ok {
			add(Finding{OtherFormula, op.Name}, false, func(l *layout) { l.order = order })
		}
	}
	// Queries of an order and of a refund are short; clients of other operations
	// that begin from them put their own identifier in.
	for _, i := range append(slices.Clone(s.signed), s.rest...) {
		if i == s.signed[0] {
			continue
		}
		add(Finding{OtherFormula, sen.OpQueryOrder.Name}, false, func(l *layout) { l.order = []int{s.signed[0], i, s.key} })
		for _, t := range append(slices.Clone(s.signed), s.rest...) {
			if t != i && isTime(s.names[t]) {
				add(Finding{OtherFormula, sen.OpQueryRefund.Name}, false, func(l *layout) { l.order = []int{s.signed[0], i, t} })
			}
		}
	}
}

// fill finds the members in the request, a time under any name of one. What
// is not there is empty, but some must be.
func (s *search) fill(names []string) (order []int, ok bool) {
	found := 0
	for _, name := range names {
		i := slices.IndexFunc(s.names, func(have string) bool {
			return have == name || isTime(have) && isTime(name) || isApp(have) && isApp(name)
		})
		if i < 0 {
			i = s.add(name, "")
			s.wire = append(s.wire, "")
		} else {
			found++
		}
		order = append(order, i)
	}
	return order, found > 1
}

func isApp(name string) bool { return name == "app_id" || name == "appid" }

func isTime(name string) bool {
	switch name {
	case "app_time", "apptime", "timestamp", "req_date", "reqtime", "time":
		return true
	}
	return false
}

func isAmount(name string) bool {
	switch name {
	case "amount", "max_amount", "refund_fee_amount":
		return true
	}
	return false
}

// namedPairs are texts in the manner of other gateways: name=value&…
func (s *search) namedPairs(add adder) {
	everything := append(slices.Clone(s.signed), s.rest...)
	for _, sep := range []string{"&", "|", ","} {
		for _, o := range [][]int{s.base.order, s.signed, s.byName(s.signed), s.asSent(s.signed), s.byName(everything), s.asSent(everything)} {
			add(Finding{NamesInText, ""}, false, func(l *layout) { l.order, l.sep, l.named = o, sep, true })
			add(Finding{NamesInText, ""}, false, func(l *layout) { l.order, l.sep, l.named, l.tail = o, sep, true, sep })
		}
	}
	for _, old := range []bool{false, true} {
		text := s.formula()
		if old {
			text = strings.ReplaceAll(text, "_", "")
		}
		add(Finding{LiteralNames, ""}, false, func(l *layout) { l.order, l.head = nil, text })
	}
}

// moves are the orders that differ by the place of one.
func moves(order []int) (all [][]int) {
	for i := range order {
		rest := slices.Delete(slices.Clone(order), i, i+1)
		for j := range order {
			if j != i && j != i-1 { // the latter is the move of a neighbour
				all = append(all, slices.Insert(slices.Clone(rest), j, order[i]))
			}
		}
	}
	return all
}

// allOrders tries every order of a few members, and of one more when the app
// comes first, as nearly everybody has it.
func (s *search) allOrders() bool {
	const most = 6
	first := 0
	if len(s.base.order) > most {
		first = 1
	}
	if len(s.base.order)-first > most {
		return false
	}
	l := s.base
	l.order = slices.Clone(l.order)
	return s.permute(&l, first)
}

func (s *search) permute(l *layout, from int) bool {
	if from == len(l.order) {
		if s.left < 0 || !s.try(s.own, *l, s.values) {
			return false
		}
		return s.keep(s.show(*l, s.values, s.own), Finding{OrderOfMembers, s.nameAll(l.order)})
	}
	for i := from; i < len(l.order); i++ {
		l.order[from], l.order[i] = l.order[i], l.order[from]
		if s.permute(l, from+1) {
			return true
		}
		l.order[from], l.order[i] = l.order[i], l.order[from]
	}
	return false
}
