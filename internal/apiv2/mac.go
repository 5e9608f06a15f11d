package apiv2

import (
	"slices"
	"strconv"
	"strings"

	"sen"
	"sen/internal/merchant"
)

// badMAC says over which text the mac should have been made, and what the
// merchant probably did instead. The key itself is part of that text in some
// operations; its name stands in for it.
func (s *Server) badMAC(op operation, app merchant.App, f fields) error {
	if !s.Explain {
		return errMAC
	}
	signed := op.AppendInput(nil, f.get, "<key1>")
	return errMAC.On("mac", suspicion(op.Operation, app, f)+"must be the hexadecimal HMAC-SHA256, with key1 of app "+
		strconv.FormatInt(int64(app.ID), 10)+", of "+strings.Join(signedMembers(op.Operation, f), "|")+
		", here: "+string(signed))
}

// suspicion tries the usual mistakes, and names the one that was made.
func suspicion(op *sen.Operation, app merchant.App, f fields) string {
	given := f.get("mac")
	switch {
	case len(given) != sen.MACLength:
		return "has " + strconv.Itoa(len(given)) + " characters instead of " + strconv.Itoa(sen.MACLength) + "; it "
	case op.Verify(app.Key2, given, f.get) || sen.Verify(app.Key2, op.AppendInput(nil, f.get, app.Key1), given):
		return "was made with key2, which is for callbacks and redirects; it "
	case op.Verify(app.Key1, given, f.plus):
		return "was made of a text with + in it, which a form turns into a space unless it is sent as %2B; it "
	}
	if order := swapped(op, app, f); order != "" {
		return "was made of " + order + ", in another order; it "
	}
	if n := len(op.Signed) - 1; op.Signed[n] == "key1" {
		short := sen.Formula{Signed: op.Signed[:n], Key: op.Key}
		if short.Verify(app.Key1, given, f.get) {
			return "was made without key1 at the end of the text; it "
		}
	}
	return ""
}

// swapped returns the order in which the members were signed, if that is the
// right one but for two of them.
func swapped(op *sen.Operation, app merchant.App, f fields) string {
	names := signedMembers(op, f)
	for i := range names {
		for j := range i {
			other := slices.Clone(names)
			other[i], other[j] = other[j], other[i]
			formula := sen.Formula{Signed: other, Key: op.Key}
			if formula.Verify(app.Key1, f.get("mac"), f.get) {
				return strings.Join(other, "|")
			}
		}
	}
	return ""
}

// plus returns the member as it was before a form made spaces of its pluses.
func (f fields) plus(name string) string { return strings.ReplaceAll(f.get(name), " ", "+") }

// signedMembers names what the mac of this request covers.
func signedMembers(op *sen.Operation, f fields) []string {
	var names []string
	for _, name := range op.Signed {
		if name != op.Optional || f.get(name) != "" {
			names = append(names, name)
		}
	}
	return names
}
