package macdoctor

import (
	"slices"
	"strings"
)

// search is the state of one diagnosis.
type search struct {
	c      *Case
	names  []string // what a text can be made of: signed members, then the rest, then the key
	values []string // the values received, parallel to names
	wire   []string // the same as they stood in the body or query; "" if not known
	signed []int    // where the members of the formula are in names
	rest   []int    // where the unsigned ones are, without the mac
	key    int      // where the key is
	base   layout   // the right one
	own    signer   // the right one
	hash   hasher   // what the length of the mac speaks for
	form   []Finding
	want   []byte
	left   int    // bytes that may still be worked on
	buf    []byte // of the text tried last, with room for the key before it

	// wrap makes of the characters that were signed what want is, in a search for
	// the mac that a signature covers; nil for a mac that came as it is. plain says
	// that not an HMAC of the text was signed, but the text.
	wrap  func(text []byte) []byte
	plain bool

	usualHashes bool // of the strange ones try the usual only

	found  []Finding
	theirs string
}

// budget bounds a search: bytes hashed and written, with an overhead for each
// try. Several thousand tries of an ordinary text fit.
const (
	budget   = 13 << 18
	overhead = 256
)

// maxText bounds what is tried at all: no documented member is that long, and
// rewriting a long one is what costs most.
const maxText = 32 << 10

func newSearch(c Case) *search {
	s := &search{c: &c, left: budget, own: signer{mac: c.App.Key1, text: c.App.Key1, shown: "<key1>"}}
	for _, name := range c.Operation.Signed {
		if name == keyMember || name == c.Operation.Optional && c.get(name) == "" {
			continue
		}
		s.signed = append(s.signed, s.add(name, c.get(name)))
	}
	for _, m := range c.Members {
		if m.Name != "mac" && m.Name != sigMember && m.Name != keyMember && !slices.Contains(s.names, m.Name) && len(s.rest) < maxRest && len(m.Value) <= maxRestText {
			s.rest = append(s.rest, s.add(m.Name, m.Value))
		}
	}
	s.key = s.add(keyMember, "")
	s.base = layout{order: slices.Clone(s.signed), sep: "|"}
	if slices.Contains(c.Operation.Signed, keyMember) {
		s.base.order = append(s.base.order, s.key)
	}
	s.readWire()
	return s
}

// maxRest bounds how many unsigned members are looked at, and maxRestText how
// long they may be.
const (
	maxRest     = 20
	maxRestText = 2 << 10
)

const keyMember = "key1"

func (s *search) add(name, value string) int {
	s.names, s.values = append(s.names, name), append(s.values, value)
	return len(s.names) - 1
}

// formula names what the mac covers.
func (s *search) formula() string { return s.nameAll(s.base.order) }

func (s *search) nameAll(order []int) string {
	var names []string
	for _, i := range order {
		names = append(names, s.names[i])
	}
	return strings.Join(names, "|")
}

// run tries the mistakes, the simple and the likely ones first, and reports
// whether one of them fits.
func (s *search) run() bool {
	if len(s.show(s.base, s.values, s.own)) > maxText {
		return false
	}
	readings := s.readings()
	for _, r := range readings {
		s.form, s.want, s.left = r.found, r.sum, budget/len(readings)
		var ok bool
		if s.hash, ok = hashes[len(r.sum)]; !ok {
			continue
		}
		if s.hash.name != "" {
			s.form = append(slices.Clone(s.form), Finding{OtherHash, s.hash.name})
		}
		if s.search() {
			return true
		}
	}
	return s.odd()
}

func (s *search) search() bool {
	signers, layouts, changes := s.signers(), s.layouts(), s.changes()
	one := []func() bool{
		func() bool { return s.tryAll([]signer{s.own}, []layout{s.base}, nil) }, // the form of the mac alone
		func() bool { return s.tryAll(signers, []layout{s.base}, nil) },
		func() bool { return s.tryAll([]signer{s.own}, layouts, nil) },
		func() bool { return s.tryAll([]signer{s.own}, []layout{s.base}, changes) },
		s.wholes,
		s.otherHashes,
		func() bool { return s.tryAll([]signer{s.own}, []layout{s.base}, s.laterTimes(near+1, 150)) },
	}
	for _, phase := range one {
		if phase() {
			return true
		}
	}
	return s.pairs(signers, layouts, changes)
}

// pairs tries two mistakes at once.
func (s *search) pairs(signers []signer, layouts []layout, changes []change) bool {
	keys := only(signers, func(g signer) bool { return g.likely })
	likelyLayouts := only(layouts, func(l layout) bool { return l.likely })
	likelyChanges := only(changes, func(c change) bool { return c.likely })
	ordered := only(likelyLayouts, func(l layout) bool { return l.why.Cause == OrderOfMembers || l.why.Cause == Key1Missing })
	own, base := []signer{s.own}, []layout{s.base}
	key2 := keys[:min(1, len(keys))]
	return s.tryAll(key2, layouts, nil) ||
		s.tryAll(key2, base, likelyChanges) ||
		s.tryAll(own, ordered, likelyChanges) ||
		s.allOrders() ||
		s.tryAll(key2, base, changes) ||
		len(key2) > 0 && (s.tryWholes(key2[0], s.base, s.values, wholeTexts) || s.tryHashes(key2[0], s.base, s.values)) ||
		s.twoChanges(likelyChanges) ||
		s.tryAll(keys, likelyLayouts, nil) ||
		s.tryAll(keys, base, likelyChanges) ||
		s.hashPairs(keys, likelyLayouts, likelyChanges) ||
		s.wholePairs(keys, likelyLayouts, likelyChanges) ||
		s.tryAll(own, likelyLayouts, likelyChanges) ||
		s.tryAll(own, base, s.laterTimes(151, 1000)) ||
		s.tryAll(own, layouts, likelyChanges)
}

func only[T any](all []T, keep func(T) bool) (some []T) {
	for _, one := range all {
		if keep(one) {
			some = append(some, one)
		}
	}
	return some
}

// tryAll tries every combination, and nothing in place of a change if there
// are none.
func (s *search) tryAll(signers []signer, layouts []layout, changes []change) bool {
	if changes == nil {
		changes = []change{{}}
	}
	values := slices.Clone(s.values)
	for _, ch := range changes {
		ch.apply(values)
		for _, l := range layouts {
			for _, g := range signers {
				if s.left < 0 {
					return false
				}
				if s.try(g, l, values) {
					return s.keep(s.show(l, values, g), g.why, l.why, ch.why)
				}
			}
		}
		ch.undo(values, s.values)
	}
	return false
}

// twoChanges tries pairs of changes of different members.
func (s *search) twoChanges(changes []change) bool {
	values := slices.Clone(s.values)
	for i, a := range changes {
		a.apply(values)
		for _, b := range changes[i+1:] {
			if s.left < 0 {
				return false
			}
			if a.meets(b) {
				continue
			}
			b.apply(values)
			if s.try(s.own, s.base, values) {
				return s.keep(s.show(s.base, values, s.own), s.own.why, a.why, b.why)
			}
			b.undo(values, s.values)
		}
		a.undo(values, s.values)
	}
	return false
}

// try signs one text and compares.
func (s *search) try(g signer, l layout, values []string) bool {
	s.buf = l.append(s.room(), s, values, g.text)
	return s.matches(g.mac)
}

// keep records what was found. It always returns true.
func (s *search) keep(theirs string, why ...Finding) bool {
	s.found = slices.Clone(s.form)
	for _, f := range why {
		if f.Cause != "" && !slices.ContainsFunc(s.found, func(g Finding) bool { return g.Cause == f.Cause }) {
			s.found = append(s.found, f)
		}
	}
	s.theirs = theirs
	return true
}

// show is a text with the name of the key in its place.
func (s *search) show(l layout, values []string, g signer) string {
	return string(l.append(nil, s, values, g.shown))
}
