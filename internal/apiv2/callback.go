package apiv2

import (
	"cmp"
	"errors"
	"time"

	"sen"
	"sen/internal/apiv1"
	"sen/internal/fault"
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
func OrderCallback(app merchant.App, o pay.Order, p pay.Payment, user string, now time.Time) []byte {
	signer := sen.App{ID: int(app.ID), Key2: app.CallbackKey(now)}
	if o.Version == pay.ZOD {
		return signer.SealCallback(zodCallback(o, p, user).Data(), orderCallback)
	}
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
	if o.Version == pay.V1 {
		return apiv1.SealCallback(app.CallbackKey(now), data)
	}
	return signer.SealCallback(data.Data(), orderCallback)
}

// BindingCallback returns the bytes that tell the merchant that its user
// confirmed the binding, or that it has ended.
func BindingCallback(app merchant.App, st pay.BindingStatus, user string, now time.Time) []byte {
	signer := sen.App{ID: int(app.ID), Key2: app.CallbackKey(now)}
	return signer.SealCallback(agreement(st, user, now).Data(), bindingCallback)
}

// agreement is what a merchant may know of a binding that was confirmed once.
func agreement(st pay.BindingStatus, user string, now time.Time) sen.AgreementCallback {
	b := st.Binding
	a := sen.AgreementCallback{
		AppID:          int(b.App),
		AppTransID:     b.AppTransID,
		BindingID:      b.Token,
		PayToken:       b.PayToken,
		ServerTime:     now.Unix(), // seconds here, unlike everywhere else
		MerchantUserID: b.Identifier,
		Status:         bindingStatus(b),
		MsgType:        sen.BindingCreatedMessage,
		ZPUserID:       user,
		BindingData:    b.Data,
	}
	if a.Status != sen.BindingConfirmed {
		a.MsgType = sen.BindingChangedMessage
	}
	if b.Wallet != 0 {
		a.MaskedUserPhone = st.Wallet.MaskedPhone()
	}
	if b.Card != 0 {
		a.CardNumber, a.BankCode, a.BankName = st.Card.Masked, st.Card.BankCode, st.Card.Scheme
	}
	if !b.EndsAt.IsZero() {
		a.ExpiryTimestampMS = b.EndsAt.UnixMilli()
	}
	return a
}

// bindingStatus is where a binding that was confirmed once stands.
func bindingStatus(b pay.Binding) int {
	switch b.State {
	case pay.BindingCancelled:
		return sen.BindingCancelled
	case pay.BindingDisabled:
		return sen.BindingDisabled
	case pay.BindingPending, pay.BindingConfirmed, pay.BindingLapsed:
	}
	return sen.BindingConfirmed
}

// checkCallback refuses a callback URL, in the member that holds it, when it is
// known that nothing will be sent there: a payment of which its merchant can
// never hear is worse than none.
func (s *Server) checkCallback(member, url string) error {
	if url == "" || s.CheckCallback == nil {
		return nil
	}
	err := s.CheckCallback(url)
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return errMalformed.On(member, "has a callback_url that is not called: "+cmp.Or(e.Detail, e.Message))
	}
	return err
}
