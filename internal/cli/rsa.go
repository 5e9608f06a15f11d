package cli

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/macdoctor"
	"sen/internal/merchant"
)

// codeMember is what either version calls the payment code; "" for an operation
// without one.
func codeMember(op *sen.Operation) string {
	const name = "payment_code"
	for _, one := range []string{name, apiv1.Name(name)} {
		if slices.Contains(op.Signed, one) {
			return one
		}
	}
	return ""
}

// readKeyFile reads the text of an RSA key, and says what is wrong with it.
func readKeyFile(flag, file string, private bool) (string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the user names it
	if err == nil {
		err = macdoctor.CheckKey(string(text), private)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return string(text), nil
}

func readPublicKey(flag, file string) (*rsa.PublicKey, error) {
	text, err := readKeyFile(flag, file, false)
	if err != nil {
		return nil, err
	}
	return merchant.ParsePublicKey(text)
}

// payoutKey is the key that is registered for an app of the sandbox; nil for none.
func (c *console) payoutKey(ctx context.Context, app int64) (*rsa.PublicKey, error) {
	account, err := c.control().Payouts(ctx, app)
	if err != nil || account.PublicKey == "" {
		return nil, err
	}
	return merchant.ParsePublicKey(account.PublicKey)
}

var errSignWith = errors.New("sig is made with the app's private key: give --private-key, or name a running sandbox that comes with it")

// sig signs a mac for the operations that want that.
func (s *macSignCmd) sig(ctx context.Context, c *console, op *sen.Operation, app int64, mac string) (string, error) {
	if !op.RSA {
		return "", nil
	}
	var text string
	if s.PrivateKey != "" {
		var err error
		if text, err = readKeyFile("--private-key", s.PrivateKey, true); err != nil {
			return "", err
		}
	} else if account, err := c.control().Payouts(ctx, app); err == nil {
		text = account.PrivateKey
	}
	if text == "" {
		return "", errSignWith
	}
	key, err := sen.ParsePrivateKey(text)
	if err != nil {
		return "", err
	}
	return sen.SignRSA(key, mac)
}

// seal encrypts a payment code, if it is to be.
func (s *macSignCmd) seal(code string) (string, error) {
	switch {
	case s.CodeKey == "":
		return "", nil
	case code == "":
		return "", errors.New("--code-key encrypts payment_code, and there is none")
	}
	key, err := readPublicKey("--code-key", s.CodeKey)
	if err != nil {
		return "", err
	}
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte(code)) //nolint:staticcheck // the padding that gateways expect
	return base64.StdEncoding.EncodeToString(sealed), err
}

// A sealedCode is a payment code that came encrypted.
type sealedCode struct {
	What sen.Text `json:"what"` // is wrong with how it was encrypted, as far as that can be seen
	Fix  sen.Text `json:"fix"`

	member string
	code   string // as it was scanned, if that is known
}

// sealed looks at the payment code of a request; nil for one in the clear.
func (x *macExplainCmd) sealed(c *console, op *sen.Operation, members []macdoctor.Member) (*sealedCode, error) {
	name := codeMember(op)
	code := valueOf(members)(name)
	if name == "" || !merchant.IsSealedCode(code) {
		return nil, nil
	}
	found := &sealedCode{member: name, code: x.Code}
	if x.Code == "" {
		fmt.Fprintln(c.err, "sen: the payment code came encrypted: give --code, since most clients sign it as it was scanned")
	}
	if x.CodeKey == "" {
		return found, nil
	}
	key, err := readPublicKey("--code-key", x.CodeKey)
	if err != nil {
		return nil, err
	}
	found.What, found.Fix = macdoctor.CheckSealed(code, key)
	return found, nil
}

// scanned has the code as it was scanned in place of the one that was sent.
func (s *sealedCode) scanned(members []macdoctor.Member) []macdoctor.Member {
	if s.code == "" {
		return members
	}
	members = slices.Clone(members)
	for i := range members {
		if members[i].Name == s.member {
			members[i].Value = s.code
		}
	}
	return members
}

func (s *sealedCode) line(lang string) string {
	switch {
	case s == nil:
		return ""
	case s.What.EN == "":
		return sen.Text{EN: "encrypted", VI: "được mã hóa"}.In(lang)
	}
	return s.What.In(lang) + ": " + s.Fix.In(lang)
}
