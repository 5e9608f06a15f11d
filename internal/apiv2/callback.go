package apiv2

import (
	"sen"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// orderCallback is the type of a callback about an order.
const orderCallback = 1

// OrderCallback returns the bytes that tell the merchant that the order is
// paid. They are made once and sent as they are, however often.
func OrderCallback(app merchant.App, o pay.Order, p pay.Payment, user string) []byte {
	data := sen.OrderCallback{
		AppID:          int(o.App),
		AppTransID:     o.AppTransID,
		AppTime:        o.AppTime.UnixMilli(),
		AppUser:        o.AppUser,
		Amount:         int64(o.Amount),
		EmbedData:      o.EmbedData,
		Item:           o.Item,
		ZPTransID:      sen.TransID(p.Number),
		ServerTime:     p.At.UnixMilli(),
		Channel:        int(p.Channel),
		MerchantUserID: user,
		UserFeeAmount:  int64(p.PayerFee),
		DiscountAmount: int64(p.Discount),
	}
	signer := sen.App{ID: int(app.ID), Key2: app.Key2}
	return signer.SealCallback(data.Data(), orderCallback)
}
