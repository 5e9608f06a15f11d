package checkout

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sen/internal/pay"
)

func TestReadItems(t *testing.T) {
	t.Parallel()
	many := "[" + strings.TrimSuffix(strings.Repeat(`{"itemname":"a"},`, 13), ",") + "]"
	for _, c := range []struct {
		text string
		want []item
		more int
	}{
		{"", nil, 0},
		{"[]", nil, 0},
		{"{}", nil, 0},
		{"not JSON", nil, 0},
		{`["a",7,null,{}]`, nil, 0},
		{`[{"itemname":"a","itemquantity":2,"itemprice":1500}]`, []item{{"a", "2", 1500}}, 0},
		{`[{"itemname":"a","itemquantity":"2","itemprice":"1500"}]`, []item{{"a", "2", 1500}}, 0},
		{`[{"itemname":"a","itemquantity":1.5,"itemprice":-3}]`, []item{{"a", "", 0}}, 0},
		{`[{"itemname":" "},{"itemname":7},{"itemname":"b","itemprice":{}}]`, []item{{"b", "", 0}}, 0},
		{many, slicesOf(item{Name: "a"}, maxItems), 3},
	} {
		got, more := readItems(c.text)
		if diff := cmp.Diff(c.want, got); diff != "" || more != c.more {
			t.Errorf("readItems(%s): %d more, want %d (-want +got):\n%s", c.text, more, c.more, diff)
		}
	}
}

func slicesOf(it item, n int) (all []item) {
	for range n {
		all = append(all, it)
	}
	return all
}

// TestItemsOfInvoice reads the parcels of a ZOD invoice.
func TestItemsOfInvoice(t *testing.T) {
	t.Parallel()
	text := `[{"trackingNumber":"SPX1","description":"Giày","amount":400000},{"trackingNumber":"SPX2"},{"description":"Áo","amount":null},{}]`
	got, more := itemsOf(pay.Order{Version: pay.ZOD, Item: text})
	want := []item{{"Giày · SPX1", "", 400_000}, {"SPX2", "", 0}, {"Áo", "", 0}}
	if diff := cmp.Diff(want, got); diff != "" || more != 0 {
		t.Errorf("%d more (-want +got):\n%s", more, diff)
	}
	if got, _ := itemsOf(pay.Order{Version: pay.V2, Item: text}); got != nil {
		t.Errorf("an order has parcels: %v", got)
	}
}
