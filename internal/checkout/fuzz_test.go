package checkout

import "testing"

// FuzzReadItems reads the items of an order: the merchant's text, of which a page
// shows what it understands.
func FuzzReadItems(f *testing.F) {
	for _, seed := range []string{
		`[{"itemname":"Trà","itemquantity":2,"itemprice":"50000"}]`, `[]`, `{}`, `[1,null,{"itemname":" "}]`, `[{"itemname":"a","itemquantity":-1,"itemprice":1e9}]`, ``,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		items, more := readItems(text)
		if len(items) > maxItems || more > 0 && len(items) < maxItems || more < 0 {
			t.Errorf("%d items and %d more", len(items), more)
		}
		for _, it := range items {
			if it.Price < 0 || it.Name == "" {
				t.Errorf("the item %+v is shown", it)
			}
		}
	})
}
