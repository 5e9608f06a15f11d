package apiv2

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"

	"sen"
	"sen/internal/merchant"
)

// badSig says what the client did to get this sig, and over which text it should
// have been made.
func (s *Server) badSig(op operation, app merchant.App, f fields) error {
	if !s.Explain {
		return errMAC
	}
	found := diagnoseSig(op, app, f)
	id := strconv.FormatInt(int64(app.ID), 10)
	names, text := strings.Join(op.Signed, "|"), string(op.AppendInput(nil, f.get, ""))
	return told{errMAC, sen.Text{
		EN: "sig " + found.EN + ". It must be the base64 of the RSA signature (PKCS #1 v1.5, SHA-256), by the private key of app " + id +
			", of the 64 small hexadecimal digits of the HMAC-SHA256, with key1, of " + names + ", here: " + text,
		VI: "sig " + found.VI + ". Phải là base64 của chữ ký RSA (PKCS #1 v1.5, SHA-256), bằng khóa riêng của app " + id +
			", trên 64 chữ số hex thường của HMAC-SHA256, với key1, của " + names + ", ở đây: " + text,
	}}
}

// diagnoseSig makes the mistakes that clients make, until one leads to the sig.
func diagnoseSig(op operation, app merchant.App, f fields) sen.Text {
	public, err := merchant.ParsePublicKey(app.Disbursement.PublicKey)
	if err != nil {
		return sen.Text{EN: "can't be checked: the app has no public key registered", VI: "không kiểm tra được: app chưa đăng ký khóa công khai"}
	}
	raw, err := base64.StdEncoding.DecodeString(f.get("sig"))
	switch {
	case isHexMAC(f.get("sig")):
		return sen.Text{EN: "is the mac itself: sign its text with the private key", VI: "chính là mac: hãy ký chuỗi mac bằng khóa riêng"}
	case err != nil:
		return sen.Text{EN: "is not base64", VI: "không phải base64"}
	case len(raw) != public.Size():
		return sen.Text{
			EN: "has " + strconv.Itoa(len(raw)) + " bytes, but a signature by the registered key has " + strconv.Itoa(public.Size()) + ": another key made it",
			VI: "có " + strconv.Itoa(len(raw)) + " byte, nhưng chữ ký của khóa đã đăng ký có " + strconv.Itoa(public.Size()) + " byte: nó do khóa khác tạo ra",
		}
	}
	return diagnoseSigned(op, app, f, signedSum(public, raw))
}

// diagnoseSigned names what has the sum that was signed.
func diagnoseSigned(op operation, app merchant.App, f fields, signed []byte) sen.Text {
	if signed == nil {
		return sen.Text{
			EN: "was made with another private key, or not with PKCS #1 v1.5 and SHA-256",
			VI: "được tạo bằng khóa riêng khác, hoặc không dùng PKCS #1 v1.5 và SHA-256",
		}
	}
	text := string(op.AppendInput(nil, f.get, ""))
	mac := op.Sign(app.Key1, f.get)
	raw, _ := hex.DecodeString(mac) // it is what Sign writes
	for _, mistake := range []struct {
		signed string
		en, vi string
	}{
		{text, "signs the plain text: make its HMAC first", "ký chuỗi gốc: hãy tính HMAC trước"},
		{string(raw), "signs the bytes of the HMAC: sign its hexadecimal digits", "ký các byte của HMAC: hãy ký chuỗi hex"},
		{strings.ToUpper(mac), "signs the mac in capital letters: write it in small ones", "ký mac viết hoa: hãy viết chữ thường"},
		{op.Sign(app.Key2, f.get), "signs a mac that was made with key2: use key1", "ký mac tạo bằng key2: hãy dùng key1"},
		{base64.StdEncoding.EncodeToString(raw), "signs the mac in base64: write it in hexadecimal", "ký mac dạng base64: hãy viết dạng hex"},
	} {
		if sum := sha256.Sum256([]byte(mistake.signed)); bytes.Equal(sum[:], signed) {
			return sen.Text{EN: mistake.en, VI: mistake.vi}
		}
	}
	return sen.Text{
		EN: "is by the right key, but over another mac: compare the text that is signed, character by character, and key1",
		VI: "đúng khóa, nhưng ký một mac khác: hãy so từng ký tự của chuỗi được ký, và key1",
	}
}

func isHexMAC(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == sen.MACLength
}

// sumPrefix stands before a SHA-256 in what PKCS #1 v1.5 signs.
var sumPrefix = []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}

// signedSum is the SHA-256 that a signature holds, whatever it is of; nil for a
// signature of another form or by another key. It is for explanations: nothing
// is trusted for it.
func signedSum(public *rsa.PublicKey, sig []byte) []byte {
	opened := new(big.Int).Exp(new(big.Int).SetBytes(sig), big.NewInt(int64(public.E)), public.N).FillBytes(make([]byte, public.Size()))
	padding, sum, ok := bytes.Cut(opened, append([]byte{0}, sumPrefix...))
	if !ok || len(sum) != sha256.Size || !bytes.HasPrefix(padding, []byte{0, 1, 0xff}) {
		return nil
	}
	return sum
}
