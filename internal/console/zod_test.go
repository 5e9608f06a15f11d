package console_test

import (
	"net/http"
	"strconv"
	"testing"

	"sen/internal/operator"
	"sen/internal/pay"
)

// TestInvoice shows what an order is that was made as a ZOD invoice, with its
// parcels, and what its merchant sent under the names there.
func TestInvoice(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	o, err := s.Pay.CreateInvoice(t.Context(), pay.NewOrder{
		App: s.App, AppTransID: "SHIP-7", AppUser: "Lan", Amount: 430_000, Description: "ZOD SHIP-7", EmbedData: `{"shippingSubtotal":30000}`,
		Item:  `[{"trackingNumber":"SPX001","description":"Giày"},{"trackingNumber":"SPX002"},{}]`,
		Extra: `{"hubId":"HCM1","receiver":{"contact":"Lan"}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	b := s.as(t, operator.Support)
	page := "/console/orders/" + strconv.Itoa(int(o.Key))
	b.Get(page+"?lang=en").Want(t, "in English", http.StatusOK,
		"ZOD invoice: the receiver of the parcel pays", "SPX001, SPX002", "mcRefId", "orderInfo", "mcExtInfo", "HCM1", "{&#34;contact&#34;:&#34;Lan&#34;}")
	b.Get(page+"?lang=vi").Want(t, "in Vietnamese", http.StatusOK, "Hóa đơn ZOD: người nhận hàng trả tiền", "SPX001, SPX002")
	b.Get(page).Lack(t, "the names of an order", "embed_data", "driverId")
	b.Get("/console/orders?q=SHIP-7").Want(t, "found by its name", http.StatusOK, page)
}
