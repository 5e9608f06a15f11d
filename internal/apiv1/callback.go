package apiv1

import (
	"bytes"
	"encoding/json"

	"sen"
)

// An OrderCallback is sen.OrderCallback under the names of the first version.
type OrderCallback struct {
	AppID          int         `json:"appid"`
	AppTransID     string      `json:"apptransid"`
	AppTime        int64       `json:"apptime"`
	AppUser        string      `json:"appuser"`
	Amount         int64       `json:"amount"`
	EmbedData      string      `json:"embeddata"`
	Item           string      `json:"item"`
	ZPTransID      sen.TransID `json:"zptransid"`
	ServerTime     int64       `json:"servertime"`
	Channel        int         `json:"channel"`
	MerchantUserID string      `json:"merchantuserid"`
	UserFeeAmount  int64       `json:"userfeeamount"`
	DiscountAmount int64       `json:"discountamount"`
}

// A CallbackAnswer is what the merchant's server answers.
type CallbackAnswer struct {
	ReturnCode    int    `json:"returncode"`
	ReturnMessage string `json:"returnmessage"`
}

// SealCallback returns the body of a callback about a paid order, signed with
// key2. It has no type: the first version has callbacks about nothing else.
func SealCallback(key2 string, c sen.OrderCallback) []byte {
	return Seal(key2, Data(c))
}

// Data is the text that a callback about a paid order carries.
func Data(c sen.OrderCallback) []byte { return compact(OrderCallback(c)) }

// Seal returns the body of a callback that carries data.
func Seal(key2 string, data []byte) []byte {
	return compact(struct {
		Data string `json:"data"`
		MAC  string `json:"mac"`
	}{string(data), sen.Sign(key2, data)})
}

// compact writes JSON without the escapes for HTML. The types above can't fail.
func compact(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
