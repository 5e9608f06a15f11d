// Package apiv1 knows how the first version of the merchant API says what the
// second says: its paths, the names of members, which text a mac covers, the
// single code of an answer, and the callback. It has no rules of its own, and
// does no I/O.
package apiv1

import (
	"net/http"
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

// Operations returns the operations of the first version. Its list of banks is
// the one that the second version still has.
func Operations() []Operation {
	return []Operation{
		first(sen.OpCreateOrder, "createorder"),
		first(sen.OpQuickPay, "submitqrcodepay"),
		first(sen.OpQueryOrder, "getstatusbyapptransid"),
		first(sen.OpRefundOrder, "partialrefund"),
		first(sen.OpQueryRefund, "getpartialrefundstatus"),
	}
}

// At returns the operation of the first version at a path.
func At(path string) (*sen.Operation, bool) {
	for _, op := range Operations() {
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
