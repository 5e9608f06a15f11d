package apiv2

import (
	"context"
	"errors"
	"slices"
	"strings"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/fault"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// firstPrefix is where nothing but the first version of the API is.
const firstPrefix = apiv1.Prefix

// firstOperations are the calls of the first version. Each is an operation of
// the second with its members renamed: read, checked and signed under the names
// that were sent, carried out under those of the second.
func firstOperations() []operation {
	var all []operation
	for _, known := range apiv1.Operations() {
		at := slices.IndexFunc(operations(), func(op operation) bool { return op.Operation == known.Second })
		second := operations()[at]
		op := second
		op.Operation, op.second, op.envelope = known.Operation, &second, firstEnvelope
		op.app, op.code = apiv1.Name(second.app), apiv1.Name(second.code)
		op.members = slices.Clone(second.members)
		for i := range op.members {
			op.members[i].name = apiv1.Name(op.members[i].name)
		}
		switch known.Second {
		case sen.OpCreateOrder:
			op.call = in(pay.V1, (*Server).createIn)
		case sen.OpQuickPay:
			op.call = in(pay.V1, (*Server).quickPayIn)
		}
		all = append(all, op)
	}
	return all
}

// in makes a call of one that makes orders of a version. As long as nodes serve
// that know the second only, no other is made: paid at such a node, its callback
// would be in the words of the other one.
func in(v pay.Version, call func(*Server, context.Context, pay.Version, merchant.App, fields) (reply, error)) func(*Server, context.Context, merchant.App, fields) (reply, error) {
	return func(s *Server, ctx context.Context, app merchant.App, f fields) (reply, error) {
		if v != pay.V2 && s.Older != nil && s.Older() {
			return reply{}, errMaintenance
		}
		return call(s, ctx, v, app, f)
	}
}

// inSecond returns the members under the names of the second version. Members
// that came under those names were not signed, so they are left out.
func (op *operation) inSecond(f fields) fields {
	if op.second == nil {
		return f
	}
	renamed := make(fields, 0, len(f))
	for i := range op.members {
		for j := range f {
			if f[j].name == op.members[i].name {
				renamed = append(renamed, field{op.second.members[i].name, f[j].value, f[j].from})
			}
		}
	}
	return renamed
}

// explain says what was wrong in the names that the caller uses.
func (op *operation) explain(err error, lang string) string {
	reason := explain(err, lang)
	if op.second == nil {
		return reason
	}
	var names []string
	for i, m := range op.second.members {
		names = append(names, m.name, op.members[i].name)
	}
	return strings.NewReplacer(names...).Replace(reason)
}

// firstCode is the returncode of an answer.
func firstCode(op operation, rep reply, err error, st sen.Status) int {
	if rep.first != 0 {
		return rep.first
	}
	refusal := ""
	if e, ok := errors.AsType[*fault.Error](err); ok {
		refusal = e.Code
	}
	return apiv1.Code(op.Name, refusal, st)
}

// firstEnvelope writes the two members of every answer of the first version,
// and of the list of banks, which kept them.
func firstEnvelope(a *answer, v verdict) {
	a.number("returncode", int64(v.first))
	a.text("returnmessage", v.subMessage())
}
