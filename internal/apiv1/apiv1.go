// Package apiv1 knows how the first version of the merchant API says what the
// second says: its paths, the names of members, which text a mac covers, the
// single code of an answer, and the callback. It has no rules of its own, and
// does no I/O.
package apiv1

import (
	"net/http"
	"slices"
	"strings"

	"sen"
)

// Name returns what the first version calls a member of the second: the same
// name without underscores.
func Name(second string) string {
	if second == "refund_fee_amount" {
		return "refundfee"
	}
	return strings.ReplaceAll(second, "_", "")
}

// An Operation of the first version and the one of the second that does the
// same. They have one name: what is said of the operation, that it is closed,
// how often it may be called, what a sandbox should answer, holds for both.
type Operation struct {
	*sen.Operation
	Second *sen.Operation
}

// ID names the operation among those of both versions.
func (o Operation) ID() string { return IDPrefix + o.Name }

// IDPrefix begins the names of the first version's operations where those of the
// second stand beside them.
const IDPrefix = "v1_"

var operations = []Operation{
	first(sen.OpCreateOrder, "createorder"),
	first(sen.OpQuickPay, "submitqrcodepay"),
	first(sen.OpQueryOrder, "getstatusbyapptransid"),
	first(sen.OpRefundOrder, "partialrefund"),
	first(sen.OpQueryRefund, "getpartialrefundstatus"),
}

// Operations returns the operations of the first version, the same ones each
// time. Its list of banks is the one that the second version still has. The
// slice is the caller's.
func Operations() []Operation { return slices.Clone(operations) }

// At returns the operation of the first version at a path.
func At(path string) (*sen.Operation, bool) {
	for _, op := range operations {
		if op.Path == path {
			return op.Operation, true
		}
	}
	return nil, false
}

// Prefix is where the operations are, and nothing else.
const Prefix = "/v001/"

func first(second *sen.Operation, path string) Operation {
	f := sen.Formula{Key: second.Key, Optional: Name(second.Optional)}
	for _, m := range second.Signed {
		f.Signed = append(f.Signed, Name(m))
	}
	return Operation{Second: second, Operation: &sen.Operation{
		Name: second.Name, Title: second.Title, Method: http.MethodPost, Path: Prefix + "tpe/" + path, Formula: f,
	}}
}
