package macdoctor

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strconv"
	"strings"
)

// ErrKeyText begins what is said of a text that is no RSA key.
var ErrKeyText = errors.New("not the key that is needed")

type keyError string

func (e keyError) Error() string { return string(e) }
func (keyError) Unwrap() error   { return ErrKeyText }

// CheckKey tells what is wrong with the text of an RSA key, private or public, as
// it is found in files and settings: PEM, or the base64 in it. nil means nothing
// that can be seen in the text. The error is an [ErrKeyText] and has no part of
// the key in it.
func CheckKey(text string, private bool) error {
	block, err := keyBlock(text)
	if err != nil {
		return err
	}
	wanted, other := "private", "public"
	if !private {
		wanted, other = other, wanted
	}
	switch kind := block.Type; {
	case strings.Contains(kind, "ENCRYPTED") || block.Headers["DEK-Info"] != "":
		return keyError("the key is protected by a password: write it without, openssl pkey -in FILE -out FILE2")
	case kind == "CERTIFICATE", kind == "CERTIFICATE REQUEST", kind == "OPENSSH PRIVATE KEY", kind == "EC PRIVATE KEY", kind == "EC PARAMETERS":
		return keyError("it is " + strings.ToLower(kind) + ", not a " + wanted + " RSA key as openssl genpkey -algorithm RSA makes it")
	}
	key, isPrivate := parseKey(block.Bytes)
	rsaKey, isRSA := key.(*rsa.PublicKey)
	switch {
	case key == nil:
		return keyError("its base64 is complete, but no key: was a part of it lost?")
	case !isRSA:
		return keyError("it is a key, but not of RSA")
	case isPrivate != private:
		return keyError("it is a " + other + " key, and the " + wanted + " one is needed")
	case rsaKey.Size() < minKeyBytes:
		return keyError("the key has " + strconv.Itoa(rsaKey.Size()*8) + " bits, which protects nothing: make one of at least " + strconv.Itoa(minKeyBytes*8))
	}
	return nil
}

// minKeyBytes is the shortest key that gateways take.
const minKeyBytes = 256

// keyBlock finds the key in a text, and says what became of its lines.
func keyBlock(text string) (*pem.Block, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block, nil
	}
	if strings.TrimSpace(text) == "" {
		return nil, keyError("it is empty")
	}
	const begin = "-----BEGIN "
	switch at := strings.Index(text, begin); {
	case at < 0:
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return nil, keyError("it is neither PEM, which begins with " + begin + "…, nor base64")
		}
		return &pem.Block{Bytes: der}, nil
	case strings.Contains(text[at:], `\n`):
		return nil, keyError(`its line ends are the two characters \n, as settings of one line hold them: put line ends in their place, as in key.replace(/\\n/g, "\n")`)
	case !strings.Contains(strings.TrimSpace(text[at:]), "\n"):
		return nil, keyError("its lines were joined to one: the line -----BEGIN … -----, each line of base64 and the line -----END … ----- end with a line end")
	case at > 0 && text[at-1] != '\n':
		return nil, keyError("something stands before " + begin + "in its line, such as spaces, a quotation mark or a byte order mark: let the line begin with it")
	case !strings.Contains(text[at:], "-----END "):
		return nil, keyError("its end is missing: the line -----END … -----")
	}
	return nil, keyError("the base64 between its first and last line is damaged: copy it again, without spaces or other characters in the lines")
}

// parseKey returns the public half of what is in a key, if it is one.
func parseKey(der []byte) (public any, private bool) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return &key.PublicKey, true
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if one, ok := key.(*rsa.PrivateKey); ok {
			return &one.PublicKey, true
		}
		return key, true
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		return key, false
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, false
	}
	return nil, false
}
