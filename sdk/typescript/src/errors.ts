import { lookup, textIn, type OperationName, type Status } from "./catalogue.js";

/** sub_return_codes that a program is likely to handle by itself. A value means different things in different operations. */
export const Code = {
  /** A refund's timestamp is not the present; in its query: the period is over. */
  RefundOutOfTime: -13,
  /** More than what is left to refund. */
  RefundTooLarge: -14,
  /** m_refund_id was used before. */
  DuplicateRefund: -23,
  /** The payment can only be refunded as a whole. */
  OnlyFullRefund: -32,
  /** The order expired unpaid, or was cancelled. */
  Expired: -54,
  /** A payment failed; the order can still be paid. */
  BalanceTooLow: -63,
  /** app_trans_id, mcRefId or partner_order_id was used before. */
  Duplicate: -68,
  /** No such order, payment, refund, binding, token, receiver or payout. */
  NotFound: -101,
  /** A member is missing or badly formed. */
  Invalid: -401,
  /** Unknown app or wrong mac. */
  Unauthorized: -402,
  /** Too late to cancel. */
  AlreadyPaid: -403,
  /** Too many requests. */
  Limited: -429,
  /** The gateway failed; the outcome is unknown. */
  Internal: -500,
  /** Orders and refunds are closed for maintenance. */
  Maintenance: -999,
  /** Internal and Maintenance of bank deep links. */
  BankSystem: -6100,
  /** Unknown app_id, of bank deep links. */
  BankApp: -6101,
  /** os_type is neither ios nor android. */
  BankOS: -6102,
  /** Wrong mac, of bank deep links. */
  BankMAC: -6103,
  /** bank_codes are badly formed, or one is not known. */
  BankCodes: -6105,
  /** There is no order behind the order_token that could be paid. */
  BankOrder: -6106,
  /** The user, the merchant or the operator ended the binding. */
  BindingEnded: -1002,
  /** The end date of the token has passed. */
  TokenExpired: -1007,
  /** The user's wallet is locked. */
  WalletLocked: -1009,
  /** The user's balance is too low, or the wallet pays nothing now. */
  CannotPay: -1010,
  /** The token is another app's, or the identifier another user's. */
  ForeignToken: -1011,
  /** More than the binding or the user's own limits allow. */
  OverMaxAmount: -1013,
  /** The app's own limit for a binding and day is used up. */
  OverAppLimit: -1019,
  /** More than the wallet's verification level allows. */
  OverKYC: -1800,
  /** Bindings are closed for maintenance. */
  WalletMaintenance: -1801,
  /** Invalid, of the operations on cards. */
  CardInvalid: -7002,
  /** There is no order behind the zp_trans_token that could be paid. */
  CardOrder: -7032,
  /** The card's pay_token is unknown, or another app's or user's. */
  CardToken: -7041,
  /** The zp_trans_token is malformed, or another app's. */
  CardOrderToken: -7202,
  /** The identifier is not the one that the card was bound for. */
  CardIdentifier: -7216,
  /** The card's binding is not confirmed, or has ended. */
  CardBindingEnded: -7217,
  /** The gateway no longer holds the card. */
  CardForgotten: -7223,
} as const;

/** What begins every answer of the merchant API. The HTTP status is 200 for refusals too; return_code tells them apart. */
export interface Envelope {
  /** 1, 2 or 3, as in ReturnCodes; some refusals have a negative value here and no sub code. */
  readonly return_code: number;
  readonly return_message: string;
  /** A value of the catalogue. */
  readonly sub_return_code: number;
  readonly sub_return_message: string;
}

/** All errors of this package. */
export class SenError extends Error {
  override name = "SenError";
}

/** An answer that was received and says that the operation was refused, or failed. */
export class RefusedError extends SenError implements Envelope {
  override name = "RefusedError";
  readonly return_code: number;
  readonly return_message: string;
  readonly sub_return_code: number;
  readonly sub_return_message: string;
  /** The value that says why: sub_return_code, or a negative return_code where there is none. See Code. */
  readonly code: number;
  /** What the value means; undefined if the catalogue lacks it. */
  readonly status: Status | undefined;

  constructor(
    /** The operation that was refused. */
    readonly operation: OperationName,
    answer: Envelope,
  ) {
    const code = answer.sub_return_code === 0 && answer.return_code < 0 ? answer.return_code : answer.sub_return_code;
    const status = lookup(operation, code);
    const what = [code, status?.name].filter((part) => part !== undefined).join(" ");
    super(`${operation}: ${what}: ${answer.sub_return_message || answer.return_message}`);
    this.return_code = answer.return_code;
    this.return_message = answer.return_message;
    this.sub_return_code = answer.sub_return_code;
    this.sub_return_message = answer.sub_return_message;
    this.code = code;
    this.status = status;
  }

  /** Whether the same request may be sent again later. */
  get retryable(): boolean {
    return this.status?.retryable ?? false;
  }

  /**
   * Whether the order, refund or binding that was asked for has ended in this way for good. False when it may still change,
   * when only the request was wrong, and for a value that the catalogue lacks: ask again, and don't give the matter up.
   */
  get final(): boolean {
    return this.status?.finality === "final";
  }

  /** What to do, in English for "en" and in Vietnamese otherwise; empty for a value that the catalogue lacks. */
  advice(language: string): string {
    return this.status ? textIn(this.status.action, language) : "";
  }
}

/**
 * An earlier try of the same call reached the gateway and was carried out, though its answer was lost: a repeated try was
 * refused as a duplicate. The order, refund or binding exists. What the lost answer held, such as order_url, cannot be
 * asked for again: query the order to follow it, or cancel it and create another under a new identifier.
 *
 * It can be wrong in one case: when the identifier had been used before the call. Identifiers that are never used twice
 * exclude that.
 */
export class ArrivedError extends SenError {
  override name = "ArrivedError";

  constructor(
    /** The app_trans_id, m_refund_id, mcRefId or partner_order_id that exists. */
    readonly id: string,
    /** The refusal of the repeated try. */
    readonly refusal: RefusedError,
  ) {
    super(`${refusal.operation}: ${id} was accepted by an earlier try whose answer was lost`, { cause: refusal });
  }
}

/**
 * An answer outside the protocol: its HTTP status is not 200. Whether the operation was carried out is not known when
 * statusCode is 500 or more.
 */
export class HTTPError extends SenError {
  override name = "HTTPError";

  constructor(
    readonly operation: OperationName,
    readonly statusCode: number,
  ) {
    super(`${operation}: the gateway answered HTTP ${statusCode}`);
  }
}

/**
 * No answer that could be read arrived, in no try. Whether the operation was carried out is not known: query it, or make
 * the same call again. `cause` says what went wrong.
 */
export class NoAnswerError extends SenError {
  override name = "NoAnswerError";

  constructor(
    readonly operation: OperationName,
    cause: unknown,
  ) {
    super(`${operation}: no answer: ${cause instanceof Error ? describe(cause) : String(cause)}`, { cause });
  }
}

/** fetch hides why it failed in the cause of its error. */
function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/**
 * The mac of a callback or the checksum of a redirect is not that of its content under key2: it was not sent by the
 * gateway, or was changed on the way. Nothing in it may be believed.
 */
export class MACError extends SenError {
  override name = "MACError";

  constructor() {
    super("the signature does not match");
  }
}

/** A callback or redirect that cannot be read, or is for another app. */
export class UnreadableError extends SenError {
  override name = "UnreadableError";
}
