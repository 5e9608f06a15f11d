// Made by generate.mjs from the OpenAPI document. Do not edit.

/** Any other value: gateways may answer ones that no table has. */
export type Other = number & {};

/** The schema CreateOrderRequest of the document. */
export interface CreateOrderRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** Who pays, in the merchant's terms. At most 50 characters. */
  app_user: string;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. At most 40 characters. */
  app_trans_id: string;
  /** When the order was made: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  app_time: number;
  /** Đồng, in digits. At least 1. */
  amount: number;
  /** The goods, as the text of a JSON array; [] for none. At most 2048 characters. */
  item: string;
  /** Data of the merchant's own, as the text of a JSON object; {} for none. It comes back in the callback. At most 2048 characters. */
  embed_data: string;
  /** What the payer reads. At most 256 characters. */
  description: string;
  /** How long the order can be paid, in seconds; 900 when absent. At least 300. */
  expire_duration_seconds?: number | undefined;
  /** Which method is offered: zalopayapp for the wallet, CC for international cards; empty for all. At most 20 characters. */
  bank_code?: string | undefined;
  /** Where the callback goes, instead of the app's address. At most 2048 characters. */
  callback_url?: string | undefined;
  /** The web page to which the user comes back. At most 2048 characters. */
  redirect_url?: string | undefined;
  /** A title of the order. At most 256 characters. */
  title?: string | undefined;
  /** The currency. At most 3 characters. */
  currency?: "VND" | undefined;
  /** The payer's device, as the text of a JSON object. At most 256 characters. */
  device_info?: string | undefined;
  /** A part of the app. At most 50 characters. */
  sub_app_id?: string | undefined;
  /** AGREEMENT for an order that is to be paid by token; it is not needed. */
  product_code?: string | undefined;
  /** The payer's telephone number. At most 50 characters. */
  phone?: string | undefined;
  /** The payer's e-mail address. At most 100 characters. */
  email?: string | undefined;
  /** The payer's address. At most 1024 characters. */
  address?: string | undefined;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema CreateOrderResponse of the document. */
export interface CreateOrderResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-68` DUPLICATE_APPS_TRANS_ID: The app has used this app_trans_id for an order before, whatever became of it. No second order was made.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the create request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or app_time is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether it was carried out is not known.
   * - `-999` SYSTEM_MAINTENANCE: The order service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The order was created and waits to be paid. No money has moved.
   */
  sub_return_code: -68 | -401 | -402 | -429 | -500 | -999 | 1 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The order, from its creation. */
  zp_trans_token: string;
  /** The payment page, and the content of a QR code for wallets. */
  order_url: string;
  /** The same as zp_trans_token. */
  order_token: string;
  /** The text of a VietQR code for banking apps; may be empty. */
  qr_code: string;
  /** Sent by the provider only. */
  cashier_order_url?: string | undefined;
}

/** The schema QueryOrderRequest of the document. */
export interface QueryOrderRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. */
  app_trans_id: string;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryOrderResponse of the document. */
export interface QueryOrderResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-54` TIME_INVALID: The order passed its expiry unpaid, or was cancelled; the message of a cancelled order says so.
   * - `-63` ZPW_BALANCE_NOT_ENOUGH: The last attempt to pay failed because the balance of the payer's wallet was too low. The order can still be paid until it expires.
   * - `-92` APPTRANSID_INVALID: The app_trans_id is not of the required form: its first six characters are no yyMMdd date, it is longer than 40 characters, or it has a character that is not allowed.
   * - `-101` ORDER_NOT_EXIST: This app has no order under that app_trans_id.
   * - `-217` BANK_ERROR: The last attempt to pay failed at the payer's bank: it declined, the card is reported stolen, the account lacks money, or the bank did not answer in time.
   * - `-332` PROMOTION_ERROR: The campaign named in promotioninfo is unknown, is not running, or is used up.
   * - `-333` PROMOTION_ERROR: The payer or the order is not eligible for the campaign: the amount is below its minimum, the payer has used it as often as allowed, or the app takes no part in it.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the order query is missing or invalid: a wrong type or too long. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-999` SYSTEM_MAINTENANCE: The order service is closed for a maintenance announced by the operator. Nothing was done.
   * - `-1330` EXCEED_MAX_FUND_OUT_PER_DAY: The last attempt to pay passed the payer's daily limit over all sources.
   * - `-1331` EXCEED_MAX_FUND_OUT_PER_DAY: The last attempt to pay passed the payer's daily limit on payments from the wallet balance.
   * - `-1332` EXCEED_MAX_FUND_OUT_PER_DAY: The last attempt to pay passed the payer's daily limit on payments from linked bank accounts and domestic cards.
   * - `-1333` EXCEED_MAX_FUND_OUT_PER_DAY: The last attempt to pay passed the payer's daily limit on payments from international cards.
   * - `-1340` EXCEED_MAX_FUND_OUT_PER_MONTH: The last attempt to pay passed the payer's monthly limit over all sources.
   * - `-1341` EXCEED_MAX_FUND_OUT_PER_MONTH: The last attempt to pay passed the payer's monthly limit on payments from the wallet balance.
   * - `-1342` EXCEED_MAX_FUND_OUT_PER_MONTH: The last attempt to pay passed the payer's monthly limit on payments from linked bank accounts and domestic cards.
   * - `-1343` EXCEED_MAX_FUND_OUT_PER_MONTH: The last attempt to pay passed the payer's monthly limit on payments from international cards.
   * - `1` SUCCESS: The order is paid.
   * - `3` PROCESSING: The order is not paid yet, or a payment of it is in flight.
   */
  sub_return_code: -54 | -63 | -92 | -101 | -217 | -332 | -333 | -401 | -402 | -429 | -500 | -999 | -1330 | -1331 | -1332 | -1333 | -1340 | -1341 | -1342 | -1343 | 1 | 3 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** A payment is in flight; do not decide by it. */
  is_processing: boolean;
  /** Đồng received; 0 before the payment. */
  amount: number;
  /** Đồng given by a promotion. */
  discount_amount: number;
  /** The payment; 0 for none. */
  zp_trans_id: number;
  /** Milliseconds since 1970. */
  server_time: number;
}

/** The schema CancelOrderRequest of the document. */
export interface CancelOrderRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. */
  app_trans_id: string;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema CancelOrderResponse of the document. */
export interface CancelOrderResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-101` ORDER_NOT_EXIST: This app has no order under that app_trans_id.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the cancel request is missing or invalid: a wrong type or too long. Nothing was done.
   * - `-403` ORDER_ALREADY_CAPTURED: The order is paid, or a payment of it is in flight, so it can no longer be cancelled.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether it was carried out is not known.
   * - `-999` SYSTEM_MAINTENANCE: The order service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The order is cancelled and can no longer be paid.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   */
  sub_return_code: -101 | -401 | -403 | -429 | -500 | -999 | 1 | -402 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
}

/** The schema RefundOrderRequest of the document. */
export interface RefundOrderRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for the refund: yyMMdd_<app_id>_ and a suffix, today's date at GMT+7. At most 45 characters. */
  m_refund_id: string;
  /** The payment to refund, from the callback or a query; digits. At most 15 characters. */
  zp_trans_id: string;
  /** Đồng to return, at most what is left of the payment. At least 1. */
  amount: number;
  /** Đồng withheld from the payer, at most the amount. */
  refund_fee_amount?: number | undefined;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  timestamp: number;
  /** The reason. At most 100 characters. */
  description: string;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema RefundOrderResponse of the document. */
export interface RefundOrderResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `0` SYSTEM_ERROR: The payment channel that must carry the refund could not be reached. Nothing was recorded.
   * - `-13` ORDER_REFUND_EXPIRED: The timestamp is more than 15 minutes from the server's clock. Nothing was done.
   * - `-101` ORDER_NOT_FOUND: This app has no payment under that zp_trans_id.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the refund request is missing or invalid: a wrong type, too long, or an m_refund_id that is not yyMMdd_appid_suffix for the current day at GMT+7. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether it was carried out is not known.
   * - `-999` SYSTEM_MAINTENANCE: The refund service is closed for a maintenance announced by the operator. Nothing was done.
   * - `-32` NOT_SUPPORT_PARTIAL_REFUND: The payment was made through a partner e-wallet or with a promotion applied, so only its full amount can be refunded.
   * - `1` SUCCESS: The refund was accepted.
   * - `2` REFUND_PROCESSING: The refund was accepted and is being processed.
   * - `-23` DUPLICATE_M_REFUND_ID: The app has used this m_refund_id before. No second refund was made.
   */
  sub_return_code: 0 | -13 | -101 | -401 | -402 | -429 | -500 | -999 | -32 | 1 | 2 | -23 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The gateway's name for the refund; 0 in a refusal. */
  refund_id: number;
}

/** The schema QueryRefundRequest of the document. */
export interface QueryRefundRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for the refund: yyMMdd_<app_id>_ and a suffix, today's date at GMT+7. At most 45 characters. */
  m_refund_id: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  timestamp: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryRefundResponse of the document. */
export interface QueryRefundResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-1` REFUND_PENDING: The amount is at or over the approval threshold of the app; the refund waits for an operator to approve or reject it.
   * - `-2` REFUND_TYPE_INVALID: The channel by which this payment was made cannot refund.
   * - `-13` REFUND_EXPIRE_TIME: The refund period of the app, counted from the payment, is over.
   * - `-14` REFUND_AMOUNT_INVALID: The amount is more than what is left to refund, running refunds counted; or an operator rejected it for its amount.
   * - `-16` INSERT_REFUND_LOG_AR_FAIL: The merchant's balance and its receivable limit do not cover the refund, so it could not be booked as a receivable. It runs on when funds arrive.
   * - `-32` NOT_SUPPORT_PARTIAL_REFUND: The payment was made through a partner e-wallet or with a promotion applied, so only its full amount can be refunded.
   * - `-101` M_REFUND_ID_NOT_FOUND: This app has no refund under that m_refund_id.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the refund query is missing or invalid: a wrong type or too long, or timestamp is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-999` SYSTEM_MAINTENANCE: The refund service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The money was returned to the payer.
   * - `2` REFUND_PROCESSING: The refund is being processed.
   * - `0` REFUND_FAILED: The refund failed; no closer reason is given.
   */
  sub_return_code: -1 | -2 | -13 | -14 | -16 | -32 | -101 | -401 | -402 | -429 | -500 | -999 | 1 | 2 | 0 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
}

/** The schema CreateBindingWalletRequest of the document. */
export interface CreateBindingWalletRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. At most 40 characters. */
  app_trans_id: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The user, in the merchant's terms; the same whenever the binding is used. At most 256 characters. */
  identifier: string;
  /** Đồng that one payment may take; 0 for no limit of the binding's own. */
  max_amount?: number | undefined;
  /** What is bound. */
  binding_type?: "WALLET" | undefined;
  /** What the user agrees to, as the text of a JSON object; it comes back in callbacks. At most 2048 characters. */
  binding_data?: string | undefined;
  /** Where the callback goes, instead of the app's address. At most 2048 characters. */
  callback_url?: string | undefined;
  /** The web page to which the user comes back. At most 2048 characters. */
  redirect_url?: string | undefined;
  /** The link into an app to which the user comes back. At most 2048 characters. */
  redirect_deep_link?: string | undefined;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema CreateBindingWalletResponse of the document. */
export interface CreateBindingWalletResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-68` DUPLICATE_APPS_TRANS_ID: The app has used this app_trans_id for a wallet or card binding before. No new binding was made.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the wallet binding request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether it was carried out is not known.
   * - `-1801` SYSTEM_MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The binding was started and waits up to 15 minutes for the user to confirm.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   */
  sub_return_code: -68 | -401 | -402 | -500 | -1801 | 1 | -429 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** Names the binding until it is confirmed. */
  binding_token: string;
  /** The binding, which is not its pay_token. */
  binding_id: string;
  /** Opens the wallet on the same telephone. */
  deep_link: string;
  /** The page where the user confirms, with a code to scan. */
  binding_qr_link: string;
  /** The same page. */
  binding_url: string;
  /** What a merchant writes into a QR code of its own. */
  short_link: string;
}

/** The schema QueryPaymentTokenWalletRequest of the document. */
export interface QueryPaymentTokenWalletRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. At most 40 characters. */
  app_trans_id: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryPaymentTokenWalletResponse of the document. */
export interface QueryPaymentTokenWalletResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-101` APP_TRANS_ID_NOT_FOUND: This app has no binding under that app_trans_id, or it was never confirmed within its 15 minutes.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the token query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-1801` SYSTEM_MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The user has answered the binding; status says whether it is confirmed (1), cancelled (3) or disabled (4).
   * - `3` PROCESSING: The user has not confirmed the binding yet; it stays open for 15 minutes after it was started.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-7002` WRONG_PARAMETER: A member of the card binding query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   */
  sub_return_code: -101 | -401 | -402 | -500 | -1801 | 1 | 3 | -429 | -7002 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The binding; absent until the user has answered. */
  data?: AgreementCallback | undefined;
}

/** The schema QueryBalanceWalletRequest of the document. */
export interface QueryBalanceWalletRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The user, in the merchant's terms; the same whenever the binding is used. At most 256 characters. */
  identifier: string;
  /** The token that pays. At most 256 characters. */
  pay_token: string;
  /** Đồng, in digits. At least 1. */
  amount: number;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryBalanceWalletResponse of the document. */
export interface QueryBalanceWalletResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-101` TOKEN_NOT_EXITS: The pay_token is unknown.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the balance query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-1002` AGREEMENT NOT VALID: The binding was ended by the user, the merchant or the operator.
   * - `-1007` ARGREEMENT_EXPIRED: The token is past its own end date.
   * - `-1009` USER_HAS_BEEN_LOCKED: The user's wallet is locked.
   * - `-1011` PERMISSION_DENIED: The token belongs to another app, or the identifier is not the one it was made for.
   * - `-1800` USER EXCEED KYC LIMIT: The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year.
   * - `-1801` SYSTEM IS MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The token is valid; payable says whether the wallet can pay this amount.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   */
  sub_return_code: -101 | -401 | -402 | -500 | -1002 | -1007 | -1009 | -1011 | -1800 | -1801 | 1 | -429 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The sources of the user's money; null in a refusal. */
  data: BalanceChannel[] | null;
  /** Đồng given by a promotion. */
  discount_amount: number;
}

/** The schema PayByTokenWalletRequest of the document. */
export interface PayByTokenWalletRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The user, in the merchant's terms; the same whenever the binding is used. At most 256 characters. */
  identifier: string;
  /** The order, from its creation. At most 256 characters. */
  zp_trans_token: string;
  /** The token that pays. At most 256 characters. */
  pay_token: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema PayByTokenWalletResponse of the document. */
export interface PayByTokenWalletResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-101` TOKEN_NOT_EXITS: The pay_token is unknown.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the token payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done. An order that is unknown, expired or cancelled is answered with this value too.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether it was carried out is not known.
   * - `-1002` AGREEMENT NOT VALID: The binding was ended by the user, the merchant or the operator.
   * - `-1007` AGREEMENT_EXPIRED: The token is past its own end date.
   * - `-1009` USER_HAS_BEEN_LOCKED: The user's wallet is locked.
   * - `-1010` USER_CANNOT_PAY: The wallet cannot pay: its balance is too low, its owner has switched payments off, or no PIN is set.
   * - `-1011` PERMISSION_DENIED: The token belongs to another app, or the identifier is not the one it was made for.
   * - `-1013` PAYMENT_AMOUNT_EXCEED_LIMIT: The amount is over the max_amount of the binding, or over the wallet's daily or monthly limit.
   * - `-1019` USER_EXCEED_MERCHANT_LIMIT_BINDING: Over the app's own limit per binding: the amount or the number of token payments in a day.
   * - `-1800` USER EXCEED KYC LIMIT: The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year.
   * - `-1801` SYSTEM IS MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The order was paid with the token.
   * - `3` PROCESSING: The payment was accepted and is being processed.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-7002` WRONG_PARAMETER: A member of the stored-card payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-7202` ZPTOKEN_INVALID: The zp_trans_token is malformed, or belongs to another app.
   * - `-7032` ORDER_NOT_FOUND: The zp_trans_token is well formed, but its order is unknown, expired, cancelled or paid.
   * - `-7041` TOKEN_NOT_EXIST: The pay_token is unknown, or belongs to another app.
   * - `-7217` TOKEN_STATUS_INVALID: The token is known, but its binding is unconfirmed, ended or disabled.
   * - `-7223` TOKEN_NOT_FOUND: The token is valid, but the vault no longer holds its card: it was deleted, or it expired and was removed.
   */
  sub_return_code: -101 | -401 | -402 | -500 | -1002 | -1007 | -1009 | -1010 | -1011 | -1013 | -1019 | -1800 | -1801 | 1 | 3 | -429 | -7002 | -7202 | -7032 | -7041 | -7217 | -7223 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. */
  app_trans_id: string;
  /** The payment; 0 for none. */
  zp_trans_id: number;
  /** Where the card's holder enters the bank's code; empty or absent when there is nothing to enter. */
  verification_url?: string | undefined;
}

/** The schema UnbindingWalletRequest of the document. */
export interface UnbindingWalletRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The user, in the merchant's terms; the same whenever the binding is used. At most 256 characters. */
  identifier: string;
  /** The binding, which is not its pay_token. At most 256 characters. */
  binding_id: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema UnbindingWalletResponse of the document. */
export interface UnbindingWalletResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-101` BINDING_NOT_EXITS: There is no binding under this binding_id, or it has already ended.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the wallet unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether it was carried out is not known.
   * - `-1011` PERMISSION_DENIED: The binding belongs to another app, or the identifier is not the one it was made for.
   * - `-1801` SYSTEM_MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The binding has ended and its token is dead.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-7002` WRONG_PARAMETER: A member of the card unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-7216` IDENTIFIER_INVALID: The identifier is not the one with which the card was bound.
   */
  sub_return_code: -101 | -401 | -402 | -500 | -1011 | -1801 | 1 | -429 | -7002 | -7216 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
}

/** The schema QueryUserInfoRequest of the document. */
export interface QueryUserInfoRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The pay_token of a binding. At most 256 characters. */
  access_token: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryUserInfoResponse of the document. */
export interface QueryUserInfoResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the user query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-1801` SYSTEM_MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `1` SUCCESS: The token is valid; the phone number is given in masked form.
   * - `-101` TOKEN_NOT_EXIST: The access_token is unknown.
   * - `-1002` AGREEMENT_NOT_VALID: The binding was ended by the user, the merchant or the operator.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   */
  sub_return_code: -401 | -402 | -500 | -1801 | 1 | -101 | -1002 | -429 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The user's telephone number, all but the last digits masked. */
  phone: string;
}

/** The schema CreateBindingCardRequest of the document. */
export interface CreateBindingCardRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. At most 40 characters. */
  app_trans_id: string;
  /** The user, in the merchant's terms; the same whenever the binding is used. At most 256 characters. */
  identifier: string;
  /** What is bound. */
  binding_type: "WALLET" | "CARD";
  /** BIND_AND_PAY pays an order while the card is bound. */
  binding_mode: "BIND" | "BIND_AND_PAY";
  /** Where the holder is. */
  device_type: "MOBILE" | "DESKTOP";
  /** What the user agrees to, as the text of a JSON object; it comes back in callbacks. At most 2048 characters. */
  binding_data: string;
  /** The order of BIND_AND_PAY as the text of a JSON object; {} otherwise. At most 2048 characters. */
  payment_data: string;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema CreateBindingCardResponse of the document. */
export interface CreateBindingCardResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-68` DUPLICATE_APPS_TRANS_ID: The app has used this app_trans_id for a wallet or card binding before. No new binding was made.
   * - `-500` INTERNAL_ERROR: The gateway failed while handling the request. Whether it was carried out is not known. During a maintenance of the card service this value is the answer as well.
   * - `-7002` WRONG_PARAMETER: A member of the card binding request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `1` SUCCESS: The card binding was started and waits for the card holder.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   */
  sub_return_code: -68 | -500 | -7002 | 1 | -402 | -429 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** Names the binding until it is confirmed. */
  binding_token: string;
  /** The same page. */
  binding_url: string;
  /** The page where the user confirms, with a code to scan. */
  binding_qr_link: string;
  /** Empty. */
  reform_url: string;
}

/** The schema QueryBindingCardRequest of the document. */
export interface QueryBindingCardRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. At most 40 characters. */
  app_trans_id: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryBindingCardResponse of the document. */
export interface QueryBindingCardResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-101` APP_TRANS_ID_NOT_EXIST: This app has no binding under that app_trans_id, or it was never confirmed within its 15 minutes.
   * - `-500` INTERNAL_ERROR: The gateway failed while handling the request. A query changes nothing. During a maintenance of the card service this value is the answer as well.
   * - `-7002` WRONG_PARAMETER: A member of the card binding query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `1` SUCCESS: The card holder has answered the binding; status says whether it is confirmed (1), cancelled (3) or disabled (4).
   * - `3` PROCESSING: The user has not confirmed the binding yet; it stays open for 15 minutes after it was started.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the token query is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-1801` SYSTEM_MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   */
  sub_return_code: -101 | -500 | -7002 | 1 | 3 | -402 | -429 | -401 | -1801 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** Names the binding until it is confirmed. */
  binding_token: string;
  /** The page where the user confirms, with a code to scan. */
  binding_qr_link: string;
  /** Opens the wallet on the same telephone. */
  deep_link: string;
  /** What a merchant writes into a QR code of its own. */
  short_link: string;
  /** The order of BIND_AND_PAY; 0 for none. */
  order_no: number;
  /** The order of BIND_AND_PAY. */
  order_token: string;
  /** Its payment page. */
  order_url: string;
  /** The payment of BIND_AND_PAY; a string here, unlike everywhere else. */
  zp_trans_id: string;
  /** 0 not confirmed, 1 confirmed, 3 ended by user or merchant, 4 ended by the operator. */
  status: number;
  /** The binding, which is not its pay_token. */
  binding_id?: string | undefined;
  /** The token that pays. */
  pay_token?: string | undefined;
  /** The card, masked: first six and last four digits. */
  card_number?: string | undefined;
  /** The card's bank. */
  bank_code?: string | undefined;
}

/** The schema PayByTokenCardRequest of the document. */
export interface PayByTokenCardRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The user, in the merchant's terms; the same whenever the binding is used. At most 256 characters. */
  identifier: string;
  /** The order, from its creation. At most 256 characters. */
  zp_trans_token: string;
  /** The token that pays. At most 256 characters. */
  pay_token: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema PayByTokenCardResponse of the document. */
export interface PayByTokenCardResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-500` INTERNAL_ERROR: The gateway failed while handling the request. Whether it was carried out is not known. During a maintenance of the card service this value is the answer as well.
   * - `-7002` WRONG_PARAMETER: A member of the stored-card payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-7202` ZPTOKEN_INVALID: The zp_trans_token is malformed, or belongs to another app.
   * - `-7032` ORDER_NOT_FOUND: The zp_trans_token is well formed, but its order is unknown, expired, cancelled or paid.
   * - `-7041` TOKEN_NOT_EXIST: The pay_token is unknown, or belongs to another app.
   * - `-7217` TOKEN_STATUS_INVALID: The token is known, but its binding is unconfirmed, ended or disabled.
   * - `-7223` TOKEN_NOT_FOUND: The token is valid, but the vault no longer holds its card: it was deleted, or it expired and was removed.
   * - `1` SUCCESS: The order was paid with the stored card.
   * - `3` PROCESSING: The payment was accepted; it may be waiting for the card holder to verify at verification_url.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the token payment request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done. An order that is unknown, expired or cancelled is answered with this value too.
   * - `-101` TOKEN_NOT_EXITS: The pay_token is unknown.
   * - `-1801` SYSTEM IS MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `-1002` AGREEMENT NOT VALID: The binding was ended by the user, the merchant or the operator.
   * - `-1007` AGREEMENT_EXPIRED: The token is past its own end date.
   * - `-1009` USER_HAS_BEEN_LOCKED: The user's wallet is locked.
   * - `-1011` PERMISSION_DENIED: The token belongs to another app, or the identifier is not the one it was made for.
   * - `-1800` USER EXCEED KYC LIMIT: The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year.
   * - `-1010` USER_CANNOT_PAY: The wallet cannot pay: its balance is too low, its owner has switched payments off, or no PIN is set.
   * - `-1013` PAYMENT_AMOUNT_EXCEED_LIMIT: The amount is over the max_amount of the binding, or over the wallet's daily or monthly limit.
   * - `-1019` USER_EXCEED_MERCHANT_LIMIT_BINDING: Over the app's own limit per binding: the amount or the number of token payments in a day.
   */
  sub_return_code: -500 | -7002 | -7202 | -7032 | -7041 | -7217 | -7223 | 1 | 3 | -402 | -429 | -401 | -101 | -1801 | -1002 | -1007 | -1009 | -1011 | -1800 | -1010 | -1013 | -1019 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. */
  app_trans_id: string;
  /** The payment; 0 for none. */
  zp_trans_id: number;
  /** Where the card's holder enters the bank's code; empty or absent when there is nothing to enter. */
  verification_url?: string | undefined;
}

/** The schema UnbindingCardRequest of the document. */
export interface UnbindingCardRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The user, in the merchant's terms; the same whenever the binding is used. At most 256 characters. */
  identifier: string;
  /** The binding, which is not its pay_token. At most 256 characters. */
  binding_id: string;
  /** When it was asked: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  req_date: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema UnbindingCardResponse of the document. */
export interface UnbindingCardResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `-101` BINDING_NOT_EXIST: There is no binding under this binding_id, or it has already ended.
   * - `-500` INTERNAL_ERROR: The gateway failed while handling the request. Whether it was carried out is not known. During a maintenance of the card service this value is the answer as well.
   * - `-7002` WRONG_PARAMETER: A member of the card unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-7216` IDENTIFIER_INVALID: The identifier is not the one with which the card was bound.
   * - `1` SUCCESS: The card binding has ended and its token is dead.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the wallet unbinding request is missing or invalid: a wrong type or too long, or req_date is more than 15 minutes from the server's clock. Nothing was done.
   * - `-1801` SYSTEM_MAINTENANCE: The wallet service is closed for a maintenance announced by the operator. Nothing was done.
   * - `-1011` PERMISSION_DENIED: The binding belongs to another app, or the identifier is not the one it was made for.
   */
  sub_return_code: -101 | -500 | -7002 | -7216 | 1 | -402 | -429 | -401 | -1801 | -1011 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
}

/** The schema QuickPayRequest of the document. */
export interface QuickPayRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The till or the clerk, in the merchant's terms. At most 50 characters. */
  app_user: string;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. At most 40 characters. */
  app_trans_id: string;
  /** When the order was made: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  app_time: number;
  /** Đồng, in digits. At least 1. */
  amount: number;
  /** The goods, as the text of a JSON array; [] for none. At most 1024 characters. */
  item: string;
  /** Data of the merchant's own, as the text of a JSON object; {} for none. It comes back in the callback. At most 1024 characters. */
  embed_data: string;
  /** What the payer reads. At most 100 characters. */
  description: string;
  /** The code as it was scanned, or encrypted with the key that the gateway made for the app: RSA with PKCS #1 v1.5, in base64. The mac covers it in either form. */
  payment_code: string;
  /** Where the callback goes, instead of the app's address. At most 2048 characters. */
  callback_url?: string | undefined;
  /** The web page to which the user comes back. At most 2048 characters. */
  redirect_url?: string | undefined;
  /** A title of the order. At most 256 characters. */
  title?: string | undefined;
  /** The currency. At most 3 characters. */
  currency?: "VND" | undefined;
  /** The payer's device, as the text of a JSON object. At most 256 characters. */
  device_info?: string | undefined;
  /** The address of the till. At most 64 characters. */
  userIP?: string | undefined;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QuickPayResponse of the document. */
export interface QuickPayResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: The order was made and paid with the code that the payer showed.
   * - `-68` DUPLICATE_APPS_TRANS_ID: The app has used this app_trans_id for an order before, whatever became of it. Nothing was done, and the payment code is as it was.
   * - `-101` PAYMENT_CODE_NOT_EXIST: There is no such payment code, its time is up, or it has paid another order. The order was made, and is not paid.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the request is missing or invalid: a wrong type, too long, the yyMMdd prefix of app_trans_id is not the current day at GMT+7, or app_time is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether the order was paid is not known.
   * - `-999` SYSTEM_MAINTENANCE: The service is closed for a maintenance announced by the operator. Nothing was done.
   * - `-1009` USER_HAS_BEEN_LOCKED: The payer's wallet is locked. The order was made, and is not paid.
   * - `-1010` USER_CANNOT_PAY: The wallet cannot pay: its balance is too low, its owner has switched payments off, no PIN is set, or the promotion of the order is not available. The order was made, and is not paid.
   * - `-1013` PAYMENT_AMOUNT_EXCEED_LIMIT: The amount is more than a payment code pays, or over the wallet's daily or monthly limit. The order was made, and is not paid.
   * - `-1800` USER EXCEED KYC LIMIT: The amount is over what the wallet's level of identification (KYC) allows per payment or in the past year. The order was made, and is not paid.
   */
  sub_return_code: 1 | -68 | -101 | -401 | -402 | -429 | -500 | -999 | -1009 | -1010 | -1013 | -1800 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** false: the order is paid, or not, when the answer comes. */
  is_processing: boolean;
  /** The payment; 0 for none. */
  zp_trans_id: number;
}

/** The schema ListBanksRequest of the document. */
export interface ListBanksRequest {
  /** The app, as the gateway knows it. */
  appid: number;
  /** When it was asked: milliseconds since 1970. */
  reqtime: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema ListBanksResponse of the document. */
export interface ListBanksResponse {
  /**
   * The same as sub_return_code elsewhere:
   *
   * - `1` SUCCESS: The list of banks is given.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the bank list request is missing or invalid: a wrong type or too long, or reqtime is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The app_id is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-999` SYSTEM_MAINTENANCE: The bank list is closed for a maintenance announced by the operator. Nothing was done.
   */
  returncode: 1 | -401 | -402 | -429 | -500 | -999 | Other;
  /** The same in words. */
  returnmessage: string;
  /** Banks by method (pmcid). */
  banks: Record<string, Bank[]>;
}

/** The schema GetBankDeepLinksRequest of the document. */
export interface GetBankDeepLinksRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** Codes of banks with commas between them and no spaces; absent for every bank. At most 500 characters. */
  bank_codes?: string | undefined;
  /** The system of the payer's telephone. */
  os_type: "ios" | "android";
  /** The order, from its creation; absent for links that only open the app. At most 64 characters. */
  order_token?: string | undefined;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema GetBankDeepLinksResponse of the document. */
export interface GetBankDeepLinksResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: The links are in data.
   * - `-401` ILLEGAL_DATA_REQUEST: The request can't be read: the body is neither JSON nor a form, or a member is given twice. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-6100` SYSTEM_ERROR: The gateway failed, or is closed for maintenance. This request changes nothing.
   * - `-6101` APP_ID_INVALID: The app_id is missing, no number, unknown or switched off.
   * - `-6102` OS_TYPE_INVALID: The os_type is missing, or neither ios nor android.
   * - `-6103` MAC_INVALID: The mac is missing, or does not match the values received.
   * - `-6105` BANK_CODES_INVALID: The bank_codes are not codes with commas between them and no spaces, or one of them is not known here.
   * - `-6106` ORDER_TOKEN_INVALID: This app has no order with that order_token, or the order can't be paid: it is paid, being paid, cancelled or expired.
   */
  sub_return_code: 1 | -401 | -429 | -6100 | -6101 | -6102 | -6103 | -6105 | -6106 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** One link for each bank; empty in a refusal. */
  data: BankDeepLink[] | null;
}

/** The schema CreateZodRequest of the document. */
export interface CreateZodRequest {
  /** The app, as the gateway knows it. */
  appId: number;
  /** The merchant's name for the invoice, of any form; its app_trans_id everywhere else. At most 40 characters. */
  mcRefId: string;
  /** Đồng, in digits. At least 1. */
  amount: number;
  /** Who receives the parcel; in a form, the text of this JSON. At most 16 kB. */
  receiver: ZodReceiver;
  /** What is delivered; in a form, the text of this JSON. At most 16 kB. */
  orderInfo: ZodParcel[];
  /** Data of the merchant's own, as the text of a JSON object; {} for none. It comes back in the callback. At most 2048 characters. */
  mcExtInfo: string;
  /** Where the parcel starts. At most 50 characters. */
  hubId?: string | undefined;
  /** Who delivers it. At most 50 characters. */
  driverId?: string | undefined;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema CreateZodResponse of the document. */
export interface CreateZodResponse {
  /** 1 done, 2 refused or failed. */
  returnCode: 1 | 2 | 3;
  /** The same in words. */
  returnMessage: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: The ZOD invoice was created and waits to be paid, for a month. No money has moved.
   * - `-68` DUPLICATE_MC_REF_ID: The app has used this mcRefId for an invoice, or as the app_trans_id of an order, before, with the same content or not. No second invoice was made.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the invoice request is missing or invalid: a wrong type or too long. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The appId is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether it was carried out is not known.
   * - `-999` SYSTEM_MAINTENANCE: ZOD is closed for a maintenance announced by the operator. Nothing was done.
   */
  subReturnCode: 1 | -68 | -401 | -402 | -429 | -500 | -999 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  subReturnMessage: string;
  /** The payment page, to be shown as a QR code; empty in a refusal. */
  orderUrl: string;
}

/** The schema QueryZodInvoiceRequest of the document. */
export interface QueryZodInvoiceRequest {
  /** The app, as the gateway knows it. */
  appId: number;
  /** The merchant's name for the invoice, of any form; its app_trans_id everywhere else. At most 40 characters. */
  mcRefId: string;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryZodInvoiceResponse of the document. */
export interface QueryZodInvoiceResponse {
  /** 1 done, 2 refused or failed. */
  returnCode: 1 | 2 | 3;
  /** The same in words. */
  returnMessage: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: There is such an invoice, paid or not.
   * - `-101` INVOICE_NOT_EXIST: This app has no ZOD invoice under that mcRefId.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the invoice query is missing or invalid. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The appId is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-999` SYSTEM_MAINTENANCE: ZOD is closed for a maintenance announced by the operator. Nothing was done.
   */
  subReturnCode: 1 | -101 | -401 | -402 | -429 | -500 | -999 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  subReturnMessage: string;
  /** The payment page, to be shown as a QR code; empty in a refusal. */
  orderUrl: string;
}

/** The schema QueryZodStatusRequest of the document. */
export interface QueryZodStatusRequest {
  /** The app, as the gateway knows it. */
  appId: number;
  /** The merchant's name for the invoice, of any form; its app_trans_id everywhere else. At most 40 characters. */
  mcRefId: string;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema QueryZodStatusResponse of the document. */
export interface QueryZodStatusResponse {
  /** 1 done, 2 refused or failed. */
  returnCode: 1 | 2 | 3;
  /** The same in words. */
  returnMessage: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: The state of the invoice is in status: 1 paid, 2 can't be paid any more, 3 not paid yet.
   * - `-101` INVOICE_NOT_EXIST: This app has no ZOD invoice under that mcRefId.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the status query is missing or invalid. Nothing was done.
   * - `-402` ILLEGAL_APP/SIGNATURE_REQUEST: The appId is unknown or switched off, or the mac does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. A query changes nothing.
   * - `-999` SYSTEM_MAINTENANCE: ZOD is closed for a maintenance announced by the operator. Nothing was done.
   */
  subReturnCode: 1 | -101 | -401 | -402 | -429 | -500 | -999 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  subReturnMessage: string;
  /** 1 paid, 2 can't be paid any more, 3 not paid yet. */
  status: number;
  /** Đồng received, as text; 0 before the payment. */
  amount: string;
  /** The payment, as text; 0 for none. */
  zpTransId: string;
}

/** The schema DisbursementUserRequest of the document. */
export interface DisbursementUserRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The receiver's telephone number, ten digits beginning with 0. At most 20 characters. */
  phone: string;
  /** Milliseconds since 1970; in a request within 15 minutes of the gateway's clock. */
  time: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema DisbursementUserResponse of the document. */
export interface DisbursementUserResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: There is a wallet with this telephone number. m_u_id is what to pay it out under.
   * - `-101` USER_NOT_EXIST: There is no wallet with this telephone number.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the request is missing or invalid, or time is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` UNAUTHORIZED: The app_id is unknown or switched off, or the mac does not match the values received.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request.
   * - `-503` SYSTEM_MAINTENANCE: Disbursement is closed for a maintenance announced by the operator. Nothing was done.
   * - `-1011` USER_ACCOUNT_LOCKED: The receiver's wallet is locked by the operator. Nothing was paid out.
   */
  sub_return_code: 1 | -101 | -401 | -402 | -429 | -500 | -503 | -1011 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The receiver; empty in a refusal, but for the link. */
  data: DisbursementUser;
}

/** The schema DisbursementTopupRequest of the document. */
export interface DisbursementTopupRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** Names the app's disbursement account; `CASHIN` in a sandbox. At most 50 characters. */
  payment_id: string;
  /** The merchant's name for the payout, once for each app. At most 50 characters. */
  partner_order_id: string;
  /** The receiver, as `/v2/disbursement/user` names it to this app. At most 64 characters. */
  m_u_id: string;
  /** Đồng, in digits. At least 1. */
  amount: number;
  /** What the receiver reads. At most 256 characters. */
  description: string;
  /** Data of the merchant's own, as JSON in a string; `{}` when empty. At most 2048 characters. */
  partner_embed_data: string;
  /** The gateway's name for the look at the receiver; may be sent with the payout, and is not checked. At most 64 characters. */
  reference_id?: string | undefined;
  /** More data, as JSON in a string; `{}` when empty. At most 2048 characters. */
  extra_info: string;
  /** Milliseconds since 1970; in a request within 15 minutes of the gateway's clock. */
  time: number;
  /** The signature, in base64. */
  sig: string;
}

/** The schema DisbursementTopupResponse of the document. */
export interface DisbursementTopupResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: The disbursement was accepted; data.status says whether the money is in the wallet (1) or still to come (3, 4).
   * - `-68` DUPLICATE_PARTNER_ORDER_ID: The app has used this partner_order_id for a disbursement before, whatever became of it. Nothing was paid out a second time.
   * - `-101` USER_NOT_EXIST: The m_u_id is none that /v2/disbursement/user has given this app.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the request is missing or invalid, the payment_id is not that of the app, or time is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` UNAUTHORIZED: The app_id is unknown or switched off, the app has no public key registered, or the sig does not match the values received. Nothing was done.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request. Whether the money was paid out is not known.
   * - `-503` SYSTEM_MAINTENANCE: Disbursement is closed for a maintenance announced by the operator. Nothing was done.
   * - `-406` FUND_IN_LIMIT: With this amount the wallet would hold more than the receiver's level of verification allows. Nothing was paid out.
   * - `-1011` USER_ACCOUNT_LOCKED: The receiver's wallet is locked by the operator. Nothing was paid out.
   */
  sub_return_code: 1 | -68 | -101 | -401 | -402 | -429 | -500 | -503 | -406 | -1011 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The payout; empty in a refusal, but for the link. */
  data: Disbursement;
}

/** The schema DisbursementTxnRequest of the document. */
export interface DisbursementTxnRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for the payout, once for each app. At most 50 characters. */
  partner_order_id: string;
  /** Milliseconds since 1970; in a request within 15 minutes of the gateway's clock. */
  time: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema DisbursementTxnResponse of the document. */
export interface DisbursementTxnResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: There is such a disbursement; data.status says what became of it: 1 paid, 2 failed, 3 running, 4 waiting for the operator.
   * - `-101` ORDER_NOT_EXIST: This app has no disbursement under that partner_order_id: one that was refused is not kept.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the request is missing or invalid, or time is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` UNAUTHORIZED: The app_id is unknown or switched off, or the mac does not match the values received.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request.
   * - `-503` SYSTEM_MAINTENANCE: Disbursement is closed for a maintenance announced by the operator. Nothing was done.
   */
  sub_return_code: 1 | -101 | -401 | -402 | -429 | -500 | -503 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The payout; empty in a refusal. */
  data: Disbursement;
}

/** The schema DisbursementBalanceRequest of the document. */
export interface DisbursementBalanceRequest {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** Names the app's disbursement account; `CASHIN` in a sandbox. At most 50 characters. */
  payment_id: string;
  /** Milliseconds since 1970; in a request within 15 minutes of the gateway's clock. */
  time: number;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
}

/** The schema DisbursementBalanceResponse of the document. */
export interface DisbursementBalanceResponse {
  /** 1 done, 2 refused or failed, 3 no final result yet. */
  return_code: 1 | 2 | 3;
  /** The same in words. */
  return_message: string;
  /**
   * Why:
   *
   * - `1` SUCCESS: data.balance is what is left in the disbursement account of the app.
   * - `-401` ILLEGAL_DATA_REQUEST: A member of the request is missing or invalid, the payment_id is not that of the app, or time is more than 15 minutes from the server's clock. Nothing was done.
   * - `-402` UNAUTHORIZED: The app_id is unknown or switched off, or the mac does not match the values received.
   * - `-429` LIMIT_REQUEST_REACH: The app has sent more requests of this kind than its limit allows. Nothing was done.
   * - `-500` SYSTEM_ERROR: The gateway failed while handling the request.
   * - `-503` SYSTEM_MAINTENANCE: Disbursement is closed for a maintenance announced by the operator. Nothing was done.
   */
  sub_return_code: 1 | -401 | -402 | -429 | -500 | -503 | Other;
  /** The same in words; a sandbox adds what was wrong. */
  sub_return_message: string;
  /** The account; zero in a refusal. */
  data: DisbursementAccount;
}

/** The schema OrderCallback of the document. */
export interface OrderCallback {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. */
  app_trans_id: string;
  /** When the order was made: milliseconds since 1970, within 15 minutes of the gateway's clock. */
  app_time: number;
  /** Who pays, in the merchant's terms. */
  app_user: string;
  /** Đồng that the order cost. */
  amount: number;
  /** Data of the merchant's own, as the text of a JSON object; {} for none. It comes back in the callback. */
  embed_data: string;
  /** The goods, as the text of a JSON array; [] for none. */
  item: string;
  /** The payment; 0 for none. */
  zp_trans_id: number;
  /** Milliseconds since 1970. */
  server_time: number;
  /** The method: 38 wallet, 36 international card, 39 domestic card, 37 bank account. */
  channel: number;
  /** The payer, as the gateway names them to this app. */
  merchant_user_id: string;
  /** Đồng that the payer paid on top. */
  user_fee_amount: number;
  /** Đồng given by a promotion. */
  discount_amount: number;
}

/** The schema ZodCallback of the document. */
export interface ZodCallback {
  /** The app, as the gateway knows it. */
  appId: number;
  /** The merchant's name for the invoice, of any form; its app_trans_id everywhere else. */
  mcRefId: string;
  /** Đồng that the invoice is for. */
  amount: number;
  /** Data of the merchant's own, as the text of a JSON object; {} for none. It comes back in the callback. */
  mcExtInfo: string;
  /** The payment. */
  zpTransId: number;
  /** Milliseconds since 1970. */
  serverTime: number;
  /** The method: 38 wallet, 36 international card, 39 domestic card, 37 bank account. */
  channel: number;
  /** The payer, as the gateway names them to this app. */
  merchantUserId: string;
  /** Đồng that the payer paid in all. */
  userChargeAmount: number;
  /** Đồng that the payer paid on top. */
  userFeeAmount: number;
  /** Đồng given by a promotion. */
  discountAmount: number;
}

/** The schema AgreementCallback of the document. */
export interface AgreementCallback {
  /** The app, as the gateway knows it. */
  app_id: number;
  /** The merchant's name for it; begins with today's date at GMT+7 as yyMMdd. */
  app_trans_id: string;
  /** The binding, which is not its pay_token. */
  binding_id: string;
  /** The token that pays. */
  pay_token: string;
  /** Seconds since 1970, unlike everywhere else. */
  server_time: number;
  /** The identifier that was given when binding. */
  merchant_user_id: string;
  /** 1 confirmed, 3 ended by user or merchant, 4 ended by the operator. */
  status: number;
  /** 1 the user confirmed, 2 the binding changed or ended. */
  msg_type: number;
  /** The user, as the gateway names them to this app. */
  zp_user_id: string;
  /** The user's telephone number, masked. */
  masked_user_phone: string;
  /** When the binding ends by itself: milliseconds since 1970; absent for never. */
  expiry_timestamp_in_ms?: number | undefined;
  /** What the user agrees to, as the text of a JSON object; it comes back in callbacks. */
  binding_data?: string | undefined;
  /** The card, masked: first six and last four digits. */
  card_number?: string | undefined;
  /** The card's bank. */
  bank_code?: string | undefined;
  /** The card's brand. */
  bank_name?: string | undefined;
}

/** The schema CallbackAnswer of the document. */
export interface CallbackAnswer {
  /** 1 accepted, 0 send it again, any other value ends the matter. */
  return_code: number;
  /** Why, for the log; at most 256 characters. */
  return_message: string;
}

/** The schema BalanceChannel of the document. */
export interface BalanceChannel {
  /** The method: 38 wallet, 36 international card, 39 domestic card, 37 bank account. */
  channel: number;
  /** Whether it covers the amount. */
  payable: boolean;
  /** The source: zp_app for the wallet. */
  bank_code: string;
}

/** The schema Bank of the document. */
export interface Bank {
  /** What bank_code of an order names. */
  bankcode: string;
  /** What payers know it by. */
  name: string;
  /** The lowest comes first. */
  displayorder: number;
  /** The method: 38 wallet, 36 international card, 39 domestic card, 37 bank account, 0 none. */
  pmcid: number;
  /** The least in đồng. */
  minamount: number;
  /** The most in đồng. */
  maxamount: number;
}

/** The schema BankDeepLink of the document. */
export interface BankDeepLink {
  /** The bank. */
  bank_code: string;
  /** What payers call it. */
  short_name: string;
  /** Its name. */
  full_name: string;
  /** Its picture; empty here. */
  logo_url: string;
  /** Opens the bank's app; in a sandbox, the page of its simulated bank. */
  deep_link: string;
  /** Whether the link brings the order along. */
  is_auto_fill: boolean;
}

/** The schema DisbursementUser of the document. */
export interface DisbursementUser {
  /** The gateway's name for the look at the receiver; may be sent with the payout, and is not checked. */
  reference_id: string;
  /** The receiver, as `/v2/disbursement/user` names it to this app. */
  m_u_id: string;
  /** The receiver's name. */
  name: string;
  /** The receiver's telephone number. */
  phone: string;
  /** Where the receiver opens a wallet; with -101 only. */
  onboarding_url: string;
}

/** The schema Disbursement of the document. */
export interface Disbursement {
  /** The gateway's number of the payout. */
  order_id: string;
  /** 1 paid, 2 failed, 3 running, 4 waiting for funds; 0 in a refusal. */
  status: number;
  /** The receiver, as `/v2/disbursement/user` names it to this app. */
  m_u_id: string;
  /** The receiver's telephone number. */
  phone: string;
  /** Đồng, in digits. */
  amount: number;
  /** What the receiver reads. */
  description: string;
  /** 0. */
  partner_fee: number;
  /** 0. */
  zlp_fee: number;
  /** More data, as JSON in a string; `{}` when empty. */
  extra_info: string;
  /** Milliseconds since 1970; in a request within 15 minutes of the gateway's clock. */
  time: number;
  /** The number of the movement, once it is paid. */
  zp_trans_id: string;
  /** Empty. */
  result_url: string;
  /** Where the receiver sees what the wallet may hold; with -406 only. */
  upgrade_url: string;
}

/** The schema DisbursementAccount of the document. */
export interface DisbursementAccount {
  /** Đồng left to pay out. */
  balance: number;
}

/** The schema EmbedData of the document. */
export interface EmbedData {
  /** Where the payer comes back to; goes before redirect_url. */
  redirecturl?: string | undefined;
}

/** The schema BindingData of the document. */
export interface BindingData {
  /** Where the callback goes, instead of the app's address. */
  callback_url?: string | undefined;
  /** The web page to which the user comes back. */
  redirect_url?: string | undefined;
  /** The link into an app to which the user comes back. */
  redirect_deep_link?: string | undefined;
  /** Data of the merchant's own; it comes back in callbacks. */
  embed_data?: string | undefined;
}

/** The schema PaymentData of the document. */
export interface PaymentData {
  /** Đồng, in digits. At least 1. */
  amount?: number | undefined;
  /** What the payer reads. */
  description?: string | undefined;
  /** Where the callback goes, instead of the app's address. */
  callback_url?: string | undefined;
  /** Data of the merchant's own, as the text of a JSON object; {} for none. It comes back in the callback. */
  embed_data?: string | undefined;
}

/** The schema ZodReceiver of the document. */
export interface ZodReceiver {
  /** A name, or a telephone number. */
  contact?: string | null | undefined;
}

/** The schema ZodParcel of the document. */
export interface ZodParcel {
  /** The number of the parcel. */
  trackingNumber?: string | null | undefined;
  /** What it is. */
  description?: string | null | undefined;
  /** Its part of the amount, in đồng; nothing is made of it. */
  amount?: number | null | undefined;
}

/** The schema Callback of the document. */
export interface Callback {
  /** JSON in a string: what is signed, character by character. */
  data: string;
  /** The signature, 64 hexadecimal digits. */
  mac: string;
  /** 1 for an order, 2 for a binding. */
  type: 1 | 2;
}
