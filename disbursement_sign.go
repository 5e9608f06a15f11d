package sen

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// SignRSA returns the sig of a request that moves money out: the base64 of the
// RSA signature, PKCS #1 v1.5 with SHA-256, of the mac as its 64 hexadecimal
// digits are written.
func SignRSA(key *rsa.PrivateKey, mac string) (string, error) {
	sum := sha256.Sum256([]byte(mac))
	// This scheme needs no chance.
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	return base64.StdEncoding.EncodeToString(sig), err
}

// VerifyRSA reports whether sig is the signature of mac by the owner of the key.
func VerifyRSA(key *rsa.PublicKey, mac, sig string) bool {
	raw, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(mac))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) == nil
}

var errPrivateKey = errors.New("sen: not an RSA private key: give PEM, or the base64 of PKCS #8 or PKCS #1")

// ParsePrivateKey reads the private key that signs what an app pays out. It takes
// PEM, and the base64 alone, as many configurations hold it; of PKCS #8 or
// PKCS #1.
func ParsePrivateKey(text string) (*rsa.PrivateKey, error) {
	der, err := keyBytes(text)
	if err != nil {
		return nil, errPrivateKey
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errPrivateKey
	}
	return key, nil
}

func keyBytes(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}
