/** A merchant's application and its secrets. */
export interface App {
  /** app_id. */
  readonly appId: number;
  /** Signs requests; a client needs it. */
  readonly key1: string;
  /** Signs callbacks and redirects; who receives them needs it. */
  readonly key2: string;
}

/** What is needed to verify what the gateway sends. */
export type Receiver = Pick<App, "appId" | "key2">;

/** The payment methods, as in pmcid of redirects and bank lists and in channel of callbacks. */
export const Methods = {
  /** No method was used. */
  None: 0,
  InternationalCard: 36,
  BankAccount: 37,
  Wallet: 38,
  DomesticCard: 39,
  InternationalDebit: 41,
} as const;

/** The states of a binding, in answers and in callbacks. */
export const BindingStates = {
  /** The user has agreed, and it pays. */
  Confirmed: 1,
  /** Ended by the user or the merchant. */
  Cancelled: 3,
  /** Ended by the operator. */
  Disabled: 4,
} as const;

const hour = 3_600_000;

/** The day at GMT+7, the zone of all days in the API, as yyMMdd. */
function day(now: Date): string {
  return new Date(now.getTime() + 7 * hour).toISOString().slice(2, 10).replaceAll("-", "");
}

/**
 * Makes an app_trans_id: the day of `now` at GMT+7 as yyMMdd, an underscore, and `suffix`. A gateway refuses another
 * day's prefix. The whole may have at most 40 characters, so suffix at most 33, and an app may use it once.
 */
export function appTransID(suffix: string, now: Date = new Date()): string {
  return `${day(now)}_${suffix}`;
}

/**
 * Makes an m_refund_id: the day of `now` at GMT+7 as yyMMdd, the app, and `suffix`, joined with underscores. The whole
 * may have at most 45 characters, and an app may use it once.
 */
export function mRefundID(appId: number, suffix: string, now: Date = new Date()): string {
  return `${day(now)}_${appId}_${suffix}`;
}
