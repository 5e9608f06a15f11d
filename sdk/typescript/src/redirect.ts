import type { Receiver } from "./app.js";
import { MACError, UnreadableError } from "./errors.js";
import { redirectFormula } from "./generated/operations.js";
import { signedText, verify } from "./sign.js";

/**
 * What the payment page adds to the merchant's page when it sends the payer back. It is for showing a result: the payer
 * can keep it, and load the page again at any time, so wait for the callback or query the order before delivering.
 */
export interface Redirect {
  readonly appId: number;
  readonly appTransID: string;
  /** Methods.Wallet and so on; Methods.None if none was used. */
  readonly pmcID: number;
  /** "CC" for international cards, empty for the wallet. */
  readonly bankCode: string;
  /** Đồng. */
  readonly amount: number;
  /** Đồng. */
  readonly discountAmount: number;
  /** 1 paid, otherwise the failing value: lookup("redirect", status) says what it means. */
  readonly status: number;
  /** Whether the page says that the order is paid. */
  readonly paid: boolean;
}

/**
 * Reads the parameters that the payment page added and checks their checksum with key2. Parameters of the merchant's own
 * are ignored.
 *
 * @param query the query string, with or without "?", its parameters, or the whole URL
 * @throws MACError if the checksum is wrong
 * @throws UnreadableError if a parameter cannot be read or occurs twice, or the redirect is for another app
 */
export async function verifyRedirect(app: Receiver, query: string | URL | URLSearchParams): Promise<Redirect> {
  const parameters = parametersOf(query);
  for (const name of [...redirectFormula.signed, "checksum"]) {
    // Programs differ in which of two they believe.
    if (parameters.getAll(name).length > 1) throw new UnreadableError(`redirect: ${name} occurs more than once`);
  }
  const values = Object.fromEntries(parameters);
  const text = signedText(redirectFormula, values, app.key2);
  if (!(await verify(app.key2, text, values["checksum"] ?? ""))) throw new MACError();
  const redirect = read(parameters);
  if (redirect.appId !== app.appId) {
    throw new UnreadableError(`redirect: it is for app ${redirect.appId}, not ${app.appId}`);
  }
  return redirect;
}

function parametersOf(query: string | URL | URLSearchParams): URLSearchParams {
  if (query instanceof URLSearchParams) return query;
  if (query instanceof URL) return query.searchParams;
  const mark = query.indexOf("?");
  return new URLSearchParams(query.slice(mark + 1).split("#")[0]);
}

function read(parameters: URLSearchParams): Redirect {
  const number = (name: string): number => {
    const text = parameters.get(name) ?? "";
    if (!/^[+-]?[0-9]{1,15}$/.test(text)) throw new UnreadableError(`redirect: ${name} is not a number`);
    return Number(text);
  };
  const status = number("status");
  return {
    appId: number("appid"),
    appTransID: parameters.get("apptransid") ?? "",
    pmcID: number("pmcid"),
    bankCode: parameters.get("bankcode") ?? "",
    amount: number("amount"),
    discountAmount: number("discountamount"),
    status,
    paid: status === 1,
  };
}
