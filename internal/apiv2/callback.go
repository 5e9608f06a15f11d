package apiv2

import (
	"time"

	"sen"
	"sen/internal/merchant"
	"sen/internal/pay"
)

// The types of callbacks.
const (
	orderCallback   = 1
	bindingCallback = 2
)

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

// BindingCallback returns the bytes that tell the merchant that its user
// confirmed the binding, or that it has ended.
func BindingCallback(app merchant.App, b pay.Binding, w pay.Wallet, user string, now time.Time) []byte {
	signer := sen.App{ID: int(app.ID), Key2: app.Key2}
	return signer.SealCallback(agreement(b, w, user, now).Data(), bindingCallback)
}

// agreement is what a merchant may know of a binding that was confirmed once.
func agreement(b pay.Binding, w pay.Wallet, user string, now time.Time) sen.AgreementCallback {
	a := sen.AgreementCallback{
		AppID:           int(b.App),
		AppTransID:      b.AppTransID,
		BindingID:       b.Token,
		PayToken:        b.PayToken,
		ServerTime:      now.Unix(), // seconds here, unlike everywhere else
		MerchantUserID:  b.Identifier,
		Status:          sen.BindingConfirmed,
		MsgType:         sen.BindingCreatedMessage,
		ZPUserID:        user,
		MaskedUserPhone: w.MaskedPhone(),
		BindingData:     b.Data,
	}
	switch b.State {
	case pay.BindingCancelled:
		a.Status, a.MsgType = sen.BindingCancelled, sen.BindingChangedMessage
	case pay.BindingDisabled:
		a.Status, a.MsgType = sen.BindingDisabled, sen.BindingChangedMessage
	case pay.BindingPending, pay.BindingConfirmed, pay.BindingLapsed:
	}
	if !b.EndsAt.IsZero() {
		a.ExpiryTimestampMS = b.EndsAt.UnixMilli()
	}
	return a
}
