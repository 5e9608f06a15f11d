// Made by generate.mjs from the OpenAPI document. Do not edit.

/** The operations of the merchant API, by name: where each is, and what its mac covers. */
export const operations = {
  "create_order": {
    "name": "create_order",
    "summary": "Create an order",
    "method": "POST",
    "path": "/v2/create",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "app_user",
      "amount",
      "app_time",
      "embed_data",
      "item"
    ],
    "key": "key1"
  },
  "query_order": {
    "name": "query_order",
    "summary": "Query an order",
    "method": "POST",
    "path": "/v2/query",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "key1"
    ],
    "key": "key1"
  },
  "cancel_order": {
    "name": "cancel_order",
    "summary": "Cancel an order",
    "method": "POST",
    "path": "/v2/cancel",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "key1"
    ],
    "key": "key1"
  },
  "refund_order": {
    "name": "refund_order",
    "summary": "Refund a payment",
    "method": "POST",
    "path": "/v2/refund",
    "form": false,
    "signed": [
      "app_id",
      "zp_trans_id",
      "amount",
      "refund_fee_amount",
      "description",
      "timestamp"
    ],
    "optional": "refund_fee_amount",
    "key": "key1"
  },
  "query_refund": {
    "name": "query_refund",
    "summary": "Query a refund",
    "method": "POST",
    "path": "/v2/query_refund",
    "form": false,
    "signed": [
      "app_id",
      "m_refund_id",
      "timestamp"
    ],
    "key": "key1"
  },
  "create_binding_wallet": {
    "name": "create_binding_wallet",
    "summary": "Bind a wallet",
    "method": "POST",
    "path": "/v2/agreement/bind",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "binding_data",
      "binding_type",
      "identifier",
      "max_amount",
      "req_date"
    ],
    "key": "key1"
  },
  "query_payment_token_wallet": {
    "name": "query_payment_token_wallet",
    "summary": "Query a wallet binding",
    "method": "POST",
    "path": "/v2/agreement/query",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "req_date"
    ],
    "key": "key1"
  },
  "query_balance_wallet": {
    "name": "query_balance_wallet",
    "summary": "Ask whether a token can pay",
    "method": "POST",
    "path": "/v2/agreement/balance",
    "form": false,
    "signed": [
      "app_id",
      "pay_token",
      "identifier",
      "amount",
      "req_date"
    ],
    "key": "key1"
  },
  "pay_by_token_wallet": {
    "name": "pay_by_token_wallet",
    "summary": "Pay by a wallet's token",
    "method": "POST",
    "path": "/v2/agreement/pay",
    "form": false,
    "signed": [
      "app_id",
      "identifier",
      "zp_trans_token",
      "pay_token",
      "req_date"
    ],
    "key": "key1"
  },
  "unbinding_wallet": {
    "name": "unbinding_wallet",
    "summary": "End a wallet binding",
    "method": "POST",
    "path": "/v2/agreement/unbind",
    "form": false,
    "signed": [
      "app_id",
      "identifier",
      "binding_id",
      "req_date"
    ],
    "key": "key1"
  },
  "query_user_info": {
    "name": "query_user_info",
    "summary": "Ask who agreed to a binding",
    "method": "POST",
    "path": "/v2/agreement/query_user",
    "form": false,
    "signed": [
      "app_id",
      "access_token",
      "req_date"
    ],
    "key": "key1"
  },
  "create_binding_card": {
    "name": "create_binding_card",
    "summary": "Bind a card",
    "method": "POST",
    "path": "/v2/tokenization/bind",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "identifier",
      "binding_mode",
      "binding_type",
      "device_type",
      "binding_data",
      "payment_data",
      "req_date"
    ],
    "key": "key1"
  },
  "query_binding_card": {
    "name": "query_binding_card",
    "summary": "Query a card binding",
    "method": "POST",
    "path": "/v2/tokenization/query",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "req_date"
    ],
    "key": "key1"
  },
  "pay_by_token_card": {
    "name": "pay_by_token_card",
    "summary": "Pay by a card's token",
    "method": "POST",
    "path": "/v2/tokenization/pay",
    "form": false,
    "signed": [
      "app_id",
      "identifier",
      "zp_trans_token",
      "pay_token",
      "req_date"
    ],
    "key": "key1"
  },
  "unbinding_card": {
    "name": "unbinding_card",
    "summary": "End a card binding",
    "method": "POST",
    "path": "/v2/tokenization/unbind",
    "form": false,
    "signed": [
      "app_id",
      "identifier",
      "binding_id",
      "req_date"
    ],
    "key": "key1"
  },
  "quick_pay": {
    "name": "quick_pay",
    "summary": "Pay with a scanned code",
    "method": "POST",
    "path": "/v2/quick_pay",
    "form": false,
    "signed": [
      "app_id",
      "app_trans_id",
      "app_user",
      "amount",
      "app_time",
      "embed_data",
      "item",
      "payment_code"
    ],
    "key": "key1"
  },
  "list_banks": {
    "name": "list_banks",
    "summary": "List banks and methods",
    "method": "POST",
    "path": "/api/getlistmerchantbanks",
    "form": true,
    "signed": [
      "appid",
      "reqtime"
    ],
    "key": "key1"
  },
  "get_bank_deep_links": {
    "name": "get_bank_deep_links",
    "summary": "Link to banks' apps",
    "method": "POST",
    "path": "/zps/api/v2/get_bank_deep_link",
    "form": false,
    "signed": [
      "app_id",
      "bank_codes",
      "os_type",
      "order_token"
    ],
    "key": "key1"
  },
  "create_zod": {
    "name": "create_zod",
    "summary": "Create a ZOD invoice",
    "method": "POST",
    "path": "/v2/zod",
    "form": false,
    "signed": [
      "appId",
      "mcRefId",
      "amount",
      "mcExtInfo"
    ],
    "key": "key1"
  },
  "query_zod_invoice": {
    "name": "query_zod_invoice",
    "summary": "Query a ZOD invoice",
    "method": "GET",
    "path": "/v2/zod/invoice",
    "form": false,
    "signed": [
      "appId",
      "mcRefId"
    ],
    "key": "key1"
  },
  "query_zod_status": {
    "name": "query_zod_status",
    "summary": "Query the status of a ZOD invoice",
    "method": "GET",
    "path": "/v2/zod/status",
    "form": false,
    "signed": [
      "appId",
      "mcRefId"
    ],
    "key": "key1"
  },
  "disbursement_user": {
    "name": "disbursement_user",
    "summary": "Find a receiver",
    "method": "POST",
    "path": "/v2/disbursement/user",
    "form": false,
    "signed": [
      "app_id",
      "phone",
      "time"
    ],
    "key": "key1"
  },
  "disbursement_topup": {
    "name": "disbursement_topup",
    "summary": "Pay out to a wallet",
    "method": "POST",
    "path": "/v2/disbursement/topup",
    "form": false,
    "signed": [
      "app_id",
      "payment_id",
      "partner_order_id",
      "m_u_id",
      "amount",
      "description",
      "partner_embed_data",
      "extra_info",
      "time"
    ],
    "key": "key1",
    "signature": "sig"
  },
  "disbursement_txn": {
    "name": "disbursement_txn",
    "summary": "Query a disbursement",
    "method": "POST",
    "path": "/v2/disbursement/txn",
    "form": false,
    "signed": [
      "app_id",
      "partner_order_id",
      "time"
    ],
    "key": "key1"
  },
  "disbursement_balance": {
    "name": "disbursement_balance",
    "summary": "Ask what is left to pay out",
    "method": "POST",
    "path": "/v2/disbursement/balance",
    "form": false,
    "signed": [
      "app_id",
      "payment_id",
      "time"
    ],
    "key": "key1"
  }
} as const;

/** What the mac of a callback covers. */
export const callbackFormula = {
  "signed": [
    "data"
  ],
  "key": "key2"
} as const;

/** What the checksum of a redirect covers. */
export const redirectFormula = {
  "signed": [
    "appid",
    "apptransid",
    "pmcid",
    "bankcode",
    "amount",
    "discountamount",
    "status"
  ],
  "key": "key2"
} as const;
