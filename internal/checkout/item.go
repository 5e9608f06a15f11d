package checkout

import (
	"bytes"
	"encoding/json"
	"strings"

	"sen/internal/money"
)

// item is one line of what is bought.
type item struct {
	Name     string
	Quantity string // "" when there is nothing to say
	Price    money.Amount
}

// wireItem has the members that merchants customarily send. What an item is
// is their affair, so a number may also be written as a string, and anything
// that is not understood is left out.
type wireItem struct {
	Name     string          `json:"itemname"`
	Quantity json.RawMessage `json:"itemquantity"`
	Price    json.RawMessage `json:"itemprice"`
}

const maxItems = 10

// readItems returns the items that can be shown and how many more there are.
// The text is the merchant's and may be anything.
func readItems(text string) (items []item, more int) {
	var raw []json.RawMessage
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil, 0
	}
	for _, r := range raw {
		var wire wireItem
		if json.Unmarshal(r, &wire) != nil || strings.TrimSpace(wire.Name) == "" {
			continue
		}
		if len(items) == maxItems {
			more++
			continue
		}
		items = append(items, wire.item())
	}
	return items, more
}

func (w wireItem) item() item {
	it := item{Name: w.Name}
	if n, err := money.Parse(number(w.Quantity)); err == nil {
		it.Quantity = n.Digits()
	}
	if price, err := money.Parse(number(w.Price)); err == nil {
		it.Price = price
	}
	return it
}

func number(raw json.RawMessage) string { return string(bytes.Trim(raw, `"`)) }
