package certify

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"sen"
	"sen/internal/apiv1"
)

// The versions of the merchant API.
const (
	firstVersion  = 1
	secondVersion = 2
)

// findOut asks for an order when nobody said which version the server speaks, and
// keeps it for the check that wants one first. A server that makes none is
// told so by every check.
func (v *visit) findOut(ctx context.Context) {
	if v.First || v.CreateWith == "" {
		return
	}
	if c, err := v.order(ctx); err == nil {
		v.kept = &c
	}
}

// version is the one whose callbacks are sent.
func (v *visit) version() int {
	if v.First {
		return firstVersion
	}
	return secondVersion
}

// firstNames are the members that checks speak of, as the first version has them.
var firstNames = func() *strings.Replacer {
	var pairs []string
	for _, name := range []string{"return_code", "return_message", "app_trans_id", "app_user", "embed_data"} {
		pairs = append(pairs, name, apiv1.Name(name))
	}
	return strings.NewReplacer(pairs...)
}()

// say has the members in a text of ours in the words of the version.
func (v *visit) say(text string) string {
	if v.First {
		return firstNames.Replace(text)
	}
	return text
}

// data is the text that a callback about the order carries.
func (v *visit) data(paid sen.OrderCallback) []byte {
	if v.First {
		return apiv1.Data(paid)
	}
	return paid.Data()
}

// seal signs an order's callback.
func (v *visit) seal(paid sen.OrderCallback) []byte { return v.sealData(v.data(paid)) }

// sealData signs any text as a callback about an order.
func (v *visit) sealData(data []byte) []byte {
	if v.First {
		return apiv1.Seal(v.App.Key2, data)
	}
	return v.App.SealCallback(data, sen.OrderCallbackType)
}

// sealed is a callback with any mac.
func (v *visit) sealed(paid sen.OrderCallback, mac string) []byte {
	members := map[string]any{"data": string(v.data(paid)), "mac": mac}
	if !v.First {
		members["type"] = sen.OrderCallbackType
	}
	body, _ := json.Marshal(members) // can't fail
	return body
}

// checks are those of the version: the first has no tokens, and a word of its own
// for the answer.
func (v *visit) checks() []check {
	all := slices.Concat(goodChecks(), forgeryChecks(), otherChecks())
	if !v.First {
		return all
	}
	all = slices.DeleteFunc(all, func(c check) bool { return c.needs&needsBindings != 0 })
	return slices.Insert(all, 1, check{
		checkWords, "answers in the words of the first version", 0, "a good callback",
		"Sen understands return_code too, and so takes more than is known of other gateways of this version.",
		"Answer {\"returncode\":1,\"returnmessage\":\"success\"}, without underscores, to callbacks of the first version.", inFirstWords,
	})
}

// checkWords is the check that an answer has the first version's words.
const checkWords = "returncode"

// inFirstWords wants an answer that has returncode, whatever its value.
func inFirstWords(ctx context.Context, v *visit) (*finding, error) {
	c, err := v.order(ctx)
	if err != nil {
		return nil, err
	}
	a := v.post(ctx, v.seal(c))
	var words struct {
		ReturnCode *json.Number `json:"returncode"`
	}
	if json.Unmarshal(bytes.TrimPrefix(a.text, []byte("\uFEFF")), &words) == nil && words.ReturnCode != nil {
		return nil, nil
	}
	return &finding{came: a.said(), want: "returncode in the answer", proof: string(a.sent)}, nil
}
