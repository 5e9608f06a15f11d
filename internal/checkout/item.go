package checkout

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"sen/internal/money"
	"sen/internal/pay"
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

// itemsOf returns the items of an order, or the parcels of an invoice.
func itemsOf(o pay.Order) (items []item, more int) {
	if o.Version == pay.ZOD {
		return readEach(o.Item, func(p parcel) item { return p.item() })
	}
	return readItems(o.Item)
}

// readItems returns the items that can be shown and how many more there are.
// The text is the merchant's and may be anything.
func readItems(text string) (items []item, more int) {
	return readEach(text, func(w wireItem) item { return w.item() })
}

func readEach[T any](text string, shown func(T) item) (items []item, more int) {
	var raw []json.RawMessage
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil, 0
	}
	for _, r := range raw {
		var wire T
		if json.Unmarshal(r, &wire) != nil {
			continue
		}
		it := shown(wire)
		if strings.TrimSpace(it.Name) == "" {
			continue
		}
		if len(items) == maxItems {
			more++
			continue
		}
		items = append(items, it)
	}
	return items, more
}

// parcel is one thing of an invoice.
type parcel struct {
	Tracking    string          `json:"trackingNumber"`
	Description string          `json:"description"`
	Amount      json.RawMessage `json:"amount"`
}

func (p parcel) item() item {
	names := slices.DeleteFunc([]string{p.Description, p.Tracking}, func(s string) bool { return strings.TrimSpace(s) == "" })
	it := item{Name: strings.Join(names, " · ")}
	if price, err := money.Parse(number(p.Amount)); err == nil {
		it.Price = price
	}
	return it
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
