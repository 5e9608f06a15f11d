package mishap

import (
	"encoding/json"
	"regexp"
	"strconv"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/callback"
	"sen/internal/merchant"
)

// body is a callback's, taken apart. One of the first version has no type.
type body struct {
	Data string `json:"data"`
	Type int    `json:"type,omitempty"`
}

func parse(text []byte) (b body) {
	_ = json.Unmarshal(text, &b) // we wrote it
	return b
}

func transID(text []byte) string {
	var data struct {
		ID    string `json:"app_trans_id"`
		First string `json:"apptransid"`
		Zod   string `json:"mcRefId"`
	}
	_ = json.Unmarshal([]byte(parse(text).Data), &data) // likewise
	return data.ID + data.First + data.Zod
}

// Members as the data has them. Those inside embed_data and item have escaped
// quotation marks and do not match.
var (
	amountMember = regexp.MustCompile(`"amount":(\d+)`)
	digitMember  = regexp.MustCompile(`"(?:amount|status)":\d`)
	idMember     = regexp.MustCompile(`"(app_?trans_?id|mcRefId)":"([^"\\]*)"`)
)

// wrongBy is what a wrong amount is too much, in đồng.
const wrongBy = 1000

// forge makes the body that is sent instead. It is false when there is none of
// the kind, as when the app is gone.
func (b *Book) forge(kind Kind, d callback.Delivery) ([]byte, bool) {
	app, err := b.Apps.Known(d.App)
	if err != nil {
		return nil, false
	}
	in := parse(d.Body)
	seal := func(data, key string) []byte {
		if in.Type == 0 {
			return apiv1.Seal(key, []byte(data))
		}
		return sen.App{Key2: key}.SealCallback([]byte(data), in.Type)
	}
	switch kind {
	case InvalidJSON:
		return append([]byte("{"), d.Body...), true
	case Truncate:
		return d.Body[:len(d.Body)/2], true
	case Changed:
		return changed(d.Body), true
	case Key1:
		return seal(in.Data, app.Key1), true
	case OtherKey:
		return seal(in.Data, b.otherKey(d.App)), true
	case WrongAmount:
		return seal(amountMember.ReplaceAllStringFunc(in.Data, dearer), app.CallbackKey(b.Now())), true
	case UnknownOrder:
		return seal(idMember.ReplaceAllString(in.Data, `"${1}":"${2}x"`), app.CallbackKey(b.Now())), true
	default:
		return nil, false
	}
}

func dearer(member string) string {
	n, _ := strconv.ParseInt(amountMember.FindStringSubmatch(member)[1], 10, 64)
	return `"amount":` + strconv.FormatInt(n+wrongBy, 10)
}

// changed is the body with one digit of its data changed and the mac as it was.
func changed(text []byte) []byte {
	var all struct {
		Data string `json:"data"`
		MAC  string `json:"mac"`
		Type int    `json:"type,omitempty"`
	}
	_ = json.Unmarshal(text, &all) // we wrote it
	all.Data = digitMember.ReplaceAllStringFunc(all.Data, func(m string) string {
		return m[:len(m)-1] + string('1'+(m[len(m)-1]-'0')%9) // never 0, which would begin no number
	})
	out, _ := json.Marshal(all) // strings and a number
	return out
}

// otherKey is a key2 that is not the app's.
func (b *Book) otherKey(app merchant.ID) string {
	for _, other := range b.Apps.All() {
		if other.ID != app {
			return other.Key2
		}
	}
	return "the key2 of an app that does not exist"
}
