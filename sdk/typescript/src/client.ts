import { BindingStates, type App } from "./app.js";
import { callbackHandler, nodeCallbackHandler, verifyCallback } from "./callback.js";
import type { Accept, Callback, NodeRequest, NodeResponse } from "./callback.js";
import { ReturnCodes, type OperationName } from "./catalogue.js";
import type * as wire from "./generated/schema.js";
import { verifyRedirect, type Redirect } from "./redirect.js";
import { Transport, type CallOptions, type ClientOptions, type Members } from "./transport.js";

/** Members of a request that the caller may leave to the client, and those that only the client writes. */
type Given<T, Filled extends keyof T = never> = Omit<T, "app_id" | "mac" | "sig" | Filled> & {
  readonly [member in Filled]?: T[member] | undefined;
};

/** What every answer tells besides its own members. */
export interface Outcome {
  /** There is no final result yet: ask again later. */
  readonly pending: boolean;
}

/** An order to create. */
export interface CreateOrderRequest extends Omit<Given<wire.CreateOrderRequest, "app_time">, "item" | "embed_data"> {
  /** The goods: an array, or the text of a JSON array. Empty when absent. At most 2048 characters as text. */
  readonly item?: string | readonly unknown[] | undefined;
  /**
   * Data of the merchant's own, which comes back in the callback: an object, or the text of a JSON object. Empty when
   * absent. At most 2048 characters as text.
   */
  readonly embed_data?: string | (wire.EmbedData & Readonly<Record<string, unknown>>) | undefined;
}
/** How an order can be paid. */
export type CreateOrderResponse = wire.CreateOrderResponse & Outcome;
/** Names an order. */
export type QueryOrderRequest = Given<wire.QueryOrderRequest>;
/** The state of an order. */
export type QueryOrderResponse = wire.QueryOrderResponse &
  Outcome & {
    /** Whether the order is paid, which is final. */
    readonly paid: boolean;
  };
/** Names an order to cancel. */
export type CancelOrderRequest = Given<wire.CancelOrderRequest>;
/** The order is cancelled. */
export type CancelOrderResponse = wire.CancelOrderResponse & Outcome;

/** An order to be paid with the code on the payer's screen. */
export interface QuickPayRequest extends Omit<Given<wire.QuickPayRequest, "app_time">, "item" | "embed_data"> {
  /** The goods: an array, or the text of a JSON array. Empty when absent. At most 1024 characters as text. */
  readonly item?: string | readonly unknown[] | undefined;
  /**
   * Data of the merchant's own, which comes back in the callback: an object, or the text of a JSON object. Empty when
   * absent. At most 1024 characters as text.
   */
  readonly embed_data?: string | (wire.EmbedData & Readonly<Record<string, unknown>>) | undefined;
}
/** The order is paid. */
export type QuickPayResponse = wire.QuickPayResponse & Outcome;

/** Creates, queries and cancels orders, and pays them at tills. */
export class OrderService {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Makes an order, to be paid by whoever opens its page. No money moves.
   *
   * An app_trans_id that was used before is refused with Code.Duplicate, whatever became of that order. An ArrivedError
   * means that this order was made but that its order_url is lost.
   */
  async create(request: CreateOrderRequest, options?: CallOptions): Promise<CreateOrderResponse> {
    const answer = await this.#transport.call<wire.CreateOrderResponse>(
      "create_order",
      this.#order(request),
      options,
      request.app_trans_id,
    );
    return withPending(answer);
  }

  /**
   * Makes an order and pays it with the code on the payer's screen, which works once and for about a minute. `payment_code`
   * is what was scanned; a client with a codeKey sends it encrypted.
   *
   * After an ArrivedError, ask with query what became of the order. A code that pays nothing is refused with Code.NotFound:
   * scan the next one, and send it under another app_trans_id.
   */
  async quickPay(request: QuickPayRequest, options?: CallOptions): Promise<QuickPayResponse> {
    const answer = await this.#transport.call<wire.QuickPayResponse>(
      "quick_pay",
      this.#order(request),
      options,
      request.app_trans_id,
    );
    return withNumber(withPending(answer));
  }

  /** The members of a new order: what is left to the client is filled in. */
  #order(request: CreateOrderRequest | QuickPayRequest): Members {
    return {
      ...request,
      app_time: request.app_time ?? this.#transport.timestamp(),
      item: asText(request.item ?? []),
      embed_data: asText(request.embed_data ?? {}),
    };
  }

  /**
   * Asks for the state of an order. An order that is not paid yet is no error: `paid` is false. An order that failed is a
   * RefusedError; its `final` tells whether that is the end of it, as after Code.Expired, or whether it can still be paid, as
   * after Code.BalanceTooLow.
   */
  async query(request: QueryOrderRequest, options?: CallOptions): Promise<QueryOrderResponse> {
    const answer = await this.#transport.call<wire.QueryOrderResponse>("query_order", { ...request }, options);
    return { ...withNumber(withPending(answer)), paid: answer.return_code === ReturnCodes.Success };
  }

  /**
   * Makes an unpaid order unpayable. Cancelling it again succeeds. An order that is paid, or being paid, is refused with
   * Code.AlreadyPaid.
   */
  async cancel(request: CancelOrderRequest, options?: CallOptions): Promise<CancelOrderResponse> {
    return withPending(await this.#transport.call<wire.CancelOrderResponse>("cancel_order", { ...request }, options));
  }
}

/** A refund of a payment, in full or in part. */
export interface RefundOrderRequest extends Omit<Given<wire.RefundOrderRequest, "timestamp">, "zp_trans_id"> {
  /** The payment, from its callback or a query. */
  readonly zp_trans_id: number | string;
}
/** A refund was accepted, which does not say that it is done. */
export type RefundOrderResponse = wire.RefundOrderResponse & Outcome;
/** Names a refund. */
export type QueryRefundRequest = Given<wire.QueryRefundRequest, "timestamp">;
/** The state of a refund. */
export type QueryRefundResponse = wire.QueryRefundResponse &
  Outcome & {
    /** Whether the money was returned, which is final. */
    readonly done: boolean;
  };

/** Returns money of paid orders. */
export class RefundService {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Asks for a refund, which is then carried out by itself: query it for the result. The mac does not cover m_refund_id,
   * as the provider designed it, so whoever can record a request could repeat it under another identifier for 15
   * minutes; what is left of the payment is the limit. Use HTTPS.
   *
   * An m_refund_id that was used before is refused with Code.DuplicateRefund. An ArrivedError means that this refund was
   * accepted by an earlier try.
   */
  async create(request: RefundOrderRequest, options?: CallOptions): Promise<RefundOrderResponse> {
    const members = {
      ...request,
      zp_trans_id: String(request.zp_trans_id),
      timestamp: request.timestamp ?? this.#transport.timestamp(),
    };
    const answer = await this.#transport.call<wire.RefundOrderResponse>(
      "refund_order",
      members,
      options,
      request.m_refund_id,
    );
    return withPending(answer);
  }

  /**
   * Asks for the state of a refund. A refund under way is no error: `done` is false. A refund that failed is a
   * RefusedError; its `final` tells whether that is the end of it.
   */
  async query(request: QueryRefundRequest, options?: CallOptions): Promise<QueryRefundResponse> {
    const members = { ...request, timestamp: request.timestamp ?? this.#transport.timestamp() };
    const answer = await this.#transport.call<wire.QueryRefundResponse>("query_refund", members, options);
    return { ...withPending(answer), done: answer.return_code === ReturnCodes.Success };
  }
}

/** A binding to ask a user for. */
export interface CreateBindingWalletRequest extends Omit<
  Given<wire.CreateBindingWalletRequest, "req_date">,
  "binding_data"
> {
  /** What the user agrees to, which comes back in callbacks: an object, or the text of a JSON object. */
  readonly binding_data?: string | Readonly<Record<string, unknown>> | undefined;
}
/** Where the user confirms a binding. */
export type CreateBindingWalletResponse = wire.CreateBindingWalletResponse & Outcome;
/** Names a binding. */
export type QueryPaymentTokenWalletRequest = Given<wire.QueryPaymentTokenWalletRequest, "req_date">;
/** The state of a binding. `data` is absent while the user has not answered. */
export type QueryPaymentTokenWalletResponse = wire.QueryPaymentTokenWalletResponse &
  Outcome & {
    /** Whether the user has agreed and the binding still pays. */
    readonly confirmed: boolean;
  };
/** A payment by token, before it is made. */
export type QueryBalanceWalletRequest = Given<wire.QueryBalanceWalletRequest, "req_date">;
/** Whether a token can pay an amount; it does not reveal the balance. */
export type QueryBalanceWalletResponse = wire.QueryBalanceWalletResponse &
  Outcome & {
    /** Whether any source of the user's money can pay the amount. */
    readonly payable: boolean;
  };
/** An order to pay by a token. */
export type PayByTokenWalletRequest = Given<wire.PayByTokenWalletRequest, "req_date">;
/** A payment by token. When it is pending, the outcome is told by the order callback or a query of the order. */
export type PayByTokenWalletResponse = wire.PayByTokenWalletResponse & Outcome;
/** Names a binding by its binding_id, which is not its pay_token. */
export type UnbindingWalletRequest = Given<wire.UnbindingWalletRequest, "req_date">;
/** The binding has ended. */
export type UnbindingWalletResponse = wire.UnbindingWalletResponse & Outcome;
/** Names a binding by its pay_token. */
export type QueryUserInfoRequest = Given<wire.QueryUserInfoRequest, "req_date">;
/** What a merchant may know of a user. */
export type QueryUserInfoResponse = wire.QueryUserInfoResponse & Outcome;

/**
 * Lets users agree, once, that an app charges their wallet: a user confirms a binding in the wallet, the app gets a
 * pay_token, and pays orders with it until the binding ends.
 */
export class BindingService {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Asks a user for a binding. Show the user one of the links in the answer; the callback, or query, tells what the user
   * said. Who says nothing for 15 minutes has declined.
   *
   * An app_trans_id that was used before for a binding is refused with Code.Duplicate. An ArrivedError means that this
   * binding was made but that its links are lost.
   */
  async create(request: CreateBindingWalletRequest, options?: CallOptions): Promise<CreateBindingWalletResponse> {
    const { binding_data } = request;
    const members = { ...request, binding_data: binding_data === undefined ? undefined : asText(binding_data) };
    return call(this.#transport, "create_binding_wallet", members, options, request.app_trans_id);
  }

  /**
   * Asks what became of a binding. While the user has not answered, the result is pending and that is no error. A binding
   * that was declined, or not answered in time, is refused with Code.NotFound; one that has ended is a result whose status
   * says so.
   */
  async query(
    request: QueryPaymentTokenWalletRequest,
    options?: CallOptions,
  ): Promise<QueryPaymentTokenWalletResponse> {
    const answer = await call<wire.QueryPaymentTokenWalletResponse>(
      this.#transport,
      "query_payment_token_wallet",
      request,
      options,
    );
    return { ...answer, confirmed: answer.data?.status === BindingStates.Confirmed };
  }

  /**
   * Asks whether a token can pay an amount now. A balance that is too low is no error: `payable` is false. A token that
   * pays nothing any more is refused with Code.BindingEnded or Code.TokenExpired.
   */
  async balance(request: QueryBalanceWalletRequest, options?: CallOptions): Promise<QueryBalanceWalletResponse> {
    const answer = await call<wire.QueryBalanceWalletResponse>(
      this.#transport,
      "query_balance_wallet",
      request,
      options,
    );
    return { ...answer, payable: (answer.data ?? []).some((channel) => channel.payable) };
  }

  /**
   * Pays an order by a token. Paying it again by the same token returns the same payment, so a call whose answer was lost
   * can be repeated; no money moves twice. A result may be pending: the order's callback or a query of the order then
   * tells the outcome. A refusal leaves the order payable.
   */
  async pay(request: PayByTokenWalletRequest, options?: CallOptions): Promise<PayByTokenWalletResponse> {
    return withNumber(
      await call<wire.PayByTokenWalletResponse>(this.#transport, "pay_by_token_wallet", request, options),
    );
  }

  /**
   * Ends a binding at once and for good. One that has ended already is refused with Code.NotFound, which is also what a
   * repeated try meets after the answer of the first was lost: either way the token pays nothing more.
   */
  async end(request: UnbindingWalletRequest, options?: CallOptions): Promise<UnbindingWalletResponse> {
    return call(this.#transport, "unbinding_wallet", request, options);
  }

  /** Asks who agreed to a binding. */
  async user(request: QueryUserInfoRequest, options?: CallOptions): Promise<QueryUserInfoResponse> {
    return call(this.#transport, "query_user_info", request, options);
  }
}

/** An order that is paid while its card is bound. */
export interface CardPayment {
  /** Đồng, at least 1. */
  readonly amount: number;
  /** What the payer reads. */
  readonly description?: string | undefined;
  /** Where the order's callback goes, instead of the app's address. */
  readonly callback_url?: string | undefined;
  /** An object, or the text of a JSON object, which comes back in the order's callback. */
  readonly embed_data?: string | Readonly<Record<string, unknown>> | undefined;
}

/** A card binding to ask a holder for. */
export interface CreateBindingCardRequest {
  /**
   * Names the binding, and the order paid with it: at most 40 characters, begins with yyMMdd of today, see appTransID;
   * never used before.
   */
  readonly app_trans_id: string;
  /** The user, in the merchant's terms; 1 to 256 characters. */
  readonly identifier: string;
  /** Milliseconds since 1970, within 15 minutes of the gateway's clock; now when absent. */
  readonly req_date?: number | undefined;
  /** Where the holder is; DESKTOP when absent. */
  readonly device_type?: wire.CreateBindingCardRequest["device_type"] | undefined;
  /** Where the binding's callback goes, instead of the app's address. */
  readonly callback_url?: string | undefined;
  /** The web page to which the holder comes back. */
  readonly redirect_url?: string | undefined;
  /** The link into an app to which the holder comes back. */
  readonly redirect_deep_link?: string | undefined;
  /** Returned in callbacks about the binding. */
  readonly embed_data?: string | undefined;
  /** Pay this while the card is bound; absent to bind it only. */
  readonly payment?: CardPayment | undefined;
}
/** Where a holder enters the card. */
export type CreateBindingCardResponse = wire.CreateBindingCardResponse & Outcome;
/** Names a card binding. */
export type QueryBindingCardRequest = Given<wire.QueryBindingCardRequest, "req_date">;
/** The state of a card binding. The provider publishes no names for binding_id, pay_token, card_number and bank_code. */
export type QueryBindingCardResponse = wire.QueryBindingCardResponse &
  Outcome & {
    /** Whether the holder has agreed and the binding still pays. */
    readonly confirmed: boolean;
  };
/** An order to pay by the token of a card. */
export type PayByTokenCardRequest = Given<wire.PayByTokenCardRequest, "req_date">;
/** A payment by card, pending until the holder has verified at verification_url where there is one. */
export type PayByTokenCardResponse = wire.PayByTokenCardResponse & Outcome;
/** Names a card binding by its binding_id, which is not its pay_token. */
export type UnbindingCardRequest = Given<wire.UnbindingCardRequest, "req_date">;
/** The card binding has ended. */
export type UnbindingCardResponse = wire.UnbindingCardResponse & Outcome;

/**
 * Lets holders of bank cards agree, once, that an app charges their card. It is what BindingService is for wallets: the
 * holder enters the card on a page of the gateway, the app gets a pay_token, and pays orders with it. No card number
 * passes through the app.
 */
export class CardService {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Asks a holder to bind a card. Send the holder to the link in the answer; the callback, or query, tells what became of
   * it. Who enters no card within 15 minutes has declined.
   *
   * An app_trans_id that was used before for a binding is refused with Code.Duplicate. An ArrivedError means that this
   * binding was made but that its links are lost.
   */
  async create(request: CreateBindingCardRequest, options?: CallOptions): Promise<CreateBindingCardResponse> {
    const { callback_url, redirect_url, redirect_deep_link, embed_data, payment, ...rest } = request;
    const binding: wire.BindingData = { callback_url, redirect_url, redirect_deep_link, embed_data };
    const members: Members = {
      ...rest,
      binding_type: "CARD",
      binding_mode: payment ? "BIND_AND_PAY" : "BIND",
      device_type: request.device_type ?? "DESKTOP",
      binding_data: asText(binding),
      payment_data: asText(payment ? paymentData(payment) : {}),
    };
    return call(this.#transport, "create_binding_card", members, options, request.app_trans_id);
  }

  /**
   * Asks what became of a card binding. While the holder has not finished, the result is pending and that is no error. A
   * binding that was declined, or not answered in time, is refused with Code.NotFound; one that has ended is a result
   * whose status says so.
   */
  async query(request: QueryBindingCardRequest, options?: CallOptions): Promise<QueryBindingCardResponse> {
    const answer = await call<wire.QueryBindingCardResponse>(this.#transport, "query_binding_card", request, options);
    return { ...answer, confirmed: answer.status === BindingStates.Confirmed };
  }

  /**
   * Pays an order by the token of a card. A pending result with a verification_url means that the card's bank wants its
   * holder to enter a code: send them there. A pending result without one means that the bank has not answered, or has
   * declined: in every case the order's callback, or a query of the order, tells the outcome. Paying it again by the same
   * token while it is under way changes nothing, so a call whose answer was lost can be repeated.
   */
  async pay(request: PayByTokenCardRequest, options?: CallOptions): Promise<PayByTokenCardResponse> {
    return withNumber(await call<wire.PayByTokenCardResponse>(this.#transport, "pay_by_token_card", request, options));
  }

  /** Ends the binding of a card at once and for good. One that has ended already is refused with Code.NotFound. */
  async end(request: UnbindingCardRequest, options?: CallOptions): Promise<UnbindingCardResponse> {
    return call(this.#transport, "unbinding_card", request, options);
  }
}

/** The banks of each method, by pmcid in decimal. */
export type ListBanksResponse = wire.ListBanksResponse;

/** Links into banks' apps to ask for; no bank_codes for every bank. */
export type GetBankDeepLinksRequest = Given<wire.GetBankDeepLinksRequest>;
/** A link for each bank. */
export type GetBankDeepLinksResponse = wire.GetBankDeepLinksResponse & Outcome;

/** Lists the banks that an app can be paid through, and links to their apps. */
export class BankService {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Returns the banks and methods that are open to the app. */
  async list(options?: CallOptions): Promise<ListBanksResponse> {
    return this.#transport.call("list_banks", { reqtime: this.#transport.timestamp() }, options);
  }

  /** Returns links with which a payer who is on a telephone opens the app of a bank, to pay an order there. */
  async deepLinks(request: GetBankDeepLinksRequest, options?: CallOptions): Promise<GetBankDeepLinksResponse> {
    return withPending(
      await this.#transport.call<wire.GetBankDeepLinksResponse>("get_bank_deep_links", { ...request }, options),
    );
  }
}

/** An invoice to create. */
export interface CreateZodRequest extends Omit<wire.CreateZodRequest, "appId" | "mac" | "mcExtInfo"> {
  /** Data of the merchant's own, which comes back in the callback: an object, or the text of one. Empty when absent. */
  readonly mcExtInfo?: string | Readonly<Record<string, unknown>> | undefined;
}
/** Where an invoice is paid: to be shown as a QR code. */
export type CreateZodResponse = wire.CreateZodResponse;
/** Names an invoice. */
export type QueryZodInvoiceRequest = Omit<wire.QueryZodInvoiceRequest, "appId" | "mac">;
/** Where an invoice is paid. */
export type QueryZodInvoiceResponse = wire.QueryZodInvoiceResponse;
/** Names an invoice. */
export type QueryZodStatusRequest = Omit<wire.QueryZodStatusRequest, "appId" | "mac">;
/** The state of an invoice. */
export interface QueryZodStatusResponse extends Omit<wire.QueryZodStatusResponse, "amount" | "zpTransId"> {
  /** Đồng received, 0 before the payment. */
  readonly amount: number;
  /** The payment, 0 before. */
  readonly zpTransId: number;
  /** Whether the invoice is paid, which is final. */
  readonly paid: boolean;
}

/** The states of an invoice. */
export const ZodStates = { Paid: 1, Failed: 2, Unpaid: 3 } as const;

/** Makes and queries invoices that the receiver of a parcel pays (ZOD). Refund one that is paid by its zpTransId. */
export class DeliveryService {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Makes an invoice that can be paid once, for a month. No money moves. Its callback goes to the app's own address, and
   * has `zod`.
   *
   * An mcRefId that was used before is refused with Code.Duplicate. An ArrivedError means that this invoice was made:
   * invoice() has its orderUrl.
   */
  async create(request: CreateZodRequest, options?: CallOptions): Promise<CreateZodResponse> {
    const members: Members = { ...request, mcExtInfo: asText(request.mcExtInfo ?? {}) };
    return this.#transport.call("create_zod", members, options, request.mcRefId);
  }

  /** Asks for the address of an invoice, paid or not. */
  async invoice(request: QueryZodInvoiceRequest, options?: CallOptions): Promise<QueryZodInvoiceResponse> {
    return this.#transport.call("query_zod_invoice", { ...request }, options);
  }

  /** Asks for the state of an invoice. One that is not paid is no error. */
  async status(request: QueryZodStatusRequest, options?: CallOptions): Promise<QueryZodStatusResponse> {
    const answer = await this.#transport.call<wire.QueryZodStatusResponse>("query_zod_status", { ...request }, options);
    return {
      ...answer,
      amount: Number(answer.amount),
      zpTransId: Number(answer.zpTransId),
      paid: answer.status === ZodStates.Paid,
    };
  }
}

/** Who is to be paid. */
export type DisbursementUserRequest = Given<wire.DisbursementUserRequest, "time">;
/** Under which name to pay out to the wallet. */
export type DisbursementUserResponse = wire.DisbursementUserResponse & Outcome;

/** A payout to a wallet. */
export interface DisbursementTopupRequest extends Omit<
  Given<wire.DisbursementTopupRequest, "payment_id" | "time">,
  "partner_embed_data" | "extra_info"
> {
  /** Data of the merchant's own: an object, or the text of a JSON object. Empty when absent. At most 2048 characters as text. */
  readonly partner_embed_data?: string | Readonly<Record<string, unknown>> | undefined;
  /** More data, likewise. */
  readonly extra_info?: string | Readonly<Record<string, unknown>> | undefined;
}

/** The states of a payout. The first two are final. */
export const DisbursementStates = {
  /** The wallet has the money. */
  Paid: 1,
  /** Nothing was paid out. */
  Failed: 2,
  /** Ask again. */
  Running: 3,
  /** It waits for the operator of the wallet, or for funds. */
  Pending: 4,
} as const;

/** Where a payout stands. */
interface PayoutOutcome extends Outcome {
  /** Whether the wallet has the money, which is final. */
  readonly paid: boolean;
}
/** Where a payout stands that was accepted. */
export type DisbursementTopupResponse = wire.DisbursementTopupResponse & PayoutOutcome;
/** Names a payout. */
export type DisbursementTxnRequest = Given<wire.DisbursementTxnRequest, "time">;
/** Where a payout stands. One that is neither `paid` nor `pending` has failed. */
export type DisbursementTxnResponse = wire.DisbursementTxnResponse & PayoutOutcome;
/** Names a disbursement account. */
export type DisbursementBalanceRequest = Given<wire.DisbursementBalanceRequest, "payment_id" | "time">;
/** What is left to pay out. */
export type DisbursementBalanceResponse = wire.DisbursementBalanceResponse & Outcome;

/** The disbursement account of an app that names none. */
const defaultPaymentID = "CASHIN";

/** Pays money of the merchant out to wallets. There is no callback: query a payout that is pending. */
export class DisbursementService {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Finds the wallet with a telephone number. When there is none the refusal is Code.NotFound. */
  async user(request: DisbursementUserRequest, options?: CallOptions): Promise<DisbursementUserResponse> {
    const members = { ...request, time: request.time ?? this.#transport.timestamp() };
    return withPending(
      await this.#transport.call<wire.DisbursementUserResponse>("disbursement_user", members, options),
    );
  }

  /**
   * Pays out to a wallet, once for each partner_order_id. An accepted payout may still have to wait: look at `paid` and
   * `pending`. The client needs its privateKey.
   *
   * A partner_order_id that was used before is refused with Code.Duplicate. An ArrivedError means that this payout was
   * accepted by an earlier try: query what became of it.
   */
  async topUp(request: DisbursementTopupRequest, options?: CallOptions): Promise<DisbursementTopupResponse> {
    const members: Members = {
      ...request,
      payment_id: request.payment_id ?? defaultPaymentID,
      partner_embed_data: asText(request.partner_embed_data ?? {}),
      extra_info: asText(request.extra_info ?? {}),
      time: request.time ?? this.#transport.timestamp(),
    };
    const answer = await this.#transport.call<wire.DisbursementTopupResponse>(
      "disbursement_topup",
      members,
      options,
      request.partner_order_id,
    );
    return withPayout(answer);
  }

  /**
   * Asks where a payout stands. One that failed is no error: it is neither `paid` nor `pending`. One that was refused, or
   * never arrived, is refused with Code.NotFound.
   */
  async query(request: DisbursementTxnRequest, options?: CallOptions): Promise<DisbursementTxnResponse> {
    const members = { ...request, time: request.time ?? this.#transport.timestamp() };
    return withPayout(await this.#transport.call<wire.DisbursementTxnResponse>("disbursement_txn", members, options));
  }

  /** Asks what is left to pay out. */
  async balance(request: DisbursementBalanceRequest = {}, options?: CallOptions): Promise<DisbursementBalanceResponse> {
    const members = {
      ...request,
      payment_id: request.payment_id ?? defaultPaymentID,
      time: request.time ?? this.#transport.timestamp(),
    };
    return withPending(
      await this.#transport.call<wire.DisbursementBalanceResponse>("disbursement_balance", members, options),
    );
  }
}

/** A state that nobody knows may still change. */
function withPayout<T extends { readonly data?: wire.Disbursement }>(answer: T): T & PayoutOutcome {
  const status = answer.data?.status;
  const paid = status === DisbursementStates.Paid;
  return { ...answer, paid, pending: !paid && status !== DisbursementStates.Failed };
}

/**
 * Calls the merchant API for one app. It keeps no state between calls, and can be used for many at once.
 *
 * Every method throws a RefusedError for a refusal, an ArrivedError when an earlier try of the same call was carried out,
 * an HTTPError or NoAnswerError when the outcome is not known, the signal's reason when the caller gave up, and a
 * TypeError for a number that is not whole, a privateKey that is absent or cannot sign, or a codeKey that cannot encrypt.
 */
export class Client {
  readonly orders: OrderService;
  readonly refunds: RefundService;
  readonly bindings: BindingService;
  readonly cards: CardService;
  readonly banks: BankService;
  readonly deliveries: DeliveryService;
  readonly disbursements: DisbursementService;
  readonly #transport: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    this.orders = new OrderService(this.#transport);
    this.refunds = new RefundService(this.#transport);
    this.bindings = new BindingService(this.#transport);
    this.cards = new CardService(this.#transport);
    this.banks = new BankService(this.#transport);
    this.deliveries = new DeliveryService(this.#transport);
    this.disbursements = new DisbursementService(this.#transport);
  }

  /** Makes an app_trans_id of today: see the function of that name. */
  appTransID(suffix: string): string {
    return this.#transport.appTransID(suffix);
  }

  /** Makes an m_refund_id of this app and today: see the function of that name. */
  mRefundID(suffix: string): string {
    return this.#transport.mRefundID(suffix);
  }

  /** Reads a callback to this app: see the function of that name. */
  async verifyCallback(body: string | Uint8Array | object): Promise<Callback> {
    return verifyCallback(this.#receiver(), body);
  }

  /** Reads the parameters of a redirect to this app: see the function of that name. */
  async verifyRedirect(query: string | URL | URLSearchParams): Promise<Redirect> {
    return verifyRedirect(this.#receiver(), query);
  }

  /** A handler of this app's callbacks for the Fetch API: see the function of that name. */
  callbackHandler(accept: Accept): (request: Request) => Promise<Response> {
    return callbackHandler(this.#receiver(), accept);
  }

  /** A handler of this app's callbacks for node:http and Express: see the function of that name. */
  nodeCallbackHandler(accept: Accept): (request: NodeRequest, response: NodeResponse) => Promise<void> {
    return nodeCallbackHandler(this.#receiver(), accept);
  }

  #receiver(): App {
    const app = this.#transport.app();
    if (app.key2 === "") throw new TypeError("this client was given no key2: it cannot verify what the gateway sends");
    return app;
  }
}

/** Signed and sent as the same characters: JSON is written once. */
function asText(value: string | object): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Makes a call whose request carries its time in req_date. */
async function call<T extends { readonly return_code: number }>(
  transport: Transport,
  name: OperationName,
  request: Members,
  options?: CallOptions,
  id?: string,
): Promise<T & Outcome> {
  const members = { ...request, req_date: request["req_date"] ?? transport.timestamp() };
  return withPending(await transport.call<T>(name, members, options, id));
}

function paymentData(payment: CardPayment): wire.PaymentData {
  const { embed_data, ...rest } = payment;
  return { ...rest, ...(embed_data === undefined ? {} : { embed_data: asText(embed_data) }) };
}

function withPending<T extends { readonly return_code: number }>(answer: T): T & Outcome {
  return { ...answer, pending: answer.return_code === ReturnCodes.Processing };
}

/** The provider's pages show zp_trans_id as a number and as a string of digits; ours is a number. */
function withNumber<T extends { readonly zp_trans_id: number }>(answer: T): T {
  return { ...answer, zp_trans_id: Number(answer.zp_trans_id) };
}
