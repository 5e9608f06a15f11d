package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretName are names of what must not be compared so that the time tells how
// much of it was right.
var secretName = regexp.MustCompile(`(?i)^(mac|hmac|digest|signature|tag|token|paytoken|cookie|secret|pin|password|otp|cvv|pepper|recovery|totp|code|key1|key2|oldkey1|oldkey2|callbackkey|hash|pinhash|passwordhash|fingerprint|mark|pinmark|pepperkey)$` +
	`|(MAC|Mac|HMAC|Signature|Token|Cookie|Secret|PIN|Password|OTP|CVV|Hash|Digest|Fingerprint)$`)

// comparing are functions of the library that stop at the first difference.
var comparing = []string{
	"bytes.Equal", "bytes.Compare", "bytes.HasPrefix", "strings.EqualFold", "strings.Compare", "strings.HasPrefix", "strings.HasSuffix",
	"slices.Equal", "slices.Compare", "slices.Contains", "slices.Index", "reflect.DeepEqual", "maps.Equal",
}

// knownComparisons are all there are in the tree, by why the time may tell: the
// file, and what is compared.
var knownComparisons = map[string][]string{
	"names of kinds, states and values, which are no secrets": {
		`app.go: k == Key2`,
		`client.go: refused.Code() == CodeDuplicate`,
		`client.go: refused.Code() == CodeDuplicateRefund`,
		`error.go: code == e.Code()`,
		`examples/shop-go/shop.go: refused.Code() != sen.CodeDuplicateRefund`,
		`examples/shop-go/shop.go: refused.Code() != sen.CodeInternal`,
		`internal/apiv2/card.go: c.State == pay.ChargeOTP`,
		`internal/bank/simulator.go: r.State != NeedsOTP`,
		`internal/bank/simulator.go: r.State == NeedsOTP`,
		`internal/bench/phase.go: wl.name != payToken`,
		`internal/cli/decline.go: refusal.Code == bankDeclined`,
		`internal/consent/binding.go: v.card.open.State == pay.ChargeOTP`,
		`internal/control/card.go: c.State == pay.ChargeOTP`,
		`internal/export/export.go: x.MAC == exchange.MACWrong`,
		`internal/fault/fault.go: t.Code == e.Code`,
		`internal/history/check.go: o.Kind != PayByToken`,
		`internal/history/count.go: o.Kind != PayByToken`,
		`internal/macdoctor/digest.go: f.Cause != OtherHash`,
		`internal/pay/charge.go: out.State == bank.NeedsOTP`,
		`internal/pay/charge.go: c.State != ChargeOTP`,
		`internal/pay/charge.go: c.State == ChargeOTP`,
		`internal/payer/card.go: c.State == pay.ChargeOTP`,
		`internal/store/postgres_error.go: switch code(err)`,
	},
	"the beginning that everybody knows": {
		`internal/id/id.go: token[:] != tokenPrefix`,
		`internal/secret/pin.go: strings.HasPrefix(hash, peppered + "$")`,
	},
	"a sandbox only, whose PINs and codes are published": {
		`internal/bank/simulator.go: otp == OTP`,
		`internal/control/wallet.go: pin == l.pin`,
	},
	"the doctor explains a mac to a sandbox's developer after it was refused; a live gateway says nothing of what it finds": {
		`internal/macdoctor/digest.go: bare != mac`,
		`internal/macdoctor/digest.go: mac == bytewise.String()`,
		`internal/macdoctor/digest.go: mac == new(big.Int).SetBytes(sum).Text(16)`,
		`internal/macdoctor/digest.go: mac == extended.String()`,
		`internal/macdoctor/digest.go: mac == new(big.Int).SetBytes(sum).Text(10)`,
		`internal/macdoctor/digest.go: strings.HasPrefix(right, mac)`,
		`internal/macdoctor/digest.go: strings.HasSuffix(right, mac)`,
		`internal/macdoctor/digest.go: strings.HasPrefix(mac, right)`,
		`internal/app/openapi.go: f.Value == mac`,
	},
	"both are ours: what is stored is compared with what was stored before, to see whether it changed": {
		`internal/app/keys.go: kept != v.Fingerprint("which vault is this")`,
		`internal/console/app.go: was.Key1 != became.Key1`,
		`internal/console/app.go: was.Key2 != became.Key2`,
		`internal/console/live.go: who.Mark() == v.who.Mark()`,
		`internal/console/visit.go: p.Site.Sessions.GetString(ctx, markKey) != o.Mark()`,
		`internal/operator/service.go: o.PasswordHash != was`,
		`internal/pay/wallet.go: w.PINHash == old`,
		`internal/payer/desk.go: d.Site.Sessions.GetString(ctx, pinKey) != pinMark(wallet)`,
		`internal/store/operator.go: o.TOTP != was.TOTP`,
		`internal/store/storetest/console.go: got.Mark() != want.Mark()`,
		`internal/vault/ring.go: string(k.Fingerprint) != string(v.fingerprint)`,
		`internal/walletapp/account.go: w.PINHash != checked.PINHash`,
		`internal/pay/walletcard.go: c.Fingerprint == fingerprint`,
	},
	"the session's own token, of which the request was proved to be": {
		`internal/console/live.go: s.token == token`,
	},
	"hashes of the chain, which are public: the tags over them are compared in constant time": {
		`internal/store/verify_seal.go: root != list.head.Hash`,
		`internal/store/verify_seal.go: computed == s.hash`,
		`internal/store/verify_seal.go: want.Hash != h.Hash`,
		`internal/store/verify_seal.go: end.Hash != one.head.Hash`,
	},
}

// comparisons returns where a file compares secrets in a time that depends on
// them, as "file: left op right".
func comparisons(name string, file *ast.File) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && !harmless(n.X) && !harmless(n.Y) && (secret(n.X) || secret(n.Y)) {
				found = append(found, name+": "+written(n.X)+" "+n.Op.String()+" "+written(n.Y))
			}
		case *ast.CallExpr:
			if called := written(n.Fun); slices.Contains(comparing, called) && len(n.Args) >= 2 && !harmless(n.Args[1]) && (secret(n.Args[0]) || secret(n.Args[1])) {
				found = append(found, name+": "+called+"("+written(n.Args[0])+", "+written(n.Args[1])+")")
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && secret(n.Tag) {
				found = append(found, name+": switch "+written(n.Tag))
			}
		}
		return true
	})
	return found
}

// harmless are constants: nobody's secret is compared with one.
func harmless(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	case *ast.UnaryExpr:
		return harmless(e.X)
	case *ast.CallExpr:
		return written(e.Fun) == "len"
	}
	return false
}

func secret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return secretName.MatchString(e.Name)
	case *ast.SelectorExpr:
		return secretName.MatchString(e.Sel.Name)
	case *ast.CallExpr:
		if name := written(e.Fun); name == "string" || strings.HasSuffix(name, ".Sum") || strings.HasPrefix(name, "[]byte") {
			return len(e.Args) > 0 && secret(e.Args[0]) || strings.HasSuffix(name, ".Sum")
		}
		return secret(e.Fun)
	case *ast.IndexExpr:
		return secret(e.X)
	case *ast.SliceExpr:
		return secret(e.X)
	case *ast.ParenExpr:
		return secret(e.X)
	case *ast.StarExpr:
		return secret(e.X)
	}
	return false
}

// written is an expression as text, without the arguments of calls.
func written(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return written(e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		args := make([]string, 0, len(e.Args))
		for _, a := range e.Args {
			args = append(args, written(a))
		}
		return written(e.Fun) + "(" + strings.Join(args, ", ") + ")"
	case *ast.IndexExpr:
		return written(e.X) + "[…]"
	case *ast.SliceExpr:
		return written(e.X) + "[:]"
	case *ast.ParenExpr:
		return written(e.X)
	case *ast.StarExpr:
		return "*" + written(e.X)
	case *ast.ArrayType:
		return "[]" + written(e.Elt)
	case *ast.BasicLit:
		return e.Value
	case *ast.UnaryExpr:
		return e.Op.String() + written(e.X)
	case *ast.BinaryExpr:
		return written(e.X) + " " + e.Op.String() + " " + written(e.Y)
	}
	return "…"
}

// TestConstantTime finds comparisons of secrets that stop at the first difference.
// What is compared where no stranger can measure it is listed, with the reason.
func TestConstantTime(t *testing.T) {
	t.Parallel()
	var found []string
	walk(t, root, func(name string, src []byte) {
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.Contains("/"+name, "/testdata/") || strings.HasPrefix(name, "tools/") {
			return
		}
		found = append(found, comparisons(name, parse(t, name, src, 0))...)
	})
	known := slices.Concat(slices.Collect(maps.Values(knownComparisons))...)
	for _, one := range found {
		if !slices.Contains(known, one) {
			t.Errorf("%s: use crypto/subtle or crypto/hmac, or say in knownComparisons why the time may tell", one)
		}
	}
	for _, one := range known {
		if !slices.Contains(found, one) {
			t.Errorf("knownComparisons has %q, which is no more in the tree", one)
		}
	}
}

// TestConstantTimeFinds plants comparisons.
func TestConstantTimeFinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expression, want string }{
		{"mac == given", "x.go: mac == given"},
		{"a.Token != b", "x.go: a.Token != b"},
		{"bytes.Equal(sum, wantMAC)", "x.go: bytes.Equal(sum, wantMAC)"},
		{"strings.EqualFold(r.MAC, want)", "x.go: strings.EqualFold(r.MAC, want)"},
		{"string(o.PINHash) == x", "x.go: string(o.PINHash) == x"},
		{"slices.Index(o.Recovery, h)", "x.go: slices.Index(o.Recovery, h)"},
		{"h.Sum(nil)[0] == x", "x.go: h.Sum(nil)[…] == x"},
		{`mac == ""`, ""},
		{"len(mac) == 64", ""},
		{"len(mac) != len(sum)", ""},
		{"amount == other", ""},
		{"hmac.Equal(mac, sum)", ""},
	} {
		e, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar _ = "+c.expression, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(comparisons("x.go", e), "; "); got != c.want {
			t.Errorf("%s: found %q, want %q", c.expression, got, c.want)
		}
	}
}
