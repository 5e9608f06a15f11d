// Package sen is the Go SDK of Sen and the contract of its merchant API.
//
// The API is the one that Zalopay merchants already speak, version 2: HTTP
// POST, JSON or form bodies, status 200 with return_code and sub_return_code
// for every business answer, and a mac over named members of each request.
//
// The package has four parts:
//
//   - a [Client] for orders, codes at tills, refunds, tokens of wallets and cards,
//     and the bank list, with an [Observer] for traces and metrics;
//   - [App.ParseCallback], [CallbackHandler] and [App.VerifyRedirect] for what
//     the gateway sends to a merchant;
//   - the table of [Operations], from which client and server both sign;
//   - the catalogue of status values, [Lookup] and [Statuses], with what each
//     means and what to do about it in Vietnamese and English.
//
// It depends on the standard library only. Amounts are whole Vietnamese dong.
// Times are milliseconds since 1970 unless a member says seconds. Days are
// those of GMT+7.
package sen
