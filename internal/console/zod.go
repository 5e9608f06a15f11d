package console

import (
	"encoding/json"
	"strings"

	"sen/internal/pay"
)

// nameOfOrder is what the merchant calls the name that it gave an order.
func nameOfOrder(o pay.Order) string {
	if o.Version == pay.ZOD {
		return "mcRefId"
	}
	return "app_trans_id"
}

// zodFacts say of an order that it is a ZOD invoice, and which parcels it is for.
func (v *visit) zodFacts(o pay.Order) []fact {
	if o.Version != pay.ZOD {
		return nil
	}
	facts := []fact{{v.say("order.kind"), cell{Text: v.say("order.zod")}}}
	if numbers := trackingNumbers(o); len(numbers) > 0 {
		facts = append(facts, fact{v.say("order.tracking"), cell{Text: strings.Join(numbers, ", "), Mono: true}})
	}
	return facts
}

func trackingNumbers(o pay.Order) (numbers []string) {
	var parcels []struct {
		Number string `json:"trackingNumber"`
	}
	_ = json.Unmarshal([]byte(o.Item), &parcels) // it was read when it came
	for _, p := range parcels {
		if p.Number != "" {
			numbers = append(numbers, p.Number)
		}
	}
	return numbers
}

// zodSent is what the merchant sent for an invoice, under its names there.
func zodSent(o pay.Order) []fact {
	var kept map[string]json.RawMessage
	_ = json.Unmarshal([]byte(o.Extra), &kept) // we wrote it
	facts := []fact{
		{"receiver", cell{Text: string(kept["receiver"]), Mono: true}},
		{"orderInfo", cell{Text: o.Item, Mono: true}},
		{"mcExtInfo", cell{Text: o.EmbedData, Mono: true}},
	}
	for _, name := range []string{"hubId", "driverId"} {
		var text string
		if json.Unmarshal(kept[name], &text) == nil && text != "" {
			facts = append(facts, fact{name, cell{Text: text, Mono: true}})
		}
	}
	return facts
}
